"""A split of a prepared `dataset` artifact, memory-mapped for random access."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class PreparedSplit:
    """Rows of one split; nothing is read before it is taken.

    Args:
        folder: Folder of a `dataset` artifact.
        split: `train`, `validation` or `test`.
    """

    def __init__(self, folder: Path, split: str) -> None:
        self.name = split
        self.schema: dict[str, Any] = json.loads((folder / "schema.json").read_text("utf-8"))
        reader = pa.ipc.open_file(pa.memory_map(str(folder / f"{split}.arrow")))
        self.table: pa.Table = reader.read_all()

    @property
    def rows(self) -> int:
        return self.table.num_rows

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of every row: of text, patches of 16x16 pixels, or columns. Shape [rows]."""
        if "input_ids" not in self.table.column_names:
            return np.full(self.rows, self._tokens_of_a_row(), dtype=np.int64)
        chunks = self.table["input_ids"].chunks
        counts = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in chunks]
        return np.concatenate([np.zeros(0, dtype=np.int64), *counts]).astype(np.int64)

    def _tokens_of_a_row(self) -> int:
        if self.schema["modality"] == "image":
            height, width = self.schema["image"]["size"]
            return 1 + -(-height // 16) * -(-width // 16)
        return 1 + len(self.schema["numeric"]) + len(self.schema["categorical"])

    def take(self, indices: npt.NDArray[np.int64]) -> pa.Table:
        """The rows at these positions, in this order."""
        return self.table.take(pa.array(indices))
