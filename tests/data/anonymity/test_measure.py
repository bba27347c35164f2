"""Measures against their definitions, row by row."""

from __future__ import annotations

from collections import Counter
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.data.anonymity.measure import classes_of, closeness, distinct_l, entropy_l

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 6)), min_size=1, max_size=40
)


def columns(rows: list[tuple[int, int, int]]) -> list[np.ndarray]:
    return [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]


@given(ROWS)
def test_classes_are_equal_rows(rows: list[tuple[int, int, int]]) -> None:
    first, second, _ = columns(rows)
    found = classes_of([first, second])
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            assert (found[i] == found[j]) == (one[:2] == other[:2])
    assert set(found.tolist()) == set(range(int(found.max()) + 1))


@given(ROWS)
def test_diversity_is_counted(rows: list[tuple[int, int, int]]) -> None:
    first, _, values = columns(rows)
    classes = classes_of([first])
    for number in range(int(classes.max()) + 1):
        own = Counter(values[classes == number].tolist())
        size = sum(own.values())
        entropy = -sum(n / size * log(n / size) for n in own.values())
        assert distinct_l(classes, values)[number] == len(own)
        assert entropy_l(classes, values)[number] == pytest.approx(exp(entropy))


@given(ROWS, st.booleans())
def test_closeness_is_the_earth_movers_distance(
    rows: list[tuple[int, int, int]], ordered: bool
) -> None:
    first, _, values = columns(rows)
    classes = classes_of([first])
    present = sorted(set(values.tolist()))
    overall = [float((values == v).mean()) for v in present]
    found = closeness(classes, values, ordered=ordered)
    for number in range(int(classes.max()) + 1):
        own = [float((values[classes == number] == v).mean()) for v in present]
        gaps = np.array(own) - np.array(overall)
        if not ordered:
            expected = np.abs(gaps).sum() / 2
        elif len(present) == 1:
            expected = 0.0
        else:
            expected = np.abs(np.cumsum(gaps))[:-1].sum() / (len(present) - 1)
        assert found[number] == pytest.approx(expected, abs=1e-9)
