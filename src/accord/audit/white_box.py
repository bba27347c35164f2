"""Is an engine as private as the accounting claims? Looked at from inside, over many short runs.

With and without one crafted unit (`worlds`), figures are taken of what the engine releases, and
whoever can tell the two apart better than the claim allows has refuted it. The attacker is the one
that differential privacy is about: it knows everything but the secret and whether the unit was in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from accord.accounting.mechanism import Mechanism
from accord.audit.claim import Claim, Floats
from accord.audit.evidence import Evidence, shown
from accord.audit.worlds import (
    BACKGROUND,
    OWN,
    TWINS,
    Engine,
    Place,
    Seen,
    Setting,
    watched,
)

Answer = Literal["broken", "compatible"]
NOISE = Setting(0.7, sampling_probability=1.0, steps=1, runs=30, secrets=20, opposed=2)
"""Every unit takes part: noise and clipping show in one step."""
SAMPLER = Setting(0.15, sampling_probability=0.5, steps=2, runs=20, secrets=20)
"""So little noise that a step shows who took part in it: nothing but sampling protects."""
BANDED = Setting(0.7, sampling_probability=1 / 3, steps=3, runs=8, secrets=40, rest=2)
"""Each unit takes part in one of three steps, whose noise goes on for two more."""
SETTINGS = (NOISE, SAMPLER)
HERE = Place()
UNITS = 16
"""As an engine is told; worlds have `OTHERS` and the crafted one."""
CONFIDENCE = 0.999
MEANINGS: Mapping[str, str] = {
    "own": "its own coordinates stand out: noise or clipping",
    "own, over steps": "its own coordinates stand out of the noise of several steps: it is taken "
    "back too far, or the unit takes part too often",
    "shared": "they do once noise is taken off that was seen elsewhere: shared noise",
    "spread": "it changes how much noise there is: the divisor or the noise depends on the batch",
    "background": "it changes what other units give: units are not cut each by itself",
    "learned": "what the engine learns over the steps tells of it",
    "together": "all of these together tell of it",
    "sampling": "it takes part in steps more often than accounted, or with too little noise",
    "sampling, sum": "its parts in all steps together tell of it",
}
"""What a figure looks at, and what it means where it tells too much."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Claim and evidence.

    Args:
        answer: `broken`: the engine cannot be what is accounted. `compatible`: nothing that was
            looked at refutes it, which proves nothing.
        evidence: Of each figure, the strongest first.
        confidence: One less the chance that a right engine is called broken, at most.
        noticed: Noise below this multiplier in place of that of `NOISE` would have been noticed as
            often as not; None where only sampling was looked at.
    """

    answer: Answer
    evidence: tuple[Evidence, ...]
    confidence: float
    noticed: float | None

    @property
    def why(self) -> str:
        """For people, one or two sentences."""
        best = self.evidence[0]
        if self.answer == "broken":
            return (
                f"it cannot be what is accounted: {MEANINGS[best.probe]}. At least "
                f"{best.found:.0%} of runs with the crafted unit were told at no more than "
                f"{best.false:.0%} false alarms, where its accounting allows {best.allowed:.0%}: "
                f"epsilon is at least {best.epsilon:.2f} at delta {best.delta:.2g}, claimed "
                f"{best.claimed:.2f}; so many runs could have shown {best.ceiling:.2f} at most"
            )
        told = (
            f"none of {len(self.evidence)} figures tells more of a crafted unit than is accounted"
        )
        if self.noticed is None:
            return told
        return (
            f"{told}; noise below {self.noticed:.2f} in place of {NOISE.noise_multiplier:.2f} "
            "would have been noticed as often as not, gross mistakes surely"
        )

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        return {
            "answer": self.answer,
            "why": self.why,
            "confidence": self.confidence,
            "noticed": self.noticed,
            "evidence": [one.to_json() for one in self.evidence],
        }


def examined(
    engine: Engine,
    *,
    settings: Sequence[Setting] = SETTINGS,
    rows_per_unit: int = 1,
    effort: float = 1.0,
    confidence: float = CONFIDENCE,
    place: Place = HERE,
    seed: int = 0,
) -> Examined:
    """Look at an engine from inside.

    Args:
        engine: Is asked for new engines for several secrets and both worlds.
        settings: What is looked at: noise and clipping, sampling, or both.
        rows_per_unit: Rows of a unit in a step.
        effort: Factor on the number of runs: what can be noticed grows with it.
        confidence: A right engine is called broken with a chance of at most one less this.
        place: Where the model is.
        seed: Of secrets and coins: the same seed gives the same answer.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    figures: list[tuple[str, Floats, Seen, Claim]] = []
    for setting in settings:
        given = replace(setting, secrets=max(2, round(setting.secrets * effort)))
        figures_of = noise_figures if setting.hidden_by_noise else sampler_figures
        seen = watched(engine, given, UNITS, rows_per_unit, place, seed)
        claim = _claim(setting)
        figures += [(name, values, seen, claim) for name, values in figures_of(seen).items()]
    doubt = (1 - confidence) / len(figures)
    found = [
        shown(name, values, seen.within, seen.judging, claim, doubt)
        for name, values, seen, claim in figures
    ]
    found.sort(key=lambda one: -one.excess)
    answer: Answer = "broken" if found[0].excess > 0 else "compatible"
    runs = next((one.runs for one in found if one.probe == "own"), None)
    return Examined(answer, tuple(found), confidence, runs and noticed(runs, doubt))


