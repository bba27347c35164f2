"""Linear layers: torch's and GPT-2's Conv1D, any leading dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from accord.privacy.piece import Dense, Product
from accord.privacy.sweep import Sweep, as_computed


class _Linear(torch.autograd.Function):
    """`x W^T + b`; or `x W + b` where the weight is stored the other way round."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        sweep: Sweep,
        turned: bool,
    ) -> torch.Tensor:
        # Detached: autocast would keep a cast made here for uses that want a gradient.
        used = weight.detach().to(x.dtype)
        ctx.sweep, ctx.turned, ctx.weight, ctx.bias = sweep, turned, weight, bias
        ctx.save_for_backward(x if weight.requires_grad else None, used)
        own = None if bias is None else bias.detach().to(x.dtype)
        return functional.linear(x, used.t() if turned else used, own)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        x, used = ctx.saved_tensors
        tape = ctx.sweep.tape
        by_unit = tape.fold(grad)
        if x is not None:
            given = tape.fold(x)
            product = Product(given, by_unit) if ctx.turned else Product(by_unit, given)
            tape.add(ctx.weight, product)
        if ctx.bias is not None and ctx.bias.requires_grad:
            tape.add(ctx.bias, Dense(by_unit.sum(1, dtype=torch.float32)))
        back = None
        if ctx.needs_input_grad[0]:
            back = grad.matmul(used.t() if ctx.turned else used)
        return back, None, None, None, None


def linear(sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any) -> Any:
    """nn.Linear."""
    x = as_computed(sweep.by_row(module, *args))
    return _Linear.apply(x, module.weight, module.bias, sweep, False)


def turned(sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any) -> Any:
    """Conv1D of Transformers: its weight is [in, out]."""
    x = as_computed(sweep.by_row(module, *args))
    return _Linear.apply(x, module.weight, module.bias, sweep, True)
