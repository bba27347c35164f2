"""A split of a prepared `dataset` artifact, for random access: mapped, or decrypted in parts."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.batch.sealed_rows import SealedRows
from accord.vault.files import open_arrow
from accord.vault.stream import is_sealed

READ = frozenset(
    ("input_ids", "token_type_ids", "loss_mask", "image", "numeric", "categorical", "display")
)
"""Columns that only batches read; of some rows chosen they are not copied as a whole."""


class PreparedSplit:
    """Rows of one split; nothing is read before it is taken.

    Args:
        folder: Folder of a `dataset` artifact.
        split: `train`, `validation` or `test`.
        chosen: Positions of the rows that count as this split, each as often as it is named; by
            default all.
        weight: How much each of those counts, besides what data steps gave it. Shape [rows].
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        *,
        chosen: npt.NDArray[np.int64] | None = None,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self.name = split
        self.schema: dict[str, Any] = json.loads((folder / "schema.json").read_text("utf-8"))
        path = folder / f"{split}.arrow"
        self._whole: pa.Table | SealedRows = (
            SealedRows(path) if is_sealed(path) else pa.ipc.open_file(open_arrow(path)).read_all()
        )
        self._chosen, self._weight = chosen, weight

    @cached_property
    def table(self) -> pa.Table | SealedRows:
        """The rows; of some chosen, without the columns that only `take` needs to give."""
        if self._chosen is None:
            return self._whole
        light = [name for name in self._whole.column_names if name not in READ]
        return self._whole.select(light).take(pa.array(self._chosen))

    @property
    def rows(self) -> int:
        return self._whole.num_rows if self._chosen is None else len(self._chosen)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of every row: of text, patches of 16x16 pixels, or columns. Shape [rows]."""
        if "input_ids" not in self._whole.column_names:
            return np.full(self.rows, self._tokens_of_a_row(), dtype=np.int64)
        sealed = isinstance(self._whole, SealedRows)
        chunks = self._whole.chunks("input_ids") if sealed else self._whole["input_ids"].chunks
        counts = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in chunks]
        found = np.concatenate([np.zeros(0, dtype=np.int64), *counts]).astype(np.int64)
        return found if self._chosen is None else found[self._chosen]

    def _tokens_of_a_row(self) -> int:
        if self.schema["modality"] == "image":
            height, width = self.schema["image"]["size"]
            return 1 + -(-height // 16) * -(-width // 16)
        return 1 + len(self.schema["numeric"]) + len(self.schema["categorical"])

    def take(self, indices: npt.NDArray[np.int64]) -> pa.Table:
        """The rows at these positions, in this order."""
        at = indices if self._chosen is None else self._chosen[indices]
        found = self._whole.take(pa.array(at))
        return found if self._weight is None else weighed(found, self._weight[indices])

    def whole(self) -> pa.Table:
        """All rows at once; those of a sealed split are in memory then."""
        return self.table.whole() if isinstance(self.table, SealedRows) else self.table


def weighed(table: pa.Table, weight: npt.NDArray[np.floating[Any]]) -> pa.Table:
    """The table with these weights, times those it has."""
    if "weight" not in table.column_names:
        return table.append_column("weight", pa.array(weight.astype(np.float32)))
    own = table["weight"].to_numpy().astype(np.float64) * weight
    place = table.column_names.index("weight")
    return table.set_column(place, "weight", pa.array(own.astype(np.float32)))
