"""Clean rows: the columns a task needs, in one Arrow type each, bad rows put aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accord.agreement.permit import Permit, Role
from accord.data.reject import Rejects
from accord.data.source import Block
from accord.recipe.data import Data
from accord.recipe.task import Task


def read_rows(
    permit: Permit,
    role: Role,
    data: Data,
    task: Task,
    *,
    rejects: Rejects,
    extra: Sequence[str] = (),
) -> Iterator[Block]:
    """Stream the usable rows of a role.

    Columns of each block keep the names of the data; their types depend on their use only:
    text, text_pair, prompt, completion: string, not blank (prompt may be empty).
    tokens: list<string>, not empty. messages: list<struct<role: string, content: string>>.
    image: binary, a file that Pillow decodes. numeric: float64, NaN where missing.
    categorical, group and `extra`: string, null where missing (group: never null).
    label: string (single-label); list<string> (token-classification, `label_separator`, list
    columns); float64, finite (table-regression); several columns: int8 of 0 and 1 each.
    Numbers as class labels become their shortest text (`1`, not `1.0`).

    Args:
        extra: Further columns to keep, such as `evaluate.slices`.
        rejects: Receives every bad row once a pass; a second pass rejects the same rows.

    Raises:
        DataError: A column is missing or of a type that cannot be used; a bad row under `fail`.
    """
    raise NotImplementedError
