"""Rows of side tasks that have data of their own: made usable like the task's, compared with what
is held out, encoded by the same encoder, written beside the splits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.account import Account
from accord.data.arrow_file import ArrowFile, write_empty
from accord.data.encoder import Encoder, Lengths
from accord.data.leakage import DIGEST_BYTES, Sketches, find_leaks, sketch_of
from accord.data.origins import Origins
from accord.data.passes import Passes
from accord.data.read import open_source
from accord.data.reject import Noted, Notes, Reject, Rejects
from accord.data.rows import Usable, rejects_of
from accord.data.side import split_of
from accord.data.source import Block
from accord.data.split import TEST, TRAIN
from accord.data.step import TrainingStep
from accord.data.steps import fitted_steps, through
from accord.data.work import Piece
from accord.errors import DataError, Interrupted
from accord.permit import Permit
from accord.recipe.balance import Balance
from accord.recipe.evaluate import Evaluate
from accord.recipe.names import nearest
from accord.recipe.side_task import SideData, SideTask
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe
from accord.vault.files import Lines

FIELD = "train.tasks"
Mask = npt.NDArray[np.bool_]
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd, and without a pattern: a product with it spreads numbers over all of 64 bits."""


@dataclass(frozen=True, slots=True)
class Own:
    """A side task with data of its own.

    Args:
        number: Among the side tasks that count.
        task: As the recipe has it.
        recipe: By which its rows are read: columns of the task alone, no label, one side task.
        permit: With no other side task's files.
    """

    number: int
    task: SideTask
    recipe: Recipe
    permit: Permit

    @property
    def data(self) -> SideData:
        """Its data."""
        assert self.task.data is not None
        return self.task.data

    @property
    def split(self) -> str:
        """Name of the file with its rows."""
        return split_of(self.number)


def own_tasks(recipe: Recipe, permit: Permit) -> tuple[Own, ...]:
    """The side tasks with data of their own, in the recipe's order."""
    counted = [task for task in recipe.train.tasks if task.weight]
    return tuple(
        Own(number, task, _alone(recipe, task), _narrowed(permit, task.data))
        for number, task in enumerate(counted)
        if task.data is not None
    )


def _alone(recipe: Recipe, task: SideTask) -> Recipe:
    """The recipe by which a side task's rows are made usable."""
    none = {"label": None, "label_separator": None, "group": None, "format": None}
    train = {"tasks": (task.model_copy(update={"data": None}),), "robust": None}
    return recipe.model_copy(
        update={
            "data": recipe.data.model_copy(update=none),
            "clean": recipe.clean.model_copy(update={"outliers": (), "classes": None}),
            "balance": Balance(),
            "train": recipe.train.model_copy(update=train),
            "evaluate": Evaluate(),
        }
    )


def _narrowed(permit: Permit, data: SideData) -> Permit:
    own = (a for a in permit.assets if a.role != "task" or a.location in data.sources)
    return replace(permit, assets=tuple(own))


def usable_rows(own: Own, base: Path, notes: Notes, seen: Account | None = None) -> Iterator[Block]:
    """The rows of a side task that have an answer, under the names that `data` gives its columns.

    Args:
        own: The task.
        base: Folder that relative paths start from.
        notes: Is told of bad rows.
        seen: Counts the rows read, `("read", "rows")` under `added`.

    Raises:
        DataError: A column is missing, or a row is bad under `fail`.
    """
    usable, seen = Usable(own.permit, "task", own.recipe, base), seen or Account()

    def bad(reject: Reject) -> None:
        seen.added["read", "rows"] += 1
        notes.add(reject)

    for block in open_source(own.permit, "task", sink=bad):
        seen.added["read", "rows"] += len(block.rows)
        left = usable(_renamed(block, own, tuple(usable.cleaning)), notes)
        due = np.array([_answers(v) for v in left.batch[own.task.column].to_pylist()], dtype=bool)
        notes.account.removed["train.tasks", "no-answer"] += int((~due).sum())
        if due.any():
            yield left.keep(due)


def look_at_sides(recipe: Recipe, permit: Permit, base: Path) -> dict[str, Block]:
    """The first rows of every side task with data of its own, by its name.

    Raises:
        DataError: A column is missing, or a row is bad under `fail`.
    """
    found: dict[str, Block] = {}
    for own in own_tasks(recipe, permit):
        with rejects_of(own.recipe) as rejects:
            first = next(usable_rows(own, base, rejects), None)
        if first is not None:
            found[own.task.called] = first
    return found


