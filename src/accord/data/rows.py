"""Clean rows: the columns a task needs, in one Arrow type each, bad rows put aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from accord.data.carried import carried_of_data
from accord.data.clean import Cleaner, cleaners, uneven
from accord.data.read import open_source
from accord.data.reject import Notes, Reject, Rejects
from accord.data.side import side_tasks
from accord.data.source import Block
from accord.data.steps import row_steps, taken
from accord.data.withdrawn import without_withdrawn
from accord.errors import AccordError, DataError, raise_all
from accord.permit import Permit, Role
from accord.recipe.columns import columns_read
from accord.recipe.data import Data
from accord.recipe.names import nearest
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe
from accord.vault.files import Lines


def read_rows(
    permit: Permit, role: Role, recipe: Recipe, base: Path, *, rejects: Notes
) -> Iterator[Block]:
    """Stream the usable rows of a role, protected and cleaned as the recipe wants it.

    Args:
        base: Folder that relative paths of the recipe start from.
        rejects: Receives every bad row once a pass; a second pass rejects the same rows.

    Raises:
        DataError: A column is missing or of a type that cannot be used; a bad row under `fail`.
    """
    usable = Usable(permit, role, recipe, base)
    # Every column is offered, so that a missing one can be compared with those that are there.
    for block in open_source(permit, role, recipe.data.format, sink=rejects.add):
        left = usable(block, rejects)
        if len(left.rows):
            yield left


class Usable:
    """Makes raw rows of a role usable: those withdrawn left out, cleaned, protected.

    Columns of each block keep the names of the data; their types depend on their use only:
    text, text_pair, prompt, completion: string, not blank (prompt may be empty).
    tokens: list<string>, not empty. messages, tools: string, JSON.
    image: binary, a file that Pillow decodes. numeric: float64, NaN where missing.
    categorical, group and slices: string, null where missing (group: never null).
    label: string (single-label); list<string> (token-classification, `label_separator`, list
    columns); float64, finite (table-regression); several columns: int8 of 0 and 1 each.
    Numbers as class labels become their shortest text (`1`, not `1.0`).
    """

    def __init__(self, permit: Permit, role: Role, recipe: Recipe, base: Path) -> None:
        self.permit, self.recipe = permit, recipe
        self.steps = row_steps(recipe, base)
        permitted = {file.path: file for file in permit.files("files")}
        extra = (*recipe.evaluate.slices, *(carried_of_data(recipe) if role == "train" else ()))
        extra += tuple(n for o in recipe.clean.outliers for n in o.looks_at if role == "train")
        extra += () if recipe.clean.impute is None else recipe.clean.impute.looks_at
        extra += () if recipe.protect.anonymity is None else recipe.protect.anonymity.looks_at
        extra += tuple(task.label for task in side_tasks(recipe))
        cold = recipe.balance.cold_start
        # Rows held out are looked at by source too, where their file says it.
        self.sources = (cold.source,) if cold and cold.source and cold.source not in extra else ()
        extra += self.sources
        self.cleaning = cleaners(recipe.data, TASKS[recipe.task], extra, permitted)

    def __call__(self, block: Block, notes: Notes) -> Block:
        """The usable rows of a block; what becomes of the others is noted."""
        absent = {name for name in self.sources if name not in block.batch.schema.names}
        cleaning = {name: clean for name, clean in self.cleaning.items() if name not in absent}
        _require(block, cleaning, self.recipe)
        left = without_withdrawn(block, self.permit, notes)
        usable = _cleaned(left, cleaning, self.recipe.data, notes)
        for step in self.steps:
            usable = taken(step, usable, notes.account)
        return usable


def _cleaned(block: Block, cleaning: dict[str, Cleaner], data: Data, notes: Notes) -> Block:
    good = np.ones(len(block.rows), dtype=bool)
    columns: dict[str, pa.Array] = {}
    for name, clean in cleaning.items():
        column, wrong = clean(block.batch[name], name, block.file)
        columns[name] = column
        if name == data.label and data.tokens in columns:
            wrong = uneven(columns[data.tokens], column) | wrong
        for at, (reason, detail) in wrong.items():
            if good[at]:
                content = {n: _shown(block.batch[n][at].as_py()) for n in block.batch.schema.names}
                number = int(block.rows[at])
                notes.add(Reject(number, block.file, reason, detail, name, content=content))
            good[at] = False
    batch = pa.RecordBatch.from_pydict(columns)
    return Block(batch, block.rows, block.file, block.asset).keep(good)


def _require(block: Block, cleaning: dict[str, Cleaner], recipe: Recipe) -> None:
    there = block.batch.schema.names
    problems: list[AccordError] = []
    for name in cleaning:
        if name not in there:
            near = nearest(name, tuple(there))
            problems.append(
                DataError(
                    f"the data have no column {name!r}",
                    code="column-missing",
                    path=_field(recipe, name),
                    got=block.file,
                    expected=", ".join(there),
                    fix=_parted(name, there)
                    or (f"did you mean {near!r}?" if near else "name one of these in the recipe"),
                )
            )
    raise_all(problems)


def _parted(name: str, there: list[str]) -> str | None:
    """What to do about a CSV file whose cells another sign than the comma parts."""
    for sign in ";\t|":
        if len(there) == 1 and name in there[0].split(sign):
            return (
                f"cells are parted otherwise: set `data.format: {{kind: csv, delimiter: {sign!r}}}`"
            )
    return None


def _field(recipe: Recipe, column: str) -> str:
    """The recipe field that names a column."""
    return next((field for field, names in columns_read(recipe).items() if column in names), "data")


def _shown(value: object) -> object:
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def rejects_of(recipe: Recipe, quarantine: Lines | None = None) -> Rejects:
    """What takes the bad rows of a recipe: what protected or sealed ones say is told nowhere, but
    for the sealed quarantine."""
    protect, policy = recipe.protect.active, recipe.data.on_bad_row
    aside = quarantine if policy == "quarantine" else None
    return Rejects(policy, aside, protect or recipe.data.vault is not None, protect)
