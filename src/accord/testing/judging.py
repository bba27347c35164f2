"""Contracts of scorers and sinks."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from accord.events import Log
from accord.metric.scorer import Scorer
from accord.testing.contract import Contract
from accord.testing.tiny import LABELS, tiny_columns


class ScorerContract(Contract):
    """Numbers or None with a reason; resampling agrees; rows can be written and read back.

    Override `problem`, or `columns` and `labels` for columns of your own objective.
    """

    problem: str = "single-label"

    def labels(self) -> list[str]:
        return LABELS[self.problem]

    def columns(self) -> Mapping[str, np.ndarray[Any, Any]]:
        return tiny_columns(self.problem)

    def scorer(self) -> Scorer:
        return self.part(self.spec(), labels=self.labels(), bins=5)

    def _count(self) -> int:
        return len(next(iter(self.columns().values())))

    def test_metrics_are_numbers_or_explained(self) -> None:
        found = self.scorer().scores(self.columns())
        assert found.metrics
        for name, value in found.metrics.items():
            assert math.isfinite(value) if value is not None else name in found.undefined, name

    def test_resampling_with_every_row_once_gives_the_metrics(self) -> None:
        scorer, columns = self.scorer(), self.columns()
        metrics = scorer.scores(columns).metrics
        for name, values in scorer.resampled(columns)(np.ones((self._count(), 2))).items():
            assert values.shape == (2,), name
            metric = metrics[name]
            if metric is not None:
                np.testing.assert_allclose(values, metric, rtol=1e-6, atol=1e-9)

    def test_the_order_of_rows_does_not_matter(self) -> None:
        columns = self.columns()
        order = np.random.default_rng(0).permutation(self._count())
        first = self.scorer().scores(columns).metrics
        mixed = self.scorer().scores({n: v[order] for n, v in columns.items()}).metrics
        _same(first, mixed)

    def test_rows_are_restored(self) -> None:
        scorer, columns = self.scorer(), self.columns()
        rows = scorer.rows(columns)
        assert "loss" in rows
        assert {len(values) for values in rows.values()} == {self._count()}
        lists = {name: np.asarray(v).tolist() if _plain(v) else list(v) for name, v in rows.items()}
        again = scorer.scores(scorer.restored(lists)).metrics
        _same(scorer.scores(columns).metrics, again)

    def test_one_row_can_be_scored(self) -> None:
        one = {name: values[:1] for name, values in self.columns().items()}
        assert self.scorer().scores(one).metrics

    def test_curves_are_short_json(self) -> None:
        curves = self.scorer().curves(self.columns())
        assert json.loads(json.dumps(curves)) == curves
        assert _longest(curves) <= 200


class SinkContract(Contract):
    """Hears every event without failing, what it does not know included."""

    def test_it_hears_a_whole_run(self, tmp_path: Path) -> None:
        for status in ("interrupted", "complete"):
            log = Log(None, [self.part(self.spec(), tmp_path)])
            log.emit("start", accord="1", task="text-classification", resume=False)
            log.emit("stage", stage="model", state="run", identity="0" * 64)
            log.emit("step", **_step(1))
            log.emit("step", **{**_step(2), "loss": math.nan, "grad_norm": math.inf})
            log.emit("evaluate", step=2, epoch=1.0, metrics={"f1": 0.5, "roc_auc": None})
            log.emit("bad_step", step=2, reason="loss")
            log.emit("something-new", value=[1, 2])
            log.emit("end", status=status)
            log.close()
            assert log.sinks, "it failed and was left out"

    def test_a_run_may_end_before_it_began(self, tmp_path: Path) -> None:
        log = Log(None, [self.part(self.spec(), tmp_path)])
        log.emit("end", status="failed")
        assert log.sinks, "it failed and was left out"


def _step(step: int) -> dict[str, Any]:
    return {
        "step": step,
        "steps": 2,
        "epoch": step / 2,
        "loss": 1.0 / step,
        "learning_rate": 1e-3,
        "grad_norm": 1.0,
        "tokens_per_second": 100.0,
        "samples_per_second": 10.0,
        "memory_bytes": 1024,
        "eta_seconds": 0.0,
    }


def _plain(values: Any) -> bool:
    return isinstance(values, np.ndarray)


def _same(first: Mapping[str, float | None], second: Mapping[str, float | None]) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        other = second[name]
        if value is None or other is None:
            assert value is other, name
        else:
            np.testing.assert_allclose(other, value, rtol=1e-5, atol=1e-7, err_msg=name)


def _longest(value: Any) -> int:
    if isinstance(value, Mapping):
        return max((_longest(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), *(_longest(inner) for inner in value)) if value else 0
    return 0