def _answers(value: object) -> bool:
    return value is not None and value == value


def _renamed(block: Block, own: Own, needed: Sequence[str]) -> Block:
    """The block with the recipe's names for what the model reads."""
    there = block.batch.schema.names
    theirs = {name: own.data.columns.get(name, name) for name in needed}
    for name, column in theirs.items():
        if column not in there:
            raise _no_column(own, name, column, block)
    columns = {name: block.batch[name] for name in there}
    columns |= {name: block.batch[column] for name, column in theirs.items()}
    return replace(block, batch=pa.RecordBatch.from_pydict(columns))


def write_sides(
    passes: Passes,
    encoder: Encoder,
    steps: Sequence[TrainingStep],
    files: SideFiles,
) -> dict[str, Any]:
    """Write the rows of every side task with data of its own.

    Args:
        passes: Over the task's own rows, which are divided by now.
        encoder: Settled.
        steps: The training steps; those that are fitted are applied.
        files: Where to, and who is told.

    Returns:
        Entry `tasks` of accounting.json; empty without any.

    Raises:
        DataError: Bad rows, nothing to learn from, or a leak under `leakage.action: fail`.
        Interrupted: The user stopped it.
    """
    found: dict[str, Any] = {}
    for own in own_tasks(passes.recipe, passes.permit):
        with rejects_of(own.recipe, files.quarantine) as rejects:
            seen = Account()
            leaks = _leaks(own, passes, rejects, seen)
        found[own.task.called] = _written(own, passes, encoder, steps, files, leaks) | {
            "read": seen.added["read", "rows"]
        }
        entry = found[own.task.called]
        entry["removed"] = [
            *rejects.removed(),
            *rejects.account.entries(rejects.account.removed),
            *entry["removed"],
        ]
        entry["changed"] = rejects.account.entries(rejects.account.changed) + entry["changed"]
        gone = sum(one["rows"] for one in entry["removed"])
        assert entry["read"] == sum(entry["kept"].values()) + gone, "a row of a side task was lost"
    return {"tasks": found} if found else {}


@dataclass(slots=True)
class SideFiles:
    """Where the rows of side tasks go.

    Args:
        folder: Of the data set.
        labels: Classes of the task; a row of a side task has none, and takes the first.
        problem: Of the task.
        quarantine: Takes bad rows.
        origins: Are told where rows stand.
    """

    folder: Path
    labels: tuple[str, ...]
    problem: str
    quarantine: Lines
    origins: Origins


def with_label(
    block: Block, label: str | tuple[str, ...] | None, labels: tuple[str, ...], problem: str
) -> Block:
    """The block with a label that says nothing, for the encoder writes one; its loss is left
    out."""
    batch, size = block.batch, len(block.rows)
    if isinstance(label, tuple):
        for name in label:
            batch = batch.append_column(name, pa.array([0] * size, pa.int8()))
        return replace(block, batch=batch)
    assert label is not None
    if label in batch.schema.names:
        batch = batch.drop_columns([label])
    if problem == "regression":
        column = pa.array([0.0] * size, pa.float64())
    elif problem == "single-label":
        column = pa.array([labels[0]] * size, pa.string())
    else:
        column = pa.array([[]] * size, pa.list_(pa.string()))
    return replace(block, batch=batch.append_column(label, column))


@dataclass(slots=True)
class _Leaks:
    """What of a side task's rows also stands in validation or test, by the row's place."""

    drop: Mask
    tests: Mask
    action: str
    total: int = field(default=0)


def _leaks(own: Own, passes: Passes, rejects: Rejects, seen: Account) -> _Leaks:
    """Which usable rows are examined with, and which stand in the task's validation or test."""
    recipe = passes.recipe
    leakage, task = recipe.data.leakage, TASKS[recipe.task]
    similarity = leakage.similarity if task.modality == "text" else None
    folder, tests, sizes = passes.context.store.root, list[Mask](), [0, 0]
    with (
        tempfile.TemporaryDirectory(prefix=".sketches-", dir=folder) as scratch,
        Sketches(Path(scratch), similarity) as sketches,
    ):
        if leakage.action != "off":
            for block in passes.held_out():
                sketches.add(sketch_of(block.batch, recipe, similarity))
                sizes[0] += len(block.rows)
        for block in usable_rows(own, passes.context.base, rejects, seen):
            if passes.context.interrupted():
                raise _stopped()
            sketch = sketch_of(block.batch, recipe, similarity)
            sketches.add(sketch)
            tests.append(_examined(sketch.digests, own.data.test, recipe.data.seed))
            sizes[1] += len(block.rows)
        rejects.check()
        found = np.concatenate([np.zeros(0, dtype=bool), *tests])
        splits = np.repeat(np.array([TEST, TRAIN], dtype=np.int8), sizes)
        splits[sizes[0] :][found] = -1
        drop = np.zeros(sum(sizes), dtype=bool)
        if leakage.action != "off":
            drop = find_leaks(sketches, splits).drop
    leaks = _Leaks(drop[sizes[0] :], found, leakage.action, int(drop.sum()))
    if leakage.action == "fail" and leaks.total:
        raise _leak(own, leaks.total)
    return leaks


