"""Batches are drawn as the accountant counts: each unit by itself, with one public probability."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from accord.batch import Feed, PreparedSplit
from accord.privacy.members import Members, grouped
from accord.privacy.sampling import Poisson
from accord.recipe.privacy import Privacy
from accord.train.private import owners
from tests.laws import prepared

SECRET = b"s" * 32


def records(count: int, probability: float, secret: bytes = SECRET) -> Poisson:
    return Poisson(Members(*grouped(np.arange(count)), secret=secret), probability, count)


def test_inclusion_frequencies_pass_a_chi_squared_test() -> None:
    order, steps, q = records(400, 0.03), 3000, 0.03
    drawn = [order.step(step).rows for step in range(steps)]
    times = np.bincount(np.concatenate(drawn), minlength=400)
    squares = ((times - steps * q) ** 2 / (steps * q * (1 - q))).sum()
    assert 1e-4 < stats.chi2(400).cdf(squares) < 1 - 1e-4, "each unit as often as any other"
    sizes = np.array([len(rows) for rows in drawn])
    assert sizes.var() == pytest.approx(400 * q * (1 - q), rel=0.15), "and independently of them"
    together = sum(1 for rows in drawn if {0, 1} <= set(rows.tolist()))
    assert together <= 12, "two units together as seldom as by chance: 2.7 times expected"


def test_a_batch_depends_on_secret_and_step_alone() -> None:
    order = records(200, 0.1)
    one = next(order.batches(seed=1, batch_size=8, start=5)).rows
    assert np.array_equal(one, next(order.batches(seed=2, batch_size=99, start=5)).rows)
    assert np.array_equal(one, next(itertools.islice(order.batches(0, 8, 3), 2, None)).rows)
    assert not np.array_equal(one, order.step(6).rows)
    assert not np.array_equal(one, records(200, 0.1, b"t" * 32).step(5).rows)


def test_one_unit_more_changes_no_other_units_part() -> None:
    """Rate and batches of the others do not depend on how many there are (opacus#571, #819)."""
    for step in range(50):
        few, more = records(100, 0.1).step(step).rows, records(101, 0.1).step(step).rows
        assert set(few.tolist()) == set(more.tolist()) - {100}


def test_units_of_several_rows_are_drawn_whole() -> None:
    owners = np.repeat([4, 9, 2, 7], [1, 5, 2, 3])
    order = Poisson(Members(*grouped(owners), 3, SECRET), 0.5, 4)
    seen: set[int] = set()
    for step in range(200):
        chosen = order.step(step)
        assert chosen.weight is not None
        rows, weight = chosen.rows.reshape(-1, 3), chosen.weight.reshape(-1, 3)
        for own, count in zip(rows, weight, strict=True):
            assert len(set(owners[own].tolist())) == 1, "a unit's rows stay side by side"
            taken = own[count > 0]
            size = int((owners == owners[own[0]]).sum())
            assert len(set(taken.tolist())) == len(taken) == min(size, 3)
            assert count.sum() == pytest.approx(1)
            seen |= set(taken.tolist())
    assert seen == set(range(11)), "every row has its turn"


def test_windows_may_be_empty_and_keep_units_together(tmp_path: Path) -> None:
    split = PreparedSplit(prepared.classification(tmp_path, 40), "train")
    order = Poisson(Members(*grouped(np.arange(40) // 4), 4, SECRET), 0.05, 10)
    for division in ("ordered", "bucketed"):
        feed = Feed(split, 1, seed=0, division=division, workers=0, order=order)
        windows = list(feed.windows(0, 60, max_tokens=48))
        empty = [window for window in windows if not len(window.lengths)]
        assert empty and all(not window.batches for window in empty)
        assert len(empty) < len(windows)
        for window in windows:
            for batch in window.batches:
                owners = batch["rows"].reshape(-1, 4) // 4
                assert (owners == owners[:, :1]).all()
                assert batch["weight"].reshape(-1, 4).sum(1).allclose(batch["weight"].new_ones(()))


def test_changed_copies_belong_to_the_unit_of_their_row() -> None:
    """One row in a step at most, or the mean over several: never once for each copy."""
    table = pa.table({"asset": ["a", "a", "a", "b", "a", "b"], "row": [7, 7, 7, 7, 9, 7]})
    split = SimpleNamespace(schema={"problem": "single-label"}, table=table, rows=6)
    found = owners(split, Privacy(noise_multiplier=1.0))  # type: ignore[arg-type]
    assert found.tolist() == [0, 0, 0, 1, 2, 1]
    order = Poisson(Members(*grouped(found), 3, SECRET), 1.0, 3)
    drawn = order.step(0)
    assert drawn.weight is not None
    assert found[drawn.rows].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert drawn.weight.reshape(3, 3).sum(1) == pytest.approx([1, 1, 1])
