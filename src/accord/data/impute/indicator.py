"""Columns that say which numbers were missing before they were filled in."""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = "accord:missing:"


def indicator(column: str) -> str:
    """The column that says where another one had gaps."""
    return PREFIX + column


def indicators(columns: Iterable[str]) -> list[str]:
    """Those among columns."""
    return [name for name in columns if name.startswith(PREFIX)]
