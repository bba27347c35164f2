"""`clean.scale:` numeric columns of tables on another scale, as training rows teach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section

Scaler = Annotated[Spec, SpecOf("scaler")]


class Scale(Section):
    """How numbers are scaled before a model sees them."""

    by: Scaler | None = Field(default="robust", validate_default=True)  # type: ignore[assignment]
    """Of every column under `data.numeric`: `standard`, `robust` (median and quartiles), `min-max`,
    `quantile` (by rank, to a normal distribution), `log`, `yeo-johnson`; null leaves them to the
    model, which standardises."""
    columns: dict[str, Scaler | None] = Field(default_factory=dict[str, Scaler | None])
    """Another one for one column: `{income: log, age: standard}`."""

    def of(self, column: str) -> Spec | None:
        """The scaler of a column."""
        return self.columns.get(column, self.by)

    def used(self, columns: Iterable[str]) -> tuple[Spec, ...]:
        """The scalers of these columns."""
        return tuple(s for s in map(self.of, columns) if s is not None)
