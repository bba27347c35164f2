"""Class names that are spellings of another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

Pair = tuple[str, str]
MOST = 300
SLIP = 0.02
"""Rows of a class for each of its neighbour below which it is taken for a slip of it."""


EMPTY = frozenset(
    ("nan", "na", "n/a", "none", "null", "nil", "?", "-", "--", "unknown", "undefined", "missing",
     "tbd", "todo", "#n/a", "未知", "无", "空")
)  # fmt: skip
"""What is written where no label is known."""
FEW = 0.05
"""Share of the rows above which such a name is taken for a class: `none` may be one."""


def unknown(counts: Mapping[str, int]) -> dict[str, int]:
    """Names that say that no class is known, with their rows."""
    most = FEW * sum(counts.values())
    return {name: n for name, n in counts.items() if name.strip().casefold() in EMPTY and n <= most}


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
    found |= dict(_short([name for name in heads if name not in found], counts, slip))
    return {name: _meant(name, found) for name in found}


def _meant(name: str, found: Mapping[str, str]) -> str:
    """Where a name leads in the end: a slip of a spelling is what that is a spelling of."""
    while name in found:
        name = found[name]
    return name


def _short(heads: Sequence[str], counts: Mapping[str, int], slip: float) -> Iterator[Pair]:
    """Rare names that begin one other name alone, by three letters or more: `pos` of `positive`."""
    for rare in heads:
        own = _form(rare)
        if len(own) < 3 or not own.isalpha():
            continue
        longer = [name for name in heads if name != rare and _form(name).startswith(own)]
        if len(longer) == 1 and counts[rare] <= slip * counts[longer[0]]:
            yield rare, longer[0]


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
