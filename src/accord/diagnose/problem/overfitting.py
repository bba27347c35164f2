"""The model can learn its rows by heart, and nothing would stop it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from accord.diagnose.finding import (
    Figure,
    Finding,
    Looking,
    Plot,
    Remedy,
    fine,
    found_or_remedied,
    not_looked_at,
)
from accord.diagnose.seen import Seen
from accord.events import read_events
from accord.part import part


class Overfitting(Looking):
    """Many trained weights for each row, many epochs, and no validation that ends it; or, in a run
    directory, a validation loss that has risen."""

    title: ClassVar[str] = "Overfitting risk"
    place: ClassVar[int] = 160
    kind: Literal["overfitting"] = "overfitting"
    weights: float = Field(default=10.0, gt=0)
    """Trained weights for each row from which rows can be learned by heart."""
    epochs: float = Field(default=10.0, gt=0)
    """Epochs from which they will be, of a model whose training nothing stops."""
    few: float = Field(default=3.0, gt=0)
    """Epochs from which they may be, of a model that is not even judged meanwhile."""
    rise: float = Field(default=0.05, ge=0)
    """Rise of the validation loss over its lowest, as a share of it, that was measured."""


@part("problem", Overfitting)
def overfitting(spec: Overfitting, seen: Seen) -> Finding:
    """Measured where a run directory holds evaluations, else by rows, weights and epochs."""
    losses = _measured(seen)
    if len(losses) >= 2:
        return _from_run(spec, seen, losses)
    estimate = seen.estimate()
    if estimate is None:
        return not_looked_at("The base model is not on this machine, so its size is not known.")
    rows, train = seen.data.rows["train"], seen.recipe.train
    epochs = estimate.steps * train.batch_size / max(1, rows)
    if train.epochs is not None or train.steps is None:
        epochs = train.epochs or 1.0
    each = estimate.trained / max(1, rows)
    figures = (
        Figure("epochs", epochs, "times"),
        Figure("trained weights for each row", each),
        Figure("training rows", rows, "rows"),
    )
    unwatched = seen.recipe.data.validation == 0
    most = spec.few if unwatched else spec.epochs
    if each < spec.weights or epochs < most:
        return fine("Rows are seen too seldom to be learned by heart.", *figures)
    finding = Finding(
        "found",
        f"{each:,.0f} weights are trained for each row, over {epochs:g} epochs"
        + (", and nothing is validated." if unwatched else ", and nothing ends it early."),
        figures,
        "high" if unwatched and epochs >= spec.epochs else "medium",
        _remedies(seen),
    )
    handled = "`train.early_stopping`" if train.early_stopping is not None else None
    return found_or_remedied(finding, handled)


def _remedies(seen: Seen) -> tuple[Remedy, ...]:
    stopping: dict[str, Any] = {"train": {"early_stopping": {"patience": 3}}}
    if seen.recipe.data.validation == 0:
        patch = {"data": {"validation": 0.1}, **stopping}
        return (Remedy("Hold rows back, and stop when they are judged no better.", patch),)
    return (
        Remedy("Stop when the validation metric no longer improves.", stopping),
        Remedy("Train fewer epochs.", {"train": {"epochs": 3}}),
    )


def _measured(seen: Seen) -> list[tuple[float, float]]:
    """Steps and validation losses of a run."""
    if seen.run is None:
        return []
    events = read_events(seen.run / "events.jsonl", "evaluate")
    losses = [(event["step"], (event.get("metrics") or {}).get("loss")) for event in events]
    return [(float(step), float(loss)) for step, loss in losses if loss is not None]


def _from_run(spec: Overfitting, seen: Seen, losses: list[tuple[float, float]]) -> Finding:
    values = [loss for _, loss in losses]
    lowest, last = min(values), values[-1]
    rise = (last - lowest) / max(abs(lowest), 1e-12)
    at = values.index(lowest)
    figures = (
        Figure("rise of the validation loss over its lowest", rise, "share", of="the run here"),
        Figure("lowest validation loss, at step", losses[at][0]),
    )
    curve = ("validation", [step for step, _ in losses], values)
    plots = (Plot("curves", "Validation loss of the run", [curve], "step", "loss"),)
    if rise < spec.rise:
        return fine("The validation loss has not risen.", *figures, plots=plots)
    finding = Finding(
        "found",
        f"In the run that is here the validation loss rose by {rise:.0%} after step "
        f"{losses[at][0]:.0f}: what was learned from then on was learned by heart.",
        figures,
        "high" if rise > 0.5 else "medium",
        _remedies(seen),
        plots=plots,
    )
    handled = "`train.early_stopping`" if seen.recipe.train.early_stopping is not None else None
    return found_or_remedied(finding, handled)
