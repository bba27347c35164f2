"""Rows with what a teacher answered to each, said once and kept beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.batch.order import Numbers
from accord.batch.prepared import PreparedSplit
from accord.recipe.distill import ANSWERS, TEACHER


class Answered:
    """A split whose rows carry a teacher's answers; its own tokens are not needed any more.

    Args:
        split: The rows.
        answers: By what they are of (`logits`, `hidden`), in the order of the rows. [rows, ...]
    """

    def __init__(
        self, split: PreparedSplit, answers: Mapping[str, npt.NDArray[np.float32]]
    ) -> None:
        self.schema: dict[str, Any] = split.schema
        self._split, self._answers = split, answers

    @property
    def rows(self) -> int:
        return self._split.rows

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of every row. Shape [rows]."""
        return self._split.lengths

    def take(self, indices: Numbers) -> pa.Table:
        """The rows at these positions, in this order."""
        table = self._split.take(indices)
        unread = [name for name in table.column_names if name.startswith(TEACHER)]
        table = table.drop_columns(unread) if unread else table
        for name, values in self._answers.items():
            said = np.ascontiguousarray(values[indices])
            flat = pa.array(said.reshape(-1))
            column = pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
            table = table.append_column(f"{ANSWERS}{name}", column)
        return table
