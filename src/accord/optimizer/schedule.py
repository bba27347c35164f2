"""Learning rates over the steps, as factors of the peak rate. Steps count from 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from accord.recipe.train import Train

Factor = Callable[[int], float]


class Constant(Spec):
    """The peak rate after warm-up."""

    kind: Literal["constant"] = "constant"


class Linear(Spec):
    """Straight down to `floor` times the peak at the last step."""

    kind: Literal["linear"] = "linear"
    floor: float = Field(0.0, ge=0, le=1)


class Cosine(Spec):
    """Half a cosine down to `floor` times the peak (Loshchilov and Hutter, 2017)."""

    kind: Literal["cosine"] = "cosine"
    floor: float = Field(0.0, ge=0, le=1)


class CosineRestarts(Spec):
    """Cosine with warm restarts (SGDR, Loshchilov and Hutter, 2017)."""

    kind: Literal["cosine-restarts"] = "cosine-restarts"
    cycles: int = Field(3, ge=1)
    """How many times the rate falls from its peak."""
    growth: float = Field(1.0, gt=0)
    """Length of each cycle relative to the one before it (T_mult)."""
    peak_decay: float = Field(1.0, gt=0, le=1)
    """Peak of each cycle relative to the one before it."""
    floor: float = Field(0.0, ge=0, le=1)


class WarmupStableDecay(Spec):
    """Stays at the peak, then falls over the last `decay` share of the steps (Hu et al., 2024)."""

    kind: Literal["wsd"] = "wsd"
    decay: float = Field(0.2, gt=0, le=1)
    shape: Literal["linear", "cosine", "sqrt"] = "sqrt"
    floor: float = Field(0.0, ge=0, le=1)


@part("schedule", Constant)
def constant(spec: Constant, steps: int, warmup: int) -> Factor:
    """Always the peak."""
    return _warmed(lambda _: 1.0, steps, warmup)


@part("schedule", Linear)
def linear(spec: Linear, steps: int, warmup: int) -> Factor:
    """A straight line to the floor."""
    return _warmed(lambda share: _to_floor(1 - share, spec.floor), steps, warmup)


@part("schedule", Cosine)
def cosine(spec: Cosine, steps: int, warmup: int) -> Factor:
    """Half a cosine to the floor."""
    return _warmed(lambda share: _to_floor(_half_cosine(share), spec.floor), steps, warmup)


@part("schedule", CosineRestarts)
def cosine_restarts(spec: CosineRestarts, steps: int, warmup: int) -> Factor:
    """Several half cosines, each from its own peak."""
    lengths = [spec.growth**cycle for cycle in range(spec.cycles)]
    ends = [sum(lengths[: i + 1]) / sum(lengths) for i in range(spec.cycles)]

    def shape(share: float) -> float:
        cycle = next((i for i, end in enumerate(ends) if share < end), spec.cycles - 1)
        start = ends[cycle - 1] if cycle else 0.0
        within = min((share - start) / (ends[cycle] - start), 1.0)
        return spec.peak_decay**cycle * _to_floor(_half_cosine(within), spec.floor)

    return _warmed(shape, steps, warmup)


@part("schedule", WarmupStableDecay)
def wsd(spec: WarmupStableDecay, steps: int, warmup: int) -> Factor:
    """The peak, then a fall at the end."""
    falls = {
        "linear": lambda x: 1 - x,
        "cosine": _half_cosine,
        "sqrt": lambda x: 1 - math.sqrt(x),
    }

    def shape(share: float) -> float:
        past = max(0.0, (share - (1 - spec.decay)) / spec.decay)
        return _to_floor(falls[spec.shape](min(past, 1.0)), spec.floor)

    return _warmed(shape, steps, warmup)


def total_steps(spec: Train, steps_per_epoch: int) -> int:
    """Optimizer steps of the whole run."""
    return spec.steps or max(1, math.ceil((spec.epochs or 1.0) * steps_per_epoch))


def warmup_steps(warmup: float, total: int) -> int:
    """Steps of warm-up: below 1 a share of all steps."""
    return math.ceil(warmup * total) if warmup < 1 else round(warmup)


def _warmed(shape: Callable[[float], float], steps: int, warmup: int) -> Factor:
    """Linear warm-up over `warmup` steps, then `shape` of the share of the rest."""

    def factor(step: int) -> float:
        if step < warmup:
            return step / warmup
        return shape(min(1.0, (step - warmup) / max(1, steps - warmup)))

    return factor


def _half_cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))


def _to_floor(value: float, floor: float) -> float:
    return floor + (1 - floor) * value
