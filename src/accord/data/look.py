"""One pass over the data for a diagnosis: figures of every row, and a sample drawn evenly.

What is kept of every row is some 25 bytes; of the sample at most `BYTES`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.dates import date_columns
from accord.data.leakage import contents
from accord.data.minhash import normalised
from accord.data.protect.texts import TEXTS
from accord.data.reject import Rejects
from accord.data.rows import read_rows
from accord.data.source import Block
from accord.data.split import NAMES
from accord.data.survey import ROLES, Survey
from accord.permit import Permit
from accord.recipe.task import TASKS, Problem
from accord.recipe.tree import Recipe

ROWS: Mapping[str, int] = {"text": 30_000, "table": 30_000, "image": 3_000}
"""Rows of the sample at most, by modality."""
BYTES = 192 * 2**20
SHOWN = 5
Tell = Callable[[int], None]
Counts = npt.NDArray[np.int64]


@dataclass(slots=True)
class Places:
    """Where rows stand: asset and number, by their position in reading order."""

    assets: list[str] = field(default_factory=list[str])
    starts: list[int] = field(default_factory=list[int])
    numbers: bytearray = field(default_factory=bytearray)

    def add(self, block: Block, start: int) -> None:
        self.assets.append(block.asset)
        self.starts.append(start)
        self.numbers += block.rows.astype(np.int64).tobytes()

    def name(self, position: int) -> str:
        """`films/train row 17`."""
        block = int(np.searchsorted(self.starts, position, side="right")) - 1
        number = int(np.frombuffer(self.numbers, np.int64, 1, 8 * position)[0])
        return f"{self.assets[block]} row {number}"


@dataclass(frozen=True, slots=True)
class Sampled:
    """Rows of one split.

    Args:
        table: Their cleaned columns.
        at: Their positions in reading order. Shape [rows].
        complete: Whether they are all rows of the split.
    """

    table: pa.Table
    at: Counts
    complete: bool

    def head(self, rows: int) -> Sampled:
        """The first rows of the sample, itself evenly drawn."""
        if rows >= len(self.at):
            return self
        order = np.argsort(_keys(self.at), kind="stable")[:rows]
        picked = np.sort(order)
        return Sampled(self.table.take(pa.array(picked)), self.at[picked], complete=False)


@dataclass(frozen=True, slots=True)
class Look:
    """What a diagnosis knows of the data.

    Args:
        problem: The kind of problem they pose.
        splits: Split of every usable row (see `accord.data.split`). Shape [rows].
        labels: Rows of each class in each split.
        keys: Names of label codes, and the code of every row; without classes empty.
        digests: 64-bit digest of what each row says, labels left out. Shape [rows].
        groups: Code of the group of every row; without groups empty.
        sample: Rows of each split.
        identifiers: Rows in which each kind of identifier stands, and the first of them.
        rejected: Rows that cannot be used, by reason.
        places: Where rows stand.
        dates: Columns of dates in the sample that the recipe does not name.
    """

    problem: Problem
    splits: npt.NDArray[np.int8]
    labels: Mapping[str, Mapping[str, int]]
    keys: tuple[tuple[str, ...], npt.NDArray[np.int32]]
    digests: npt.NDArray[np.uint64]
    groups: npt.NDArray[np.int32]
    sample: Mapping[str, Sampled]
    identifiers: Mapping[str, tuple[int, tuple[int, ...]]]
    rejected: Mapping[str, int]
    places: Places
    dates: tuple[str, ...] = ()

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each split."""
        return {name: int((self.splits == i).sum()) for i, name in enumerate(NAMES)}


def look_at(recipe: Recipe, permit: Permit, base: Path, tell: Tell | None = None) -> Look:
    """Read every row once.

    Bad rows are counted, whatever `data.on_bad_row` says; identifiers are those that `protect`
    leaves.

    Raises:
        DataError: A column is missing or of a wrong type, or a split is empty.
    """
    rejects = Rejects("skip", private=True)
    dates = tuple(n for n in date_columns(recipe, permit) if n not in recipe.evaluate.slices)
    # They are kept beside the slices, which say nothing of how rows are divided.
    slices = {"slices": (*recipe.evaluate.slices, *dates)}
    recipe = recipe.model_copy(update={"evaluate": recipe.evaluate.model_copy(update=slices)})
    gathered = _Gathered(recipe, Survey(recipe), Places())
    for role, block in _blocks(recipe, permit, base, rejects):
        gathered.add(role, block)
        if tell is not None:
            tell(gathered.rows)
    return replace(gathered.look(rejects), dates=dates)


def _blocks(
    recipe: Recipe, permit: Permit, base: Path, rejects: Rejects
) -> Iterator[tuple[str, Block]]:
    for role in ROLES:
        if permit.sources(role):
            for block in read_rows(permit, role, recipe, base, rejects=rejects):
                yield role, block


