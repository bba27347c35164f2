"""Biases alone, beside frozen weights (BitFit: Ben Zaken et al., 2022, arXiv:2106.10199).

Of private training (Bu et al., 2022, arXiv:2210.00036): noise goes on every trained weight, and
these are a thousandth of all; the norms of their gradients need no inputs of layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from accord.errors import ModelError
from accord.model.layers import head_modules, in_layers, within
from accord.part import Spec, part

if TYPE_CHECKING:
    from torch import nn


class Bias(Spec):
    """Biases are trained, and a classification head in full; all else stays as it is."""

    kind: Literal["bias"] = "bias"
    norms: bool = False
    """Scales of normalisation layers are trained too."""
    layers: tuple[int, ...] | None = None
    """Numbers of the layers whose biases are trained, from 0; -1 is the last. Others need no
    backward pass. All by default."""


@part("adapter", Bias)
def bias(spec: Bias, model: nn.Module) -> nn.Module:
    """The model itself, its other weights frozen.

    Raises:
        ModelError: It has none of these beside its head, or no such layer.
    """
    heads = head_modules(model)
    names = _biases(model) + (_scales(model) if spec.norms else [])
    found = set(in_layers([n for n in names if not within(n, heads)], spec.layers, model))
    if not found:
        raise _nothing(model, spec)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in found or within(name, heads))
    return model


def _biases(model: nn.Module) -> list[str]:
    return [name for name, _ in model.named_parameters() if name.rpartition(".")[2] == "bias"]


def _scales(model: nn.Module) -> list[str]:
    """Weights of one dimension are scales of normalisation layers, under whatever class."""
    return [
        name
        for name, parameter in model.named_parameters()
        if parameter.dim() == 1 and name.rpartition(".")[2] == "weight"
    ]


def _nothing(model: nn.Module, spec: Bias) -> ModelError:
    layers = "" if spec.layers is None else " in these layers"
    return ModelError(
        f"the model has no {'biases or scales' if spec.norms else 'biases'} to train{layers}",
        code="bias-none",
        path="model.adapt",
        got=type(model).__name__,
        fix="use `lora`" if spec.norms else "write `{kind: bias, norms: true}`, or `lora`",
    )
