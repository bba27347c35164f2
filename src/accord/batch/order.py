"""The order of the training rows: uniformly random, a pure function of seed and epoch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def epoch_order(rows: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """A permutation of `range(rows)`.

    Guarantees:
        Depends on nothing but its arguments, so a resumed run sees the same order.
    """
    return np.random.default_rng((seed, epoch)).permutation(rows)
