"""What finds identifiers in texts: the built-in patterns, your own, lists, and plug-ins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from accord.data.protect.joined import side_by_side
from accord.data.protect.masked import masks, outside
from accord.data.protect.own import expression, listed
from accord.data.protect.recognise import PATTERNS, recognise
from accord.data.protect.spans import Spans, disjoint
from accord.data.protect.stand_in import with_stand_ins
from accord.errors import RecipeError
from accord.part import find
from accord.recipe.protect import Protect
from accord.recipe.recogniser import RecogniserSpec

Recogniser = Callable[[pa.StringArray], Spans]
"""Texts to the spans in them, in bytes, of any kinds; they may overlap those of others."""
LOOSE = frozenset({"name", "address"})
"""Kinds that have no form of their own, so that neither of two finders knows better where they
end."""


def recogniser(spec: Protect, base: Path) -> Recogniser:
    """Everything that `protect:` looks for, as one recogniser. Where two find the same, the kinds
    of the recipe come first, then what has a form, then what plug-ins take for an identifier.

    Args:
        base: Folder that relative paths start from.

    Raises:
        RecipeError: A pattern is no regular expression, or a list or model cannot be read.
        MissingExtra: A plug-in needs a package that is not installed.
    """
    own: list[Recogniser] = [expression(name, text) for name, text in spec.patterns.items()]
    own += [listed(name, base / path) for name, path in spec.lists.items()]
    plugged = [_plugged(part, number, base) for number, part in enumerate(spec.recognisers)]
    masked = masks(_kinds(spec))
    parts = [_unmasked(part, masked) for part in own]
    if spec.entities:
        kinds = tuple(PATTERNS) if spec.entities == "all" else spec.entities
        parts.append(lambda texts: recognise(texts, kinds))
    parts += [_unmasked(with_stand_ins(part, masked), masked) for part in plugged]
    if len(parts) == 1 and not plugged:
        return parts[0]
    formed = len(parts) - len(plugged)
    return lambda texts: _united(texts, [part(texts) for part in parts], formed)


def _kinds(spec: Protect) -> set[str]:
    """Every kind that a mask may be of."""
    known = {*PATTERNS, *spec.patterns, *spec.lists, *spec.values.values()}
    for part in spec.recognisers:
        if isinstance(part, RecogniserSpec):
            known.update(part.kinds)
    return known


def _plugged(spec: object, number: int, base: Path) -> Recogniser:
    if not isinstance(spec, RecogniserSpec):
        raise RecipeError(
            "the description of this recogniser does not say which kinds it finds",
            code="part-invalid",
            path=f"protect.recognisers[{number}]",
            got=type(spec).__name__,
            expected="a spec made from accord.recipe.recogniser.RecogniserSpec",
            fix="mend the plug-in",
        )
    return find("recogniser", spec.kind)(spec, base, f"protect.recognisers[{number}]")


def _unmasked(part: Recogniser, masked: re.Pattern[bytes]) -> Recogniser:
    return lambda texts: outside(texts, part(texts), masked)


def _united(texts: pa.StringArray, parts: Sequence[Spans], formed: int) -> Spans:
    """Spans of several recognisers without overlaps; the earlier one keeps its whole.

    What has a form keeps it against everything that a plug-in takes for an identifier, of whatever
    kind: a model's word never moves the end of a card number that was checked. Kinds without a
    form (`LOOSE`) are joined where both find them.

    Args:
        formed: The first so many of `parts` go by form; the others are plug-ins.
    """
    content, starts = side_by_side(texts)
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    order: dict[int, list[str]] = {0: [], 1: []}
    for place, part in enumerate(parts):
        plugged = place >= formed
        for code, name in enumerate(part.names):
            own = part.entity == code
            offset = starts[part.row[own]]
            pair = (part.start[own] + offset, part.end[own] + offset)
            # No kind holds a blank: `email ` is the e-mail of a plug-in.
            apart = plugged and not (name in LOOSE and name in found)
            key = f"{name} " if apart else name
            if key not in found:
                order[apart].append(key)
            both = zip(found.get(key, (pair[0][:0],) * 2), pair, strict=True)
            low, high = (np.concatenate(columns) for columns in both)
            found[key] = (low, high)
    keys = (*order[0], *order[1])
    start, end, kind = disjoint(found, keys)
    if len(parts) > formed:
        softer = np.array([key.endswith(" ") or key in LOOSE for key in keys], dtype=bool)
        start, end, kind = _of_letters(content, (start, end, kind), softer)
    names = tuple(dict.fromkeys(key.rstrip() for key in keys))
    code = np.array([names.index(key.rstrip()) for key in keys], dtype=np.int64)
    row = np.searchsorted(starts, start, side="right") - 1
    return Spans(row, start - starts[row], end - starts[row], code[kind], names)


def _of_letters(
    content: bytes, spans: tuple[np.ndarray, np.ndarray, np.ndarray], softer: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spans less what is left of one where all but blanks and signs went to another.

    Args:
        softer: Kinds of which such a rest says nothing.
    """
    start, end, kind = spans
    touched = np.zeros(len(start), dtype=bool)
    close = start[1:] == end[:-1]
    touched[1:] |= close
    touched[:-1] |= close
    kept = np.ones(len(start), dtype=bool)
    for at in np.flatnonzero(touched & softer[kind]).tolist():
        piece = content[start[at] : end[at]].decode(errors="replace")
        kept[at] = any(sign.isalnum() for sign in piece)
    return start[kept], end[kept], kind[kept]
