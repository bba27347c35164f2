"""Rows that say nearly the same, in one sample or across two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from accord.data.minhash import BAND, HASHES, band_keys, normalised, signatures

PIECE = 2_000
LONGEST = 20_000
Signs = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]


def signs_of(texts: Sequence[str]) -> Signs:
    """MinHash signatures. Shape [texts, HASHES]."""
    parts = [
        signatures([normalised(text[:LONGEST]) for text in texts[start : start + PIECE]])
        for start in range(0, len(texts), PIECE)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, HASHES), dtype=np.uint32)


def near_earlier(earlier: Signs, later: Signs, similarity: float) -> Rows:
    """For each later row an earlier one that it nearly repeats, -1 without. Shape [later]."""
    found = np.full(len(later), -1, dtype=np.int64)
    if not len(earlier):
        return found
    for band in range(0, HASHES, BAND):
        keys, first = np.unique(band_keys(earlier, band), return_index=True)
        wanted = band_keys(later, band)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        rows = np.flatnonzero((keys[place] == wanted) & (found < 0))
        other = first[place[rows]]
        alike = (later[rows] == earlier[other]).mean(axis=1) >= similarity
        found[rows[alike]] = other[alike]
    return found


def near_within(signs: Signs, similarity: float) -> Rows:
    """For each row an earlier one of the same sample that it nearly repeats, -1 without."""
    found = np.full(len(signs), -1, dtype=np.int64)
    for band in range(0, HASHES, BAND):
        _, first, where = np.unique(band_keys(signs, band), return_index=True, return_inverse=True)
        earliest = first[where]
        rows = np.flatnonzero((earliest != np.arange(len(signs))) & (found < 0))
        alike = (signs[rows] == signs[earliest[rows]]).mean(axis=1) >= similarity
        found[rows[alike]] = earliest[rows[alike]]
    return found
