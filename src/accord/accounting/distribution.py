"""Privacy loss distributions in tenths of a second: for searches, plans and prices.

The figures are those of `odometer` to four digits and pessimistic like them. What is charged or
promised is told by dp-accounting, which is slower and takes two seconds to be imported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.accounting.curve import plan_curve, surcharge
from accord.accounting.mechanism import Composition

Vector = NDArray[np.float64]

ERROR = 5e-5
"""About how much the grid of losses adds to an epsilon."""
FINEST = 1e-4
ACROSS = 300.0
"""Points of the grid between 0 and about the epsilon, at the least."""
WIDE_ABOVE = 20.0
"""Above this epsilon the grid widens in proportion."""
HOPELESS = 500.0
"""Above this the Renyi bound is told instead."""
CUT_OFF = 1e-6
"""Share of delta that the ends of distributions may have; it is added to delta."""
TILTS = np.geomspace(0.2, 2000.0, 28)
"""Exponents of the Chernoff bound, of which the best counts."""
POOLS = 512
"""Into about as many the losses are put to find where their sum ends."""


@dataclass(frozen=True, slots=True)
class _Losses:
    """Losses of one step: probability at `(first + i) * grid`, and of an infinite loss."""

    first: int
    mass: Vector
    infinite: float


def told(composition: Composition) -> bool:
    """Whether these mechanisms are of the kind that is computed here."""
    return all(mechanism.relation == "add-or-remove-one" for mechanism, _ in composition)


def epsilon(composition: Composition, delta: float, error: float = ERROR) -> float:
    """The epsilon of mechanisms that were all fixed in advance, never below the true value.

    Args:
        composition: Of which `told` holds.
        delta: The epsilon is at.
        error: About how much above the true value it may be.
    """
    if not composition:
        return 0.0
    rough = max(float(np.min(plan_curve(composition) + surcharge(delta))), 0.0)
    if rough > HOPELESS:
        return rough
    steps = sum(count for _, count in composition)
    finest = max(min(math.sqrt(error / steps), rough / ACROSS), FINEST)
    grid = finest * max(rough / WIDE_ABOVE, 1.0)
    ends = delta * CUT_OFF
    both = [
        (_losses(m.noise_multiplier, m.sampling_probability, grid, ends / steps), count)
        for m, count in composition
    ]
    removed, added = ([(pair[way], count) for pair, count in both] for way in (0, 1))
    return max(_one_way(parts, delta, grid, ends) for parts in (removed, added))


def _one_way(parts: list[tuple[_Losses, int]], delta: float, grid: float, ends: float) -> float:
    low, high = -_end(parts, grid, ends, -1), _end(parts, grid, ends, 1)
    first = math.floor(low / grid)
    room = max(math.ceil(high / grid) - first + 1, *(len(part.mass) for part, _ in parts))
    size = _size(room)
    total = np.ones(size // 2 + 1, dtype=np.complex128)
    for part, count in parts:
        circle = np.zeros(size)
        np.add.at(circle, np.arange(part.first, part.first + len(part.mass)) % size, part.mass)
        total *= _power(np.fft.rfft(circle), count)
    mass = np.roll(np.maximum(np.fft.irfft(total, size), 0.0), -(first % size))
    infinite = -math.expm1(sum(n * math.log1p(-part.infinite) for part, n in parts)) + 2 * ends
    return _crossing(first * grid, grid, mass, delta - infinite)


def _size(room: int) -> int:
    """The least length of a fast transform that has more than this room."""
    return min(odd << (room // odd).bit_length() for odd in (1, 3, 5))


def _power(values: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """By squares: ten times as fast as numpy's own for complex numbers."""
    found, square = np.ones_like(values), values
    while count:
        if count & 1:
            found = found * square
        count >>= 1
        if count:
            square = square * square
    return found


def _crossing(lowest: float, grid: float, mass: Vector, delta: float) -> float:
    """The smallest epsilon from 0 at which `sum_l>e (1 - exp(e - l)) p(l)` is at most delta."""
    if delta <= 0:
        return math.inf
    # Losses below 0 say nothing of an epsilon above it.
    skipped = max(math.floor(-lowest / grid) - 1, 0)
    lowest, mass = lowest + skipped * grid, mass[skipped:]
    odds = np.exp(np.arange(len(mass)) * grid)
    above = np.cumsum(mass[::-1])[::-1]
    weighed = np.cumsum((mass / odds)[::-1])[::-1]
    stick = above - odds * weighed
    k = int(np.argmax(stick <= delta))
    if k == 0:
        return max(lowest, 0.0)
    # Between two points of the grid the curve is linear in exp(epsilon).
    return max(lowest + math.log(max((float(above[k]) - delta) / float(weighed[k]), 1e-300)), 0.0)


