"""What cannot go with weights that are divided over processes: the one place that says so."""

from __future__ import annotations

from collections.abc import Callable

from accord.recipe.combination import Rule
from accord.recipe.tree import Recipe

WHOLE = {"adafactor": "means over rows and columns", "adamw-8bit": "blocks of a whole weight"}
"""Optimizers that look at more of a weight than single numbers, and at what."""

UNDIVIDED: tuple[tuple[str, Callable[[Recipe], bool], str, str], ...] = (
    (
        "train.penalties",
        lambda r: bool(r.train.penalties),
        "a penalty reads all weights outside the layers, where no process has them",
        "use `train.weight_decay`, which changes each weight where it lies",
    ),
    (
        "train.tasks",
        lambda r: bool(r.train.tasks),
        "heads of side tasks stand beside the model, where no process has their whole weights",
        "remove one of the two",
    ),
    (
        "train.ensemble",
        lambda r: r.train.ensemble is not None,
        "what one member hands on to the next is whole in the first process alone",
        "train the members as runs of their own, or with whole weights",
    ),
    (
        "train.optimizer",
        lambda r: r.train.optimizer.kind in WHOLE,
        "it keeps means or scales over parts of a weight that would lie apart",
        "use `adamw` or `sgd`, whose state is divided too",
    ),
)
"""Fields, whether a recipe asks for what they cannot divide, why not, and what to do."""

MACHINE = tuple(
    Rule(
        (path, "machine.shard"),
        lambda r, t, asks=asks: r.machine.shard and asks(r),
        f"`{path}` and `machine.shard` exclude each other",
        why,
        fix,
    )
    for path, asks, why, fix in UNDIVIDED
)
"""Rules over `machine.shard`."""
