"""What one figure tells of two worlds: a threshold from some runs, judged on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.audit.claim import Claim, Floats, epsilon_from

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a figure tells runs with a unit from runs without it.

    Args:
        probe: What was looked at.
        found: Share of runs with the unit that show it: a lower bound.
        false: Of runs without it that show the same: an upper bound.
        allowed: The largest `found` that the claim admits at `false`.
        epsilon, claimed, delta: No smaller epsilon fits; what is claimed; at which delta.
        ceiling: The epsilon that so many runs would have shown, had all been told apart.
        runs: With and without the unit that were judged.
    """

    probe: str
    found: float
    false: float
    allowed: float
    epsilon: float
    claimed: float
    delta: float
    ceiling: float
    runs: tuple[int, int]

    @property
    def excess(self) -> float:
        """Above 0 where the claim is refuted."""
        return self.found - self.allowed

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        figures = ("probe", "found", "false", "allowed", "epsilon", "claimed", "delta", "ceiling")
        return {name: getattr(self, name) for name in figures} | {"runs": list(self.runs)}


def shown(
    probe: str, values: Floats, within: Bools, judging: Bools, claim: Claim, doubt: float
) -> Evidence:
    """What a figure shows.

    The threshold, and on which side of it the runs with the unit lie, are what refutes the claim
    best on runs that do not judge; both shares on the others have one-sided bounds of Clopper and
    Pearson (1934), at half the doubt each.

    Args:
        values: The figure in each run. Shape [runs].
        within: Whether the unit was in. Shape [runs].
        judging: Runs that judge; the others choose. Shape [runs].
        claim: What is tested.
        doubt: The chance that a bound is wrong, at most.
    """
    values = np.nan_to_num(values, nan=0.0, posinf=1e300, neginf=-1e300)
    threshold, above = _chosen(values[~judging], within[~judging], claim, doubt)
    told = (values > threshold) == above
    inside, outside = told[judging & within], told[judging & ~within]
    found = float(_at_least(len(inside), doubt / 2)[int(inside.sum())])
    false = float(1 - _at_least(len(outside), doubt / 2)[int((~outside).sum())])
    allowed = float(claim.allowed(np.array([false]))[0])
    epsilon, claimed, delta = claim.contradiction(found, false)
    perfect = (_at_least(len(side), doubt / 2)[-1] for side in (inside, outside))
    most, least = (float(share) for share in perfect)
    ceiling = max(epsilon_from(most, 1 - least, delta), 0.0)
    runs = (len(inside), len(outside))
    return Evidence(probe, found, false, allowed, epsilon, claimed, delta, ceiling, runs)


def _chosen(values: Floats, within: Bools, claim: Claim, doubt: float) -> tuple[float, bool]:
    """A threshold, and whether the unit shows above it: what refutes the claim best, or else where
    most deviations lie between what is found and what is allowed."""
    ordered = np.sort(values)
    thresholds = np.unique((ordered[1:] + ordered[:-1]) / 2)
    inside, outside = np.sort(values[within]), np.sort(values[~within])
    over = [len(side) - np.searchsorted(side, thresholds, "right") for side in (inside, outside)]
    best, chosen = (0.0, -np.inf), (0.0, True)
    for above in (True, False):
        told = over if above else [len(inside) - over[0], len(outside) - over[1]]
        surely = _at_least(len(inside), doubt / 2)[told[0]]
        at_most = 1 - _at_least(len(outside), doubt / 2)[len(outside) - told[1]]
        excess = np.maximum(surely - claim.allowed(at_most), 0.0)
        # Nothing is certain that was seen never or always in so many runs.
        found, false = (told[0] + 1) / (len(inside) + 2), (told[1] + 1) / (len(outside) + 2)
        allowed, off = claim.allowed(false), np.sqrt(false * (1 - false) / len(outside))
        beyond = claim.allowed(np.minimum(false + off, 1)) - allowed
        score = (found - allowed) / (np.sqrt(found * (1 - found) / len(inside)) + beyond)
        at = int(np.lexsort((score, excess))[-1])
        if (excess[at], score[at]) > best:
            best, chosen = (float(excess[at]), float(score[at])), (float(thresholds[at]), above)
    return chosen


def _at_least(runs: int, doubt: float) -> Floats:
    """Lower bounds on a share of which 0, 1, ... all of the runs were seen. Shape [runs + 1]."""
    from scipy.stats import beta

    counts = np.arange(1, runs + 1)
    return np.concatenate([[0.0], beta.ppf(doubt, counts, runs - counts + 1)])
