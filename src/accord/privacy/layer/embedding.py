"""Look-up tables: tokens, positions, types of tokens; also scaled ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from accord.privacy.piece import Rows
from accord.privacy.sweep import Layouts, OffRules, Sweep, leading


class _Embedding(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, indices: torch.Tensor, weight: torch.Tensor, padding: int | None, sweep: Sweep
    ) -> torch.Tensor:
        ctx.sweep, ctx.padding, ctx.weight = sweep, padding, weight
        ctx.save_for_backward(indices)
        return functional.embedding(indices, weight.detach())

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[None, ...]:
        (indices,) = ctx.saved_tensors
        tape = ctx.sweep.tape
        if ctx.padding is not None:
            grad = grad.masked_fill((indices == ctx.padding)[..., None], 0.0)
        by_unit = indices.reshape(tape.units, -1)
        tape.add(ctx.weight, Rows(by_unit, tape.fold(grad), len(ctx.weight)))
        return None, None, None, None


def embedding(sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any) -> Any:
    """nn.Embedding. Indices that are the same for all rows are repeated for each."""
    return _looked_up(sweep, module, *args)


def derived(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """A subclass of nn.Embedding with a forward of its own, which looks up somewhere in it."""
    with _LookUps(module, partial(_looked_up, sweep, module)):
        return original(*args, **kwargs)


def noted(
    layouts: Layouts, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """The same as it is; `layouts` learns the sizes of what is looked up."""

    assert isinstance(module, nn.Embedding)
    table, padding = module.weight, module.padding_idx

    def looked_up(indices: torch.Tensor) -> torch.Tensor:
        layouts.alone.setdefault(module, []).append((leading(indices),))
        return functional.embedding(indices, table, padding)

    with _LookUps(module, looked_up):
        return original(*args, **kwargs)


def _looked_up(sweep: Sweep, module: nn.Module, indices: torch.Tensor) -> torch.Tensor:
    assert isinstance(module, nn.Embedding)
    if module.max_norm is not None or module.scale_grad_by_freq:
        raise OffRules(module)
    rows = sweep.by_row(module, indices)
    return _Embedding.apply(rows, module.weight, module.padding_idx, sweep)  # type: ignore[return-value]


class _LookUps(TorchFunctionMode):
    """Puts another way in place of look-ups in one module's weight."""

    def __init__(self, module: nn.Module, way: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.module, self.way = module, way

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func is functional.embedding and args[1] is self.module.weight:
            return self.way(args[0])
        return func(*args, **(kwargs or {}))
