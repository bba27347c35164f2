"""`clean.impute:` gaps of tables are filled, as training rows teach, in every split."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section


class Impute(Section):
    """What missing values become."""

    numeric: Annotated[Spec, SpecOf("imputer")] | None = Field(
        default="median",  # type: ignore[assignment]
        validate_default=True,
    )
    """Missing numbers: `median`, `mean`, `constant`, `nearest` (rows alike), `iterative` (predicted
    from the other columns), `{kind: linear, order_by: COLUMN}`; null leaves them to the model."""
    categorical: Literal["most-frequent", "constant"] | None = None
    """Missing categories; by default they are left to the model, which knows them as missing."""
    value: str = Field(default="missing", min_length=1)
    """The category that `constant` puts in; it may be a new one."""

    indicator: bool = False
    """A column of 0 and 1 beside each numeric one that has gaps in the training rows, so that the
    model sees that a value was missing."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns that are read for it, in every split."""
        return () if self.numeric is None else self.numeric.looks_at
