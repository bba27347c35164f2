"""Which rows of a global batch are mixed, with which, and how much of each is left.

Drawn for the whole global batch from the seed and the step, and kept as columns of its rows: into
however many parts it is divided, and wherever a run goes on, the same rows are mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from accord.batch.collate import Batch, collate

Floats = npt.NDArray[np.float64]
MIX = "mix:"
"""Begins the names of what was drawn: of columns, and of tensors in a batch."""
OTHER = "other:"
"""Begins the names of the partners' tensors in a batch."""
PARTNER, SHARE, LABEL = f"{MIX}partner", f"{MIX}share", f"{MIX}label"
SALT = 0x6D6978


class Draw(Protocol):
    """Draws how two rows are mixed."""

    def __call__(self, rows: int, chance: np.random.Generator) -> Mapping[str, Floats]:
        """`share` [rows]: how much of itself each row keeps, 0 to 1; and whatever else says how."""
        ...


@dataclass(frozen=True, slots=True)
class Pairing:
    """Partners and shares.

    Args:
        seed: Of the training.
        share: Of the rows that are mixed; others are left as they are.
        draw: How two rows are mixed.
    """

    seed: int
    share: float
    draw: Draw

    def drawn(self, table: pa.Table, step: int) -> pa.Table:
        """The rows of a global batch with what is drawn for them at a step.

        A row that carries a `weight` brings it along: the mixed row weighs what its two rows weigh
        by their shares, and so do their labels in it.
        """
        chance = np.random.default_rng((self.seed, step, SALT))
        rows = table.num_rows
        partner = chance.permutation(rows)
        alone = chance.random(rows) >= self.share
        partner[alone] = np.arange(rows)[alone]
        columns = dict(self.draw(rows, chance))
        share = np.where(partner == np.arange(rows), 1.0, columns.pop("share"))
        label = share
        if "weight" in table.column_names:
            given = table["weight"].to_numpy().astype(np.float64)
            weight = share * given + (1 - share) * given[partner]
            label = np.where(weight > 0, share * given / np.where(weight > 0, weight, 1), share)
            at = table.column_names.index("weight")
            kind = table.schema.field("weight").type
            table = table.set_column(at, "weight", pa.array(weight, pa.float64()).cast(kind))
        table = table.append_column(PARTNER, pa.array(partner, pa.int64()))
        columns = {SHARE: share, LABEL: label} | {MIX + n: v for n, v in columns.items()}
        for name, values in columns.items():
            table = table.append_column(name, pa.array(values, pa.float64()))
        return table


def partners(table: pa.Table) -> npt.NDArray[np.int64] | None:
    """Place of each row's partner in the global batch [rows]; None where none are mixed."""
    if PARTNER not in table.column_names:
        return None
    return table[PARTNER].combine_chunks().to_numpy().astype(np.int64)


def collate_pairs(own: pa.Table, other: pa.Table, schema: Mapping[str, Any]) -> Batch:
    """A batch of rows and, under `other:...`, of their partners, padded alike; `mix:...` holds what
    was drawn [B]."""
    rows = own.num_rows
    both = collate(pa.concat_tables([own, other]), schema)
    batch = {name: value[:rows] for name, value in both.items()}
    batch |= {OTHER + name: value[rows:] for name, value in both.items()}
    for name in own.column_names:
        if name.startswith(MIX) and name != PARTNER:
            values = own[name].combine_chunks().to_numpy().astype(np.float32)
            batch[name] = torch.from_numpy(values)
    return batch


def parted(batch: Mapping[str, torch.Tensor]) -> tuple[Batch, Batch, Batch]:
    """What `collate_pairs` put together: rows, partners, and what was drawn, under its own name."""
    other = {n.removeprefix(OTHER): v for n, v in batch.items() if n.startswith(OTHER)}
    drawn = {n.removeprefix(MIX): v for n, v in batch.items() if n.startswith(MIX)}
    own = {n: v for n, v in batch.items() if not n.startswith((OTHER, MIX))}
    return own, other, drawn
