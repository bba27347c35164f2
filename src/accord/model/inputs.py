"""The keyword arguments a model's forward takes, out of a batch."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch
from torch import nn

DATA = frozenset(("rows", "labels", "bytes"))


def model_inputs(model: nn.Module, batch: dict[str, torch.Tensor]) -> dict[str, Any]:
    """What of the batch `model.forward` names, without labels: losses are objectives' work.

    A boolean [B, 1, T, T] attention mask is turned into an additive one where the attention
    implementation (`eager`) adds masks to scores.
    """
    names = _parameters(type(_unwrapped(model)))
    chosen: dict[str, Any] = {k: v for k, v in batch.items() if k in names and k not in DATA}
    mask = chosen.get("attention_mask")
    if mask is not None and mask.ndim == 4 and _attention(model) == "eager":
        lowest = torch.finfo(torch.float32).min
        chosen["attention_mask"] = (
            torch.zeros(mask.shape).masked_fill(~mask.cpu(), lowest).to(mask.device)
        )
    if "use_cache" in names:
        chosen["use_cache"] = False
    return chosen


def _unwrapped(model: nn.Module) -> nn.Module:
    """The Transformers model inside a PEFT wrapper."""
    get_base: Any = getattr(model, "get_base_model", None)
    return get_base() if get_base is not None else model


def _attention(model: nn.Module) -> str:
    config: Any = getattr(_unwrapped(model), "config", None)
    return str(getattr(config, "_attn_implementation", "sdpa"))


@cache
def _parameters(kind: type[nn.Module]) -> frozenset[str]:
    return frozenset(inspect.signature(kind.forward).parameters)
