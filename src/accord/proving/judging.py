"""How much of a difference between two runs hangs on the rows that judged them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from accord.evaluate.judge import judge
from accord.evaluate.predictions import Predictions, read_predictions
from accord.metric.scorer import columns_at
from accord.proving.figures import named_figures
from accord.recipe.evaluate import Evaluate

GROUPS = 20
PLAIN = Evaluate(resamples=0)


def judging_variance(pairs: Sequence[tuple[Path, Path]], split: str = "test") -> dict[str, float]:
    """Variance of the paired difference of each figure over the rows that judge, mean of the pairs.

    The jackknife of 20 groups (Shao and Tu, The jackknife and bootstrap, 1995): the rows are left
    out a twentieth at a time, the same ones for both runs.

    Args:
        pairs: Directories of finished runs without and with the remedy, judged on the same rows.
        split: Whose predictions.

    Returns:
        Variance by name of the figure; without those that some group leaves undefined.
    """
    found: list[dict[str, float]] = []
    for pair in pairs:
        without, cured = (
            _less_a_group(read_predictions(run / "predictions.parquet", split)) for run in pair
        )
        found.append(_variance(without, cured))
    shared = set[str](found[0]).intersection(*found)
    return {name: float(np.mean([own[name] for own in found])) for name in shared}


def _less_a_group(read: Predictions) -> list[dict[str, float]]:
    """The figures without each group of rows in turn."""
    scorer = read.scorer()
    group = np.random.default_rng(0).permutation(len(read.row)) % GROUPS
    figures: list[dict[str, float]] = []
    for left_out in range(min(GROUPS, len(read.row))):
        kept = np.flatnonzero(group != left_out)
        cuts = {name: [values[i] for i in kept] for name, values in read.cuts.items()}
        figures.append(named_figures(judge(scorer, columns_at(read.columns, kept), cuts, PLAIN, 0)))
    return figures


def _variance(
    without: Sequence[Mapping[str, float]], cured: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    names = set[str](without[0]).intersection(*without, *cured)
    groups = len(without)
    return {
        name: float(np.var([b[name] - a[name] for a, b in zip(without, cured, strict=True)]))
        * (groups - 1)
        for name in names
    }
