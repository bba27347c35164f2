"""How much rows count in the loss, as a column beside theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.source import Block
from accord.data.step import WEIGHT


def weighed(block: Block, factors: npt.NDArray[np.float64]) -> Block:
    """A block whose rows count `factors` times as much as before. Shape of `factors`: [rows]."""
    batch = block.batch
    if WEIGHT in batch.schema.names:
        factors = factors * batch[WEIGHT].to_numpy(zero_copy_only=False)
        place = batch.schema.get_field_index(WEIGHT)
        return replace(block, batch=batch.set_column(place, WEIGHT, pa.array(factors)))
    return replace(block, batch=batch.append_column(WEIGHT, pa.array(factors, pa.float64())))
