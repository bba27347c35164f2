"""What one step releases: noise on a sampled sum, as the accountant has to know it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from accord.accounting.unit import RELATIONS, UNITS, Relation, Unit, invalid

Sampling = Literal["poisson", "none"]
"""`poisson`: every unit is drawn for a step independently with the sampling probability. `none`:
every step sees all units. Shuffled batches of a fixed size are neither: none is charged as one."""
SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A Gaussian mechanism on a sample.

    Args:
        noise_multiplier: Standard deviation of the noise over the clipping norm of one unit.
        sampling_probability: That a unit takes part in a step; 1 without sampling.
        sampling: How the units of a step are drawn.
        relation: Neighbours that the figures are about.
        unit: Whose whole contribution was clipped.
        version: Of the code that draws, clips and adds noise: who audits must know it.
    """

    noise_multiplier: float
    sampling_probability: float = 1.0
    sampling: Sampling = "poisson"
    relation: Relation = "add-or-remove-one"
    unit: Unit = "record"
    version: str = ""

    def __post_init__(self) -> None:
        if not (0 < self.noise_multiplier < math.inf):
            expected = "a number above 0; a run without noise is charged without a mechanism"
            raise invalid("noise_multiplier", self.noise_multiplier, expected)
        if not (0 < self.sampling_probability <= 1):
            raise invalid("sampling_probability", self.sampling_probability, "above 0, at most 1")
        if self.sampling not in SAMPLINGS:
            raise invalid("sampling", self.sampling, ", ".join(SAMPLINGS))
        if self.sampling == "none" and self.sampling_probability != 1:
            raise invalid("sampling_probability", self.sampling_probability, "1 without sampling")
        if self.relation not in RELATIONS or self.unit not in UNITS:
            raise invalid("mechanism", (self.relation, self.unit), f"{RELATIONS}, {UNITS}")


Composition = tuple[tuple[Mechanism, int], ...]
"""Mechanisms with the steps of each; the order in which they ran does not matter."""


def composed(parts: Iterable[tuple[Mechanism, int]]) -> Composition:
    """The steps of each mechanism added up: one form for one content."""
    total: dict[Mechanism, int] = {}
    for mechanism, steps in parts:
        total[mechanism] = total.get(mechanism, 0) + steps
    found = [(mechanism, steps) for mechanism, steps in total.items() if steps > 0]
    return tuple(sorted(found, key=lambda part: _order(part[0])))


def _order(mechanism: Mechanism) -> tuple[float, float, str, str, str, str]:
    m = mechanism
    return (m.noise_multiplier, m.sampling_probability, m.sampling, m.relation, m.unit, m.version)


def mechanism_json(mechanism: Mechanism) -> dict[str, Any]:
    """JSON value of a mechanism."""
    return {
        "kind": "gaussian",
        "noise_multiplier": float(mechanism.noise_multiplier),
        "sampling_probability": float(mechanism.sampling_probability),
        "sampling": mechanism.sampling,
        "relation": mechanism.relation,
        "unit": mechanism.unit,
        "version": mechanism.version,
    }


def mechanism_from_json(value: Mapping[str, Any]) -> Mechanism:
    """The mechanism that `mechanism_json` wrote."""
    if value["kind"] != "gaussian":
        raise ValueError(f"unknown mechanism {value['kind']!r}")
    return Mechanism(**{name: part for name, part in value.items() if name != "kind"})
