"""The steps of `clean.text` (every split) and `clean.filter` (training rows)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.source import Block
from accord.data.text.quality import fault
from accord.data.text.tidy import tidied
from accord.recipe.data import Data
from accord.recipe.text import Filter, Tidy

FIELDS = ("text", "text_pair", "prompt", "completion")
"""Fields of `data:` that name columns of one text each."""


def text_columns(data: Data, batch: pa.RecordBatch) -> list[str]:
    """Columns of text that a task reads, of those the batch has."""
    named = {getattr(data, field) for field in FIELDS}
    return [name for name in batch.schema.names if name in named]


class Tidying:
    """Tidies the texts of a block; a row left without a text that it needs is left out.

    Args:
        spec: The section `clean.text`.
        data: Names the columns.
    """

    def __init__(self, spec: Tidy, data: Data) -> None:
        self.spec, self.data = spec, data

    def __call__(self, block: Block, account: Account) -> Block:
        batch = block.batch
        changed, empty = np.zeros(len(block.rows), bool), np.zeros(len(block.rows), bool)
        for name in text_columns(self.data, batch):
            before = batch[name].to_pylist()
            after = [None if text is None else tidied(text, self.spec) for text in before]
            changed |= np.array([a != b for a, b in zip(after, before, strict=True)])
            if name != self.data.prompt:
                empty |= np.array([not text for text in after])
            place = batch.schema.get_field_index(name)
            batch = batch.set_column(place, name, pa.array(after, batch[name].type))
        account.changed["text", "tidied"] += int((changed & ~empty).sum())
        account.removed["text", "nothing-left"] += int(empty.sum())
        return replace(block, batch=batch).keep(~empty)


class Filtering:
    """Leaves out training rows whose text teaches nothing.

    Args:
        spec: The section `clean.filter`.
        data: Names the columns.
    """

    surveys = False

    def __init__(self, spec: Filter, data: Data) -> None:
        self.spec, self.data = spec, data

    def survey(self, block: Block) -> None:
        return None

    def settle(self) -> None:
        return None

    def apply(self, block: Block, account: Account) -> Block:
        columns = [block.batch[name].to_pylist() for name in text_columns(self.data, block.batch)]
        keep = np.ones(len(block.rows), dtype=bool)
        for row, texts in enumerate(zip(*columns, strict=True)):
            reason = fault("\n".join(text for text in texts if text), self.spec)
            if reason is not None:
                account.removed["filter", reason] += 1
                keep[row] = False
        return block.keep(keep)
