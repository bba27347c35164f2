"""Entities in tag sequences, as conlleval and seqeval read them. W words, T entity types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

IGNORED = -100
PREFIXES = "BIES"
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the tags mean.

    Args:
        prefix: Letter of each tag: B, I, E, S or O.
        type_of: Entity type of each tag, an index into `types`; -1 for O.
        types: Names of the entity types, sorted.
    """

    prefix: npt.NDArray[np.str_]
    type_of: Ids
    types: tuple[str, ...]


def scheme_of(labels: Sequence[str]) -> Scheme:
    """The scheme of a tag set.

    `B-PER`, `I-PER` (also E-, S-) and `O` are read as IOB2/IOBES. In a set without any such
    prefix (parts of speech), every word is an entity of one word, and only `O` is none.
    """
    marked = any(_marked(label) for label in labels)
    split = [_split(label, marked) for label in labels]
    types = tuple(sorted({kind for letter, kind in split if letter != "O"}))
    index = {kind: position for position, kind in enumerate(types)}
    return Scheme(
        np.array([letter for letter, _ in split]),
        np.array([index[kind] if letter != "O" else -1 for letter, kind in split], dtype=np.int64),
        types,
    )


def _marked(label: str) -> bool:
    return len(label) > 1 and label[0] in PREFIXES and label[1] == "-"


def _split(label: str, marked: bool) -> tuple[str, str]:
    if label == "O":
        return "O", ""
    if not marked:
        return "S", label
    # A bare `B` or `I` names no type; seqeval calls it `_`.
    return label[0] if label[0] in PREFIXES else "O", label[2:] or "_"


def spans_of(tags: npt.NDArray[Any], scheme: Scheme, *, strict: bool = False) -> Ids:
    """Entities of a padded batch of tag sequences.

    Args:
        tags: Tag ids, -100 where there is none (only at the end of a row), [rows, W].
        scheme: What the ids mean.
        strict: Accept only what starts with B (or S): an `I-` without its `B-` is no entity, and
            a change of type ends the entity without starting one. Otherwise any tag but O after
            another type starts an entity, as conlleval and, by default, seqeval have it.

    Returns:
        [entities, 4]: row, first word, last word, type.
    """
    rows, width = tags.shape
    # One O after each row keeps entities inside it; the padding is O as well.
    ids = np.full((rows, width + 1), IGNORED, dtype=np.int64)
    ids[:, :width] = tags
    flat = ids.reshape(-1)
    due = flat != IGNORED
    prefix = np.where(due, scheme.prefix[np.where(due, flat, 0)], "O")
    kind = np.where(due, scheme.type_of[np.where(due, flat, 0)], -1)
    before = np.concatenate((["O"], prefix[:-1]))
    kind_before = np.concatenate(([-1], kind[:-1]))
    changed = kind != kind_before
    over = np.isin(before, ["E", "S"])
    starts = (prefix != "O") & (np.isin(prefix, ["B", "S"]) | over | (before == "O") | changed)
    ends = (before != "O") & (over | np.isin(prefix, ["B", "S", "O"]) | changed)
    first, last = np.flatnonzero(starts), np.flatnonzero(ends) - 1
    found = np.stack(
        [first // (width + 1), first % (width + 1), last % (width + 1), kind[first]], 1
    )
    return found[np.isin(prefix[first], ["B", "S"])] if strict else found


def span_counts(
    predicted: npt.NDArray[Any], actual: npt.NDArray[Any], scheme: Scheme, *, strict: bool = False
) -> tuple[Ids, Ids, Ids]:
    """Entities per row and type: found rightly (same words, same type), found, true.

    Args:
        predicted: Tag ids, [rows, W].
        actual: True tag ids, -100 where there is none; predictions there are passed over.
        scheme: What the ids mean.
        strict: See `spans_of`.

    Returns:
        Three arrays [rows, T].
    """
    guessed = spans_of(np.where(actual == IGNORED, IGNORED, predicted), scheme, strict=strict)
    true = spans_of(actual, scheme, strict=strict)
    both = guessed[_inside(guessed, true, actual.shape[1] + 1, len(scheme.types))]
    shape = (len(actual), len(scheme.types))

    def count(spans: Ids) -> Ids:
        place = spans[:, 0] * shape[1] + spans[:, 3]
        return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)

    return count(both), count(guessed), count(true)


def _inside(spans: Ids, others: Ids, width: int, types: int) -> npt.NDArray[np.bool_]:
    size = np.array([width * width * types, width * types, types, 1])
    return np.isin(spans @ size, others @ size)
