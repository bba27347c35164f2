"""Which weights share a learning rate and weight decay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import nn

LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks?)\.(\d+)\.")
EMBEDDING = re.compile(r"(?:^|\.)(?:\w*embed\w*|wte|wpe|tokenizer)\.")


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast which weights learn.

    Args:
        learning_rate: Of all, but for what follows.
        weight_decay: Not of biases and normalisation weights.
        layer_decay: d: layer i of n learns at `d ** (n - i)` times the rate, embeddings at
            `d ** (n + 1)` (Howard and Ruder, 2018; Clark et al., 2020).
        head: What stands above the last layer learns at so many times the rate.
        begins: Step from which on what stands below the head learns (Kumar et al., 2022).
    """

    learning_rate: float
    weight_decay: float
    layer_decay: float | None = None
    head: float = 1.0
    begins: int = 0


def parameter_groups(model: nn.Module, rates: Rates) -> list[dict[str, Any]]:
    """Groups for a PyTorch optimizer, in a stable order: `params`, `names`, `lr`, `weight_decay`,
    `begins`."""
    undecayed = _normalisation_weights(model)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    depth = 1 + max((_layer(name, -1) for name, _ in trained), default=-1)
    groups: dict[tuple[float, float, int], dict[str, Any]] = {}
    for name, parameter in trained:
        decay = 0.0 if name in undecayed or name.endswith("bias") else rates.weight_decay
        below = depth - _layer(name, depth)
        rate = rates.learning_rate * (rates.layer_decay or 1.0) ** below
        rate, begins = (rate, rates.begins) if below else (rate * rates.head, 0)
        group = groups.setdefault(
            (rate, decay, begins),
            {"params": [], "names": [], "lr": rate, "weight_decay": decay, "begins": begins},
        )
        group["params"].append(parameter)
        group["names"].append(name)
    return list(groups.values())


def _layer(name: str, default: int) -> int:
    found = LAYER.search(name)
    if found:
        return int(found.group(1))
    return -1 if EMBEDDING.search(name) else default


def _normalisation_weights(model: nn.Module) -> set[str]:
    kinds = (nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.modules.batchnorm._NormBase)  # pyright: ignore[reportPrivateUsage]
    found: set[str] = set()
    for prefix, module in model.named_modules():
        if isinstance(module, kinds) or "norm" in type(module).__name__.lower():
            found |= {f"{prefix}.{name}" for name, _ in module.named_parameters(recurse=False)}
    return found
