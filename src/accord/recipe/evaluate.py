"""`evaluate:` how the result is judged."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accord.recipe.section import Section


class Evaluate(Section):
    """Metrics come with the task; this says how they are cut and how certain they are."""

    slices: tuple[str, ...] = ()
    """Columns by whose values every metric is also given."""
    resamples: int = Field(default=1000, ge=0)
    """Bootstrap resamples for confidence intervals; 0 for none."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Share of resamples that the intervals hold."""
    calibration_bins: int = Field(default=15, ge=2)
    """Bins of predicted probability for reliability curves and ECE."""
    baseline: bool = True
    """Also judge a plain baseline on the same rows: TF-IDF with logistic regression, or alike."""
    canaries: int = Field(default=0, ge=0)
    """Rows made up at random, each put among the training rows by the toss of a coin, by which
    `accord audit` measures what the model gives away of single rows: some hundreds, for a model
    that is trained to be audited. 0 for none."""
    repeated: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = ()
    """Further canaries, ten of each number, which are put in so many times each: `[1, 10, 100]`
    shows how fast what stands there repeatedly is learned by heart. They need `canaries`, some of
    which are left out, to be compared with; once is what those are that are not left out."""
