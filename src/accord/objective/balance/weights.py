"""Weights of classes: the rarer a class, the more each of its rows counts.

Every vector is scaled so that the mean over the training rows is 1: the learning rate keeps its
meaning, and equal classes all weigh 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    import torch


class Weights(Spec):
    """Base of weights."""

    defer: float = Field(0.0, ge=0, lt=1)
    """Share of the steps before which classes count alike: with 0.8 and `loss: ldam` it is LDAM
    with deferred re-weighting (Cao et al., 2019)."""


class Inverse(Weights):
    """One over the frequency of the class: all classes count alike in sum."""

    kind: Literal["inverse"] = "inverse"


class SquareRoot(Weights):
    """One over the square root of the frequency: half way, for classes that are very rare."""

    kind: Literal["square-root"] = "square-root"


class Effective(Weights):
    """One over the effective number of samples (Cui et al., 2019)."""

    kind: Literal["effective"] = "effective"
    beta: float = Field(0.999, ge=0, lt=1)
    """0 weighs all classes alike, towards 1 it becomes `inverse`."""


@part("class-weights", Inverse)
def inverse(spec: Inverse, counts: torch.Tensor) -> torch.Tensor:
    """`1 / n_c`. Shape of `counts` and of the weights: [classes]."""
    return _scaled(1 / counts.clamp(min=1), counts)


@part("class-weights", SquareRoot)
def square_root(spec: SquareRoot, counts: torch.Tensor) -> torch.Tensor:
    """`1 / sqrt(n_c)`."""
    return _scaled(counts.clamp(min=1).rsqrt(), counts)


@part("class-weights", Effective)
def effective(spec: Effective, counts: torch.Tensor) -> torch.Tensor:
    """`(1 - beta) / (1 - beta^n_c)`."""
    number = 1 - spec.beta ** counts.clamp(min=1)
    return _scaled((1 - spec.beta) / number, counts)


def _scaled(weights: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    return weights * counts.sum() / (weights * counts).sum()
