"""A learning rate or a number of steps that is odd for the task."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from accord.diagnose.estimate import total_steps
from accord.diagnose.finding import Figure, Finding, Looking, Remedy, fine, not_applicable
from accord.diagnose.seen import Seen
from accord.part import part

ADAPTIVE = ("adamw", "adamw-8bit", "adafactor")


class LearningRate(Looking):
    """Of adaptive optimizers: above what pretrained weights survive, or too low to move them; and
    fewer steps than training needs to settle."""

    title: ClassVar[str] = "Learning rate and steps"
    place: ClassVar[int] = 220
    kind: Literal["learning-rate"] = "learning-rate"
    pretrained: float = Field(default=1e-3, gt=0)
    """Highest for all weights of a pretrained model; the papers of BERT, RoBERTa and DeBERTa use
    1e-5 to 5e-5, small models bear more."""
    adapter: float = Field(default=5e-3, gt=0)
    """Highest for an adapter; LoRA is trained with 1e-4 to 1e-3."""
    new: float = Field(default=1e-2, gt=0)
    """Highest for a new model."""
    lowest: float = Field(default=1e-6, gt=0)
    """Lowest for any."""
    steps: int = Field(default=50, ge=1)
    """Steps below which training has hardly begun."""


@part("problem", LearningRate)
def learning_rate(spec: LearningRate, seen: Seen) -> Finding:
    """By published practice, not by a measurement of this recipe."""
    train, model = seen.recipe.train, seen.recipe.model
    rows = seen.data.rows["train"]
    if seen.recipe.task == "causal-lm":
        found = seen.estimate()
        steps = found.steps if found is not None else total_steps(seen.recipe, rows)
    else:
        steps = total_steps(seen.recipe, rows)
    figures = (
        Figure("highest learning rate", train.learning_rate),
        Figure("optimizer steps", steps),
    )
    if train.optimizer.kind not in ADAPTIVE:
        return not_applicable("Rates of this optimizer hang on the scale of the gradients.")
    most = spec.new
    if model.base is not None:
        most = spec.pretrained if model.adapt.kind == "full" else spec.adapter
    usual = 2e-4 if model.base is not None else 1e-3
    if train.learning_rate > most or train.learning_rate < spec.lowest:
        high = train.learning_rate > most
        told = (
            f"A learning rate of {train.learning_rate:g} is above what is known to work "
            f"({most:g} at most here): what the model knew is likely to be destroyed."
            if high
            else f"A learning rate of {train.learning_rate:g} will hardly move the weights."
        )
        patch = {"train": {"learning_rate": usual}}
        say = f"Begin with {usual:g}."
        grave = "high" if train.learning_rate > 10 * most or not high else "medium"
        return Finding("found", told, figures, grave, (Remedy(say, patch),))
    if steps < spec.steps:
        return Finding(
            "found",
            f"Training ends after {steps} steps: a new head has hardly begun to learn.",
            figures,
            "medium",
            _more_steps(seen, rows, spec.steps),
        )
    return fine("Learning rate and steps are within what is usual.", *figures)


def _more_steps(seen: Seen, rows: int, steps: int) -> tuple[Remedy, ...]:
    train = seen.recipe.train
    if train.steps is not None:
        return (Remedy("Train longer.", {"train": {"steps": 2 * steps}}),)
    each = max(1, -(-rows // train.batch_size))
    epochs = -(-2 * steps // each)
    # Beyond some ten epochs smaller batches are the better way to more steps.
    if epochs <= 10:
        return (Remedy(f"Train {epochs} epochs.", {"train": {"epochs": epochs}}),)
    batch = max(4, min(rows * 10 // (2 * steps), train.batch_size))
    # A power of two, as everybody writes it.
    patch = {"train": {"epochs": 10, "batch_size": 1 << (batch.bit_length() - 1)}}
    return (Remedy("Train longer, in smaller batches.", patch),)
