"""LoRA (Hu et al., 2022), by PEFT: low-rank updates beside frozen weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.errors import ModelError
from accord.part import Spec, part, require

if TYPE_CHECKING:
    from torch import nn


LAYER = re.compile(r"\.(\d+)\.")


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
        ModelError: No module has the name of a target.
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
    return peft.get_peft_model(model, config)


def head_modules(model: nn.Module) -> list[str]:
    """Modules that are trained in full: what stands beside the body of a classifier, and what
    a base model left to the seed. The output layer of a language model is part of the base."""
    from accord.model.load import loading_of

    classifier: Any = model
    body = classifier.base_model_prefix
    output = classifier.get_output_embeddings()
    heads = [
        name
        for name, child in model.named_children()
        if name != body and child is not output and any(True for _ in child.parameters())
    ]
    new = {name.rpartition(".")[0] for name in loading_of(model).new}
    return heads + sorted(
        name for name in new if name.startswith(f"{body}.") and not within(name, heads)
    )


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
    outside = in_layers([name for name in linear if not within(name, heads)], spec.layers)
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


def within(name: str, modules: list[str]) -> bool:
    """Whether a weight or module is one of some modules, or lies in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def in_layers(names: list[str], layers: tuple[int, ...] | None) -> list[str]:
    """The modules or weights of some layers: the first number in a name is its layer's.

    Raises:
        ModelError: There is no such layer.
    """
    if layers is None:
        return names
    numbers = {name: int(found[1]) for name in names if (found := LAYER.search(name))}
    count = max(numbers.values(), default=-1) + 1
    wrong = [layer for layer in layers if not -count <= layer < count]
    if wrong:
        raise ModelError(
            "the model has no such layer",
            code="adapt-layers",
            path="model.adapt.layers",
            got=", ".join(str(layer) for layer in wrong),
            expected=f"0 to {count - 1}, or -1 to {-count} from the last" if count else "no layer",
            fix="choose among its layers, or leave `layers` out to adapt all",
        )
    chosen = {layer % count for layer in layers}
    return [name for name, number in numbers.items() if number in chosen]
