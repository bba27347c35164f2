"""Rows of side tasks beside those of the task: in every batch so many more, counted for as many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.batch.order import Chosen, Numbers, Order, epoch_order
from accord.recipe.side_task import ASKED, SIDE


class Rows(Protocol):
    """Prepared rows for random access."""

    schema: dict[str, Any]

    @property
    def rows(self) -> int: ...

    @property
    def lengths(self) -> npt.NDArray[np.int64]: ...

    def take(self, indices: Numbers) -> pa.Table:
        """The rows at these positions, in this order."""
        ...


class Joined:
    """The rows of a split, and after them those of side tasks.

    Args:
        own: The task's rows.
        others: Of each side task.
    """

    def __init__(self, own: Rows, others: Sequence[Rows]) -> None:
        self.schema = own.schema
        self.splits: tuple[Rows, ...] = (own, *others)
        sizes = [split.rows for split in self.splits]
        self.rows = sum(sizes)
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of every row. Shape [rows]."""
        return np.concatenate([split.lengths for split in self.splits])

    @cached_property
    def _stand_in(self) -> pa.Table:
        """A row of the task: what another lacks it has from this one, and counts nothing by it."""
        return self.splits[0].take(np.zeros(1, dtype=np.int64))

    def take(self, indices: Numbers) -> pa.Table:
        """The rows at these positions, in this order, with `asked` beside their columns."""
        owners = np.searchsorted(self.starts, indices, side="right") - 1
        tables: list[pa.Table] = []
        places: list[Numbers] = []
        for number, split in enumerate(self.splits):
            at = np.flatnonzero(owners == number)
            places.append(at)
            tables.append(self._whole(split.take(indices[at] - self.starts[number]), number == 0))
        names = list(dict.fromkeys(name for table in tables for name in table.column_names))
        whole = pa.concat_tables([_with(table, names, tables) for table in tables])
        return whole.take(pa.array(np.argsort(np.concatenate(places), kind="stable")))

    def _whole(self, table: pa.Table, own: bool) -> pa.Table:
        known = self._stand_in.column_names
        unread = [n for n in table.column_names if n not in known and not n.startswith(SIDE)]
        table = table.drop_columns([name for name in unread if name != "weight"])
        for name in known:
            if name in table.column_names or name.startswith(SIDE):
                continue
            if name == "weight":
                column: Any = pa.array(np.ones(table.num_rows, np.float32))
            else:
                column = self._stand_in[name].take(pa.array(np.zeros(table.num_rows, np.int64)))
            table = table.append_column(name, column)
        return table.append_column(ASKED, pa.array(np.full(table.num_rows, own)))


def _with(table: pa.Table, names: Sequence[str], tables: Sequence[pa.Table]) -> pa.Table:
    """The table with these columns, null where it has none."""
    for name in names:
        if name not in table.column_names:
            kind = next(t.schema.field(name).type for t in tables if name in t.column_names)
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table.select(names)


@dataclass(frozen=True, slots=True)
class Accompanied:
    """Another order's batches, each with so many rows of every side task behind it.

    The rows of a side task weigh together as much as those of the task, so its mean loss stands
    beside the task's, however many rows it has.

    Args:
        order: Of the task's own rows.
        others: Of each side task: position of its first row, its rows, how many a batch takes.
    """

    order: Order
    others: tuple[tuple[int, int, int], ...]

    @property
    def rows(self) -> int:
        """Of an epoch, which is the task's."""
        return self.order.rows

    @property
    def together(self) -> int:
        return self.order.together

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        """The batches from a step on; what accompanies one depends on its step alone."""
        streams = [
            _stream(rows, draws, start, (seed, number))
            for number, (_, rows, draws) in enumerate(self.others, 1)
        ]
        for chosen in self.order.batches(seed, batch_size, start):
            own = len(chosen.rows)
            weight = np.ones(own, np.float32) if chosen.weight is None else chosen.weight
            rows, weights = [chosen.rows], [weight]
            for (first, _, draws), stream in zip(self.others, streams, strict=True):
                rows.append(first + next(stream))
                weights.append(np.full(draws, float(weight.sum()) / draws, np.float32))
            yield Chosen(np.concatenate(rows), np.concatenate(weights))


def _stream(rows: int, draws: int, start: int, key: tuple[int, int]) -> Iterator[Numbers]:
    """So many rows a step, every row once before any comes again."""
    seed, number = key
    chance = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    known: dict[int, Numbers] = {}
    step = start
    while True:
        at = np.arange(step * draws, (step + 1) * draws)
        epochs = at // rows
        due = range(int(epochs[0]), int(epochs[-1]) + 1)
        known = {e: known[e] if e in known else epoch_order(rows, chance, e) for e in due}
        yield np.concatenate([known[e][at[epochs == e] % rows] for e in due])
        step += 1
