"""A training that goes nowhere: losses that are no numbers."""

from __future__ import annotations

from accord.errors import ModelError


def diverged(step: int, streak: int) -> ModelError:
    """The end of a run whose last `streak` steps, up to `step`, were left out."""
    return ModelError(
        f"loss or gradient was not finite in {streak} consecutive steps, up to step {step}",
        code="diverged",
        path="train",
        why="the weights would become worthless; nothing was updated in these steps",
        fix="lower `train.learning_rate`, add `train.warmup: 0.1`, or use `precision: bf16`",
    )
