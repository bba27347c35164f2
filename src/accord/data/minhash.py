"""MinHash signatures of texts (Broder, 1997), computed for a whole batch at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

GRAM = 5
HASHES, BAND = 36, 3
PIECE_CHARACTERS = 1 << 20
"""Characters that are looked at at once: each takes some fifty bytes."""
MIXERS = [(0x9E3779B1 + 0x85EBCA6B * (2 * i)) % 2**32 | 1 for i in range(HASHES)]
Signatures = npt.NDArray[np.uint32]


def normalised(text: str) -> str:
    """What two texts are compared by: NFKC, case folded, white space single."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """64-bit hashes of the character 5-grams of normalised texts, and where those of each begin.

    Those of all texts one after the other, repeated ones repeated; a text shorter than 5
    characters is one gram.
    """
    padded = [text.ljust(GRAM, "\0") for text in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    with np.errstate(over="ignore"):
        found = np.zeros(max(len(points) - GRAM + 1, 0), dtype=np.uint64)
        for offset in range(GRAM):
            found = found * np.uint64(0x100000001B3) + points[offset : offset + len(found)]
        found = (found ^ (found >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
    ends = np.cumsum(lengths)
    # Grams that cross into the next text are of none.
    inside = np.ones(len(found), dtype=bool)
    for back in range(1, GRAM):
        crossing = ends[:-1] - back
        inside[crossing[crossing < len(found)]] = False
    return found[inside], np.concatenate(([0], np.cumsum(lengths - GRAM + 1)[:-1])).astype(np.int64)


def signatures(texts: Sequence[str]) -> Signatures:
    """MinHash signatures of normalised texts. Shape [texts, HASHES]."""
    found = np.empty((len(texts), HASHES), dtype=np.uint32)
    start = held = 0
    for at, text in enumerate(texts):
        if held and held + len(text) > PIECE_CHARACTERS:
            found[start:at] = _together(texts[start:at])
            start, held = at, 0
        held += len(text)
    if len(texts):
        found[start:] = _together(texts[start:])
    return found


def _together(texts: Sequence[str]) -> Signatures:
    """Signatures of texts that are looked at at once; of one that is very long, in pieces."""
    if len(texts) > 1 or len(texts[0]) <= PIECE_CHARACTERS + GRAM:
        return _minima(texts)
    (text,) = texts
    ends = range(0, len(text) - GRAM + 1, PIECE_CHARACTERS)
    pieces = (text[at : at + PIECE_CHARACTERS + GRAM - 1] for at in ends)
    least = np.full((1, HASHES), np.iinfo(np.uint32).max, dtype=np.uint32)
    for piece in pieces:
        np.minimum(least, _minima([piece]), out=least)
    return least


def _minima(texts: Sequence[str]) -> Signatures:
    found = np.empty((len(texts), HASHES), dtype=np.uint32)
    kept, segments = grams(texts)
    low, high = kept.astype(np.uint32), (kept >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    with np.errstate(over="ignore"):
        for index in range(HASHES):
            # Double hashing (Kirsch and Mitzenmacher, 2006), then a mix so that orders differ.
            mixed = low + np.uint32(index) * high
            mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(MIXERS[index])
            mixed ^= mixed >> np.uint32(13)
            found[:, index] = np.minimum.reduceat(mixed, segments)
    return found


def band_keys(signs: Signatures, band: int) -> npt.NDArray[np.uint64]:
    """One 64-bit key for the hashes from `band` on. [rows, HASHES] -> [rows]."""
    keys = np.zeros(len(signs), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in range(band, band + BAND):
            keys = keys * np.uint64(0x9E3779B97F4A7C15) + signs[:, column]
    return keys
