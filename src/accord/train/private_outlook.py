"""What private settings come to, and which others would do better. Loads no tensor library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from accord.accounting.calibrate import forecast_of
from accord.accounting.signal import CLEAR, Outlook, signal_of
from accord.recipe.privacy import Privacy
from accord.recipe.train import Train
from accord.train.private_terms import Terms, terms_of

Start = Literal["base", "adapters", "new"]
"""What training moves: pretrained weights, few weights beside them, or random ones."""
PACE: Mapping[Start, float] = {"base": 0.025, "adapters": 0.06, "new": 0.2}
"""Peak learning rate of AdamW times the square root of the steps: with noise above the signal each
weight walks about that far at random. Rules of thumb: Li et al. (2022) fine-tune with 0.01 to 0.03;
LoRA on two layers of MiniLM learned with 0.06, hardly with 0.025, and not surely with 0.12; a model
that begins from random weights has to go further (see `accounting.signal`: 0.18 learned, 0.055 did
not)."""
FACTORS = (2, 4, 8)
"""Larger batches, and more epochs, that are looked at."""
FEWEST = 40
"""Steps: fewer learn little, however clean they are. About as many taught LoRA on MiniLM."""
WORTH = 1.1
"""A change is recommended if it makes the signal so much clearer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Settings and what they come to.

    Args:
        epsilon: The run's privacy loss, forecast; never below the true value.
        terms: Noise, sampling, steps and units.
        batch: Units that a step is expected to draw.
        weights: That are trained.
        step_signal, run_signal: Signal over noise: see `accounting.signal`.
        outlook: What runs with such a signal did.
    """

    epsilon: float
    terms: Terms
    batch: float
    weights: int
    step_signal: float
    run_signal: float
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Advice:
    """A change of the recipe, as one writes it, and why."""

    change: str
    why: str


def outcome(
    privacy: Privacy, spec: Train, units: int, weights: int, delta: float | None
) -> Outcome:
    """What a recipe's sections come to.

    Args:
        privacy, spec: Of the recipe, or changed.
        units: In the training split.
        weights: That are trained.
        delta: The smallest that an agreement asks for.

    Raises:
        RecipeError: Delta would let a record be published, or no noise suffices.
    """
    terms = terms_of(privacy, spec, units, delta, proven=False)
    mechanism = terms.mechanism
    batch = terms.course.probability * terms.units
    left = _left(terms.course.column(), terms.steps)
    found = signal_of(batch, mechanism.noise_multiplier, weights, terms.steps, left)
    epsilon = forecast_of(terms.composition, terms.delta, privacy.accountant)
    return Outcome(epsilon, terms, batch, weights, found.step, found.run, found.outlook)


def _left(column: Sequence[float], steps: int) -> float:
    """Share of the squared noise in plain sums of gradients that correlated noise leaves."""
    if len(column) == 1:
        return 1.0
    from accord.privacy.factorise import mean_error

    return mean_error(np.array(column), steps) / mean_error(np.ones(1), steps)


def at_epsilon(privacy: Privacy, epsilon: float) -> Privacy:
    """The same with another target."""
    return privacy.model_copy(update={"epsilon": epsilon, "noise_multiplier": None})


def advice(
    now: Outcome,
    privacy: Privacy,
    spec: Train,
    adapters: Mapping[str, int],
    rows: int,
    *,
    start: Start = "base",
) -> Iterator[Advice]:
    """Changes that make the signal clearer, the largest first, at the epsilon of `now`.

    Args:
        now: As the recipe stands.
        adapters: Weights that would be trained instead, by the change.
        rows: Units of the training split.
        start: What the recipe's training moves.
    """
    sized = at_epsilon(privacy, now.epsilon) if privacy.epsilon is None else privacy
    batch, louder = _larger_batch(now, sized, spec, rows)
    best = now
    if batch is not None and louder is not None:
        best = louder
        yield Advice(
            f"train.batch_size: {batch}",
            f"the noise of a step is shared by all its rows: signal over noise of the run "
            f"{now.run_signal:.3g} -> {louder.run_signal:.3g}, with as many epochs "
            f"({louder.terms.steps} steps)",
        )
    for change, weights in adapters.items():
        if weights * WORTH**2 < now.weights:
            fewer = best.run_signal * math.sqrt(now.weights / weights)
            yield Advice(
                change,
                f"{weights:,} trained weights instead of {now.weights:,}: the noise goes on each "
                f"of them, so the signal is clearer by the root of it "
                f"({best.run_signal:.3g} -> {fewer:.3g})",
            )
            best, start = replace(best, run_signal=fewer, weights=weights), "adapters"
            break
    yield from _epochs(best, sized, spec, rows)
    yield from _rate(best, spec, PACE[start])
    if best.run_signal < CLEAR:
        wanted = math.ceil(best.terms.units * CLEAR / best.run_signal)
        yield Advice(
            "more rows, or a larger epsilon",
            f"at this epsilon the signal stays at {best.run_signal:.3g} whatever the steps; about "
            f"{wanted:,} {privacy.unit}s would bring it to {CLEAR:g}",
        )
    if privacy.unit == "user" and privacy.rows_of_unit == 1:
        yield Advice(
            "privacy.rows_of_unit: 4",
            "the mean over several rows of a user is a clearer gradient at the same noise",
        )


def _larger_batch(
    now: Outcome, privacy: Privacy, spec: Train, rows: int
) -> tuple[int | None, Outcome | None]:
    """The smallest batch that has nearly all there is to be had with as many epochs."""
    tried: dict[int, Outcome] = {}
    for factor in FACTORS:
        size = spec.batch_size * factor
        steps = max(1, round(now.terms.steps / factor))
        if size > now.terms.units / 2 or steps < FEWEST:
            break
        changed = spec.model_copy(update={"batch_size": size, "steps": steps, "epochs": None})
        tried[size] = outcome(privacy, changed, rows, now.weights, now.terms.delta)
    most = max((one.run_signal for one in tried.values()), default=0.0)
    for size, one in tried.items():
        if one.run_signal >= max(most / 1.05, now.run_signal * WORTH):
            return size, one
    return None, None


def _epochs(best: Outcome, privacy: Privacy, spec: Train, rows: int) -> Iterator[Advice]:
    steps, size = best.terms.steps, round(best.batch)
    longer = spec.model_copy(update={"batch_size": size, "steps": steps * 2, "epochs": None})
    twice = outcome(privacy, longer, rows, best.weights, best.terms.delta)
    gain = twice.run_signal / best.run_signal
    if gain >= WORTH:
        yield Advice(
            f"train.epochs: {2 * steps * best.batch / best.terms.units:.3g}",
            f"twice the steps at the same epsilon: signal over noise of the run "
            f"{best.run_signal:.3g} -> {twice.run_signal:.3g}",
        )


def _rate(best: Outcome, spec: Train, pace: float) -> Iterator[Advice]:
    if spec.optimizer.kind != "adamw":
        return
    rate = float(f"{pace / math.sqrt(best.terms.steps):.1g}")
    if not 0.5 <= spec.learning_rate / rate <= 2:
        much = "high" if spec.learning_rate > rate else "low"
        yield Advice(
            f"train.learning_rate: {rate:g}",
            f"{spec.learning_rate:g} is {much} for {best.terms.steps} private steps: AdamW divides "
            "by the size of noisy gradients, so a weight moves by about the rate times the root of "
            f"the steps, and {pace:g} is about right",
        )


__all__ = ["Advice", "Outcome", "Start", "advice", "at_epsilon", "outcome"]
