"""How many tokens rows would have if nothing were cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.encoder import Setting, settled
from accord.data.source import Block
from accord.data.split import NAMES, TRAIN
from accord.part import find
from accord.recipe.tree import Recipe

UNCUT = 1 << 20


def token_lengths(
    recipe: Recipe, base: Path, table: pa.Table, labels: tuple[str, ...]
) -> npt.NDArray[np.int64]:
    """Tokens of each row, special ones included, without a limit; empty for what has none.

    Args:
        table: Cleaned training rows.
        labels: Classes of all of them.

    Raises:
        ModelError: The tokenizer cannot be read.
    """
    data = recipe.data.model_copy(update={"max_tokens": UNCUT, "pack": False})
    whole = recipe.model_copy(update={"data": data})
    part = find("encoder", recipe.task)
    batches = table.combine_chunks().to_batches()
    if not batches:
        return np.zeros(0, dtype=np.int64)
    block = Block(batches[0], np.arange(table.num_rows, dtype=np.int64), "", "")
    encoder = settled(part(part.spec(kind=recipe.task), Setting(whole, base, labels)), [block])
    for _ in encoder.encode(block, NAMES[TRAIN]):
        pass
    for _ in encoder.flush(NAMES[TRAIN]):
        pass
    counts = encoder.lengths.counts
    sizes = np.array(sorted(counts), dtype=np.int64)
    return np.repeat(sizes, [counts[size] for size in sizes.tolist()])
