"""`protect.anonymity:` columns by which people could be known are made coarser until no row stands
out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section

Generalisation = Annotated[Spec, SpecOf("generalisation")]


class Anonymity(Section):
    """k-anonymity, l-diversity and t-closeness over the rows of all splits together."""

    quasi: Annotated[dict[str, Generalisation], Field(min_length=1)]
    """Quasi-identifiers: columns that others know of people, and how each is made coarser:
    `{age: interval, postcode: prefix, sex: whole}`."""
    k: int = Field(default=5, ge=2)
    """Rows that share each combination of values, at least (Sweeney, 2002)."""
    sensitive: tuple[str, ...] = ()
    """Columns that nobody shall learn of a person from the others: a diagnosis, a wage."""
    l: int | None = Field(default=None, ge=2)  # noqa: E741 - the field's standard name
    """Different sensitive values in each class of like rows, at least (Machanavajjhala et al.,
    2007)."""
    entropy_l: float | None = Field(default=None, gt=1)
    """Exponential of the entropy of the sensitive values in each class, at least."""
    t: float | None = Field(default=None, gt=0, lt=1)
    """Earth mover's distance between the sensitive values of a class and of all rows, at most (Li
    et al., 2007)."""
    suppress: float = Field(default=0.05, ge=0, lt=1)
    """Share of the rows that may be left out, at most."""
    most_loss: float = Field(default=0.9, gt=0, le=1)
    """Share of what the columns say that may be lost, at most; beyond it the run is refused."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns that are read for it, whether or not the task reads them."""
        return (*self.quasi, *self.sensitive)
