"""Prototypes: each class starts where the mean of its training rows lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from accord.part import Spec, part

if TYPE_CHECKING:
    import torch

    from accord.model.head.embeddings import Embeddings


class Prototypes(Spec):
    """Mean embedding of the class's training rows (Snell et al., 2017; Qi et al., 2018)."""

    kind: Literal["prototypes"] = "prototypes"


@part("head", Prototypes)
def prototypes(spec: Prototypes, given: Embeddings) -> torch.Tensor:
    """A point of each class [classes, D]."""
    return given.means