@dataclass(slots=True)
class _Gathered:
    """What was seen so far."""

    recipe: Recipe
    survey: Survey
    places: Places
    rows: int = 0
    digests: bytearray = field(default_factory=bytearray)
    kept: list[tuple[pa.RecordBatch, Counts]] = field(
        default_factory=list[tuple[pa.RecordBatch, Counts]]
    )
    limit: int = 2**64
    held: int = 0
    identified: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def add(self, role: str, block: Block) -> None:
        data, task = self.recipe.data, TASKS[self.recipe.task]
        self.survey.add(role, block)
        self.places.add(block, self.rows)
        for content in contents(block.batch, data, task):
            raw = content if isinstance(content, bytes) else normalised(content).encode()
            self.digests += hashlib.blake2b(raw, digest_size=8).digest()
        if task.modality != "image":
            self._identify(block.batch)
        at = self.rows + np.arange(len(block.rows))
        mask = _keys(at) < self.limit
        if mask.any():
            self.kept.append((block.batch.filter(pa.array(mask)), at[mask]))
            self.held += self.kept[-1][0].nbytes
        self.rows += len(block.rows)
        most = ROWS[task.modality]
        if sum(len(at) for _, at in self.kept) > 2 * most or self.held > 2 * BYTES:
            self._thin(most)

    def _thin(self, most: int) -> None:
        """Keep the rows of the smallest keys: every row of the data is as likely as another."""
        keys = _keys(np.concatenate([at for _, at in self.kept]))
        share = min(1.0, BYTES / max(self.held, 1))
        wanted = max(1, min(most, int(len(keys) * share)))
        if len(keys) <= wanted:
            return
        self.limit = int(np.partition(keys, wanted)[wanted])
        thinned: list[tuple[pa.RecordBatch, Counts]] = []
        for batch, at in self.kept:
            mask = _keys(at) < self.limit
            if mask.any():
                # Taken, not sliced: a slice would keep the whole block in memory.
                thinned.append((batch.take(pa.array(np.flatnonzero(mask))), at[mask]))
        self.kept, self.held = thinned, sum(batch.nbytes for batch, _ in thinned)

    def _identify(self, batch: pa.RecordBatch) -> None:
        from accord.data.protect.recognise import recognise

        found: dict[str, set[int]] = {}
        for name in _searched(self.recipe, batch):
            column = batch[name]
            texts = (
                pa.array([" ".join(row) for row in column.to_pylist()], pa.string())
                if pa.types.is_list(column.type)
                else column
            )
            spans = recognise(texts)
            for row, kind in zip(spans.row.tolist(), spans.entities(), strict=True):
                found.setdefault(kind, set()).add(row)
        for kind, rows in found.items():
            self.identified[kind] += len(rows)
            shown = self.examples.setdefault(kind, [])
            shown += [self.rows + row for row in sorted(rows)[: SHOWN - len(shown)]]

    def look(self, rejects: Rejects) -> Look:
        splits = self.survey.splits()
        self._thin(ROWS[TASKS[self.recipe.task].modality])
        assert self.survey.problem is not None
        return Look(
            problem=self.survey.problem,
            splits=splits,
            labels=self.survey.balance(splits),
            keys=(tuple(self.survey.labels.index), self.survey.labels.array()),
            digests=np.frombuffer(bytes(self.digests), dtype=np.uint64),
            groups=self.survey.groups.array(),
            sample=_by_split(self.kept, splits),
            identifiers={
                kind: (rows, tuple(self.examples[kind])) for kind, rows in self.identified.items()
            },
            rejected=dict(rejects.counts),
            places=self.places,
        )


def _searched(recipe: Recipe, batch: pa.RecordBatch) -> Sequence[str]:
    """Columns of text."""
    named = [getattr(recipe.data, name) for name in TEXTS]
    wanted = {*named, *recipe.data.categorical}
    return [name for name in batch.schema.names if name in wanted]


def _by_split(
    kept: Sequence[tuple[pa.RecordBatch, Counts]], splits: npt.NDArray[np.int8]
) -> dict[str, Sampled]:
    table = pa.Table.from_batches([batch for batch, _ in kept])
    at = np.concatenate([positions for _, positions in kept])
    own = splits[at]
    return {
        name: Sampled(
            table.filter(pa.array(own == i)),
            at[own == i],
            complete=int((splits == i).sum()) == int((own == i).sum()),
        )
        for i, name in enumerate(NAMES)
    }


def _keys(at: Counts) -> npt.NDArray[np.uint64]:
    """A random-looking key of each position (SplitMix64; Steele et al., 2014), from another start
    than splits have: a sample must not be a split."""
    with np.errstate(over="ignore"):
        value = (at.astype(np.uint64) + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93)
        value ^= np.uint64(0xA0761D6478BD642F)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