def _claim(setting: Setting) -> Claim:
    """What a run is accounted as: one Gaussian mechanism where each unit takes part once."""
    if setting.rest:
        return Claim.of(Mechanism(setting.noise_multiplier), 1)
    mechanism = Mechanism(setting.noise_multiplier, setting.sampling_probability)
    return Claim.of(mechanism, setting.steps)


def noise_figures(seen: Seen) -> dict[str, Floats]:
    """What is taken of a run, by name. [runs] each"""
    deviation = _deviation(seen.sums)
    weights = _weights(seen, deviation)
    own = (weights * _scaled(seen.sums[..., OWN], deviation)).sum((1, 2))
    background = (weights * _scaled(seen.sums[..., BACKGROUND], deviation)).sum((1, 2))
    found = {
        "own" if seen.sums.shape[1] == 1 else "own, over steps": own,
        "shared": _without_known(own, _known(seen, deviation, weights), seen),
        "spread": np.log(deviation).mean((1, 2)),
        "background": background,
    }
    if seen.learned.shape[-1]:
        before, after = seen.learned[:, 0], seen.learned[:, 1]
        found["learned"] = _discriminant(after - before, seen)
    return found | {"together": _discriminant(np.stack([*found.values()], axis=1), seen)}


def _weights(seen: Seen, deviation: Floats) -> Floats:
    """How much each step counts, for whoever knows in which the unit takes part and how the noise
    of steps hangs together: what tells it best (the matched filter). [runs, steps, 1]"""
    quiet = _scaled(
        np.delete(seen.sums[~seen.judging], [*OWN, *BACKGROUND], axis=-1), deviation[~seen.judging]
    )
    steps = quiet.shape[1]
    together = np.einsum("rsv,rtv->st", quiet, quiet) / (quiet.size / steps)
    shown = seen.present / deviation[..., 0]
    weights = shown @ np.linalg.inv(together + 1e-6 * np.eye(steps))
    length = np.sqrt((weights * shown).sum(1, keepdims=True))
    return (weights / np.maximum(length, 1e-300))[..., None]


def sampler_figures(seen: Seen) -> dict[str, Floats]:
    """What is taken of a run in which a step shows who took part. [runs] each"""
    own = _scaled(seen.sums[..., OWN], _deviation(seen.sums)).sum(2)
    return {"sampling": own.max(1), "sampling, sum": own.sum(1)}


