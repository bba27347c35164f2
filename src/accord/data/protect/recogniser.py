"""What finds identifiers in texts: the built-in patterns, your own, and lists of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.protect.recognise import PATTERNS, recognise
from accord.data.protect.spans import Spans, disjoint
from accord.errors import RecipeError
from accord.recipe.protect import Protect

Recogniser = Callable[[pa.StringArray], Spans]
"""Texts to the spans in them, in bytes, of any kinds; they may overlap those of others."""


def recogniser(spec: Protect, base: Path) -> Recogniser:
    """Everything that `protect:` looks for, as one recogniser; kinds of the recipe come first.

    Args:
        base: Folder that relative paths start from.

    Raises:
        RecipeError: A pattern is no regular expression, or a list cannot be read.
    """
    parts = [_pattern(name, pattern) for name, pattern in spec.patterns.items()]
    parts += [_listed(name, base / path) for name, path in spec.lists.items()]
    if spec.entities:
        kinds = tuple(PATTERNS) if spec.entities == "all" else spec.entities
        parts.append(lambda texts: recognise(texts, kinds))
    if len(parts) == 1:
        return parts[0]
    return lambda texts: _united(texts, [part(texts) for part in parts])


def characters(texts: Sequence[str | None], found: Sequence[tuple[int, int, int, str]]) -> Spans:
    """Spans from positions counted in characters: (row, start, end, kind)."""
    names = tuple(dict.fromkeys(kind for _, _, _, kind in found))
    columns = np.zeros((len(found), 4), dtype=np.int64)
    for at, (row, start, end, kind) in enumerate(sorted(found)):
        text = texts[row] or ""
        low = len(text[:start].encode())
        columns[at] = row, low, low + len(text[start:end].encode()), names.index(kind)
    row, start, end, kind = columns.T
    return Spans(row, start, end, kind, names)


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


def _pattern(name: str, text: str) -> Recogniser:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise RecipeError(
            "this is no regular expression",
            code="pattern-invalid",
            path=f"protect.patterns.{name}",
            got=text,
            expected=str(error),
            fix="correct it; in YAML, single quotes keep backslashes as they are",
        ) from None
    if pattern.match("") is not None:
        raise RecipeError(
            "this regular expression matches nothing at all, everywhere",
            code="pattern-invalid",
            path=f"protect.patterns.{name}",
            got=text,
            expected="at least one character",
            fix="ask for at least one character, with `+` in place of `*`",
        )
    return lambda texts: _matched(texts, pattern, name)


def _matched(texts: pa.StringArray, pattern: re.Pattern[str], name: str) -> Spans:
    rows = texts.to_pylist()
    found = [
        (row, *match.span(), name)
        for row, text in enumerate(rows)
        for match in pattern.finditer(text or "")
        if match.end() > match.start()
    ]
    return characters(rows, found)


def _listed(name: str, path: Path) -> Recogniser:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            "the list cannot be read",
            code="list-unreadable",
            path=f"protect.lists.{name}",
            got=str(path),
            expected="a text file in UTF-8, one word or phrase a line",
            why=str(error),
            fix="name a file that is there",
        ) from None
    words = {line.strip() for line in lines if line.strip()}
    pattern = re.compile(_trie(words)) if words else re.compile(r"(?!)")
    return lambda texts: _matched(texts, pattern, name)


def _trie(words: set[str]) -> str:
    """One expression for many words, each of whose characters is looked at once; the longest word
    wins. ASCII words stand alone; Chinese ones may touch others."""
    root = _Node()
    for word in words:
        node = root
        for character in word:
            node = node.next.setdefault(character, _Node())
        node.ends = True
    before, after = r"(?<![A-Za-z0-9_](?=[A-Za-z0-9_]))", r"(?!(?<=[A-Za-z0-9_])[A-Za-z0-9_])"
    return before + _branch(root) + after


@dataclass(slots=True)
class _Node:
    """A beginning of words."""

    next: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    ends: bool = False


def _branch(node: _Node) -> str:
    ends = node.ends
    children = [re.escape(c) + _branch(child) for c, child in sorted(node.next.items())]
    if not children:
        return ""
    inner = children[0] if len(children) == 1 else f"(?:{'|'.join(children)})"
    return f"(?:{inner})?" if ends else f"(?:{inner})"
