"""How much of a difference between two runs hangs on the rows that judged them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from accord.evaluate.predictions import Predictions, read_predictions
from accord.evaluate.slices import slice_rows
from accord.metric.counts import Counts, class_rates, tally
from accord.metric.decision import likeliest
from accord.metric.scorer import Floats, columns_at

GROUPS = 20


def judging_variance(
    pairs: Sequence[tuple[Path, Path]], split: str = "test", *, of_mean: bool = False
) -> dict[str, float]:
    """Variance of the paired difference of each figure over the rows that judge, mean of the pairs.

    The jackknife of 20 groups (Shao and Tu, The jackknife and bootstrap, 1995): the rows are left
    out a twentieth at a time, the same ones for both runs.

    Args:
        pairs: Directories of finished runs without and with the remedy, judged on the same rows.
        split: Whose predictions.
        of_mean: The variance of the mean of all pairs, which were judged on the same rows.

    Returns:
        Variance by name of the figure (see `figures_of`): metrics, those of slices, and precision,
        recall and f1 of classes. Without those that some group leaves undefined.
    """
    found: list[dict[str, Floats]] = []
    for pair in pairs:
        without, cured = (
            _less_a_group(read_predictions(run / "predictions.parquet", split)) for run in pair
        )
        both = {name: cured[name] - without[name] for name in without if name in cured}
        found.append({name: v for name, v in both.items() if not np.isnan(v).any()})
    shared = set[str](found[0]).intersection(*found)
    differences = {name: np.stack([own[name] for own in found]) for name in shared}
    if of_mean:
        return {name: _jackknife(v.mean(0, keepdims=True)) for name, v in differences.items()}
    return {name: _jackknife(v) for name, v in differences.items()}


def _jackknife(left_out: Floats) -> float:
    """Mean of the variances, from [figures, groups]."""
    return float(left_out.var(axis=1).mean()) * (left_out.shape[1] - 1)


def _less_a_group(read: Predictions) -> dict[str, Floats]:
    """The figures without each group of rows in turn, [groups]."""
    scorer, rows = read.scorer(), len(read.row)
    group = np.random.default_rng(0).permutation(rows) % GROUPS
    counts = (group[:, None] != np.arange(min(GROUPS, rows))).astype(np.float64)
    found = dict(scorer.resampled(read.columns)(counts)) | _classes(read, counts)
    for column, values in read.cuts.items():
        for value, chosen in slice_rows(np.array(values, dtype=object))[0].items():
            with np.errstate(invalid="ignore", divide="ignore"):  # a group may be all of a slice
                own = scorer.resampled(columns_at(read.columns, chosen))(counts[chosen])
            found |= {f"{name} [{column}={value}]": v for name, v in own.items()}
    return found


def _classes(read: Predictions, counts: Floats) -> dict[str, Floats]:
    """Rates of every class, where a row has one."""
    if read.problem != "single-label":
        return {}
    truth, size = read.columns["label"], len(read.labels)
    guess = likeliest(read.columns, read.columns["scores"])
    hit = guess == truth
    tallied = Counts(
        tally(truth[hit], size, counts[hit]),
        tally(guess, size, counts),
        tally(truth, size, counts),
    )
    return {
        f"{name} [class={label}]": rates[i]
        for name, rates in class_rates(tallied).items()
        for i, label in enumerate(read.labels)
    }
