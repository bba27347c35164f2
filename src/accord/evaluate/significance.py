"""Two or more runs side by side, with the difference each metric can be trusted to have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from accord.errors import DataError, RecipeError
from accord.evaluate.intervals import affordable, bounds_of, draws
from accord.evaluate.predictions import Predictions, read_predictions
from accord.metric.scorer import Floats


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the runs: its folder, its summary.json and its metrics on the compared rows."""

    path: Path
    summary: Mapping[str, Any]
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of one run less that of the first.

    Args:
        metric: Its name.
        run: Index of the run in `Comparison.runs`, from 1.
        difference: Value of the run less value of the first; None if either lacks it.
        interval: Percentile interval of the difference, or None.
        p_value: Two-sided, of the paired bootstrap: how often resampling turns the sign.
    """

    metric: str
    run: int
    difference: float | None
    interval: tuple[float, float] | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs judged on the same rows; the first is what the others are held against."""

    split: str
    rows: int
    resamples: int
    confidence: float
    runs: tuple[Compared, ...]
    differences: tuple[Difference, ...]


def compare(
    run_dirs: Sequence[Path],
    *,
    split: Literal["validation", "test"] = "test",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare runs by a paired bootstrap over the rows they all predicted.

    Args:
        run_dirs: At least two run directories.
        split: Whose predictions are compared.
        resamples: Bootstrap resamples.
        confidence: Of the intervals.
        seed: Same seed, same answer.

    Raises:
        RecipeError: Fewer than two runs.
        DataError: A run is incomplete (`predictions-unreadable`, `run-unreadable`), or they were
            not judged on the same rows (`compare-rows-differ`).
    """
    if len(run_dirs) < 2:
        raise RecipeError(
            "a comparison needs two runs",
            code="compare-too-few",
            got=len(run_dirs),
            expected="two or more run directories",
            fix="name another run: accord compare RUN RUN",
        )
    read = [read_predictions(run / "predictions.parquet", split) for run in run_dirs]
    for run, other in zip(run_dirs[1:], read[1:], strict=True):
        _must_match(run_dirs[0], run, read[0], other)
    scored = [p.scorer().scores(p.columns).metrics for p in read]
    runs = tuple(
        Compared(run, _summary(run), metrics) for run, metrics in zip(run_dirs, scored, strict=True)
    )
    rows = len(read[0].row)
    size = affordable(rows, resamples, max(p.scorer().cost for p in read) * len(read))
    spread = _resampled(read, rows, size, seed)
    differences = tuple(
        _difference(name, i, (scored[0], scored[i]), (spread[0], spread[i]), confidence)
        for i in range(1, len(read))
        for name in spread[0]
        if name in spread[i]
    )
    return Comparison(split, rows, size, confidence, runs, differences)


def _resampled(
    read: Sequence[Predictions], rows: int, resamples: int, seed: int
) -> list[dict[str, Floats]]:
    """Every run's metrics on the same resamples."""
    functions = [p.scorer().resampled(p.columns) for p in read]
    blocks = [[f(counts) for f in functions] for counts in draws(rows, resamples, seed)]
    return [
        {name: np.concatenate([block[i][name] for block in blocks]) for name in blocks[0][i]}
        for i in range(len(read))
    ]


def _difference(
    name: str,
    run: int,
    scored: tuple[Mapping[str, float | None], Mapping[str, float | None]],
    spread: tuple[Mapping[str, Floats], Mapping[str, Floats]],
    confidence: float,
) -> Difference:
    first, second = scored[0].get(name), scored[1].get(name)
    if first is None or second is None:
        return Difference(name, run, None, None, None)
    values = spread[1][name] - spread[0][name]
    bounds = bounds_of(values, confidence)
    p_value = None if bounds is None else two_sided(values)
    return Difference(name, run, second - first, bounds, p_value)


def two_sided(differences: Floats) -> float:
    """Twice the share of resampled differences on the rarer side of zero, at most 1.

    Counted with one resample more on each side (Davison and Hinkley, 1997), so never zero.
    """
    known = differences[np.isfinite(differences)]
    below, above = (known <= 0).sum(), (known >= 0).sum()
    return float(min(1.0, 2 * (1 + min(below, above)) / (1 + len(known))))


def _must_match(first_run: Path, run: Path, first: Predictions, other: Predictions) -> None:
    if (first.problem, sorted(first.labels)) != (other.problem, sorted(other.labels)):
        reason = "they answer different questions (problem or labels differ)"
    elif len(first.row) != len(other.row) or (first.row != other.row).any():
        shared = len(np.intersect1d(first.row, other.row))
        reason = f"{len(first.row)} and {len(other.row)} rows, {shared} of them shared"
    elif first.truth != other.truth or first.display != other.display:
        reason = "the rows have the same ids but not the same content"
    else:
        return
    raise DataError(
        f"the two runs were not judged on the same rows: {reason}",
        code="compare-rows-differ",
        path=f"{first_run} and {run}",
        expected="the same data, the same `data` section and the same `train.seed` for the split",
        why="a difference between other rows says nothing about the models",
        fix="give `data.test` as a file of its own in both recipes and run them again",
    )


def _summary(run: Path) -> dict[str, Any]:
    path = run / "summary.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise DataError(
            "this run has no readable summary",
            code="run-unreadable",
            path=str(path),
            got=type(error).__name__,
            fix="finish the run with `accord train --resume`, or name another run directory",
        ) from error
