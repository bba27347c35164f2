"""Conversations and the tools they may call: any layout in, JSON text out.

Arrow would give every message the fields of all others; JSON text keeps each as it was written.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

Wrong = dict[int, tuple[str, str]]
CALLS = ("tool_calls", "function_call")
"""Fields that a message may have instead of content."""


def messages(column: pa.Array, name: str, file: str) -> tuple[pa.Array, Wrong]:
    """Lists of messages with all their fields; see `accord.data.clean.Cleaner`."""
    wrong: Wrong = {}
    texts: list[str] = []
    for at, turns in enumerate(_values(column)):
        if not isinstance(turns, list) or not all(_is_message(turn) for turn in turns):
            wrong[at] = ("invalid-messages", "no list of {role, content}, both text")
            turns = []
        elif not any(turn["role"] == "assistant" for turn in turns):
            wrong[at] = ("no-assistant", "no turn of the assistant to learn from")
        texts.append(json.dumps(turns, ensure_ascii=False))
    return pa.array(texts, pa.string()), wrong


def tools(column: pa.Array, name: str, file: str) -> tuple[pa.Array, Wrong]:
    """Lists of tool descriptions; null where a conversation has none."""
    wrong: Wrong = {}
    texts: list[str | None] = []
    for at, found in enumerate(_values(column)):
        if found is not None and not _are_tools(found):
            wrong[at] = ("invalid-tools", "no list of tool descriptions")
            found = None
        texts.append(None if found is None else json.dumps(found, ensure_ascii=False))
    return pa.array(texts, pa.string()), wrong


def said(text: str) -> str:
    """What a clean conversation says, for comparing it with others."""
    turns = json.loads(text)
    calls = ((turn.get(name) for name in CALLS) for turn in turns)
    rest = (" ".join(json.dumps(call) for call in found if call) for found in calls)
    words = (turn.get("content") or "" for turn in turns)
    return " ".join(part for pair in zip(words, rest, strict=True) for part in pair if part)


def _values(column: pa.Array) -> list[Any]:
    """Parsed values. In structures, a null stands for a field that the row does not have."""
    found = column.to_pylist()
    texts = not pa.types.is_nested(column.type)
    return [_parsed(value) if texts else _without_nulls(value) for value in found]


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else None
    except (ValueError, RecursionError):
        return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    # An assistant that only calls tools has written the content null.
    return {
        key: _without_nulls(item)
        for key, item in value.items()
        if item is not None or (key == "content" and "role" in value)
    }


def _is_message(turn: Any) -> bool:
    if not isinstance(turn, dict) or not isinstance(turn.get("role"), str):
        return False
    content = turn.get("content")
    return isinstance(content, str) or (content is None and any(turn.get(n) for n in CALLS))


def _are_tools(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(tool, dict) for tool in found)
