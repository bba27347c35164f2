"""What a classifier head is given: embeddings of rows and texts, as its last layer sees them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from accord.errors import ModelError
from accord.model.inputs import model_inputs

Batch = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What a part that starts a head is built from. D is the width of the head's input.

    Args:
        labels: Names of the classes, in id order.
        means: Mean embedding of the training rows of each class [classes, D].
        texts: Embeds texts: [n, D]; None where rows are no texts.
    """

    labels: tuple[str, ...]
    means: torch.Tensor
    texts: Callable[[Sequence[str]], torch.Tensor] | None


def last_layer(
    model: nn.Module, labels: int, *, trained: bool = True, field: str = "model.head"
) -> tuple[str, nn.Linear]:
    """Name and module of the layer that gives one logit a class.

    Args:
        model: Any.
        labels: Outputs of the layer.
        trained: Whether only a layer that is trained will do.
        field: Of the recipe, that wants it.

    Raises:
        ModelError: There is none.
    """
    found = [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and module.out_features == labels
        and (module.weight.requires_grad or not trained)
    ]
    if found:
        return found[-1]
    raise ModelError(
        "the model has no trained linear layer with one output a class"
        if trained
        else "the model has no last linear layer",
        code="head-missing",
        path=field,
        expected=f"a layer with {labels} outputs",
        why="its rows are what would be given a start"
        if trained
        else "what it is given is compared",
        fix=f"remove `{field}`, or choose another base",
    )


def embedded(model: nn.Module, layer: nn.Linear, batches: Iterable[Batch]) -> torch.Tensor:
    """Inputs of the layer for the rows of some batches, in eval mode. [rows, D], fp32, CPU."""
    found: list[torch.Tensor] = []
    trained = model.training
    model.eval()
    try:
        with torch.no_grad(), _heard(layer) as heard:
            for batch in batches:
                model(**model_inputs(model, dict(batch)))
                found.append(of_rows(heard.pop(), batch).float().cpu())
    finally:
        model.train(trained)
    return torch.cat(found)


@contextmanager
def _heard(layer: nn.Linear) -> Generator[list[torch.Tensor]]:
    """What the layer was given, by call."""
    heard: list[torch.Tensor] = []

    def hear(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        heard.append(inputs[0].detach())

    handle = layer.register_forward_pre_hook(hear)
    try:
        yield heard
    finally:
        handle.remove()


def of_rows(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """One vector a row; of models that judge every token, that of the last one."""
    if values.ndim == 2:
        return values
    mask = batch.get("attention_mask")
    rows = torch.arange(len(values), device=values.device)
    last = values.shape[1] - 1 if mask is None else mask.sum(1) - 1
    return values[rows, last]