def _losses(sigma: float, q: float, grid: float, ends: float) -> tuple[_Losses, _Losses]:
    """Connect-the-dots (Doroshenko, Ghazi, Kamath, Kumar and Manurangsi 2022): what lies between
    two points of the grid goes to both, so that the probabilities under both of P and Q are kept.

    Returns:
        Where a unit is removed, and where one is added.
    """
    reach = sigma * math.sqrt(2 * math.log(1 / ends))
    low, high = (_loss(x, sigma, q) for x in (-reach, 1 + reach))
    first, last = math.floor(low / grid), math.ceil(high / grid)
    losses: Vector = np.arange(first, last + 1, dtype=np.float64) * grid
    odds = np.expm1(losses) + q
    x = np.full(len(losses), -np.inf)
    x[odds > 0] = sigma * sigma * np.log(odds[odds > 0] / q) + 0.5
    without, lowest_without, beyond_without = _between(x, sigma, 0.0)
    shifted, lowest_shifted, beyond_shifted = _between(x, sigma, 1.0)
    mixed = (1 - q) * without + q * shifted
    below = (1 - q) * lowest_without + q * lowest_shifted
    beyond = (1 - q) * beyond_without + q * beyond_shifted
    return (
        _dots(mixed, without, losses, first, (below, beyond)),
        _dots(without[::-1], mixed[::-1], -losses[::-1], -last, (beyond_without, lowest_without)),
    )


def _dots(
    p: Vector, other: Vector, losses: Vector, first: int, outside: tuple[float, float]
) -> _Losses:
    """Probabilities at the points, of those between them under P and Q and of those outside."""
    grid = float(losses[1] - losses[0])
    upper = np.clip((p - other * np.exp(losses[:-1])) / -math.expm1(-grid), 0.0, p)
    mass = np.zeros(len(losses))
    mass[:-1] += p - upper
    mass[1:] += upper
    mass[0] += outside[0]
    return _Losses(first, mass, outside[1])


def _loss(x: float, sigma: float, q: float) -> float:
    """`log((1 - q) + q exp((2 x - 1) / (2 s^2)))`."""
    exponent = (2 * x - 1) / (2 * sigma * sigma)
    return float(np.logaddexp(math.log1p(-q), math.log(q) + exponent)) if q < 1 else exponent


def _between(x: Vector, sigma: float, mean: float) -> tuple[Vector, float, float]:
    """Normal probabilities between neighbouring points, below the first and above the last; each
    from the nearer tail, where no digits are lost."""
    z = (x - mean) * (math.sqrt(0.5) / sigma)
    # numpy has no erfc, and importing scipy takes longer than this loop.
    tail = 0.5 * np.fromiter(map(math.erfc, np.abs(z).tolist()), np.float64, len(z))
    upper, lower = np.where(z > 0, tail, 1 - tail), np.where(z > 0, 1 - tail, tail)
    between = np.where(z[1:] > 0, upper[:-1] - upper[1:], lower[1:] - lower[:-1])
    return np.maximum(between, 0.0), float(lower[0]), float(upper[-1])


def _end(parts: list[tuple[_Losses, int]], grid: float, ends: float, sign: int) -> float:
    """Where the sum of all losses ends, to one side, but for a probability of `ends` (Chernoff)."""
    found = np.full(len(TILTS), -math.log(ends))
    for part, count in parts:
        losses, mass = _pooled(part, sign)
        kept = mass > 0
        logs, losses = np.log(mass[kept]), grid * losses[kept]
        raised = TILTS[:, None] * losses + logs
        highest = raised.max(1)
        found += count * (highest + np.log(np.exp(raised - highest[:, None]).sum(1)))
    return float(np.min(found / TILTS))


def _pooled(part: _Losses, sign: float) -> tuple[Vector, Vector]:
    """Losses, in points of the grid and to one side, each as the largest of several neighbours:
    an end that is found by them is never too near, and is found sooner."""
    points = np.arange(part.first, part.first + len(part.mass))
    losses, mass = (sign * points, part.mass) if sign > 0 else (-points[::-1], part.mass[::-1])
    several = max(1, len(mass) // POOLS)
    short = -len(mass) % several  # at the far, lower side
    mass = np.concatenate((np.zeros(short), mass)).reshape(-1, several).sum(1)
    return losses[several - 1 - short :: several].astype(np.float64), mass


__all__ = ["epsilon", "told"]
