"""What finds identifiers in texts: the built-in patterns, your own, lists, and plug-ins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.protect.masked import masks, outside
from accord.data.protect.own import expression, listed
from accord.data.protect.recognise import PATTERNS, recognise
from accord.data.protect.spans import Spans, disjoint
from accord.errors import RecipeError
from accord.part import find
from accord.recipe.protect import Protect
from accord.recipe.recogniser import RecogniserSpec

Recogniser = Callable[[pa.StringArray], Spans]
"""Texts to the spans in them, in bytes, of any kinds; they may overlap those of others."""


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
    parts += [_unmasked(part, masked) for part in plugged]
    if len(parts) == 1 and not plugged:
        return parts[0]
    return lambda texts: _united(texts, [part(texts) for part in parts])


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


def _united(texts: pa.StringArray, parts: Sequence[Spans]) -> Spans:
    """Spans of several recognisers without overlaps; the earlier one keeps its whole."""
    sizes = pc.call_function("binary_length", [texts.fill_null("")]).to_numpy()
    starts = np.concatenate(([0], np.cumsum(sizes.astype(np.int64) + 1)))
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for part in parts:
        for code, name in enumerate(part.names):
            own = part.entity == code
            offset = starts[part.row[own]]
            pair = (part.start[own] + offset, part.end[own] + offset)
            both = zip(found.get(name, (pair[0][:0],) * 2), pair, strict=True)
            low, high = (np.concatenate(columns) for columns in both)
            found[name] = (low, high)
    start, end, kind = disjoint(found, names)
    row = np.searchsorted(starts, start, side="right") - 1
    return Spans(row, start - starts[row], end - starts[row], kind, names)