def _examined(digests: bytes, share: float, seed: int) -> Mask:
    """Which rows are held out, by their contents, so that equal ones go together."""
    numbers = np.frombuffer(digests, dtype=f"<u{DIGEST_BYTES}")
    chance = np.random.default_rng((seed, 4)).integers(1 << 62, dtype=np.uint64)
    mixed = (numbers ^ chance) * SPREAD
    return mixed.astype(np.float64) / 2.0**64 < share


def _written(
    own: Own,
    passes: Passes,
    encoder: Encoder,
    steps: Sequence[TrainingStep],
    files: SideFiles,
    leaks: _Leaks,
) -> dict[str, Any]:
    """Both files of a side task; what became of its usable rows."""
    account, at, lengths = Account(), 0, Lengths()
    kept = {"train": 0, "test": 0}
    places = [files.folder / f"{own.split}{end}.arrow" for end in ("", "-test")]
    dropped = leaks.drop if leaks.action == "drop" else np.zeros_like(leaks.drop)
    label = passes.recipe.data.label
    with ArrowFile(places[0]) as train, ArrowFile(places[1]) as test:
        for block in usable_rows(own, passes.context.base, Noted()):
            if passes.context.interrupted():
                raise _stopped()
            here = slice(at, at + len(block.rows))
            at = here.stop
            fitted = through(
                fitted_steps(steps),
                with_label(block, label, files.labels, files.problem),
                Account(),
            )
            tests = leaks.tests[here]
            for split, file, mask in (
                (TRAIN, train, ~tests & ~dropped[here]),
                (TEST, test, tests),
            ):
                some = fitted.keep(mask)
                if not len(some.rows):
                    continue
                encoder.lengths = Lengths()
                batch = encoder.encode(some, "train")
                lengths.merge(encoder.lengths)
                told = encoder.lengths
                piece = Piece(split, batch, some.rows, some.file, some.asset, told)
                files.origins.add(piece)
                kept["test" if split == TEST else "train"] += len(some.rows)
                for arranged in encoder.arrange(batch, "train"):
                    file.add(arranged)
    account.removed["leakage", "stands-in-two-splits"] += int((dropped & ~leaks.tests).sum())
    account.changed["encode", "truncated"] += lengths.truncated
    if not kept["train"]:
        raise _nothing(own)
    if not kept["test"]:
        write_empty(places[1], like=places[0])
    return {
        "kept": kept,
        "removed": account.entries(account.removed),
        "changed": account.entries(account.changed),
        "leakage": {"action": leaks.action, "rows": leaks.total},
    }


def _no_column(own: Own, name: str, column: str, block: Block) -> DataError:
    there = tuple(block.batch.schema.names)
    near = nearest(column, there)
    other = f"`columns: {{{name}: {near or 'COLUMN'}}}`"
    return DataError(
        f"the data of the side task {own.task.called!r} have no column {column!r}",
        code="column-missing",
        path=FIELD,
        got=block.file,
        expected=", ".join(there),
        fix=f"did you mean {near!r}?"
        if near and column == own.task.label
        else f"say what {name!r} is called there: {other}",
    )


def _nothing(own: Own) -> DataError:
    return DataError(
        "a side task has no row to learn from",
        code="split-empty",
        path=FIELD,
        got=own.task.called,
        expected="rows with an answer that are not held out",
        fix="check the column and `test`, or remove the task",
    )


def _leak(own: Own, rows: int) -> DataError:
    return DataError(
        "rows of a side task stand in validation or test",
        code="leakage",
        path=FIELD,
        got=f"{own.task.called}: {rows} rows",
        why="a model is praised for what it has memorised",
        fix="set `data.leakage.action: drop`",
    )


def _stopped() -> Interrupted:
    return Interrupted(
        "stopped while the data were prepared",
        code="interrupted",
        fix="run the same command with --resume to begin this stage again",
    )
