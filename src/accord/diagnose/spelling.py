"""Class names that are spellings of another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

MOST = 300
SLIP = 0.02
"""Rows of a class for each of its neighbour below which it is taken for a slip of it."""


def variants(counts: Mapping[str, int], slip: float) -> dict[str, str]:
    """Names that are spellings of another, more frequent one."""
    by_form: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda one: (-counts[one], one)):
        by_form.setdefault(_form(name), []).append(name)
    found = {name: names[0] for names in by_form.values() for name in names[1:]}
    heads = [names[0] for names in by_form.values()][:MOST]
    for rare in heads:
        for other in heads:
            if counts[rare] <= slip * counts[other] and _is_slip(_form(rare), _form(other)):
                found.setdefault(rare, other)
    return found


def _form(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\-]+", " ", plain).strip(" .,;:!'\"") or plain


def _is_slip(a: str, b: str) -> bool:
    """Whether two words of letters differ by one letter: put in, left out, changed or swapped."""
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or not (a + b).isalpha():
        return False
    start = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rest, other = a[start:], b[start:]
    if len(a) == len(b):
        swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
        return rest[1:] == other[1:] or swapped
    return rest[1:] == other or rest == other[1:]
