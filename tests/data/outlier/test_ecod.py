"""Tails of columns: summed over all, as in the paper, or the greatest of each."""

from __future__ import annotations

import numpy as np

from accord.data.outlier.ecod import Ecod, ecod


def test_rows_far_out_to_both_sides_are_found_by_the_tails_of_each_column() -> None:
    values = np.random.default_rng(0).normal(size=(200, 4))
    values[7] = (6, -6, 6, -6)
    both = ecod(Ecod(share=0.005, each=True), values, 0).rows
    assert np.flatnonzero(both).tolist() == [7]
    ranks = np.argsort(np.argsort(values, axis=0), axis=0) + 1
    left, right = -np.log(ranks / 200), -np.log((201 - ranks) / 200)
    skew = np.sign(((values - values.mean(0)) ** 3).sum(0))
    pointed = np.where(skew < 0, left, right)
    for each, scores in (
        (True, np.maximum(np.maximum(left, right), pointed).sum(1)),
        (False, np.max([left.sum(1), right.sum(1), pointed.sum(1)], axis=0)),
    ):
        rows = ecod(Ecod(share=0.1, each=each), values, 0).rows
        assert set(np.flatnonzero(rows)) == set(np.argsort(-scores, kind="stable")[:20])
