"""Fields of a recipe file changed in place: every other byte stays, comments and layout too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.errors import Location, RecipeError
from accord.recipe.source import parse_yaml, resolve

Path = tuple[str, ...]
WIDTH = 100
STEP = 2
_PLAIN = re.compile(r"[A-Za-z_\u3400-\u9fff][\w./\-\u3400-\u9fff]*( [\w./\-\u3400-\u9fff]+)*")


_UNSEEN = re.compile(r"[^\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\uf900-\ufefe\uff00-\ufffd]")
"""Signs that YAML takes for the end of a line, or does not take at all."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a value stands in a text, in characters.

    Args:
        start, end: Of the value; an empty one has no length.
        column: Of the keys of a mapping in block style.
        kind: `scalar`, `block` or `flow`.
        last: End of the last thing in a mapping.
        children: Of a mapping.
        sequence: It is a list.
    """

    start: int
    end: int
    column: int
    kind: str
    last: int
    children: Mapping[str, _Span]
    sequence: bool = False


def amend(text: str, changes: Sequence[tuple[Path, Any]], order: Sequence[str], file: str) -> str:
    """The text of a recipe with fields set.

    Args:
        text: A YAML mapping.
        changes: Paths of fields and their values: scalars, lists and mappings of them.
        order: Sections in the order they are written in; a new one is put where it belongs.
        file: For errors.

    Raises:
        RecipeError: The file is written in a way that cannot be changed without changing more.
    """
    before = parse_yaml(text, file).plain() or {}
    wanted = before
    newline = "\r\n" if "\r\n" in text else "\n"
    written = text.replace("\r\n", "\n")
    for path, value in changes:
        wanted = _set(wanted, path, value)
        written = _written(written, path, value, order)
    if parse_yaml(written, file).plain() != wanted:
        raise RecipeError(
            "the recipe is written in a way that cannot be changed in place",
            code="recipe-unamended",
            location=Location(file),
            why="more than the fields meant would change",
            fix="put the patch in by hand: `accord diagnose` shows it",
        )
    return written.replace("\n", newline)


def _set(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    fields = dict(tree) if isinstance(tree, dict) else {}
    fields[path[0]] = _set(fields.get(path[0]), path[1:], value)
    return fields


def _written(text: str, path: Path, value: Any, order: Sequence[str]) -> str:
    span = _spans(text)
    depth = 0
    while depth < len(path) and path[depth] in span.children:
        span, depth = span.children[path[depth]], depth + 1
    rest = path[depth:]
    if not rest:
        return _replaced(text, span, value, depth)
    for name in reversed(rest):
        value = {name: value}
    if span.kind == "scalar" or span.sequence or (span.kind == "flow" and not span.children):
        return _replaced(text, span, value, depth)
    if span.kind == "flow":
        return f"{text[: span.last]}, {flow(value)[1:-1]}{text[span.last :]}"
    at = span.last
    if depth == 0 and span.children:
        at = _after(span, rest[0], order)
    lines = "".join(f"{line}\n" for line in block(value, span.column))
    # Sections that stand apart by an empty line stay so.
    apart = depth == 0 and text[text.find("\n", at) + 1 :].startswith("\n")
    return _inserted(text, at, f"\n{lines}" if apart else lines)


def _after(root: _Span, name: str, order: Sequence[str]) -> int:
    """The end of the section that a new one follows."""
    place = {section: i for i, section in enumerate(order)}
    before = [n for n in root.children if place.get(n, -1) < place.get(name, len(place))]
    ends = [root.children[n] for n in before]
    return max((max(span.last, span.end) for span in ends), default=root.last)


def _inserted(text: str, at: int, lines: str) -> str:
    """Whole lines after the line that holds `at`, or before it where it begins one."""
    if at and text[at - 1] == "\n":
        return text[:at] + lines + text[at:]
    stop = text.find("\n", at)
    if stop < 0:
        return f"{text}\n{lines}"
    return text[: stop + 1] + lines + text[stop + 1 :]


def _replaced(text: str, span: _Span, value: Any, depth: int) -> str:
    """Another value in the place of one that is there."""
    start = text.rfind("\n", 0, span.start) + 1
    above = len(text[start:]) - len(text[start:].lstrip(" "))
    if isinstance(value, dict) and span.kind != "flow" and value:
        # `key: value`, or `key:` alone: its lines follow below the key.
        key_start = text.rfind("\n", 0, span.start) + 1
        if span.kind == "block":
            key_start = text.rfind("\n", 0, key_start - 1) + 1
            above = len(text[key_start:]) - len(text[key_start:].lstrip(" "))
        head = text[: span.start].rstrip(" \n") if span.kind == "block" else text[: span.start]
        lines = "\n".join(block(value, above + STEP if depth else 0))
        return f"{head.rstrip(' ')}\n{lines}{_rest_of(text, span)}"
    told = flow(value)
    if span.kind == "block":
        head = text[: span.start].rstrip(" \n")
        return f"{head} {told}\n{text[span.end :].lstrip(' ')}"
    if span.start == span.end:
        told = f" {told}" if not text[: span.start].endswith(" ") else told
    return f"{text[: span.start]}{told}{text[span.end :]}"


def _rest_of(text: str, span: _Span) -> str:
    rest = text[span.end :]
    return rest if rest.startswith("\n") or not rest else f"\n{rest.lstrip(' ')}"


def _spans(text: str) -> _Span:
    """Where everything stands."""
    from ruamel.yaml import YAML

    events = [
        event
        for event in YAML(typ="safe", pure=True).parse(text)  # pyright: ignore[reportUnknownMemberType]
        if not type(event).__name__.startswith(("Stream", "Document"))
    ]
    if not events:
        return _Span(0, 0, 0, "block", len(text), {})
    return _span(events, [0])


def _span(events: list[Any], at: list[int]) -> _Span:
    event = events[at[0]]
    at[0] += 1
    name = type(event).__name__
    if name not in ("MappingStartEvent", "SequenceStartEvent"):
        place = event.start_mark.index, event.end_mark.index
        return _Span(*place, event.start_mark.column, "scalar", place[1], {})
    kind = "flow" if event.flow_style else "block"
    children: dict[str, _Span] = {}
    last = event.end_mark.index
    is_list = name == "SequenceStartEvent"
    while not type(events[at[0]]).__name__.endswith(("MappingEndEvent", "SequenceEndEvent")):
        key = None if is_list else events[at[0]]
        if key is not None:
            at[0] += 1
            last = key.end_mark.index
        child = _span(events, at)
        last = max(last, child.last if child.kind == "block" else child.end)
        if key is not None:
            children[str(key.value)] = child
    end = events[at[0]]
    at[0] += 1
    # A block ends where the next thing begins, comments between them included: its last value ends
    # it for us.
    stop = end.end_mark.index if kind == "flow" else last
    start = event.start_mark
    return _Span(start.index, stop, start.column, kind, last, children, is_list)


def block(value: Mapping[str, Any], indent: int) -> list[str]:
    """A mapping as lines of YAML in block style."""
    lines: list[str] = []
    pad = " " * indent
    for name, inner in value.items():
        key = flow(name)
        if isinstance(inner, dict) and inner:
            lines += [f"{pad}{key}:", *block(inner, indent + STEP)]
            continue
        one = f"{pad}{key}: {flow(inner)}"
        if isinstance(inner, list) and len(one) > WIDTH:
            lines += [f"{pad}{key}:", *(f"{pad}{' ' * STEP}- {flow(item)}" for item in inner)]
        else:
            lines.append(one)
    return lines


def flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        inner: Mapping[str, Any] = value
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in inner.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(resolve(value), str)
        return value if plain else _UNSEEN.sub(_escape, json.dumps(value, ensure_ascii=False))
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _escape(match: re.Match[str]) -> str:
    return f"\\U{ord(match[0]):08x}"


def _float(value: float) -> str:
    """As short as it is exact; a small one with its power of ten."""
    if value and abs(value) < 1e-2:
        short = f"{value:.1e}".replace("e-0", "e-")
        if float(short) == value:
            return short
    text = repr(value)
    mantissa, e, power = text.partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{power}" if e else text
