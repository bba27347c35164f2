"""`balance.cold_start:` classes or sources that are new, of which little has been seen."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from accord.recipe.section import Section


class ColdStart(Section):
    """Rows of what is new count more at first, and like all others once enough were seen. New is
    what is named, has few rows, or first appears on or after a day."""

    source: str | None = None
    """Column of sources, where sources are new; by default classes are."""
    new: tuple[str, ...] = ()
    """Classes, or sources, that are new."""
    rows: int | None = Field(default=None, ge=1)
    """New is what has so many training rows or fewer."""
    by: str | None = None
    """Column of dates (`2026-11-24`), for `since`."""
    since: date | None = None
    """New is what has no training row before this day."""
    boost: float = Field(default=5.0, ge=1)
    """How many times a row counts that is the first of its kind; 1 changes nothing."""
    scale: float = Field(default=100.0, gt=0)
    """Rows after which the boost has fallen to a third: `1 + (boost - 1) exp(-seen / scale)`. Rows
    seen again in the next epoch count again."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns besides those under `data:`."""
        return tuple(name for name in (self.source, self.by) if name is not None)

    def finds(self, kind: str, rows: int, first: date | None) -> bool:
        """Whether a class, or source, is new.

        Args:
            kind: Its name.
            rows: Of it in the training data; copies of a row are not counted.
            first: Day of the first of them; None where no date is known.
        """
        few = self.rows is not None and rows <= self.rows
        late = self.since is not None and first is not None and first >= self.since
        return kind in self.new or few or late
