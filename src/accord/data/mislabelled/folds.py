"""Which fold each row is in: labels alike in all, groups whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.signedinteger[Any]]


def assign_folds(codes: Codes, folds: int, seed: int, groups: Codes | None) -> Codes:
    """The fold of each row, from 0 on. Shape [n].

    Args:
        codes: What is to be alike in all folds: the class. Shape [n].
        folds: How many.
        groups: Rows of one group get one fold, whatever their class. Shape [n].

    Guarantees:
        Without groups, the rows of each class in two folds differ by one at most.
    """
    chance = np.random.default_rng(seed)
    if groups is not None:
        names, own = np.unique(groups, return_inverse=True)
        return chance.permutation(np.arange(len(names)) % folds)[own]
    order = chance.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    found = np.empty(len(codes), dtype=np.int64)
    found[order] = np.arange(len(codes)) % folds
    return found
