"""Heads of side tasks: a submodule of the model while it learns, a file beside it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from accord.model.formats import SIDE_HEADS

NAME = "accord_side_heads"
SPREAD = 0.02


def add_heads(model: nn.Module, tasks: Sequence[Mapping[str, Any]], width: int) -> nn.ModuleDict:
    """New heads, weights of the model from now on; the same for the same tasks and width.

    Args:
        model: On its device.
        tasks: As `schema.json` describes them.
        width: Of what the heads read.
    """
    device, chance = next(model.parameters()).device, torch.Generator().manual_seed(0)
    heads = nn.ModuleDict()
    for number, task in enumerate(tasks):
        heads[str(number)] = _head(task, width).to(device)
        weight: Any = heads[str(number)].weight
        with torch.no_grad():
            weight.copy_(SPREAD * torch.randn(weight.shape, generator=chance))
    model.add_module(NAME, heads)
    return heads


def take_heads(model: nn.Module) -> nn.ModuleDict | None:
    """The heads, which are no part of the model any more; None where it has none."""
    heads = getattr(model, NAME, None)
    if isinstance(heads, nn.ModuleDict):
        delattr(model, NAME)
        return heads
    return None


def save_heads(heads: nn.ModuleDict, folder: Path) -> None:
    """Write them beside the model."""
    weights = {n: t.detach().cpu().contiguous() for n, t in heads.state_dict().items()}
    save_file(weights, folder / SIDE_HEADS)


def load_heads(folder: Path, tasks: Sequence[Mapping[str, Any]]) -> nn.ModuleDict | None:
    """The heads that were saved beside a model; None where there are none."""
    if not tasks or not (folder / SIDE_HEADS).is_file():
        return None
    weights, heads = load_file(folder / SIDE_HEADS), nn.ModuleDict()
    for number, task in enumerate(tasks):
        heads[str(number)] = _head(task, weights[f"{number}.weight"].shape[1])
    heads.load_state_dict(weights)
    return heads.eval()


def _head(task: Mapping[str, Any], width: int) -> nn.Linear:
    head = nn.Linear(width, max(1, len(task["labels"])), device="meta").to_empty(device="cpu")
    with torch.no_grad():
        head.bias.zero_()
    return head
