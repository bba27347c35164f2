"""Which weights and modules of a model are its head's, and which are in which of its layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accord.errors import ModelError

if TYPE_CHECKING:
    from torch import nn

NUMBER = re.compile(r"(?:^|\.)(\d+)\.")


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


def within(name: str, modules: list[str]) -> bool:
    """Whether a weight or module is one of some modules, or lies in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def layer_of(name: str) -> int | None:
    """The number of the layer that a weight or module lies in: the first number in its name."""
    found = NUMBER.search(name)
    return int(found[1]) if found else None


def in_layers(names: list[str], layers: tuple[int, ...] | None, model: nn.Module) -> list[str]:
    """Those of some names of weights or modules that lie in some layers of the model.

    Args:
        names: Any of them, in any order, which is kept.
        layers: Numbers from 0; -1 is the last. All names where it is None.
        model: Whose layers are counted, whether any of the names lie in them or not.

    Raises:
        ModelError: There is no such layer.
    """
    if layers is None:
        return names
    count = _count(model)
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
    return [name for name in names if layer_of(name) in chosen]


def alike_layers(model: nn.Module) -> list[nn.Module]:
    """The layers of every stack of alike ones: not the stacks inside them, nor lists of tables or
    matrices."""
    from torch import nn

    found: list[nn.Module] = []
    inside: set[int] = set()
    for module in model.modules():
        if not isinstance(module, nn.ModuleList) or id(module) in inside:
            continue
        layers = list(module)
        alike = len({type(layer) for layer in layers}) == 1
        if alike and all(any(True for _ in layer.children()) for layer in layers):
            found += layers
            inside |= {id(part) for layer in layers for part in layer.modules()}
    return found


def _count(model: nn.Module) -> int:
    """How many layers a model has. A layer has modules in it; tables and matrices that stand in a
    list have none."""
    whole = (name for name, module in model.named_modules() if any(True for _ in module.children()))
    numbers = (layer_of(f"{name}.") for name in whole)
    return max((number for number in numbers if number is not None), default=-1) + 1
