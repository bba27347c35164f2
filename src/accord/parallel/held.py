"""What a process holds of a model's weights: all, or a part of each (`accord.parallel.shards`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Protocol, final

import torch
from torch import nn

from accord.parallel.checkpoint import Tensors, copies

Named = Callable[[str], str]
"""The weight that a tensor belongs to, by the tensor's name."""


def itself(name: str) -> str:
    """A tensor named as its weight."""
    return name


class Held(Protocol):
    """A layout of a model's weights over processes; each must agree with `Undivided`.

    `trained`: what the optimizer changes of each trained weight, by the weight's name.
    """

    divided: bool
    model: nn.Module
    trained: Mapping[str, nn.Parameter]

    def forget(self) -> None:
        """Drop all gradients."""
        ...

    def take_gradients(self) -> None:
        """Put the gradients where the optimizer looks for them."""
        ...

    def norm(self, gradients: Sequence[torch.Tensor]) -> torch.Tensor:
        """Of the gradients of all weights together."""
        ...

    def idle(self, names: Sequence[str]) -> list[str]:
        """Of the weights that have had no gradient here, those that had none anywhere."""
        ...

    def copies(self, tensors: Mapping[str, torch.Tensor], named: Named = itself) -> Tensors:
        """Whole copies on the CPU, for whoever writes them."""
        ...

    def part(self, name: str, whole: torch.Tensor) -> torch.Tensor:
        """What is held of a whole tensor like the weight of this name."""
        ...

    def whole(self, weights: Mapping[str, torch.Tensor]) -> nn.Module:
        """The model with these weights, for whoever saves it; nothing more is trained."""
        ...

    def watched(self) -> AbstractContextManager[None]:
        """Around all that computes."""
        ...


@final
class Undivided:
    """All of a model's weights in every process."""

    divided = False

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.trained: Mapping[str, nn.Parameter] = {
            name: p for name, p in model.named_parameters() if p.requires_grad
        }

    def forget(self) -> None:
        self.model.zero_grad()

    def take_gradients(self) -> None:
        return None

    def norm(self, gradients: Sequence[torch.Tensor]) -> torch.Tensor:
        return nn.utils.get_total_norm(gradients)

    def idle(self, names: Sequence[str]) -> list[str]:
        return list(names)

    def copies(self, tensors: Mapping[str, torch.Tensor], named: Named = itself) -> Tensors:
        return copies(tensors)

    def part(self, name: str, whole: torch.Tensor) -> torch.Tensor:
        return whole

    def whole(self, weights: Mapping[str, torch.Tensor]) -> nn.Module:
        load(self, weights)
        return self.model

    def watched(self) -> AbstractContextManager[None]:
        return nullcontext()


def changing(held: Held) -> Tensors:
    """Trained weights, as held, and buffers by name; frozen weights are read from the base
    again."""
    return {n: p.detach() for n, p in held.trained.items()} | dict(held.model.named_buffers())


def load(held: Held, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy whole named weights into the model, in place."""
    targets = changing(held)
    with torch.no_grad():
        for name, tensor in weights.items():
            targets[name].copy_(held.part(name, tensor))


def of_optimizer(trained: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> Named:
    """Names the weight of an optimizer's tensor `<number>.<key>`."""
    names = {id(p): name for name, p in trained.items()}
    weights = chain.from_iterable(group["params"] for group in optimizer.param_groups)
    order = [names.get(id(p), "") for p in weights]
    return lambda key: order[int(key.partition(".")[0])]
