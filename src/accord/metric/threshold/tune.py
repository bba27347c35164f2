"""Thresholds of a model's classes, from what it says of validation rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.errors import RecipeError
from accord.metric.calibration import probabilities
from accord.metric.scorer import Columns, Floats
from accord.metric.threshold.aim import Aim, Rows, ThresholdSpec
from accord.model.decision import Decision
from accord.part import find
from accord.recipe.names import nearest

ENOUGH = 20
"""Resamples whose median means something."""
FEW = 20
"""Validation rows of a class under which its threshold is little more than chance."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Of one question: factors [L], those of resamples [S, L], and what they are worth."""

    factors: Floats
    resampled: Floats
    before: float
    after: float
    fresh: Floats


def tune(
    spec: ThresholdSpec,
    labels: Sequence[str],
    columns: Columns,
    trained: npt.NDArray[Any],
    seed: int,
    *,
    groups: npt.NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Entry `thresholds` of `accord.json`.

    Intervals are of bootstrap resamples of the validation rows (95 percent). `fresh` is what
    thresholds tuned on a resample gain on the rows that it lacks: an honest guess at what they
    gain on new rows.

    Args:
        spec: What they are chosen for.
        labels: Names of the classes, in id order.
        columns: `scores` [n, L] and `label` ([n], or [n, L] of 0/1) of validation rows.
        trained: Training rows of each class [L]; for several labels without and with it [L, 2].
        seed: Of the resamples.
        groups: What is drawn as one in resamples: words of one text; by default each by itself [n].

    Raises:
        RecipeError: A class is named that there is not.
    """
    several = columns["label"].ndim == 2
    _check_names(spec, labels, several)
    part = find("threshold", spec.kind)
    if not several:
        rows = _rows(probabilities(columns["scores"]), columns["label"], trained)
        found = [_found(part(spec, tuple(labels)), rows, spec, seed, groups)]
        factors, resampled = found[0].factors, found[0].resampled
        counts = np.bincount(rows.truth, minlength=len(labels))
    else:
        found = [
            _found(part(spec, ("", label)), _of_label(columns, number, trained[number]), spec, seed)
            for number, label in enumerate(labels)
        ]
        factors = np.array([one.factors[1] / one.factors[0] for one in found])
        resampled = np.stack([one.resampled[:, 1] / one.resampled[:, 0] for one in found], 1)
        counts = (columns["label"] > 0.5).sum(0)
    return {
        "aim": spec.model_dump(mode="json"),
        **_told(labels, several, factors, resampled if spec.tunes else resampled[:0]),
        "validation": _worth(found, len(columns["label"])),
        "few": [la for la, n in zip(labels, counts, strict=True) if spec.tunes and n < FEW],
    }


def _found(
    aim: Aim,
    rows: Rows,
    spec: ThresholdSpec,
    seed: int,
    groups: npt.NDArray[np.int64] | None = None,
) -> _Found:
    factors = aim.factors(rows)
    chance = np.random.default_rng((seed, 20))
    size, n = rows.chances.shape[1], len(rows.truth)
    owners = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = int(owners.max(initial=-1)) + 1
    resampled: list[Floats] = []
    fresh: list[float] = []
    # A search takes time in proportion to the square of the classes.
    for _ in range(min(spec.resamples, 20 * spec.resamples // size**2) if n else 0):
        drawn = chance.multinomial(units, np.full(units, 1 / units)).astype(np.float64)[owners]
        own = aim.factors(replace(rows, weight=drawn))
        resampled.append(own)
        left = drawn == 0
        if left.any():
            outside = Rows(
                rows.chances[left], rows.truth[left], np.ones(int(left.sum())), rows.trained
            )
            fresh.append(_gain(aim, outside, own))
    if spec.smooths and len(resampled) >= ENOUGH:
        factors = np.exp(np.median(np.log(resampled), axis=0))
    before = aim.value(rows, _guess(rows, np.ones(size))) if n else np.nan
    after = aim.value(rows, _guess(rows, factors)) if n else np.nan
    return _Found(
        factors, np.reshape(resampled, (len(resampled), size)), before, after, np.array(fresh)
    )


def _gain(aim: Aim, rows: Rows, factors: Floats) -> float:
    plain = np.ones(len(factors))
    return aim.value(rows, _guess(rows, factors)) - aim.value(rows, _guess(rows, plain))


def _guess(rows: Rows, factors: Floats) -> npt.NDArray[np.int64]:
    return Decision(False, tuple(factors.tolist()))(rows.chances)


def _rows(chances: Floats, truth: npt.NDArray[Any], trained: npt.NDArray[Any]) -> Rows:
    return Rows(chances, truth.astype(np.int64), np.ones(len(truth)), trained.astype(np.float64))


def _of_label(columns: Columns, number: int, trained: npt.NDArray[Any]) -> Rows:
    chances = columns["scores"][:, number].astype(np.float64)
    truth = columns["label"][:, number] > 0.5
    return _rows(np.stack([1 - chances, chances], 1), truth, trained)


def _told(
    labels: Sequence[str], several: bool, factors: Floats, resampled: Floats
) -> dict[str, Any]:
    """Factors of all classes; thresholds where a class stands against a rest, with intervals."""
    found: dict[str, Any] = {"factors": dict(zip(labels, factors.tolist(), strict=True))}
    if several or len(labels) == 2:
        ratio = factors if several else factors[1:] / factors[:1]
        spread = resampled if several else resampled[:, 1:] / resampled[:, :1]
        named = labels if several else labels[1:]
        found["thresholds"] = dict(zip(named, (1 / (1 + ratio)).tolist(), strict=True))
        spread = 1 / (1 + spread)
    else:
        named, spread = labels, resampled
    if len(spread):
        bounds = np.quantile(spread, [0.025, 0.975], axis=0).T.tolist()
        found["intervals"] = dict(zip(named, bounds, strict=True))
    return found


def _worth(found: Sequence[_Found], rows: int) -> dict[str, Any]:
    """Means over the questions: one, or one a label."""
    if not rows:
        return {"rows": 0}
    told: dict[str, Any] = {
        "rows": rows,
        "before": float(np.mean([one.before for one in found])),
        "after": float(np.mean([one.after for one in found])),
    }
    if min(len(one.fresh) for one in found):
        shared = min(len(one.fresh) for one in found)
        fresh = np.mean([one.fresh[:shared] for one in found], axis=0)
        fresh = fresh[np.isfinite(fresh)]
        told["fresh"] = float(fresh.mean())
        told["fresh_interval"] = np.quantile(fresh, [0.025, 0.975]).tolist()
    return told


def _check_names(spec: ThresholdSpec, labels: Sequence[str], several: bool) -> None:
    for name in spec.named:
        if name in labels or (several and name == ""):
            continue
        near = nearest(name, tuple(labels))
        raise RecipeError(
            f"the data know no class {name!r}",
            code="thresholds-class",
            path="balance.thresholds.of",
            got=name,
            expected=", ".join(labels[:20]),
            fix=f"did you mean {near!r}?" if near else "name one of these",
        )
