"""`clean.labels:` training rows whose label is probably wrong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section


class Labels(Section):
    """How wrong labels are found among the training rows, and what is done about them: confident
    learning (Northcutt et al., 2021) on predictions of rows that the predictor has not seen."""

    by: Annotated[Spec, SpecOf("label-model")] = Field(default="linear", validate_default=True)  # type: ignore[assignment]
    """What predicts: `linear` or `boosting`; of texts and images from the base model's
    embeddings."""
    folds: int = Field(default=5, ge=2, le=50)
    """Parts of the training rows, each predicted by what learned from the others."""
    rule: Literal["noise-rate", "class", "both", "confident"] = "noise-rate"
    """Which of the doubtful rows are wrong: as many as the estimated noise between each two classes
    (`noise-rate`) or of each class (`class`) tells, only where both agree (`both`), or all that are
    confidently of another class (`confident`)."""
    threshold: float = Field(default=3.5, gt=0)
    """Of a regression: residuals are wrong beyond so many deviations."""
    handle: Literal["remove", "quarantine", "weight", "relabel"] = "remove"
    """`remove` leaves rows out, `quarantine` writes them aside, `weight` lets them count less,
    `relabel` gives them the label that is predicted."""
    weight: float = Field(default=0.1, ge=0, lt=1)
    """How much such a row counts under `weight`."""
