"""The step of `clean.decontaminate:`: training rows that hold text of what a model is examined
with are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.contamination.index import Examined
from accord.data.leakage import contents
from accord.data.read import open_source
from accord.data.source import Block
from accord.data.step import Preparing
from accord.errors import DataError
from accord.permit import Permit
from accord.recipe.contamination import Decontaminate
from accord.recipe.names import nearest
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

STEP = "decontaminate"
EXAMPLES = 10
Place = tuple[str, int]


class Decontamination:
    """Leaves out training rows that share a run of words with a held-out row or a benchmark.

    The cost grows linearly with the rows on both sides.

    Args:
        spec: The section `clean.decontaminate`.
        setting: The run.
    """

    surveys = True

    def __init__(self, spec: Decontaminate, setting: Preparing) -> None:
        self.spec, self.data = spec, setting.recipe.data
        self.task = TASKS[setting.recipe.task]
        self._setting: Preparing | None = setting
        self._index: Examined | None = None
        self._places: list[Place] = []
        self._gone: dict[Place, str] = {}
        self._told: dict[str, Any] = {}

    def survey(self, block: Block) -> None:
        found = self._ready().held_by(self._texts(block.batch))
        for row, text in zip(block.rows.tolist(), found.tolist(), strict=True):
            if text >= 0:
                self._leave_out((block.asset, row), self._places[text])

    def settle(self) -> None:
        """Let go of everything but the rows that are left out: it goes to other processes."""
        self._told = {"texts": self._ready().texts, "examples": self._told.get("examples", [])}
        self._setting, self._index, self._places = None, None, []

    def apply(self, block: Block, account: Account) -> Block:
        account.told[STEP] = self._told
        reasons = [self._gone.get((block.asset, row)) for row in block.rows.tolist()]
        for reason in reasons:
            if reason is not None:
                account.removed[STEP, reason] += 1
        return block.keep(np.array([reason is None for reason in reasons]))

    def _ready(self) -> Examined:
        """What rows are compared with, read on the first call."""
        if self._index is not None:
            return self._index
        spec, setting = self.spec, self._setting
        assert setting is not None
        self._index = Examined(spec.ngram, min(spec.least, spec.ngram), spec.share)
        for block in setting.held_out() if spec.held_out else ():
            self._take(block, self._texts(block.batch))
        for block in self._benchmarks(setting.permit):
            self._take(block, self._texts_of(block))
        self._index.settle()
        return self._index

    def _benchmarks(self, permit: Permit) -> Iterator[Block]:
        if not self.data.benchmarks:
            return iter(())
        return open_source(permit, "benchmark", sink=lambda reject: None)

    def _take(self, block: Block, texts: list[str]) -> None:
        assert self._index is not None
        self._index.add(texts)
        self._places += [(block.asset, int(row)) for row in block.rows]

    def _texts(self, batch: pa.RecordBatch) -> list[str]:
        """What each row says: every column of text that the task reads."""
        found = contents(batch, self.data, self.task)
        return [str(text).replace("\x1f", "\n") for text in found]

    def _texts_of(self, block: Block) -> list[str]:
        """What each row of a benchmark says: the named columns, or all of text."""
        _require(self.spec.columns, block)
        names = self.spec.columns or [
            field.name
            for field in block.batch.schema
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        columns = [block.batch[name].to_pylist() for name in names]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(block.rows))
        return ["\n".join(str(value) for value in row if value is not None) for row in rows]

    def _leave_out(self, row: Place, held: Place) -> None:
        self._gone[row] = f"holds text of {held[0]}"
        shown: list[dict[str, Any]] = self._told.setdefault("examples", [])
        if len(shown) < EXAMPLES:
            holds = {"asset": held[0], "row": held[1]}
            shown.append({"asset": row[0], "row": row[1], "holds": holds})


def look_at_benchmarks(recipe: Recipe, permit: Permit) -> None:
    """Refuse columns that the first benchmark does not have, before anything is trained.

    Raises:
        DataError: Names the column.
    """
    spec = recipe.clean.decontaminate
    if spec is not None and spec.columns and recipe.data.benchmarks:
        for block in open_source(permit, "benchmark", sink=lambda reject: None):
            _require(spec.columns, block)
            return


def _require(names: tuple[str, ...], block: Block) -> None:
    there = tuple(block.batch.schema.names)
    for name in names:
        if name not in there:
            near = nearest(name, there)
            raise DataError(
                f"the benchmark has no column {name!r}",
                code="column-missing",
                path="clean.decontaminate.columns",
                got=block.file,
                expected=", ".join(there),
                fix=f"did you mean {near!r}?"
                if near
                else "name one of these, or none to look at all columns of text",
            )