def lines(found: Mapping[str, Any]) -> list[str]:
    """For people: the JSON value of an `Examined`."""
    told = [f"engine {found['answer']}: {found['why']}", ""]
    told.append(f"{'figure':<18}{'found':>8}{'false':>8}{'allowed':>9}{'epsilon':>9}{'claimed':>9}")
    for one in found["evidence"]:
        told.append(
            f"{one['probe']:<18}{one['found']:>8.1%}{one['false']:>8.1%}{one['allowed']:>9.1%}"
            f"{one['epsilon']:>9.2f}{one['claimed']:>9.2f}  at delta {one['delta']:.2g}"
        )
    told.append(
        "found: at least so many runs with the unit were told; false: at most so many without it; "
        f"a right engine is called broken with a chance of {1 - found['confidence']:.2g} at most"
    )
    return told


def noticed(runs: tuple[int, int], doubt: float) -> float:
    """The largest noise multiplier in place of `NOISE` that so many runs would show to be too
    small, if all came as expected; 0 where none would."""
    from scipy.stats import norm

    claim = Claim.of(Mechanism(NOISE.noise_multiplier), 1)
    low, high = 0.0, NOISE.noise_multiplier
    while high - low > 0.005:
        noise = (low + high) / 2
        expected = [norm.ppf((np.arange(count) + 0.5) / count) * noise for count in runs]
        values = np.concatenate([expected[0] + 1, expected[1]])
        within = np.repeat([True, False], runs)
        both = (np.tile(values, 2), np.tile(within, 2), np.repeat([False, True], len(values)))
        found = shown("own", *both, claim, doubt).excess > 0
        low, high = (noise, high) if found else (low, noise)
    return low


def _deviation(sums: Floats) -> Floats:
    """Of the noise in a step, by all coordinates that no unit has. [runs, steps, 1]"""
    quiet = np.delete(sums, [*OWN, *BACKGROUND], axis=-1)
    # An engine without noise shows its units all the more.
    return np.maximum(np.sqrt((quiet**2).mean(-1, keepdims=True)), 1e-15)


def _scaled(sums: Floats, deviation: Floats) -> Floats:
    """In deviations: a norm that follows the gradients changes both."""
    return sums / deviation


def _known(seen: Seen, deviation: Floats, weights: Floats) -> Floats:
    """What an attacker knows that would be the noise of the unit's coordinates, were noise shared:
    between coordinates, layers, steps and secrets. [runs, values]"""
    own = list(OWN)
    known = [
        *(seen.sums[..., list(twins)] for twins in TWINS),
        seen.before[..., own],
        seen.elsewhere[..., own],
    ]
    return np.stack([(weights * one / deviation).sum((1, 2)) for one in known], axis=1)


def _without_known(values: Floats, known: Floats, seen: Seen) -> Floats:
    """What is left of a figure once what is known is taken off, as it goes with it in runs without
    the unit."""
    learning = ~seen.judging & ~seen.within
    terms = np.concatenate([known, np.ones((len(known), 1))], axis=1)
    weights, *_ = np.linalg.lstsq(terms[learning], values[learning], rcond=1e-9)
    return values - terms @ weights


def _discriminant(figures: Floats, seen: Seen) -> Floats:
    """The one direction in which both worlds differ most (Fisher 1936), from runs that do not
    judge. [runs] from [runs, figures]"""
    choosing = ~seen.judging
    scale = np.maximum(figures[choosing].std(0), 1e-12)
    parts = figures / scale
    inside, outside = parts[choosing & seen.within], parts[choosing & ~seen.within]
    spread = np.cov(inside.T) + np.cov(outside.T) + 1e-6 * np.eye(parts.shape[1])
    return parts @ np.linalg.solve(spread, inside.mean(0) - outside.mean(0))
