"""Draws of words to change, and of words to put in their place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from accord.data.augment.words import parts_of

LEAST = 1e-6


def places_of(
    words: list[str], share: float, chance: np.random.Generator, allowed: list[bool] | None = None
) -> list[int]:
    """Places of a share of the words, one at least; words of letters alone, in the text's order."""
    possible = [
        i
        for i, word in enumerate(words)
        if parts_of(word)[1].isalpha() and (allowed is None or allowed[i])
    ]
    if not possible:
        return []
    count = min(len(possible), max(1, round(share * len(words))))
    return sorted(chance.choice(possible, count, replace=False).tolist())


def drawn(
    scores: npt.NDArray[np.float64], top: int, temperature: float, chance: np.random.Generator
) -> int:
    """One of the `top` greatest scores, with the probability of their softmax.

    Scores are rounded first, so that how a model's batches are cut hardly ever shows.
    """
    order = np.argsort(-np.round(scores, 3), kind="stable")[:top]
    heights = np.round(scores[order], 3) / max(temperature, LEAST)
    shares = np.exp(heights - heights.max())
    reached = np.cumsum(shares / shares.sum())
    return int(order[min(int(np.searchsorted(reached, chance.random())), len(order) - 1)])
