"""The tasks: what each reads from a row and which parts serve it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TaskName = Literal[
    "text-classification",
    "token-classification",
    "causal-lm",
    "image-classification",
    "table-classification",
    "table-regression",
]
Problem = Literal["single-label", "multi-label", "token-label", "next-token", "regression"]
Modality = Literal["text", "image", "table"]


@dataclass(frozen=True, slots=True)
class Task:
    """Facts of a task, without code.

    Args:
        needs: Fields of `data:` that must be given; one of each inner tuple.
        takes: Further fields of `data:` that mean something for this task.
        problems: Kinds of problem its labels can pose, most common first.
        metric: The validation metric that early stopping and `best` use by default.
    """

    name: TaskName
    modality: Modality
    needs: tuple[tuple[str, ...], ...]
    takes: tuple[str, ...]
    problems: tuple[Problem, ...]
    metric: str


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            "text-classification",
            "text",
            needs=(("text",), ("label",)),
            takes=("text_pair", "label_separator", "max_tokens"),
            problems=("single-label", "multi-label"),
            metric="f1_macro",
        ),
        Task(
            "token-classification",
            "text",
            needs=(("tokens",), ("label",)),
            takes=("max_tokens",),
            problems=("token-label",),
            metric="f1",
        ),
        Task(
            "causal-lm",
            "text",
            needs=(("text", "messages", "completion"),),
            takes=("prompt", "tools", "pack", "max_tokens"),
            problems=("next-token",),
            metric="loss",
        ),
        Task(
            "image-classification",
            "image",
            needs=(("image",), ("label",)),
            takes=("label_separator",),
            problems=("single-label", "multi-label"),
            metric="f1_macro",
        ),
        Task(
            "table-classification",
            "table",
            needs=(("numeric", "categorical"), ("label",)),
            takes=("label_separator",),
            problems=("single-label", "multi-label"),
            metric="f1_macro",
        ),
        Task(
            "table-regression",
            "table",
            needs=(("numeric", "categorical"), ("label",)),
            takes=(),
            problems=("regression",),
            metric="rmse",
        ),
    )
}

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
"""Suffixes of image files."""

LOWER_IS_BETTER = frozenset(
    ("loss", "log_loss", "perplexity", "bits_per_byte", "mae", "rmse", "ece", "brier")
)
