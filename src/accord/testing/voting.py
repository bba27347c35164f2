"""Contracts of ensembles and of thresholds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from accord.ensemble.setting import Ensemble, Member, Rows
from accord.metric.threshold.aim import Aim
from accord.metric.threshold.aim import Rows as Judged
from accord.model.decision import Decision
from accord.testing.contract import Contract

COUNTS = (60, 12, 5)


class EnsembleContract(Contract):
    """The same members whenever they are asked for, on rows there are, whose votes sum to 1."""

    def rows(self, seed: int = 0) -> Rows:
        labels = np.repeat(np.arange(3), COUNTS).astype(np.int64)
        return Rows(len(labels), labels, 3, seed)

    def ensemble(self, seed: int = 0) -> Ensemble:
        return self.part(self.spec(), self.rows(seed))

    def members(self, seed: int = 0) -> tuple[list[Member], list[npt.NDArray[np.bool_]]]:
        """All members; each is wrong about every fourth of its rows."""
        ensemble, mistakes = self.ensemble(seed), list[npt.NDArray[np.bool_]]()
        found: list[Member] = []
        for number in range(ensemble.size):
            member = ensemble.member(number, mistakes)
            found.append(member)
            size = self.rows().count if member.rows is None else len(member.rows)
            mistakes.append(np.arange(size) % 4 == number % 4)
        return found, mistakes

    def test_members_are_a_pure_function(self) -> None:
        for one, other in zip(self.members()[0], self.members()[0], strict=True):
            assert (one.seed, one.share, one.epochs) == (other.seed, other.share, other.epochs)
            for own, again in ((one.rows, other.rows), (one.weight, other.weight)):
                assert (own is None) == (again is None)
                assert own is None or again is None or np.array_equal(own, again)

    def test_no_two_members_have_one_seed(self) -> None:
        seeds = [member.seed for member in self.members()[0]]
        assert len(set(seeds)) == len(seeds)
        assert seeds[0] == 0, "the first member has the recipe's own seed"

    def test_rows_are_there_and_weights_are_theirs(self) -> None:
        for member in self.members()[0]:
            rows = np.arange(self.rows().count) if member.rows is None else member.rows
            assert len(rows) and rows.min() >= 0 and rows.max() < self.rows().count
            if member.weight is not None:
                assert member.weight.shape == rows.shape
                assert (member.weight > 0).all()
                assert np.isclose(member.weight.mean(), 1)

    def test_every_class_is_seen(self) -> None:
        labels = self.rows().labels
        for member in self.members()[0]:
            own = labels if member.rows is None else labels[member.rows]
            assert len(np.unique(own)) == 3

    def test_votes_sum_to_one(self) -> None:
        members, mistakes = self.members()
        votes = self.ensemble().votes(mistakes)
        assert len(votes) == len(members)
        assert min(votes) > 0 and np.isclose(sum(votes), 1)


class ThresholdContract(Contract):
    """One positive factor for each class, whatever the order of the rows, that is no worse on them
    than none."""

    names: tuple[str, ...] = ("a", "b")

    def aim(self) -> Aim:
        return self.part(self.spec(), self.names)

    def judged(self, order: npt.NDArray[np.int64] | None = None) -> Judged:
        """200 rows, of which the last class has few and the model is shy of it."""
        chance, size = np.random.default_rng(0), len(self.names)
        truth = np.minimum(chance.geometric(0.6, 200) - 1, size - 1)
        logits = chance.normal(size=(200, size)) + 1.5 * np.eye(size)[truth] - np.arange(size)
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        at = np.arange(200) if order is None else order
        trained = np.bincount(truth, minlength=size).astype(float)
        return Judged(chances[at], truth[at].astype(np.int64), np.ones(200), trained)

    def test_factors_are_positive_and_one_a_class(self) -> None:
        factors = self.aim().factors(self.judged())
        assert factors.shape == (len(self.names),)
        assert (factors > 0).all() and np.isfinite(factors).all()

    def test_the_order_of_the_rows_changes_nothing(self) -> None:
        order = np.random.default_rng(1).permutation(200)
        moved = self.aim().factors(self.judged(order))
        assert np.allclose(moved, self.aim().factors(self.judged()))

    def test_rows_that_count_twice_count_as_two(self) -> None:
        rows = self.judged()
        twice = Judged(rows.chances, rows.truth, rows.weight * 2, rows.trained)
        assert np.allclose(self.aim().factors(twice), self.aim().factors(rows))

    def test_they_are_no_worse_than_none(self) -> None:
        rows, aim = self.judged(), self.aim()
        factors = tuple(aim.factors(rows).tolist())
        plain = Decision(False, (1.0,) * len(self.names))(rows.chances)
        chosen = Decision(False, factors)(rows.chances)
        assert aim.value(rows, chosen) >= aim.value(rows, plain) - 1e-9
