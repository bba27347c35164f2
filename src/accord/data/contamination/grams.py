"""Texts as units and runs of units, hashed: words, and signs of scripts that have no spaces."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
BASE = np.uint64(0x9E3779B97F4A7C15)
UNIT = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|"
    "(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\\w)+"
)
"""One sign of Chinese or Japanese, or one word."""


def units(text: str) -> Hashes:
    """The units of a text, hashed: case, marks and full-width forms make no difference."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return np.array([_hashed(unit) for unit in UNIT.findall(plain)], dtype=np.uint64)


def grams(texts: Sequence[Hashes], size: int) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Every run of `size` units, hashed, and the text it stands in."""
    own = [text for text in texts if len(text) >= size]
    where = np.array([i for i, text in enumerate(texts) if len(text) >= size], dtype=np.int64)
    if not own:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    line = np.concatenate(own)
    lengths = np.array([len(text) for text in own])
    count = len(line) - size + 1
    with np.errstate(over="ignore"):
        found = np.zeros(count, dtype=np.uint64)
        for offset in range(size):
            found = found * BASE + line[offset : offset + count]
        found = (found ^ (found >> np.uint64(32))) * BASE
    # Runs that cross into the next text are left out.
    ends = np.cumsum(lengths)
    owner = np.repeat(np.arange(len(own)), lengths)[:count]
    inside = np.arange(count) + size <= ends[owner]
    return found[inside], where[owner[inside]]


@lru_cache(maxsize=1 << 18)
def _hashed(unit: str) -> int:
    return int.from_bytes(hashlib.blake2b(unit.encode(), digest_size=8).digest(), "little")
