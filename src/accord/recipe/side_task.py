"""`train.tasks:` other questions, answered by heads on the same encoder: of the same rows, or of
data of their own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.recipe.section import Section

SIDE = "task:"
"""Prefix of prepared columns with the answers of side tasks."""
ASKED = "asked"
"""Column of rows that are asked what the task asks; it is there only beside others that are not."""


class SideData(Section):
    """Data of a side task's own, under an agreement like all others. Their rows are protected,
    tidied and scaled like the task's, and learned from beside them; filters, outliers, balance and
    augmentation are for the task's own rows."""

    train: str | tuple[str, ...]
    """File, folder, glob, URL or Hugging Face data set."""
    agreement: str
    """`own`, or the path of an agreement file."""
    columns: dict[str, str] = Field(default_factory=dict)
    """What the columns that the model reads are called there: `{text: review}`. By default they
    have the names that `data` gives them."""
    share: float = Field(default=1.0, gt=0)
    """Rows of every step beside those of the task, relative to `batch_size`."""
    test: float = Field(default=0.1, ge=0, lt=1)
    """Share of the rows that is not learned from, but examined with. Equal rows go together."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The locations."""
        return (self.train,) if isinstance(self.train, str) else self.train

    def drawn(self, batch_size: int) -> int:
        """Rows of every step."""
        return max(1, round(self.share * batch_size))


class SideTask(Section):
    """A column that is learned beside the label: what it teaches helps where labels are few."""

    label: str
    """Column of the answers; rows without one count for nothing here."""
    kind: Literal["classes", "number"] = "classes"
    """One class a row, or a number."""
    weight: float = Field(default=0.5, ge=0)
    """Of its mean loss beside the task's own; 0 changes nothing."""
    name: str | None = None
    """What it is called in `summary.json`; by default its column."""
    data: SideData | None = None
    """Rows of its own: `{train: shop.csv, agreement: own}`; by default it is a column of the task's
    rows."""

    @property
    def called(self) -> str:
        """What tells it apart from the others."""
        return self.name or self.label

    @property
    def column(self) -> str:
        """Prepared column with its answers."""
        return f"{SIDE}{self.called}"
