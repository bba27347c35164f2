"""Your own kinds of identifier: regular expressions, and lists of words."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import regex

from accord.data.protect.spans import Spans, characters
from accord.errors import RecipeError

SECONDS = 10.0
"""What an expression may take for a block of texts, and for each MB of it."""
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Expression:
    """Finds what a regular expression matches.

    Args:
        name: The kind of what it finds.
        pattern: Compiled by the package `regex`, which can be told to stop.
    """

    name: str
    pattern: Any

    def __call__(self, texts: pa.StringArray) -> Spans:
        """Spans of the kind `name`.

        Raises:
            RecipeError: The expression takes forever on one of the texts.
        """
        rows: list[str | None] = texts.to_pylist()
        left = SECONDS * (1 + sum(len(text or "") for text in rows) / _MB)
        found: list[tuple[int, int, int, str]] = []
        for row, text in enumerate(rows):
            if not text:
                continue
            began = time.perf_counter()
            try:
                matches = list(self.pattern.finditer(text, timeout=left))
            except TimeoutError:
                raise _slow(self.name, self.pattern.pattern) from None
            left = max(0.01, left - (time.perf_counter() - began))
            found += [(row, *match.span(), self.name) for match in matches if match.group()]
        return characters(rows, found)


def expression(name: str, text: str) -> Expression:
    """What finds the kind `protect.patterns` describes.

    Raises:
        RecipeError: This is no regular expression, or it matches nothing at all.
    """
    try:
        pattern = regex.compile(text)
    except regex.error as error:
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
    return Expression(name, pattern)


def _slow(name: str, text: str) -> RecipeError:
    return RecipeError(
        "this regular expression takes too long on a text",
        code="pattern-slow",
        path=f"protect.patterns.{name}",
        got=text,
        expected=f"at most {SECONDS:.0f} seconds for a block of rows, and as many for each MB",
        why="a repetition within a repetition, as in `(a+)+`, is tried in every way there is",
        fix="repeat once, make the parts exclude each other, or make them possessive: `(?:a++)`",
    )


def listed(name: str, path: Path) -> Expression:
    """What finds the words of a file.

    Raises:
        RecipeError: It cannot be read.
    """
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
    return Expression(name, regex.compile(_trie(words) if words else r"(?!)"))


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
    children = [regex.escape(c) + _branch(child) for c, child in sorted(node.next.items())]
    if not children:
        return ""
    inner = children[0] if len(children) == 1 else f"(?:{'|'.join(children)})"
    return f"(?:{inner})?" if ends else f"(?:{inner})"
