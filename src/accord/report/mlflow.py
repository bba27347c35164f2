"""The MLflow sink: one MLflow run a run directory, kept beside it unless a server is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from accord.events import Sink
from accord.part import Spec, part, require
from accord.report.tensorboard import scalars

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

STATUS = {"complete": "FINISHED", "interrupted": "KILLED"}


class Mlflow(Spec):
    """Metrics in an MLflow tracking store. Nothing is sent to MLflow's makers."""

    kind: Literal["mlflow"] = "mlflow"
    uri: str | None = None
    """Tracking store; by default the folder `<run>/mlflow`."""
    experiment: str = "accord"
    """Name of the experiment; made if there is none."""


@part("sink", Mlflow)
def mlflow(spec: Mlflow, run: Path) -> Sink:
    """A resumed run goes on in the MLflow run it began. The store is first spoken to by an event.

    Raises:
        MissingExtra: The package is not installed.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when MLflow is imported
    # A server that does not answer holds training up once, for a minute at most.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
    if spec.uri is None:
        # MLflow would rather have a database, which its small package cannot open.
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    require("mlflow", "mlflow", "the MLflow sink")
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    @cache
    def begun() -> tuple[MlflowClient, str]:
        client = MlflowClient(spec.uri or (run / "mlflow").resolve().as_uri())
        return client, _run_id(client, spec, run)

    def listen(event: Mapping[str, Any]) -> None:
        client, number = begun()
        moment = int(event["time"] * 1000)
        found = [Metric(name, value, moment, event["step"]) for name, value in scalars(event)]
        if found:
            client.log_batch(number, metrics=found)
        if event["event"] == "start":
            for name in ("task", "accord"):
                if name in event:
                    client.set_tag(number, f"accord.{name}", event[name])
        elif event["event"] == "end":
            client.set_terminated(number, STATUS.get(event["status"], "FAILED"))

    return listen


def _run_id(client: MlflowClient, spec: Mlflow, run: Path) -> str:
    """The run that this directory began before, or a new one."""
    kept = run / "mlflow-run.txt"
    if kept.is_file():
        number = kept.read_text("utf-8").strip()
        client.update_run(number, status="RUNNING")
        return number
    known = client.get_experiment_by_name(spec.experiment)
    experiment = known.experiment_id if known else client.create_experiment(spec.experiment)
    number = client.create_run(experiment, run_name=run.name).info.run_id
    kept.write_text(number + "\n", "utf-8")
    return number
