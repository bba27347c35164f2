"""The row step of `protect:`: every column of text that the task reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.account import Account
from accord.data.protect.deidentify import Deidentifier, Protected
from accord.data.protect.texts import TEXTS
from accord.data.source import Block
from accord.errors import DataError
from accord.recipe.data import Data
from accord.recipe.protect import Protect

STEP = "protect"
NOTHING = "nothing-left"


class Protection:
    """De-identifies the rows of a block.

    Args:
        spec: The section `protect`.
        data: Names the columns.
        base: Folder that relative paths start from.
    """

    def __init__(self, spec: Protect, data: Data, base: Path) -> None:
        self.spec, self.data = spec, data
        self.deidentify = Deidentifier(spec, base)

    def __call__(self, block: Block, account: Account) -> Block:
        """The block with its identifiers acted on; rows under `drop` are left out."""
        batch, why = block.batch, np.full(len(block.rows), "", dtype=object)
        held: dict[str, np.ndarray] = {}
        for name in self._columns(batch):
            if name in self.spec.values:
                kind = self.spec.values[name]
                _require_text(name, batch[name])
                there = np.array([bool(text) for text in batch[name].to_pylist()], dtype=bool)
                column = self.deidentify.whole(batch[name], kind)
                mine = {kind: there}
                own = np.where(there & (self.deidentify.action(kind) == "drop"), kind, "")
            else:
                column, found = self._searched(name, batch[name])
                mine, own = found.held, found.why
            for kind, rows in mine.items():
                held[kind] = rows | held.get(kind, False)
            why = np.where(why == "", own, why)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
        why[self._emptied(batch) & (why == "")] = NOTHING
        for reason in (NOTHING, *held):
            account.removed[STEP, reason] += int((why == reason).sum())
        kept = why == ""
        account.change(STEP, {kind: rows & kept for kind, rows in held.items()})
        return replace(block, batch=batch).keep(kept)

    def _columns(self, batch: pa.RecordBatch) -> list[str]:
        """Columns that are searched or replaced, in the order of the data."""
        named = {getattr(self.data, field) for field in TEXTS}
        wanted = set(self.spec.columns) or {name for name in named if name is not None}
        wanted |= set(self.spec.values)
        return [name for name in batch.schema.names if name in wanted]

    def _emptied(self, batch: pa.RecordBatch) -> np.ndarray:
        """Rows in which a text that must not be blank is."""
        empty = np.zeros(batch.num_rows, dtype=bool)
        for name in (self.data.text, self.data.text_pair, self.data.completion):
            if name in batch.schema.names and pa.types.is_string(batch[name].type):
                bare = pc.call_function("utf8_trim_whitespace", [batch[name].fill_null("")])
                size = pc.call_function("binary_length", [bare])
                empty |= size.to_numpy(zero_copy_only=False) == 0
        return empty

    def _searched(self, name: str, column: pa.Array) -> tuple[pa.Array, Protected]:
        if name == self.data.messages:
            return _conversations(column, self.deidentify)
        if pa.types.is_list(column.type):
            return words_protected(column, self.deidentify)
        found = self.deidentify(column)
        return found.texts, found


def _require_text(name: str, column: pa.Array) -> None:
    if not pa.types.is_string(column.type):
        raise DataError(
            f"the column {name!r} holds no text",
            code="column-type",
            path=f"protect.values.{name}",
            got=str(column.type),
            expected="text",
            fix="name another column, or leave this one out of what is learned from",
        )


Deidentify = Callable[[pa.StringArray], Protected]


def _conversations(column: pa.StringArray, deidentify: Deidentify) -> tuple[pa.Array, Protected]:
    """Conversations as JSON: every text in them, at whatever depth, but not the names of fields."""
    values = [None if text is None else json.loads(text) for text in column.to_pylist()]
    texts: list[str] = []
    owners: list[int] = []
    for row, value in enumerate(values):
        _collect(value, texts)
        owners += [row] * (len(texts) - len(owners))
    found = deidentify(pa.array(texts, pa.string()))
    new = iter(found.texts.to_pylist())
    written = [
        None if value is None else json.dumps(_written(value, new), ensure_ascii=False)
        for value in values
    ]
    return pa.array(written, pa.string()), _by_owner(found, owners, len(column))


def _collect(value: Any, texts: list[str]) -> None:
    """Every text of a value, in order; roles are no text."""
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, list):
        for item in value:
            _collect(item, texts)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "role":
                _collect(item, texts)


def _written(value: Any, new: Any) -> Any:
    if isinstance(value, str):
        return next(new)
    if isinstance(value, list):
        return [_written(item, new) for item in value]
    if isinstance(value, dict):
        return {k: item if k == "role" else _written(item, new) for k, item in value.items()}
    return value


def words_protected(column: pa.ListArray, deidentify: Deidentify) -> tuple[pa.Array, Protected]:
    """Lists of words: as many as before, so that every word keeps its tag.

    The first word of an identifier holds what replaces it, the others the mask's last word.
    """
    rows: list[list[str]] = column.to_pylist()
    texts = pa.array([" ".join(words) for words in rows], pa.string())
    found = deidentify(texts)
    new = [
        _aligned(words, text) if due else words
        for words, text, due in zip(
            rows, found.texts.to_pylist(), found.changed.tolist(), strict=True
        )
    ]
    return pa.array(new, pa.list_(pa.string())), found


def _aligned(words: list[str], text: str) -> list[str]:
    """The words of a changed text, in the places of those they replace."""
    import difflib

    fresh = text.split(" ")
    out: list[str] = []
    matcher = difflib.SequenceMatcher(None, words, fresh, autojunk=False)
    for kind, low, high, start, end in matcher.get_opcodes():
        if kind == "equal":
            out += words[low:high]
        elif kind != "insert":
            count, given = high - low, [word for word in fresh[start:end] if word] or ["[REMOVED]"]
            head = given[: count - 1] if len(given) >= count else given
            rest = " ".join(given[count - 1 :]) if len(given) >= count else given[-1]
            out += [*head, *[rest] * (count - len(head))]
    return out


def _by_owner(found: Protected, owners: list[int], rows: int) -> Protected:
    """What was found in parts of rows, told of the rows."""
    why = np.full(rows, "", dtype=object)
    of = np.array(owners, dtype=np.int64)
    held = {kind: np.bincount(of[parts], minlength=rows) > 0 for kind, parts in found.held.items()}
    why[of[found.dropped][::-1]] = found.why[found.dropped][::-1]  # the first of a row stays
    return Protected(found.texts, held, why)
