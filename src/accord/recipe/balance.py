"""`balance:` rare classes count for more. Nothing of it touches validation or test rows."""

from __future__ import annotations

from typing import Annotated

from accord.part import Spec, SpecOf
from accord.recipe.cold_start import ColdStart
from accord.recipe.section import Section


class Balance(Section):
    """What is done where classes are not equally frequent."""

    loss: Annotated[Spec, SpecOf("class-loss")] | None = None
    """Instead of cross-entropy: `{kind: focal, gamma: 2}`, `ldam`, `logit-adjustment`, ..."""
    weights: Annotated[Spec, SpecOf("class-weights")] | None = None
    """Of each class in the loss: `inverse`, `square-root`, `{kind: effective, beta: 0.999}`."""
    resample: Annotated[Spec, SpecOf("resampler")] | None = None
    """New rows for rare classes of a table: `smote`, `{kind: adasyn, ratio: 0.5}`, `smote-enn`;
    fewer for frequent ones: `near-miss`, `tomek-links`."""
    sampler: Annotated[Spec, SpecOf("sampler")] | None = None
    """How often rows are drawn: `over`, `under`, `class-balanced`, `square-root`; sources by
    `{kind: temperature, by: COLUMN}` or `{kind: shares, by: COLUMN, of: [[news, 3], ...]}`."""
    thresholds: Annotated[Spec, SpecOf("threshold")] | None = None
    """Of the classes in the finished model, tuned on validation: `f1`, `balanced-accuracy`,
    `{kind: recall-at-precision, precision: 0.9}`, `{kind: cost, of: [[sick, well, 10]]}`."""
    cold_start: ColdStart | None = None
    """New classes or sources count more at first: `{rows: 20}`, `{new: [urgent]}`."""
