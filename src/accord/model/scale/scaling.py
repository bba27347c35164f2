"""What a part of slot `scaler` is: it learns from a column of training rows, and tells in JSON what
it learned, so that a trained model can do the same to new rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from accord.part import Spec, find

Column = npt.NDArray[np.float64]
Facts = dict[str, Any]
LIMIT = 1e6
"""Deviations beyond which a value is as good as infinite."""
ENTRY = "scale"
"""Of a numeric column in schema.json and accord.json."""


class ScalerSpec(Spec):
    """Base of a scaler's description."""

    keeps_rows: ClassVar[bool] = False
    """Whether what it learned holds values of single training rows."""


@dataclass(frozen=True, slots=True)
class Scaler:
    """A part is a function `(spec) -> Scaler`.

    Args:
        learn: Known, finite values of a column of the training rows, at least one, to JSON.
        apply: `(facts, values) -> values`, each by itself; finite values stay finite and in their
            order. Shape [n].
    """

    learn: Callable[[Column], Facts]
    apply: Callable[[Facts, Column], Column]


def learned(spec: Spec, values: Column) -> Facts:
    """What a scaler learned of a column, as a table's facts keep it.

    Args:
        values: Of the training rows, NaN where missing. Shape [n].
    """
    known = values[np.isfinite(values)]
    facts = find("scaler", spec.kind)(spec).learn(known) if len(known) else None
    return {"by": spec.model_dump(mode="json"), "learned": facts}


def scaled(column: Mapping[str, Any], values: Column) -> Column:
    """Values of a numeric column as its scaler learned it; without one, as they are.

    Args:
        column: The entry of the column in schema.json or accord.json.
        values: NaN where missing, and NaN then. Shape [n].
    """
    facts = column.get(ENTRY)
    if facts is None or facts["learned"] is None:
        return values
    part = find("scaler", facts["by"]["kind"])
    found = part(part.spec.model_validate(facts["by"])).apply(facts["learned"], values)
    return np.where(np.isnan(values), values, np.clip(found, -LIMIT, LIMIT))


def apart(values: Column, middle: float, spread: float) -> Column:
    """Values around a middle, in units of a spread; of a column that never varies, 0."""
    return (values - middle) / spread if spread > 0 else np.zeros_like(values)


def standardised(values: Column) -> Facts:
    """Mean and deviation."""
    return {"mean": float(values.mean()), "std": float(values.std())}
