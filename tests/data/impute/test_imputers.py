"""What each imputer fills in, against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from accord.part import find, parts

NAN = float("nan")


def filled(kind: str, train: Any, rows: Any, times: Any = (), **options: Any) -> np.ndarray:
    part = find("imputer", kind)
    imputer = part(part.spec(kind=kind, **options))
    train, rows = np.array(train, dtype=float), np.array(rows, dtype=float)
    before, now = times or (np.zeros(len(train)), np.zeros(len(rows)))
    facts = imputer.learn(train, np.array(before, dtype=float))
    return imputer.fill(facts, rows, np.array(now, dtype=float))


def test_all_are_tried() -> None:
    kinds = {"median", "mean", "constant", "nearest", "iterative", "linear"}
    assert set(parts("imputer")) == kinds


@pytest.mark.parametrize(
    ("kind", "options", "due"),
    [("median", {}, 2.0), ("mean", {}, 4.0), ("constant", {"value": -1}, -1.0)],
)
def test_one_figure(kind: str, options: dict[str, Any], due: float) -> None:
    train = [[1, 5], [2, 5], [9, 5], [NAN, 5]]
    assert filled(kind, train, [[NAN, 3], [7, 3]], **options).tolist() == [[due, 3], [7, 3]]


def test_a_line_in_time_and_the_ends_beyond() -> None:
    train, before = [[0.0], [NAN], [20.0], [30.0]], [0, 1, 2, 4]
    found = filled("linear", train, [[NAN]] * 5, (before, [1, 3, 9, -5, NAN]), order_by="day")
    assert found[:, 0].tolist() == [10.0, 25.0, 30.0, 0.0, pytest.approx(50 / 3)]


def correlated(rows: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=rows)
    parts_of = [x, 3 * x + 0.1 * chance.normal(size=rows), chance.normal(size=rows)]
    values = 1000 + np.stack(parts_of, axis=1)
    values[chance.random(values.shape) < 0.2] = NAN
    return values


def test_nearest_is_scikit_learn_s() -> None:
    from sklearn.impute import KNNImputer

    train, rows = correlated(150, 0), correlated(40, 1)
    rows = rows[~np.isnan(rows).all(axis=1)]
    scales = np.nanstd(train, axis=0)
    expected = KNNImputer(n_neighbors=4).fit(train / scales).transform(rows / scales) * scales
    assert filled("nearest", train, rows, neighbours=4) == pytest.approx(expected)


def test_iterative_is_scikit_learn_s_and_knows_what_goes_together() -> None:
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    train, rows = correlated(150, 0), correlated(40, 1)
    low, high = np.nanmin(train, axis=0), np.nanmax(train, axis=0)
    model = IterativeImputer(random_state=0, min_value=low, max_value=high, tol=1e-3)
    expected = model.fit(train).transform(rows)
    assert filled("iterative", train, rows) == pytest.approx(expected)
    (found,) = filled("iterative", train, [[1001.0, NAN, 1000.0]])
    assert found[1] == pytest.approx(1003, abs=0.2)


@pytest.mark.parametrize("kind", ["median", "mean", "nearest", "iterative"])
def test_nothing_known_and_nothing_missing(kind: str) -> None:
    empty = [[NAN, 1.0], [NAN, 2.0]]
    assert filled(kind, empty, [[NAN, 5.0]]).tolist() == [[0.0, 5.0]]
    whole = np.random.default_rng(0).normal(size=(9, 3))
    assert (filled(kind, whole, whole) == whole).all()
