"""What the sinks write is read back with the tools it is meant for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accord.events import Log
from accord.part import find

STEP = {
    "steps": 2,
    "epoch": 0.5,
    "learning_rate": 1e-3,
    "grad_norm": 2.0,
    "tokens_per_second": 10.0,
    "samples_per_second": 1.0,
    "memory_bytes": 5,
    "eta_seconds": 1.0,
}


def _emit(run: Path, kind: str, status: str = "complete", steps: tuple[int, ...] = (1, 2)) -> None:
    part = find("sink", kind)
    log = Log(None, [part(part.spec(kind=kind), run)])
    log.emit("start", task="text-classification", accord="1")
    for step in steps:
        log.emit("step", step=step, loss=1.0 / step, **STEP)
    log.emit("evaluate", step=steps[-1], epoch=1.0, metrics={"f1": 0.75, "roc_auc": None})
    log.emit("bad_step", step=steps[-1], reason="nan")
    log.emit("end", status=status)


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    _emit(tmp_path, "tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(tmp_path / "tensorboard"))
    read.Reload()
    assert [(e.step, e.value) for e in read.Scalars("train/loss")] == [(1, 1.0), (2, 0.5)]
    assert [(e.step, e.value) for e in read.Scalars("validation/f1")] == [(2, 0.75)]
    assert "validation/roc_auc" not in read.Tags()["scalars"]


def _runs(folder: Path) -> list[Any]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(folder.resolve().as_uri())
    experiment = client.get_experiment_by_name("accord")
    assert experiment is not None
    return client.search_runs([experiment.experiment_id])


def test_mlflow_reads_what_was_written(tmp_path: Path) -> None:
    _emit(tmp_path, "mlflow")
    (run,) = _runs(tmp_path / "mlflow")
    assert run.data.metrics["train/loss"] == 0.5
    assert run.data.metrics["validation/f1"] == 0.75
    assert (run.info.status, run.info.run_name) == ("FINISHED", tmp_path.name)
    assert run.data.tags["accord.task"] == "text-classification"


def test_a_resumed_run_goes_on_in_its_mlflow_run(tmp_path: Path) -> None:
    _emit(tmp_path, "mlflow", "interrupted", (1,))
    assert [run.info.status for run in _runs(tmp_path / "mlflow")] == ["KILLED"]
    _emit(tmp_path, "mlflow", "failed", (2, 3))
    (run,) = _runs(tmp_path / "mlflow")
    assert run.info.status == "FAILED"
    assert run.data.metrics["train/loss"] == pytest.approx(1 / 3)


def test_mlflow_tells_its_makers_nothing(tmp_path: Path) -> None:
    _emit(tmp_path, "mlflow")
    from mlflow.telemetry.utils import is_telemetry_disabled

    assert is_telemetry_disabled()
