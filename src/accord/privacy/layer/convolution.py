"""Convolutions over one and two dimensions: products with unfolded inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from accord.privacy.piece import Dense, Product
from accord.privacy.sweep import OffRules, Sweep, as_computed


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, module: Any, weight: Any, bias: Any, sweep: Sweep
    ) -> torch.Tensor:
        used = weight.detach().to(x.dtype)
        own = None if bias is None else bias.detach().to(x.dtype)
        ctx.sweep, ctx.weight, ctx.bias, ctx.module = sweep, weight, bias, module
        ctx.save_for_backward(x, used)
        how = (module.stride, module.padding, module.dilation, False, _nothing(module))
        return torch.convolution(x, used, own, *how, module.groups)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        x, used = ctx.saved_tensors
        module, tape = ctx.module, ctx.sweep.tape
        positions = grad.flatten(2).transpose(1, 2)  # [rows, positions, channels]
        if ctx.weight.requires_grad:
            tape.add(ctx.weight, _piece(ctx, x, positions))
        if ctx.bias is not None and ctx.bias.requires_grad:
            tape.add(ctx.bias, Dense(tape.fold(positions).sum(1, dtype=torch.float32)))
        back = None
        if ctx.needs_input_grad[0]:
            how = (module.stride, module.padding, module.dilation, False, _nothing(module))
            back, _, _ = torch.ops.aten.convolution_backward(
                grad, x, used, None, *how, module.groups, [True, False, False]
            )
        return back, None, None, None, None


def _nothing(module: Any) -> list[int]:
    return [0] * len(module.stride)


def _piece(ctx: Any, x: torch.Tensor, grads: torch.Tensor) -> Product | Dense:
    """The weight's gradient from [rows, positions, channels]."""
    module, tape = ctx.module, ctx.sweep.tape
    if x.ndim == 3:
        wide, size = x[:, :, None], (1, *module.kernel_size)
        stride, padding = (1, *module.stride), (0, *module.padding)
        dilation = (1, *module.dilation)
    else:
        wide, size = x, module.kernel_size
        stride, padding, dilation = module.stride, module.padding, module.dilation
    unfolded = functional.unfold(wide, size, dilation, padding, stride).transpose(1, 2)
    if module.groups == 1:
        return Product(tape.fold(grads), tape.fold(unfolded))
    # Groups are convolutions of their own: their gradients are written out side by side.
    parts = [
        Product(tape.fold(g), tape.fold(u)).dense().grads
        for g, u in zip(
            grads.chunk(module.groups, 2), unfolded.chunk(module.groups, 2), strict=True
        )
    ]
    return Dense(torch.cat(parts, 1))


def convolution(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any
) -> Any:
    """nn.Conv1d and nn.Conv2d, padded with zeros."""
    assert isinstance(module, nn.Conv1d | nn.Conv2d)
    if isinstance(module.padding, str) or module.padding_mode != "zeros":
        raise OffRules(module)
    x = as_computed(sweep.by_row(module, *args))
    return _Convolution.apply(x, module, module.weight, module.bias, sweep)
