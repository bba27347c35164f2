"""The side heads a recipe asks for, and the objective that trains them with the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from accord.batch.beside import Accompanied, Joined, Rows
from accord.batch.order import Order
from accord.batch.prepared import PreparedSplit
from accord.model.head.embeddings import last_layer
from accord.model.side_heads import add_heads
from accord.objective.objective import Objective
from accord.objective.shared import Shared, sides_of
from accord.recipe.train import Train


def sharing(
    spec: Train, model: nn.Module, schema: Mapping[str, Any]
) -> Callable[[Objective], Objective]:
    """Adds the losses of the side tasks to an objective; leaves it alone where there are none.

    The model is given their heads as a submodule, so it must not be asked for its last layer later.

    Args:
        spec: The recipe's `train` section.
        model: On its device.
        schema: The prepared data's `schema.json`.
    """
    tasks = schema.get("tasks") or ()
    if not tasks:
        return lambda objective: objective
    outputs = len(schema["labels"]) or 1
    layer = last_layer(model, outputs, trained=False, field="train.tasks")[1]
    heads = add_heads(model, tasks, layer.in_features)
    weights = {task.called: task.weight for task in spec.tasks}
    sides = sides_of(tasks, heads, [weights[task["name"]] for task in tasks])
    return lambda objective: Shared(objective, layer, sides)


def accompanied(spec: Train, split: Rows, order: Order, folder: Path) -> tuple[Rows, Order]:
    """The rows that training takes and their order: those of side tasks with data of their own come
    beside the task's.

    Args:
        spec: The recipe's `train` section.
        split: The task's own rows.
        order: Of these.
        folder: Of the prepared data.
    """
    tasks = [task for task in split.schema.get("tasks") or () if "split" in task]
    if not tasks:
        return split, order
    beside = [PreparedSplit(folder, task["split"]) for task in tasks]
    joined = Joined(split, beside)
    data = {task.called: task.data for task in spec.tasks if task.data is not None}
    draws = [data[task["name"]].drawn(spec.batch_size) for task in tasks]
    sizes = [other.rows for other in beside]
    others = zip(joined.starts[1:-1].tolist(), sizes, draws, strict=True)
    return joined, Accompanied(order, tuple(others))
