"""Stage 3: chooses objective, placement and members and hands them to `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from accord.artifact import Artifact, open_artifact
from accord.meter.clock import Clock
from accord.meter.flops import measured_peak
from accord.meter.usage import Usage
from accord.parallel.placement import DTYPES, place_on
from accord.recipe.context import Context
from accord.recipe.tree import Recipe
from accord.train.lesson import Lesson, rule_of
from accord.train.members import teach
from accord.train.private import close
from accord.train.thresholds import tune_thresholds


def train(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Train the recipe's model, or the members of its ensemble, on a prepared data set.

    Args:
        recipe: Sections `task`, `data`, `model`, `balance`, `train`, `privacy`, `machine` are read.
        inputs: The `permit` and `dataset` artifacts.
        context: The run.

    Returns:
        A `model` artifact: a plain Hugging Face directory with `accord.json`, or one such directory
        for each member below it.
    """
    dataset, clock = inputs["dataset"], Clock()
    placement = place_on(recipe.machine, recipe.train.precision)
    lesson = Lesson(
        recipe=recipe,
        dataset=dataset,
        permit=inputs["permit"],
        context=context,
        placement=placement,
        clock=clock,
    )
    parents = [inputs["permit"], dataset]
    terms = inputs["permit"].manifest.terms.after("train")
    with context.store.create("model", context.identity, parents=parents, terms=terms) as folder:
        with Usage(placement.device, torch.get_num_threads()) as usage:
            teach(lesson, folder, _facts(recipe))
        close(recipe, context, context.run / "checkpoints", folder)
        peak = measured_peak(placement.device, DTYPES[recipe.train.precision])
        context.log.emit("efficiency", **_efficiency(clock, usage, peak))
        tune_thresholds(lesson, folder)
    return open_artifact(context.store.location("model", context.identity))


def _efficiency(clock: Clock, usage: Usage, peak: float) -> dict[str, Any]:
    """The `efficiency` block of summary.json."""
    block = clock.summary() | usage.summary()
    # The peak is measured too and may be measured low; nothing runs above the hardware.
    reached = max(peak, block["flops_per_second"])
    return block | {
        "peak_flops_per_second": reached,
        "utilisation": block["flops_per_second"] / reached,
    }


def _facts(recipe: Recipe) -> dict[str, Any]:
    return {
        "task": recipe.task,
        "base": recipe.model.base,
        "adapter": recipe.model.adapt.model_dump(mode="json"),
        "precision": recipe.train.precision,
        "metric": rule_of(recipe).metric,
    }
