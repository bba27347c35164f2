"""A look at what augmentation makes of training rows, before anything is trained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from accord.artifact import Store
from accord.data.augment.step import Augmentation, Copies
from accord.data.engine.engine import engine_of
from accord.data.passes import Passes
from accord.data.rows import rejects_of
from accord.data.stage import divided, settled_steps
from accord.data.step import Preparing, TrainingStep
from accord.data.steps import whole_step
from accord.events import Log
from accord.leftovers import temporary_folder
from accord.permit import ANSWERING, Permit
from accord.recipe.context import Context
from accord.recipe.newcomers import check_classes
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Shown:
    """What one entry of `augment.rows` does.

    Args:
        number: Which entry.
        kind: Its augmenter.
        modality: `text`, `image` or `table`.
        rows: Training rows that it is given.
        added: Rows that it adds.
        classes: Rows added of each class; empty without single classes.
        copies: A few rows before and after.
    """

    number: int
    kind: str
    modality: str
    rows: int
    added: int
    classes: dict[str, int]
    copies: tuple[Copies, ...]


def augmented(recipe: Recipe, permit: Permit, base: Path, most: int) -> list[Shown]:
    """Each entry of `augment.rows` on the rows that training would give it.

    Rows are read, divided and cleaned as before training, and nothing is kept.

    Args:
        recipe: Whose data are neither protected nor sealed.
        permit: Opens the files.
        base: Folder that relative paths start from.
        most: Rows of each entry that are shown, and copies of each.

    Raises:
        DataError: What would stop the data stage.
    """
    with temporary_folder("augment") as folder:
        context = Context(folder, base, Store(folder), "", Log(), lambda: False)
        for role in sorted(ANSWERING):
            permit.admit(role, date.today())
        with engine_of(recipe.data.engine) as engine:
            passes = Passes(_without_report(recipe), permit, context, engine)
            whole = whole_step(recipe, base)
            if whole is not None:
                passes.settle(whole)
            with rejects_of(recipe) as rejects:
                survey, _, ledger = divided(passes, rejects, folder / "none")
            passes.splits = ledger.left
            labels = survey.label_names(ledger.left)
            check_classes(recipe, labels)
            assert survey.problem is not None
            known = (survey.problem, labels, passes.held_out)
            steps = settled_steps(passes, Preparing(recipe, context, permit, *known))
            return [
                _shown(passes, steps[:at], step, most)
                for at, step in enumerate(steps)
                if isinstance(step, Augmentation)
            ]


def _without_report(recipe: Recipe) -> Recipe:
    """Leaks that are only told of are not looked for."""
    if recipe.data.leakage.action != "report":
        return recipe
    off = recipe.data.leakage.model_copy(update={"action": "off"})
    return recipe.model_copy(update={"data": recipe.data.model_copy(update={"leakage": off})})


def _shown(
    passes: Passes, before: tuple[TrainingStep, ...], step: Augmentation, most: int
) -> Shown:
    rows, added, copies = 0, Counter[str](), list[Copies]()
    for block in passes.training(before):
        rows += len(block.rows)
        added.update(step.added(block))
        if len(copies) < most:
            # Copies of earlier entries follow what they were made from: each row is shown once.
            firsts = np.isin(
                np.arange(len(block.rows)), np.unique(block.rows, return_index=True)[1]
            )
            copies += step.shown(block.keep(firsts), most - len(copies), most)
    by, classes = step.by, {name: count for name, count in added.items() if name and count}
    total = added.total()
    return Shown(step.number, by.kind, by.modality, rows, total, classes, tuple(copies))
