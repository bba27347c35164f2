"""Which rows members see, how boosting weighs them, and how members vote: formulas, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from accord.ensemble.setting import Ensemble, Rows, thinned
from accord.model.ensemble import Output, Voting
from accord.part import find

COUNTS = st.lists(st.integers(1, 40), min_size=2, max_size=5)


def rows(counts: list[int], seed: int = 0) -> Rows:
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    return Rows(len(labels), labels, len(counts), seed)


def ensemble(kind: str, given: Rows, **fields: Any) -> Ensemble:
    part = find("ensemble", kind)
    return part(part.spec(kind=kind, **fields), given)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.floats(1, 4), st.integers(0, 99))
def test_a_thinned_class_has_so_many_rows_exactly(
    counts: list[int], ratio: float, seed: int
) -> None:
    given_rows, most = rows(counts, seed), int(ratio * min(counts) + 1e-9)
    chosen = thinned(given_rows, ratio, 3)
    if chosen is None:
        assert max(counts) <= most
        return
    assert len(set(chosen.tolist())) == len(chosen), "no row twice"
    found = np.bincount(given_rows.labels[chosen], minlength=len(counts))
    assert found.tolist() == [min(n, most) for n in counts]


def test_members_together_see_most_frequent_rows_and_each_all_rare_ones() -> None:
    given_rows = rows([90, 10])
    balanced = ensemble("balanced-bagging", given_rows, members=30)
    seen: set[int] = set()
    for number in range(30):
        own = balanced.member(number, ()).rows
        assert own is not None and len(own) == 20
        assert set(range(90, 100)) <= set(own.tolist())
        seen |= set(own.tolist())
    assert len(seen) > 90


def test_a_bootstrap_draws_with_replacement() -> None:
    own = ensemble("bagging", rows([500, 500])).member(1, ()).rows
    assert own is not None and len(own) == 1000
    assert 0.6 < len(set(own.tolist())) / 1000 < 0.67, "1 - 1/e of the rows"


def test_boosting_follows_samme() -> None:
    given_rows = rows([6, 6, 6])
    boosted = ensemble("easy-ensemble", given_rows, subsets=2, rounds=2)
    wrong = np.zeros(18, dtype=bool)
    wrong[:6] = True
    weight = boosted.member(1, [wrong]).weight
    assert weight is not None
    alpha = np.log((1 - 1 / 3) / (1 / 3)) + np.log(2)
    assert weight[0] / weight[-1] == pytest.approx(np.exp(alpha))
    assert weight.mean() == pytest.approx(1)
    none, all_wrong = np.zeros(18, dtype=bool), np.ones(18, dtype=bool)
    votes = boosted.votes([none, all_wrong, none, none])
    assert votes[0] > 20 * votes[1] > 0, "worse than chance has nearly no vote"
    assert votes[0] + votes[1] == pytest.approx(votes[2] + votes[3])


def test_snapshots_share_the_time_of_one() -> None:
    found = ensemble("snapshot", rows([9, 9]), members=4)
    members = [found.member(number, ()) for number in range(4)]
    assert [member.goes_on for member in members] == [False, True, True, True]
    assert sum(member.share for member in members) == 1


class Says(nn.Module):
    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self) -> Output:
        return Output(self.logits)


@pytest.mark.parametrize("shape", [(5, 3), (5, 7, 3)])
def test_soft_voting_is_the_mean_of_probabilities(shape: tuple[int, ...]) -> None:
    logits = [
        torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 3 for seed in (0, 1)
    ]
    members = [Says(one) for one in logits]
    for problem, chance in (
        ("single-label", lambda z: z.softmax(-1)),
        ("multi-label", torch.sigmoid),
        ("regression", lambda z: z),
    ):
        found = chance(Voting(members, (0.25, 0.75), problem)().logits)
        torch.testing.assert_close(found, 0.25 * chance(logits[0]) + 0.75 * chance(logits[1]))


def test_members_that_are_sure_stay_finite() -> None:
    sure = Says(torch.tensor([[200.0, -200.0], [-200.0, 200.0]]))
    for problem in ("single-label", "multi-label"):
        assert bool(Voting([sure, sure], (0.5, 0.5), problem)().logits.isfinite().all())
