"""What an encoder is: cleaned rows of one task in, the columns a model takes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.carried import carried_columns
from accord.data.clean import shortest
from accord.data.source import Block
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Setting:
    """What an encoder is built from.

    Args:
        recipe: Sections `task`, `model`, `data`, `evaluate` (slices).
        base: Folder that relative paths start from.
        labels: Label names in id order; empty without labels.
        known: `accord.json` of the model that rows are encoded for; None before there is one.
    """

    recipe: Recipe
    base: Path
    labels: tuple[str, ...]
    known: Mapping[str, Any] | None = None


class Encoder(Protocol):
    """Turns rows of one task into prepared columns.

    `survey` sees the training rows once, before anything is encoded, if `surveys` is true; then
    `settle` is called. A settled encoder can be pickled. `arrange` is given every encoded batch, in
    the order of the rows, and may hold rows back (to pack them); `flush` ends a split.
    """

    surveys: bool
    lengths: Lengths
    """Of what was encoded."""

    def survey(self, block: Block) -> None: ...

    def settle(self) -> None: ...

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        """Its rows as numbers.

        Guarantees:
            A pure function of the block and what was surveyed, but for `lengths`.
        """
        ...

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        """Batches with the columns of the task, `row` and `asset` included; unless for `train`
        also `display`, a short text for people, and `slice:<name>` columns."""
        ...

    def flush(self, split: str) -> Iterator[pa.RecordBatch]: ...

    def facts(self) -> Mapping[str, Any]:
        """Entries of `schema.json`."""
        ...

    def save(self, folder: Path) -> None:
        """Write what the model needs beside the data: the tokenizer."""
        ...


def settled(encoder: Encoder, training: Iterable[Block]) -> Encoder:
    """The encoder, ready to encode: it has seen the training rows if it wants to."""
    if encoder.surveys:
        for block in training:
            encoder.survey(block)
    encoder.settle()
    return encoder


class Lengths:
    """Distribution of row lengths, in bounded memory."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.truncated = 0
        self.lost = 0
        """Rows of which nothing is left to learn once they are cut."""

    def merge(self, other: Lengths) -> None:
        """Take in what was counted elsewhere."""
        self.counts += other.counts
        self.truncated += other.truncated
        self.lost += other.lost

    def add(self, lengths: npt.NDArray[np.int64]) -> None:
        self.counts.update(lengths.tolist())

    def summary(self) -> dict[str, int] | None:
        """`p50`, `p95`, `max` tokens and rows `truncated`; None without tokens."""
        if not self.counts:
            return None
        sizes = np.array(sorted(self.counts))
        weights = np.array([self.counts[size] for size in sizes])
        share = weights.cumsum() / weights.sum()
        p50, p95 = (int(sizes[np.searchsorted(share, q)]) for q in (0.5, 0.95))
        return {"p50": p50, "p95": p95, "max": int(sizes[-1]), "truncated": self.truncated}


def ragged(values: list[list[int]], kind: pa.DataType) -> pa.ListArray:
    """A list column."""
    return pa.array(values, pa.list_(kind))


def numbered(
    block: Block,
    columns: Mapping[str, pa.Array],
    displays: list[str] | None = None,
    slices: tuple[str, ...] = (),
) -> pa.RecordBatch:
    """A prepared batch: the columns with the rows' numbers and asset, and for rows held out
    what people are shown of them."""
    named = {
        "row": pa.array(block.rows, pa.int64()),
        "asset": pa.array([block.asset] * len(block.rows)),
        **columns,
        **carried_columns(block),
    }
    if displays is not None:
        named["display"] = pa.array(displays, pa.string())
        named |= {n: block.batch[n] for n in block.batch.schema.names if n.startswith("slice:")}
        named |= {f"slice:{name}": shortest(block.batch[name], name) for name in slices}
    return pa.RecordBatch.from_pydict(named)


def encoded(encoder: Encoder, block: Block, split: str) -> Iterator[pa.RecordBatch]:
    """A block encoded and arranged in one go."""
    return encoder.arrange(encoder.encode(block, split), split)


def label_ids(block: Block, column: str, labels: tuple[str, ...]) -> pa.Array:
    """Class ids of a string label column. Shape [rows]."""
    index = {name: i for i, name in enumerate(labels)}
    return pa.array([index[name] for name in block.batch[column].to_pylist()], pa.int32())


def multi_hot(block: Block, column: str | tuple[str, ...], labels: tuple[str, ...]) -> pa.Array:
    """0/1 for every label of a row, from a list column or from one column a label."""
    if isinstance(column, tuple):
        table = np.stack([block.batch[name].to_numpy(zero_copy_only=False) for name in column], 1)
    else:
        index = {name: i for i, name in enumerate(labels)}
        table = np.zeros((len(block.rows), len(labels)))
        for row, names in enumerate(block.batch[column].to_pylist()):
            table[row, [index[name] for name in names]] = 1
    return pa.array(table.astype(np.float32).tolist(), pa.list_(pa.float32()))


def class_labels(block: Block, setting: Setting) -> pa.Array:
    """The `label` column of a classification task, single or multi-label."""
    column = setting.recipe.data.label
    assert column is not None
    kind = block.batch.schema.field(column).type if isinstance(column, str) else None
    if kind is not None and pa.types.is_string(kind) and isinstance(column, str):
        return label_ids(block, column, setting.labels)
    return multi_hot(block, column, setting.labels)
