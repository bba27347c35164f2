"""Effects: intervals by hand, verdicts in both directions, nothing from nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.proving.effect import Interval, effect_of, effects_of, paired_interval, time_ratio

PLAIN = Interval(0.95)
figures = st.floats(-1e3, 1e3, allow_nan=False)


def test_interval_by_hand() -> None:
    # t of 2 degrees at 97.5 %: 4.302653; mean 2, standard deviation 1.
    low, high = paired_interval([1.0, 2.0, 3.0], PLAIN) or (0, 0)
    assert low == pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-6)
    assert high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-6)


def test_splits_that_share_rows_widen_the_interval() -> None:
    low, high = paired_interval([1.0, 2.0, 3.0], Interval(0.95, overlap=0.25)) or (0, 0)
    assert high - low == pytest.approx(2 * 4.302653 * math.sqrt(1 / 3 + 0.25), abs=1e-5)


def test_one_seed_gives_no_interval() -> None:
    effect = effect_of("f1", [0.5], [0.9], PLAIN)
    assert effect.interval is None
    assert effect.verdict is None
    assert effect.difference == pytest.approx(0.4)


@pytest.mark.parametrize(("name", "verdict"), [("f1", "helps"), ("rmse", "harms")])
def test_more_is_better_or_worse(name: str, verdict: str) -> None:
    assert effect_of(name, [1.0, 1.1, 1.2], [2.0, 2.1, 2.21], PLAIN).verdict == verdict


@given(st.lists(figures, min_size=2, max_size=8))
def test_equal_runs_show_no_difference(values: list[float]) -> None:
    effect = effect_of("f1", values, values, PLAIN)
    assert effect.difference == 0
    assert effect.interval == (0, 0)
    assert effect.verdict == "no difference seen"


@given(st.lists(st.tuples(figures, figures), min_size=2, max_size=8))
def test_swapped_runs_give_the_opposite(pairs: list[tuple[float, float]]) -> None:
    without, cured = zip(*pairs, strict=True)
    one, two = effect_of("f1", without, cured, PLAIN), effect_of("f1", cured, without, PLAIN)
    assert one.difference == -two.difference
    assert one.interval is not None
    assert two.interval is not None
    assert one.interval == pytest.approx((-two.interval[1], -two.interval[0]))


def test_only_shared_figures_are_compared() -> None:
    found = effects_of([{"a": 1.0, "b": 2.0}], [{"a": 2.0}], PLAIN)
    assert list(found) == ["a"]


def test_time_is_a_ratio() -> None:
    effects = effects_of(
        [{"train_seconds": 2.0}, {"train_seconds": 4.0}],
        [{"train_seconds": 4.0}, {"train_seconds": 8.0}],
        PLAIN,
    )
    assert (time_ratio(effects, PLAIN) or {})["ratio"] == pytest.approx(2.0)


def test_where_more_is_judged_than_learned_the_part_of_judging_counts() -> None:
    def reach(overlap: float, **judging: float) -> float:
        found = paired_interval([1.0, 2.0, 3.0], Interval(0.95, overlap, judging), "f1")
        assert found is not None
        return found[1] - found[0]

    # Variance 1; all of it judging: Nadeau and Bengio's. None of it: learned rows alone are shared.
    assert reach(5.0) == pytest.approx(2 * 4.302653 * math.sqrt(1 / 3 + 5), abs=1e-5)
    assert reach(5.0, f1=0.0) == pytest.approx(2 * 4.302653 * math.sqrt(1 / 3 + 1 / 5), abs=1e-5)
    assert reach(5.0, f1=0.5) == pytest.approx(2 * 4.302653 * math.sqrt(1 / 3 + 0.6), abs=1e-5)
    assert reach(5.0, f1=1e9) == reach(5.0, other=0.0) == reach(5.0)
    assert reach(1.0, f1=0.0) == reach(1.0)


def test_seeds_that_learn_apart_share_the_judged_rows_alone() -> None:
    apart = Interval(0.95, 5.0, {"f1": 0.25}, apart=True)
    low, high = paired_interval([1.0, 2.0, 3.0], apart, "f1") or (0, 0)
    assert high - low == pytest.approx(2 * 4.302653 * math.sqrt(1 / 3 + 0.25), abs=1e-5)
    assert apart.kind == "apart"
