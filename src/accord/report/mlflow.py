"""The mlflow sink."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Mlflow(Spec):
    """The mlflow sink."""

    kind: Literal["mlflow"] = "mlflow"


@part("sink", Mlflow)
def mlflow(spec: Mlflow, *args: Any) -> Any:
    raise NotImplementedError
