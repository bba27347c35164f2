"""Which weights share a learning rate and weight decay."""

from __future__ import annotations

import re
from typing import Any

from torch import nn

LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks?)\.(\d+)\.")
EMBEDDING = re.compile(r"(?:^|\.)(?:\w*embed\w*|wte|wpe|tokenizer)\.")


def parameter_groups(
    model: nn.Module, *, learning_rate: float, weight_decay: float, layer_decay: float | None
) -> list[dict[str, Any]]:
    """Groups for a PyTorch optimizer.

    Biases and normalisation weights are not decayed. With `layer_decay` d, layer i of n learns
    at `learning_rate * d ** (n - i)`, embeddings at `d ** (n + 1)`, the head at the full rate
    (Howard and Ruder, 2018; Clark et al., 2020).

    Returns:
        Groups with `params`, `names`, `lr` and `weight_decay`, in a stable order.
    """
    undecayed = _normalisation_weights(model)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    depth = 1 + max((_layer(name, -1) for name, _ in trained), default=-1)
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for name, parameter in trained:
        decay = 0.0 if name in undecayed or name.endswith("bias") else weight_decay
        below = depth - _layer(name, depth)
        rate = learning_rate * (layer_decay or 1.0) ** below
        group = groups.setdefault(
            (rate, decay), {"params": [], "names": [], "lr": rate, "weight_decay": decay}
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
