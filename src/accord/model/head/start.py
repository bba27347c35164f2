"""Give the rows of a classifier head their start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

Row = tuple[torch.Tensor, torch.Tensor]
SHARPNESS = 4.0
"""Of a head that is new as a whole: the logit of a class falls by half of this, on the way from its
own point to the middle of all, times the mean squared distance between the two."""


def start_rows(layer: nn.Linear, points: torch.Tensor, means: torch.Tensor) -> None:
    """All rows of a head by the points of its classes, as the classifier of the nearest point.

    `logit_c = s ((x - m) v_c - |v_c|^2 / 2)`: v_c the point from the middle of all points, m the
    middle of the rows (they differ where points are no means of rows).

    Args:
        points: Of each class [classes, D].
        means: Of each class's training rows [classes, D].
    """
    directions, middle = points - points.mean(0), means.mean(0)
    squares = directions.square().sum(1)
    strength = SHARPNESS / squares.mean().clamp(min=1e-12)
    _set(layer, strength * directions, -strength * (directions @ middle + squares / 2))


def add_rows(
    layer: nn.Linear, points: torch.Tensor, means: torch.Tensor, kept: Mapping[int, Row]
) -> None:
    """Rows that the base has a class for stay; new ones are as long as they are on average, and
    reach the mean logit half-way between the middle of the rows and the point of the class.

    Args:
        points, means: As of `start_rows`.
        kept: Weights [D] and bias [] of rows by class id.
    """
    weights = torch.stack([weight for weight, _ in kept.values()])
    common, bias = weights.mean(0), torch.stack([bias for _, bias in kept.values()]).mean()
    length = (weights - common).norm(dim=1).mean() if len(kept) > 1 else weights.norm()
    directions, middle = points - points.mean(0), means.mean(0)
    sizes = directions.norm(dim=1, keepdim=True).clamp(min=1e-12)
    units = directions / sizes
    rows = common + length * units
    biases = bias - length * (units @ middle + sizes[:, 0] / 2)
    for number, (weight, own) in kept.items():
        rows[number], biases[number] = weight, own
    _set(layer, rows, biases)


def kept_rows(folder: Path, layer: str, labels: tuple[str, ...]) -> dict[int, Row]:
    """Head rows of a base model whose classes have the same names, by new class id.

    Args:
        folder: Of the base; empty where it names no such classes or has no such layer.
        layer: Name of the layer in the model.
        labels: Names of the new classes, in id order.
    """
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    names: dict[str, str] = config.get("id2label") or {}
    before = {name: int(number) for number, name in names.items()}
    shared = [name for name in labels if name in before]
    weight = _tensor(folder, f"{layer}.weight")
    if not shared or weight is None or len(weight) != len(before):
        return {}
    bias = _tensor(folder, f"{layer}.bias")
    bias = torch.zeros(len(weight)) if bias is None else bias
    return {labels.index(n): (weight[before[n]].float(), bias[before[n]].float()) for n in shared}


def _tensor(folder: Path, name: str) -> torch.Tensor | None:
    index = folder / "model.safetensors.index.json"
    file = folder / "model.safetensors"
    if index.is_file():
        file = folder / json.loads(index.read_text("utf-8"))["weight_map"].get(name, "none")
    if not file.is_file():
        return None
    with safe_open(file, framework="pt") as tensors:  # type: ignore[no-untyped-call]
        return tensors.get_tensor(name) if name in tensors.keys() else None  # noqa: SIM118


def _set(layer: nn.Linear, weights: torch.Tensor, biases: torch.Tensor) -> None:
    with torch.no_grad():
        layer.weight.copy_(weights)
        if layer.bias is not None:  # type: ignore[redundant-expr]
            layer.bias.copy_(biases)
