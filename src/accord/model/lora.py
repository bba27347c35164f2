"""LoRA (Hu et al., 2022), by PEFT: low-rank updates beside frozen weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.part import Spec, part, require

if TYPE_CHECKING:
    from torch import nn

HEADS = ("classifier", "score", "pre_classifier", "classification_head")


class Lora(Spec):
    """Low-rank adapters; a classification head is trained in full."""

    kind: Literal["lora"] = "lora"
    rank: int = Field(8, ge=1)
    alpha: float = Field(16, gt=0)
    """Updates are scaled by alpha / rank."""
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: tuple[str, ...] | Literal["all-linear"] = "all-linear"
    """Names of the modules that are adapted."""
    merge: bool = True
    """Save one plain model; otherwise the adapter beside a reference to its base."""


@part("adapter", Lora)
def lora(spec: Lora, model: nn.Module) -> nn.Module:
    """A PEFT model of which only the adapters and the head are trained."""
    peft: Any = require("peft", "train", "LoRA")
    names = {name.rsplit(".", 1)[-1] for name, _ in model.named_modules()}
    heads = [name for name in HEADS if name in names]
    targets = spec.targets if isinstance(spec.targets, str) else list(spec.targets)
    config = peft.LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        lora_dropout=spec.dropout,
        target_modules=targets,
        modules_to_save=heads or None,
        exclude_modules=heads or None,
    )
    return peft.get_peft_model(model, config)
