"""Missing numbers are predicted from the other columns, round after round."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.data.impute.filling import Facts, Imputer, ImputerSpec, Values, by_column, filled_with
from accord.part import part


class Iterative(ImputerSpec):
    """Each column is predicted from the others by Bayesian ridge regression, in rounds (as MICE:
    van Buuren and Groothuis-Oudshoorn, 2011), never beyond what training rows hold; one value is
    filled in, not several. Where no training row has a gap, the mean."""

    kind: Literal["iterative"] = "iterative"
    rounds: int = Field(default=10, ge=1)


@part("imputer", Iterative)
def iterative(spec: Iterative) -> Imputer:
    """By scikit-learn's IterativeImputer, whose weights are kept."""

    def learn(values: Values, times: npt.NDArray[np.float64]) -> Facts:
        means = by_column(values, np.mean)
        low, high = by_column(values, np.min), by_column(values, np.max)
        facts: Facts = {"means": means, "low": low, "high": high, "steps": []}
        # A column of one value, or of none, has nothing to predict.
        varied = [i for i in range(values.shape[1]) if high[i] > low[i]]
        if len(varied) > 1 and np.isnan(values[:, varied]).any():
            bounds = [low[i] for i in varied], [high[i] for i in varied]
            facts["steps"] = _steps(values[:, varied], bounds, varied, spec.rounds)
        return facts

    return Imputer(learn, _fill)


def _steps(
    values: Values, bounds: tuple[list[float], list[float]], columns: list[int], rounds: int
) -> list[Facts]:
    # The class stands behind a flag, as its defaults may change; those that matter are given.
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # pyright: ignore[reportUnusedImport]
    from sklearn.impute import IterativeImputer

    kind: Any = IterativeImputer  # its stubs take no bounds of several columns
    model = kind(max_iter=rounds, random_state=0, min_value=bounds[0], max_value=bounds[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rounds that change little still
        model.fit(values)
    return [
        {
            "column": columns[int(step.feat_idx)],
            "from": [columns[i] for i in step.neighbor_feat_idx],
            "weights": step.estimator.coef_.tolist(),
            "bias": float(step.estimator.intercept_),
        }
        for step in model.imputation_sequence_
    ]


def _fill(facts: Facts, values: Values, times: npt.NDArray[np.float64]) -> Values:
    missing, filled = np.isnan(values), filled_with(values, facts["means"])
    for step in facts["steps"]:
        column = step["column"]
        # No product of matrices: its last bits hang on how many rows there are.
        found = np.full(len(values), step["bias"])
        for weight, other in zip(step["weights"], step["from"], strict=True):
            found += weight * filled[:, other]
        found = np.clip(found, facts["low"][column], facts["high"][column])
        filled[:, column] = np.where(missing[:, column], found, filled[:, column])
    return filled
