"""Weights in as many copies as there are rows: exact for whatever reads them, row by row."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.func import functional_call, vmap

from accord.privacy.piece import Dense
from accord.privacy.sweep import OffRules, Sweep, own_weights, tensors_of


class _Spread(torch.autograd.Function):
    """[...] -> [rows, ...], the same for each row; no memory is taken."""

    @staticmethod
    def forward(ctx: Any, weight: torch.Tensor, sweep: Sweep) -> torch.Tensor:
        ctx.sweep, ctx.weight = sweep, weight
        return weight.detach().expand(sweep.rows, *weight.shape)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[None, None]:
        tape = ctx.sweep.tape
        by_unit = grad.reshape(tape.units, -1, *ctx.weight.shape).sum(1, dtype=torch.float32)
        tape.add(ctx.weight, Dense(by_unit))
        return None, None


def spread(sweep: Sweep, weight: torch.Tensor) -> torch.Tensor:
    """[...] -> [rows, ...] with the gradient of each row's copy on the tape."""
    return _Spread.apply(weight, sweep)  # type: ignore[return-value]


def own(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """A module that owns weights beside layers with weights, such as a [CLS] token's: its own
    stand in its forward with the rows in front, in place of a 1 or before all dimensions.

    Exact where the module broadcasts them over its rows; the comparison of the first step sees
    to that.
    """
    with _replaced(module, sweep):
        return original(*args, **kwargs)


@contextmanager
def _replaced(module: nn.Module, sweep: Sweep) -> Generator[None]:
    weights = {n: p for n, p in own_weights(module).items() if p is not None and p.requires_grad}
    try:
        for name, weight in weights.items():
            wide = spread(sweep, weight)
            if weight.ndim > 2 and len(weight) == 1:
                wide = wide.squeeze(1)
            own_weights(module)[name] = wide  # type: ignore[assignment]
        yield
    finally:
        own_weights(module).update(weights)


def whole(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Any module that nothing is known of, mapped over rows with a copy of its weights each.

    Raises:
        OffRules: It takes no tensor that goes along the rows.
    """
    kinds = sweep.layout(module, tensors_of(args, kwargs))
    if "rows" not in kinds:
        raise OffRules(module)
    left = iter(kinds)
    places = [0 if _is_row(value, left) else None for value in args]
    named = {name: 0 if _is_row(value, left) else None for name, value in kwargs.items()}
    trained = {n: spread(sweep, p) for n, p in module.named_parameters() if p.requires_grad}

    def of_row(weights: Any, given: tuple[Any, ...], given_named: dict[str, Any]) -> Any:
        inputs = tuple(_alone(v, p) for v, p in zip(given, places, strict=True))
        keywords = {n: _alone(v, named[n]) for n, v in given_named.items()}
        with running(module, original):
            found = functional_call(module, weights, inputs, keywords)
        return found.squeeze(0)

    mapped = vmap(of_row, in_dims=(0, tuple(places), named), randomness="different")
    return mapped(trained, args, kwargs)


@contextmanager
def running(module: nn.Module, original: Callable[..., Any]) -> Generator[None]:
    """The module's own forward in place of the rule's."""
    ruled = module.forward
    module.forward = original
    try:
        yield
    finally:
        module.forward = ruled


def _is_row(value: Any, kinds: Any) -> bool:
    return isinstance(value, torch.Tensor) and next(kinds) == "rows"


def _alone(value: Any, place: int | None) -> Any:
    return value if place is None else value[None]
