"""The side heads a recipe asks for, and the objective that trains them with the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

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
    weights = {task.label: task.weight for task in spec.tasks}
    sides = sides_of(tasks, heads, [weights[task["name"]] for task in tasks])
    return lambda objective: Shared(objective, layer, sides)
