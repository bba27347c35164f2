"""The TensorBoard sink: scalars of steps and evaluations in `<run>/tensorboard`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from accord.events import Sink
from accord.part import Spec, part, require

STEP_FIELDS = (
    "loss", "learning_rate", "grad_norm", "tokens_per_second", "samples_per_second", "memory_bytes",
)  # fmt: skip


class Tensorboard(Spec):
    """Scalars for `tensorboard --logdir <run>/tensorboard`."""

    kind: Literal["tensorboard"] = "tensorboard"


@part("sink", Tensorboard)
def tensorboard(spec: Tensorboard, run: Path) -> Sink:
    """Raises MissingExtra without the package."""
    require("tensorboard", "tensorboard", "the TensorBoard sink")
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(run / "tensorboard"))

    def listen(event: Mapping[str, Any]) -> None:
        for name, value in scalars(event):
            writer.add_scalar(name, value, event["step"], walltime=event["time"])
        if event["event"] == "evaluate":
            writer.flush()
        elif event["event"] == "end":
            writer.close()

    return listen


def scalars(event: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Names and values of an event's finite numbers: `train/loss`, `validation/f1`, ..."""
    own = f"member-{event['member']:02d}/" if "member" in event else ""
    if event["event"] == "step":
        named = {f"{own}train/{name}": event.get(name) for name in STEP_FIELDS}
    elif event["event"] == "evaluate":
        named = {f"{own}validation/{name}": value for name, value in event["metrics"].items()}
    else:
        return
    for name, value in named.items():
        if value is not None and math.isfinite(value):
            yield name, float(value)
