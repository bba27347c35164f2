"""What augmentation makes of a recipe's rows, shown before anything is trained."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accord.agreement.sealing import key_held
from accord.agreement.stage import permit_and_budgets
from accord.data.augmented import Shown, augmented
from accord.errors import RecipeError
from accord.recipe.load import Loaded

ROWS = 3


@dataclass(frozen=True, slots=True)
class Augmented:
    """What was seen.

    Args:
        entries: One for each entry of `augment.rows`; none where rows are shown to nobody.
        hidden: Why no row is shown; None where some are.
        sheet: The contact sheet of images; None where there is none.
    """

    entries: tuple[Shown, ...]
    hidden: str | None = None
    sheet: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON value; images are named by their size."""
        found = [asdict(one) for one in self.entries]
        for entry in found:
            for copies in entry["copies"]:
                copies["old"] = _plain(copies["old"])
                copies["new"] = [_plain(cells) for cells in copies["new"]]
        sheet = None if self.sheet is None else str(self.sheet)
        return {"entries": found, "hidden": self.hidden, "sheet": sheet}


def _plain(cells: dict[str, Any]) -> dict[str, Any]:
    return {n: f"{len(v)} bytes" if isinstance(v, bytes) else v for n, v in cells.items()}


def augmentation_of(loaded: Loaded, rows: int = ROWS, sheet: Path | None = None) -> Augmented:
    """A few rows before and after each entry of `augment.rows`.

    Args:
        loaded: The recipe.
        rows: Of each entry, and copies of each row.
        sheet: Where a contact sheet of images goes.

    Raises:
        AccordError: What would stop a run, or there is nothing to show.
    """
    recipe, base = loaded.recipe, loaded.base
    if not recipe.augment.rows:
        raise _nothing()
    with loaded.placing(), key_held(recipe, base):
        permit, given = permit_and_budgets(recipe, base)
        hidden = _hidden(loaded, [name for name, b in given.items() if b.accesses is not None])
        if hidden is not None:
            return Augmented((), hidden)
        entries = tuple(augmented(recipe, permit, base, rows))
    if sheet is None or not any(e.copies and e.modality == "image" for e in entries):
        return Augmented(entries)
    from accord.report.contact_sheet import write_sheet

    return Augmented(entries, None, write_sheet(entries, sheet))


def _hidden(loaded: Loaded, counted: list[str]) -> str | None:
    """Why rows are shown to nobody."""
    recipe = loaded.recipe
    if counted:
        return f"{', '.join(counted)} was not opened: each opening of it is charged"
    if recipe.data.vault is not None:
        return "the data are sealed: what they say is written nowhere"
    if recipe.protect.active:
        return "the data are protected: what they say is shown nowhere"
    return None


def _nothing() -> RecipeError:
    return RecipeError(
        "there is no augmentation to show",
        code="nothing-to-show",
        path="augment.rows",
        got="no entry",
        expected="at least one, such as `{by: eda}`",
        fix="add one, or try it: --set 'augment.rows=[{by: eda}]'",
    )
