"""Stage 3: chooses objective, placement and members and hands them to `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from accord.artifact import Artifact, Store, open_artifact
from accord.events import Log
from accord.meter.clock import Clock
from accord.meter.flops import measured_peak
from accord.meter.usage import Usage
from accord.parallel.distributed import team
from accord.parallel.placement import DTYPES, place_on
from accord.recipe.context import Context
from accord.recipe.tree import Recipe
from accord.train.lesson import Lesson, rule_of
from accord.train.members import ensemble_of, taught, teach
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
    lesson = _lesson(recipe, inputs, context)
    placement, clock = lesson.placement, lesson.clock
    _call_others(lesson)
    parents = [inputs["permit"], inputs["dataset"]]
    terms = inputs["permit"].manifest.terms.after("train")
    with context.store.create("model", context.identity, parents=parents, terms=terms) as folder:
        with Usage(placement.device, torch.get_num_threads()) as usage:
            teach(lesson, folder, _facts(recipe))
        close(recipe, context, context.run / "checkpoints", folder)
        peak = measured_peak(placement.device, DTYPES[recipe.train.precision]) * lesson.team.size
        context.log.emit("efficiency", **_efficiency(clock, usage, peak, lesson.team.size))
        tune_thresholds(lesson, folder)
    return open_artifact(context.store.location("model", context.identity))


def accompany(
    recipe: Recipe, told: Mapping[str, str], base: Path, interrupted: Callable[[], bool]
) -> None:
    """Take the steps of `train` with the lead of a team; nothing is written here.

    Args:
        recipe: The lead's.
        told: What `train` tells the others.
        base: Folder that relative paths of the recipe start from.
        interrupted: True once the user asked to stop.

    Raises:
        IntegrityError: This process does not see what the lead prepared.
    """
    inputs = {kind: open_artifact(Path(told[kind])) for kind in ("permit", "dataset")}
    inputs["dataset"].verify()
    run = Path(told["run"])
    context = Context(run, base, Store(run / "artifacts"), told["identity"], Log(), interrupted)
    lesson = _lesson(recipe, inputs, context)
    for trained in taught(lesson, ensemble_of(lesson), []):
        del trained  # before the next is loaded


def _lesson(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Lesson:
    those, placement = team(), place_on(recipe.machine, recipe.train.precision)
    return Lesson(
        recipe=recipe,
        dataset=inputs["dataset"],
        permit=inputs["permit"],
        context=context,
        placement=placement.over(recipe.machine, those),
        clock=Clock(),
        team=those,
    )


def _call_others(lesson: Lesson) -> None:
    """Let the other processes begin."""
    context = lesson.context
    places = {"run": context.run, "dataset": lesson.dataset.path, "permit": lesson.permit.path}
    told = {name: str(path.resolve()) for name, path in places.items()}
    lesson.team.told({**told, "identity": context.identity})


def _efficiency(clock: Clock, usage: Usage, peak: float, processes: int) -> dict[str, Any]:
    """The `efficiency` block of summary.json."""
    block = clock.summary() | usage.summary()
    # The peak is measured too and may be measured low; nothing runs above the hardware.
    reached = max(peak, block["flops_per_second"])
    return block | {
        "processes": processes,
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
