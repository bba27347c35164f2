"""The step of `clean.labels:`: every training row's label beside what is predicted for it by a
predictor that has not seen it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.account import Account
from accord.data.aside import aside
from accord.data.mislabelled.confident import wrong_labels
from accord.data.mislabelled.crossed import crossed
from accord.data.mislabelled.features import EmbeddedRows, Gathered, TableRows
from accord.data.mislabelled.folds import assign_folds
from accord.data.source import Block
from accord.data.split import quantile_codes
from accord.data.step import Preparing
from accord.data.vectors import RowVectors
from accord.data.weights import weighed
from accord.errors import DataError, RecipeError
from accord.part import find
from accord.recipe.labels import Labels
from accord.recipe.task import TASKS

STEP = "labels"
EXAMPLES = 20
NORMAL = 0.6744897501960817


@dataclass(frozen=True, slots=True)
class _Judged:
    """Args: `wrong` [n]; `better`, the label each row should have, [n] ids or numbers; `doubt`, how
    far the given one is from it, [n]."""

    wrong: npt.NDArray[np.bool_]
    better: npt.NDArray[Any]
    doubt: npt.NDArray[np.float64]


class Relabelling:
    """Finds and handles labels that are probably wrong.

    Memory: the features of all training rows, 8 bytes a number.

    Args:
        spec: The section `clean.labels`.
        setting: The run.
        vectors: Of texts and images; shared with other steps.
    """

    surveys = True

    def __init__(self, spec: Labels, setting: Preparing, vectors: RowVectors) -> None:
        if setting.problem == "multi-label":
            raise _several(setting.problem)
        data = setting.recipe.data
        self.spec, self.label, self.names = spec, str(data.label), setting.labels
        self.seed, self.private = data.seed, setting.recipe.protect.active
        self.group = data.group
        table = TASKS[setting.recipe.task].modality == "table"
        self.seen: Gathered | None = TableRows(data) if table else EmbeddedRows(vectors)
        self.places = self.seen.places
        self.regression = setting.problem == "regression"
        self._labels: list[Any] = []
        self._groups: list[str] = []
        self._where: list[tuple[str, int]] = []
        self._judged = _Judged(np.zeros(0, bool), np.zeros(0), np.zeros(0))
        self._told: dict[str, Any] = {}

    def survey(self, block: Block) -> None:
        assert self.seen is not None
        self.seen.add(block)
        self._labels += block.batch[self.label].to_pylist()
        self._where += [(block.asset, int(row)) for row in block.rows]
        if self.group is not None:
            self._groups += block.batch[self.group].to_pylist()

    def settle(self) -> None:
        """Judge the labels.

        Raises:
            DataError: There are fewer rows than folds.
        """
        if len(self._labels) < 2 * self.spec.folds:
            raise _few(len(self._labels), self.spec.folds)
        targets = self._targets()
        codes = quantile_codes(targets) if self.regression else targets
        groups = np.unique(self._groups, return_inverse=True)[1] if self._groups else None
        folds = assign_folds(codes, self.spec.folds, self.seed, groups)
        part = find("label-model", self.spec.by.kind)
        classes = 0 if self.regression else len(self.names)
        assert self.seen is not None
        found = crossed(
            self.seen.features(), targets, classes, folds,
            lambda examples: part(self.spec.by, examples, self.seed),
        )  # fmt: skip
        self._judged = (
            self._by_number(targets, found) if self.regression else self._by_class(targets, found)
        )
        self._told = self._listed(targets)
        self.seen, self._where, self._labels = None, [], []

    def apply(self, block: Block, account: Account) -> Block:
        account.told[STEP] = self._told
        at = self.places.of(block)
        due = self._judged.wrong[at]
        if self.spec.handle in ("remove", "quarantine"):
            if self.spec.handle == "quarantine":
                account.aside += aside(block.keep(due), "label: probably wrong")
            account.removed[STEP, "probably-wrong"] += int(due.sum())
            return block.keep(~due)
        account.changed[STEP, "probably-wrong"] += int(due.sum())
        if self.spec.handle == "weight":
            return weighed(block, np.where(due, self.spec.weight, 1.0))
        better = [self._named(value) for value in self._judged.better[at]]
        given = block.batch[self.label].to_pylist()
        mixed = [b if d else g for g, b, d in zip(given, better, due.tolist(), strict=True)]
        place = block.batch.schema.get_field_index(self.label)
        column = pa.array(mixed, block.batch[self.label].type)
        return replace(block, batch=block.batch.set_column(place, self.label, column))

    def _targets(self) -> npt.NDArray[Any]:
        if self.regression:
            return np.array(self._labels, dtype=np.float64)
        ids = {name: i for i, name in enumerate(self.names)}
        return np.array([ids[name] for name in self._labels], dtype=np.int64)

    def _by_class(self, given: npt.NDArray[np.int64], chances: npt.NDArray[np.float64]) -> _Judged:
        own = chances[np.arange(len(given)), given]
        wrong = wrong_labels(given, chances, self.spec.rule)
        return _Judged(wrong, chances.argmax(axis=1), chances.max(axis=1) - own)

    def _by_number(
        self, given: npt.NDArray[np.float64], predicted: npt.NDArray[np.float64]
    ) -> _Judged:
        """A residual of more than `threshold` deviations, the deviation by the median, which wrong
        numbers cannot move."""
        away = given - predicted
        away = np.abs(away - np.median(away))
        scale = float(np.median(away)) / NORMAL
        doubt = away / scale if scale > 0 else np.zeros(len(away))
        return _Judged(doubt > self.spec.threshold, predicted, doubt)

    def _named(self, value: Any) -> str | float:
        return float(value) if self.regression else self.names[int(value)]

    def _listed(self, targets: npt.NDArray[Any]) -> dict[str, Any]:
        """Counts of each (given, better) pair, and the rows of most doubt; no words of any row."""
        judged = self._judged
        rows = np.flatnonzero(judged.wrong)
        shown = rows[np.argsort(-judged.doubt[rows], kind="stable")[:EXAMPLES]].tolist()
        told: dict[str, Any] = {"rows": len(rows), "share": round(len(rows) / len(targets), 4)}
        named = [
            (self._named(targets[row]), self._named(judged.better[row])) for row in rows.tolist()
        ]
        if not self.regression:
            pairs = Counter(named).most_common(EXAMPLES)
            told["pairs"] = [
                {"given": given, "better": better, "rows": count}
                for (given, better), count in pairs
            ]
        # A number may be what is protected; a class is listed anyhow.
        silent = self.regression and self.private
        names = dict(zip(rows.tolist(), named, strict=True))
        told["examples"] = [
            {"asset": self._where[row][0], "row": self._where[row][1]}
            | ({} if silent else dict(zip(("given", "better"), names[row], strict=True)))
            | {"doubt": round(float(judged.doubt[row]), 3)}
            for row in shown
        ]
        return told


def _several(problem: str) -> RecipeError:
    return RecipeError(
        "`clean.labels` has no meaning for rows with several labels",
        code="recipe-conflict",
        path="clean.labels",
        got=problem,
        expected="one label a row, or a number",
        fix="remove `clean.labels`",
    )


def _few(rows: int, folds: int) -> DataError:
    return DataError(
        "there are too few training rows to judge their labels",
        code="labels-few",
        path="clean.labels.folds",
        got=rows,
        expected=f"{2 * folds} or more for {folds} folds",
        fix="take fewer folds, or remove `clean.labels`",
    )
