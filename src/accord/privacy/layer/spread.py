"""Weights in as many copies as there are rows: exact for whatever reads them, row by row."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.func import functional_call, vmap
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_unflatten  # pyright: ignore[reportPrivateUsage]

from accord.privacy.piece import Dense
from accord.privacy.sweep import Layout, OffRules, Sweep, own_weights, tensors_of

_ELEMENTWISE = frozenset({"add", "sub", "mul", "div", "rsub", "__radd__", "__rmul__", "__rsub__"})
"""Names of functions that take two tensors value by value."""


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
    with _replaced(module, sweep) as wide, _Beside(wide):
        return original(*args, **kwargs)


@contextmanager
def _replaced(module: nn.Module, sweep: Sweep) -> Generator[list[torch.Tensor]]:
    weights = {n: p for n, p in own_weights(module).items() if p is not None and p.requires_grad}
    found = list[torch.Tensor]()
    try:
        for name, weight in weights.items():
            wide = spread(sweep, weight)
            if weight.ndim > 2 and len(weight) == 1:
                wide = wide.squeeze(1)
            own_weights(module)[name] = wide  # type: ignore[assignment]
            found.append(wide)
        yield found
    finally:
        own_weights(module).update(weights)


class _Beside(TorchFunctionMode):
    """Lets weights with the rows in front meet what has more dimensions as they did without: the
    last dimensions beside each other, and the rows beside the rows."""

    def __init__(self, wide: list[torch.Tensor]) -> None:
        super().__init__()
        self.wide = {id(weight): weight for weight in wide}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if len(args) == 2 and getattr(func, "__name__", "") in _ELEMENTWISE:
            one, other = args
            args = (self._fitted(one, other), self._fitted(other, one))
        return func(*args, **(kwargs or {}))

    def _fitted(self, one: Any, other: Any) -> Any:
        if id(one) not in self.wide or not isinstance(other, torch.Tensor):
            return one
        more = max(0, other.ndim - one.ndim)
        return one.view(len(one), *(1,) * more, *one.shape[1:])


def whole(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Any module that nothing is known of, mapped over rows with a copy of its weights each.

    Raises:
        OffRules: It neither takes nor gives a tensor that goes along the rows.
    """
    kinds = sweep.layout(module, tensors_of(args, kwargs))
    told = any(isinstance(kind, int) for kind in kinds)
    left = iter(kinds)
    divided = [_by_row(value, left) for value in args]
    named = {name: _by_row(value, left) for name, value in kwargs.items()}
    trained = {n: spread(sweep, p) for n, p in module.named_parameters() if p.requires_grad}

    beside = list[Any]()

    def of_row(weights: Any, given: tuple[Any, ...], given_named: dict[str, Any]) -> Any:
        with running(module, original):
            leaves, shape = tree_flatten(functional_call(module, weights, given, given_named))
        beside[:] = [[... if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves], shape]
        return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]

    places = tuple(place for _, place in divided), {n: place for n, (_, place) in named.items()}
    given = tuple(value for value, _ in divided), {n: value for n, (value, _) in named.items()}
    mapped = iter(vmap(of_row, in_dims=(0, *places), randomness="different")(trained, *given))
    rest, shape = beside
    leaves = [next(mapped) if leaf is ... else leaf for leaf in rest]
    if not told and any(isinstance(leaf, torch.Tensor) and leaf.shape[1] != 1 for leaf in leaves):
        raise OffRules(module)  # what has no rows must be one for all of them
    joined = [leaf.flatten(0, 1) if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
    return tree_unflatten(joined, shape)


@contextmanager
def running(module: nn.Module, original: Callable[..., Any]) -> Generator[None]:
    """The module's own forward in place of the rule's."""
    ruled = module.forward
    module.forward = original
    try:
        yield
    finally:
        module.forward = ruled


def _by_row(value: Any, kinds: Iterator[Layout]) -> tuple[Any, int | None]:
    """A value with the rows in front, so that each is a batch by itself; and where they are."""
    if not isinstance(value, torch.Tensor):
        return value, None
    times = next(kinds)
    return (value.unflatten(0, (-1, times)), 0) if isinstance(times, int) else (value, None)
