"""Tests of two samples, with the size of what they find and control for many of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def wilson(hits: int, rows: int, z: float = 1.959964) -> tuple[float, float]:
    """Interval of a share (Wilson, 1927)."""
    if not rows:
        return (0.0, 1.0)
    share = hits / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows**2)) / (1 + z * z / rows)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def kolmogorov_smirnov(a: Values, b: Values) -> tuple[float, float]:
    """Largest distance of two distribution functions, and the p-value of its being chance."""
    a, b = np.sort(a[np.isfinite(a)]), np.sort(b[np.isfinite(b)])
    if not len(a) or not len(b):
        return 0.0, 1.0
    both = np.concatenate([a, b])
    steps = np.searchsorted(a, both, side="right") / len(a)
    distance = float(np.abs(steps - np.searchsorted(b, both, side="right") / len(b)).max())
    size = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    # Stephens (1970): good from four values on, and the asymptotic series from there.
    at = (size + 0.12 + 0.11 / size) * distance
    terms = [(-1) ** (k - 1) * math.exp(-2 * k * k * at * at) for k in range(1, 101)]
    return distance, min(1.0, max(0.0, 2 * sum(terms))) if at > 0.2 else 1.0


def chi_squared(a: Sequence[object], b: Sequence[object]) -> tuple[float, float]:
    """Cramér's V of category and sample, and the p-value of its being chance.

    Categories of which fewer than five rows would be expected are taken together.
    """
    left, right = Counter(a), Counter(b)
    total = sum(left.values()) + sum(right.values())
    if not left or not right:
        return 0.0, 1.0
    smaller = min(len(a), len(b)) / total
    rare = {k for k in {*left, *right} if (left[k] + right[k]) * smaller < 5}
    rows = [(left[k], right[k]) for k in {*left, *right} - rare]
    if rare:
        rows.append((sum(left[k] for k in rare), sum(right[k] for k in rare)))
    table = np.array(rows, dtype=np.float64)
    if len(table) < 2:
        return 0.0, 1.0
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / total
    value = float(((table - expected) ** 2 / expected).sum())
    freedom = len(table) - 1
    # With few rows V is above zero by chance alone (Bergsma, 2013).
    corrected = max(0.0, value / total - freedom / (total - 1))
    return math.sqrt(corrected), _tail(value, freedom)


def _tail(value: float, freedom: int) -> float:
    """P(chi-squared > value)."""
    from scipy.stats import chi2

    return float(chi2.sf(value, freedom))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values after control of the chance of any false alarm (Holm, 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    found, most = [1.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(p_values) - rank) * p_values[i]))
        found[i] = most
    return found


def area_interval(area: float, ones: int, zeros: int) -> tuple[float, float]:
    """Interval of an area under the ROC curve (Hanley and McNeil, 1982)."""
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    square = area * area
    variance = (
        area * (1 - area) + (ones - 1) * (one - square) + (zeros - 1) * (two - square)
    ) / max(1, ones * zeros)
    half = 1.959964 * math.sqrt(max(variance, 1e-12))
    return max(0.0, area - half), min(1.0, area + half)


def area_p_value(area: float, ones: int, zeros: int) -> float:
    """One-sided p-value of an area above one half (Mann and Whitney, 1947)."""
    spread = math.sqrt((ones + zeros + 1) / (12 * max(1, ones * zeros)))
    return 0.5 * math.erfc((area - 0.5) / spread / math.sqrt(2))


def steps(values: Values, points: int = 60) -> tuple[list[float], list[float]]:
    """An empirical distribution function at evenly spaced shares, to be drawn."""
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return [], []
    shares = np.linspace(0, 1, min(points, len(values)))
    return [float(v) for v in np.quantile(values, shares)], [float(s) for s in shares]
