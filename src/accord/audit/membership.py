"""How well an attacker tells training rows from rows that the model never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.metric.ranking import ranked, ranking_areas

RATES = (0.001, 0.01)
"""False positive rates at which an attack is judged (Carlini et al. 2022, arXiv:2112.03570): few
rows found for sure are worse than many that are suspected."""
RESAMPLES = 200
POINTS = 200
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attacked:
    """What one attack found.

    Args:
        auc: Chance that a training row scores above another; 0.5 is guessing.
        interval: Of the area, 95 %, by resampling rows.
        caught: By each of `RATES`: share of training rows found, and its 95 % interval.
        curve: False and true positive rates, for a plot. Shapes [points].
        members, others: Rows of each kind.
    """

    auc: float
    interval: tuple[float, float]
    caught: dict[float, tuple[float, float, float]]
    curve: tuple[list[float], list[float]]
    members: int
    others: int

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        return {
            "auc": self.auc,
            "interval": list(self.interval),
            "true_positive_rate": {
                f"{rate:g}": {"value": value, "interval": [low, high]}
                for rate, (value, low, high) in self.caught.items()
            },
            "members": self.members,
            "others": self.others,
            "curve": {"x": self.curve[0], "y": self.curve[1]},
        }


def by_loss(losses: Floats) -> Floats:
    """Rows with a low loss are taken for training rows (Yeom et al. 2018)."""
    return -losses


def calibrated(losses: Floats, reference: Floats) -> Floats:
    """By how much the loss is lower than that of a model which did not see the rows: what is easy
    for everybody shows nothing (Watson et al. 2022, arXiv:2111.08440)."""
    return reference - losses


def relative(
    losses: Floats, reference: Floats, other_losses: Floats, other_reference: Floats
) -> Floats:
    """RMIA (Zarifzadeh et al. 2024, arXiv:2312.03262), offline with one reference, gamma 1.

    The share of other rows of the population that a row dominates: whose likelihood, over that
    under the reference, is smaller than the row's own.

    Args:
        losses, reference: Of the rows that are judged. Shape [rows].
        other_losses, other_reference: Of rows that are known not to be training rows. Shape [z].
    """
    own, others = reference - losses, np.sort(other_reference - other_losses)
    return np.searchsorted(others, own, side="right") / max(len(others), 1)


def attacked(members: Floats, others: Floats, seed: int = 0) -> Attacked:
    """Judge scores: higher means "was in training".

    Args:
        members: Scores of training rows. Shape [members].
        others: Scores of rows that were not. Shape [others].
        seed: Of the resampling.
    """
    truth = np.concatenate([np.ones(len(members)), np.zeros(len(others))])
    scores = np.concatenate([members, others])
    rows, chance = ranked(truth, scores), np.random.default_rng(seed)
    counts = np.concatenate(
        [_drawn(len(members), chance), _drawn(len(others), chance)], dtype=np.float64
    )
    drawn, _ = ranking_areas(rows, counts)
    whole, _ = ranking_areas(rows, np.ones((len(scores), 1)))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Attacked(
        float(whole[0]),
        (float(low), float(high)),
        {rate: _caught(members, others, rate) for rate in RATES},
        _curve(members, others),
        len(members),
        len(others),
    )


def _drawn(rows: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    return chance.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES).T


def _caught(members: Floats, others: Floats, rate: float) -> tuple[float, float, float]:
    """True positives at a false positive rate that is not exceeded, with Clopper and Pearson's
    interval (of the members; the threshold is taken as given)."""
    from scipy.stats import beta

    allowed = int(rate * len(others))
    threshold = np.sort(others)[::-1][allowed] if allowed < len(others) else -np.inf
    found, rows = int((members > threshold).sum()), len(members)
    low = beta.ppf(0.025, found, rows - found + 1) if found else 0.0
    high = beta.ppf(0.975, found + 1, rows - found) if found < rows else 1.0
    return found / rows, float(low), float(high)


def _curve(members: Floats, others: Floats) -> tuple[list[float], list[float]]:
    thresholds = np.sort(others)[::-1]
    last = len(thresholds) - 1
    # Dense where false positives are few: that is where attacks differ.
    at = np.unique(np.geomspace(1, len(thresholds), min(POINTS, last + 1)).astype(np.int64)) - 1
    ordered = np.sort(members)
    false = at / len(others)
    true = 1 - np.searchsorted(ordered, thresholds[at], side="right") / len(members)
    return [*false.tolist(), 1.0], [*true.tolist(), 1.0]
