"""What a remedy did to a figure: the mean of paired differences, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from accord.proving.figures import SECONDS, lower_is_better

Verdict = Literal["helps", "no difference seen", "harms"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect on one figure.

    Args:
        name: Of the figure.
        without: Its value in each run without the remedy, in order of the seeds.
        with_remedy: The same with it.
        difference: Mean of the paired differences, with less without.
        interval: Paired t interval of that mean over the seeds; None of fewer than two seeds.
        verdict: What follows; None of fewer than two seeds.
    """

    name: str
    without: tuple[float, ...]
    with_remedy: tuple[float, ...]
    difference: float
    interval: tuple[float, float] | None
    verdict: Verdict | None

    @property
    def mean_without(self) -> float:
        return float(np.mean(self.without))

    @property
    def mean_with(self) -> float:
        return float(np.mean(self.with_remedy))

    def to_json(self) -> dict[str, Any]:
        """JSON value of the effect."""
        return {
            "without": self.mean_without,
            "with": self.mean_with,
            "difference": self.difference,
            "interval": None if self.interval is None else list(self.interval),
            "verdict": self.verdict,
            "lower_is_better": lower_is_better(self.name),
            "pairs": [list(pair) for pair in zip(self.without, self.with_remedy, strict=True)],
        }


@dataclass(frozen=True, slots=True)
class Interval:
    """How intervals are reckoned.

    Args:
        confidence: Share of such intervals that hold the truth.
        overlap: Rows judged over rows learned from, where each seed divides the same rows anew;
            0 where all seeds are judged on the same rows.
        judging: By figure, the variance of a pair's difference over the rows that judge it (asked
            for where more rows are judged than learned from); that of the mean, if `apart`.
        apart: No row is learned from with two seeds, and all are judged on the same.
    """

    confidence: float
    overlap: float = 0.0
    judging: Mapping[str, float] = field(default_factory=dict[str, float])
    apart: bool = False

    @property
    def kind(self) -> Literal["same", "shared", "apart"]:
        """What seeds have in common: the rows judged, rows of both kinds, none learned from."""
        if self.apart:
            return "apart"
        return "shared" if self.overlap > 0 else "same"

    def covariance(self, name: str, variance: float) -> float:
        """Of the differences of two pairs, from the variance of differences between pairs.

        Two divisions share rows, so their differences go with one another. Nadeau and Bengio
        (Inference for the generalization error, 2003) take all variance to come from the rows
        judged: `variance * judged / learned`. Where more rows are judged than learned from that is
        many times too much (`benchmarks/coverage.py`), for what varies most is what was learned.
        There the part that comes from judging is measured, `v`; judged rows are shared by
        `overlap / (1 + overlap)` of them, learned rows by `1 / (1 + overlap)`; solved for the
        covariance that is `v + (variance - v) / overlap`, and theirs where the two are as many.
        Seeds that learn apart share the judged rows alone, and what these do to the mean of the
        differences is measured as a whole.
        """
        most = self.overlap * variance
        if name not in self.judging or (self.overlap <= 1 and not self.apart):
            return most
        own = self.judging[name]
        if self.apart:
            return own
        return min(max(own + (variance - own) / self.overlap, 0.0), most)


def effect_of(
    name: str, without: Sequence[float], with_remedy: Sequence[float], wanted: Interval
) -> Effect:
    """The effect on a figure, from its values with equal seeds.

    Args:
        name: Of the figure; says whether less is better.
        without: Values without the remedy, one a seed.
        with_remedy: Values with it, in the same order.
        wanted: How the interval is reckoned.
    """
    differences = np.asarray(with_remedy, float) - np.asarray(without, float)
    interval = paired_interval(differences.tolist(), wanted, name)
    verdict = None if interval is None else judged(interval, lower=lower_is_better(name))
    return Effect(
        name, tuple(without), tuple(with_remedy), float(differences.mean()), interval, verdict
    )


def paired_interval(
    differences: Sequence[float], wanted: Interval, name: str = ""
) -> tuple[float, float] | None:
    """Student's t interval of the mean of differences of a figure; None of fewer than two.

    Where the same rows were divided several times, the variance of the mean is an nth of that of
    the differences plus the covariance of two of them (see `Interval.covariance`).
    """
    if len(differences) < 2:
        return None
    from scipy.stats import t

    values = np.asarray(differences, float)
    variance = float(values.var(ddof=1))
    error = (variance / len(values) + wanted.covariance(name, variance)) ** 0.5
    reach = float(t.ppf((1 + wanted.confidence) / 2, len(values) - 1)) * error
    return float(values.mean() - reach), float(values.mean() + reach)


def judged(interval: tuple[float, float], *, lower: bool) -> Verdict:
    """An interval in words: zero inside (or at its edge) is no difference seen."""
    low, high = interval
    if low <= 0 <= high:
        return "no difference seen"
    return "helps" if (high < 0) == lower else "harms"


def effects_of(
    without: Sequence[Mapping[str, float]],
    with_remedy: Sequence[Mapping[str, float]],
    wanted: Interval,
) -> dict[str, Effect]:
    """Effects on every figure that all runs have, in order of the first run's."""
    shared = set[str](without[0]).intersection(*without, *with_remedy)
    return {
        name: effect_of(
            name, [own[name] for own in without], [own[name] for own in with_remedy], wanted
        )
        for name in without[0]
        if name in shared
    }


def time_ratio(effects: Mapping[str, Effect], wanted: Interval) -> dict[str, Any] | None:
    """How many times as long training takes: geometric mean, and t interval of its logarithm."""
    seconds = effects.get(SECONDS)
    if seconds is None or min(*seconds.without, *seconds.with_remedy) <= 0:
        return None
    logs = np.log(seconds.with_remedy) - np.log(seconds.without)
    interval = paired_interval(logs.tolist(), Interval(wanted.confidence))
    bounds = None if interval is None else [float(np.exp(bound)) for bound in interval]
    return {"ratio": float(np.exp(logs.mean())), "interval": bounds}
