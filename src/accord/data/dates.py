"""Columns of dates that a recipe does not name, found by a look at the first rows."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa

from accord.data.read import open_source
from accord.data.survey import ROLES
from accord.permit import Permit, Role
from accord.recipe.tree import Recipe

FIRST = 200
"""Rows that are looked at."""
SHARE = 0.95
"""Of them that must be dates, where anything is said."""
MOST = 2
"""Columns."""


def date_columns(recipe: Recipe, permit: Permit) -> tuple[str, ...]:
    """Columns of dates in every file of the rows, beside those that the recipe uses."""
    data = recipe.data
    used = {data.text, data.text_pair, data.group, *data.numeric, *data.categorical}
    found: list[str] | None = None
    for role in ROLES:
        if permit.sources(role):
            own = _of_role(permit, role, recipe)
            found = own if found is None else [name for name in found if name in own]
    return tuple(name for name in found or () if name not in used)[:MOST]


def _of_role(permit: Permit, role: Role, recipe: Recipe) -> list[str]:
    blocks = open_source(permit, role, recipe.data.format, sink=lambda reject: None)
    block = next(iter(blocks), None)
    if block is None:
        return []
    first = block.batch.slice(0, FIRST)
    return [n for n, c in zip(first.schema.names, first.columns, strict=True) if _dates(c)]


def _dates(column: pa.Array) -> bool:
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return True
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return False
    said = [text for text in column.to_pylist() if text]
    return bool(said) and sum(day(text) is not None for text in said) >= SHARE * len(said)


def day(text: str | None) -> date | None:
    """The day that a text names in ISO 8601; None of any other."""
    if not text or len(text) < len("2026-11-24") or not text[:4].isdigit() or text[4] != "-":
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
