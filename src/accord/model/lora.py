"""LoRA (Hu et al., 2022), by PEFT: low-rank updates beside frozen weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.errors import ModelError
from accord.model.layers import head_modules, in_layers, within
from accord.model.quiet import quiet
from accord.part import Spec, part, require

if TYPE_CHECKING:
    from torch import nn


class Lora(Spec):
    """Low-rank adapters; a classification head is trained in full."""

    kind: Literal["lora"] = "lora"
    rank: int = Field(8, ge=1)
    alpha: float = Field(16, gt=0)
    """Updates are scaled by alpha / rank."""
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: tuple[str, ...] | Literal["all-linear"] = "all-linear"
    """Names of the modules that are adapted."""
    layers: tuple[int, ...] | None = None
    """Numbers of the layers that are adapted, from 0; -1 is the last. All by default."""
    bias: Literal["none", "all", "lora_only"] = "none"
    """Biases that are trained too."""
    merge: bool = True
    """Save one plain model; otherwise the adapter beside a reference to its base."""


@part("adapter", Lora)
def lora(spec: Lora, model: nn.Module) -> nn.Module:
    """A PEFT model of which only the adapters and the head are trained.

    Raises:
        ModelError: No module has the name of a target, there are none to adapt, or no such layer.
    """
    peft: Any = require("peft", "train", "LoRA")
    heads = head_modules(model)
    config = peft.LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        lora_dropout=spec.dropout,
        target_modules=_targets(spec, model, heads),
        modules_to_save=heads or None,
        bias=spec.bias,
    )
    with quiet():
        return peft.get_peft_model(model, config)


def _targets(spec: Lora, model: nn.Module, heads: list[str]) -> list[str]:
    """Full names of the modules to adapt, sorted; never those of the head."""
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    classifier: Any = model
    output = classifier.get_output_embeddings()
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | Conv1D) and module is not output
    ]
    outside = in_layers([n for n in linear if not within(n, heads)], spec.layers, model)
    if not outside:
        raise _nothing(model, spec)
    if spec.targets == "all-linear":
        return sorted(outside)
    chosen = {
        target: [name for name in outside if re.search(rf"(^|\.){re.escape(target)}$", name)]
        for target in spec.targets
    }
    unknown = [target for target, names in chosen.items() if not names]
    if unknown:
        last = sorted({name.rpartition(".")[2] for name in outside})
        raise ModelError(
            "no linear module of the model has this name",
            code="lora-targets",
            path="model.adapt.targets",
            got=", ".join(unknown),
            expected=", ".join(last),
            fix="name some of these, or leave `targets` out to adapt all",
        )
    return sorted({name for names in chosen.values() for name in names})


def _nothing(model: nn.Module, spec: Lora) -> ModelError:
    layers = "" if spec.layers is None else " in these layers"
    return ModelError(
        f"the model has no linear modules to adapt{layers}",
        code="lora-targets",
        path="model.adapt",
        got=type(model).__name__,
        why="low-rank updates stand beside linear modules; those of the head are trained in full",
        fix="use `full` or `bias`",
    )
