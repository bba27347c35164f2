"""Factors of classes that make a measure of the answers high. n rows, L classes, R candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from accord.metric.counts import Counts
from accord.metric.scorer import Floats

ROUNDS = 10
"""Passes over the classes, at most; two or three are usual."""
MOST = 2000
"""Candidates of a class: more rows than that are thinned evenly by rank."""
GAIN = 1e-9
"""What is less is rounding."""
SMALLEST = 1e-12

Ids = npt.NDArray[np.int64]


def search(
    chances: Floats,
    truth: Ids,
    weight: Floats,
    measure: Callable[[Counts, Floats], Floats],
    costs: Floats,
    moved: Sequence[int],
) -> Floats:
    """Factors [L] by turns: of each class the best over all its candidates, the others held.

    With two classes the result is the best there is. Candidates lie halfway between neighbouring
    rows, so no row is tied. Of equally good ones the nearest to 1 is taken; factors stay at 1
    where nothing is better.

    Args:
        chances: Probability of each class [n, L].
        truth: Classes [n].
        weight: How often each row counts [n].
        measure: Counts [L, R] and mean cost [R] to what they are worth [R].
        costs: Of a row, by its class and what it was taken for [L, L].
        moved: Classes whose factors are sought, in order.
    """
    logs = np.log(np.maximum(chances, SMALLEST))
    shifts = np.zeros(chances.shape[1])
    best = -np.inf
    for _ in range(ROUNDS):
        before = best
        for own in moved:
            shifts[own], best = _swept(logs, shifts, own, (truth, weight, measure, costs))
        if len(moved) == 1 or best <= before + GAIN:
            break
    return np.exp(shifts - shifts.mean() if len(moved) > 2 else shifts)


def _swept(
    logs: Floats,
    shifts: Floats,
    own: int,
    rest: tuple[Ids, Floats, Callable[[Counts, Floats], Floats], Floats],
) -> tuple[float, float]:
    """The best shift of one class, and what it is worth."""
    truth, weight, measure, costs = rest
    size = logs.shape[1]
    others = logs + shifts
    others[:, own] = -np.inf
    rival = others.argmax(1)
    # The shift from which a row is taken for this class.
    needed = others[np.arange(len(truth)), rival] - logs[:, own]
    places = _candidates(needed[weight > 0], shifts[own])
    at = np.searchsorted(places, needed, side="right")

    def flowing(ids: Ids, amount: Floats, onto: Floats) -> None:
        np.add.at(onto, (ids, at), amount)

    predicted, hits = np.zeros((size, len(places) + 1)), np.zeros((size, len(places) + 1))
    flowing(rival, -weight, predicted)
    flowing(np.full_like(truth, own), weight, predicted)
    flowing(rival, -weight * (truth == rival), hits)
    flowing(np.full_like(truth, own), weight * (truth == own), hits)
    saved = np.zeros(len(places) + 1)
    np.add.at(saved, at, weight * (costs[truth, own] - costs[truth, rival]))
    start = Counts(
        summed(rival, weight * (truth == rival), size),
        summed(rival, weight, size),
        summed(truth, weight, size),
    )
    counts = Counts(
        start.hits + hits.cumsum(1)[:, :-1],
        start.predicted + predicted.cumsum(1)[:, :-1],
        np.repeat(start.actual, len(places), axis=1),
    )
    cost = (weight @ costs[truth, rival] + saved.cumsum()[:-1]) / weight.sum()
    values = measure(counts, cost)
    here = int(np.searchsorted(places, shifts[own]))
    if values.max() <= values[here] + GAIN:
        return float(shifts[own]), float(values[here])
    good = np.flatnonzero(values >= values.max() - GAIN)
    chosen = good[np.abs(places[good]).argmin()]
    return float(places[chosen]), float(values[chosen])


def summed(ids: Ids, weight: Floats, size: int) -> Floats:
    """The weight of each class [size, 1]."""
    return np.bincount(ids, weight, size).astype(np.float64)[:, None]


def _candidates(needed: Floats, now: float) -> Floats:
    """Shifts between neighbouring rows, beyond all of them, and the present one. Sorted [R]."""
    met = np.unique(needed)
    if len(met) > MOST:
        met = met[np.linspace(0, len(met) - 1, MOST).astype(np.int64)]
    between = (met[1:] + met[:-1]) / 2
    return np.unique(np.concatenate([[met[0] - 1.0], between, [met[-1] + 1.0], [now]]))
