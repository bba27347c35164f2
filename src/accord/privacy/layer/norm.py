"""Normalisation within a row: layer, group and root-mean-square norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from accord.privacy.piece import Dense
from accord.privacy.sweep import OffRules, Sweep, own_weights

WORTH_A_CALL = 4096
"""Values of a unit from which on a CPU its gradient is found by a call of its own."""


class _LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, module: nn.LayerNorm, weight: Any, bias: Any, sweep: Sweep
    ) -> torch.Tensor:
        own = None if weight is None else weight.detach()
        shift = None if bias is None else bias.detach()
        shape = list(module.normalized_shape)
        output, mean, scale = torch.native_layer_norm(x, shape, own, shift, module.eps)
        ctx.sweep, ctx.weight, ctx.bias, ctx.shape = sweep, weight, bias, shape
        ctx.save_for_backward(x, mean, scale, own, shift)
        return output

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        saved = ctx.saved_tensors  # once: a checkpoint gives them no second time
        tape, weights = ctx.sweep.tape, (ctx.weight, ctx.bias)
        wanted = [weight is not None and weight.requires_grad for weight in weights]
        if any(wanted):
            gradients = _by_unit(tape.units, ctx.shape, grad, *saved)
            for weight, gradient, one in zip(weights, gradients, wanted, strict=True):
                if one:
                    tape.add(weight, Dense(gradient))
        back = None
        if ctx.needs_input_grad[0]:
            back, _, _ = torch.ops.aten.native_layer_norm_backward(
                grad.contiguous(), saved[0], ctx.shape, *saved[1:], [True, False, False]
            )
        return back, None, None, None, None


def _by_unit(
    units: int, shape: list[int], grad: torch.Tensor, x: torch.Tensor, *saved: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of weight and bias for each unit: sum_t g (x - m) s and sum_t g."""
    mean, scale, own, shift = saved
    one = (units, -1, *shape)
    if grad.is_cuda or grad.dtype != torch.float32 or grad.numel() < units * WORTH_A_CALL:
        by_scale = grad * scale  # without writing the normalised x out
        means = (by_scale * mean).reshape(one).sum(1)
        return (by_scale * x).reshape(one).sum(1) - means, grad.reshape(one).sum(1)
    parts = grad.reshape(one), x.reshape(one), mean.reshape(units, -1), scale.reshape(units, -1)
    found = [
        torch.ops.aten.native_layer_norm_backward(
            g, a, shape, m, s, own, shift, [False, True, True]
        )
        for g, a, m, s in zip(*parts, strict=True)
    ]
    return torch.stack([each[1] for each in found]), torch.stack([each[2] for each in found])


class _Scale(torch.autograd.Function):
    """`x * (weight + plus) + bias` with weight and bias along one dimension."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, dim: int, weight: Any, bias: Any, sweep: Sweep, plus: float
    ) -> torch.Tensor:
        ctx.sweep, ctx.weight, ctx.bias, ctx.dim = sweep, weight, bias, dim
        shape = [1] * x.ndim
        shape[dim] = -1
        own = (weight.detach() + plus if plus else weight.detach()).view(shape)
        ctx.save_for_backward(x if weight.requires_grad else None, own)
        return own * x if bias is None else torch.addcmul(bias.detach().view(shape), own, x)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] - one output
        ctx: Any, grad: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        x, own = ctx.saved_tensors
        if x is not None:
            ctx.sweep.tape.add(ctx.weight, _along(ctx, grad * x))
        if ctx.bias is not None and ctx.bias.requires_grad:
            ctx.sweep.tape.add(ctx.bias, _along(ctx, grad))
        back = (grad * own) if ctx.needs_input_grad[0] else None
        return back, None, None, None, None, None


def _along(ctx: Any, values: torch.Tensor) -> Dense:
    last = values.movedim(ctx.dim, -1)
    return Dense(ctx.sweep.tape.fold(last).sum(1, dtype=torch.float32))


def layer_norm(sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any) -> Any:
    """nn.LayerNorm."""
    x = _whole(sweep.by_row(module, *args))
    return _LayerNorm.apply(x, module, module.weight, module.bias, sweep)


def group_norm(sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any) -> Any:
    """nn.GroupNorm."""
    assert isinstance(module, nn.GroupNorm)
    x = _whole(sweep.by_row(module, *args))
    normal = functional.group_norm(x, module.num_groups, None, None, module.eps)
    return _Scale.apply(normal, 1, module.weight, module.bias, sweep, 0.0)


def rms_norm(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Root-mean-square norms, torch's and those of Transformers: what they give with a weight of
    ones, times their weight; or with one of zeros, times 1 and their weight (Gemma).

    Raises:
        OffRules: Its weight acts in another way.
    """
    x = sweep.by_row(module, *args)
    if sweep.learning and module not in sweep.layouts.from_one:
        with torch.no_grad():
            expected = original(x, **kwargs)
            if not _same(expected, _scaled(sweep, module, original, x, kwargs)):
                sweep.layouts.from_one.add(module)
                if not _same(expected, _scaled(sweep, module, original, x, kwargs)):
                    raise OffRules(module)
    return _scaled(sweep, module, original, x, kwargs)


def _scaled(
    sweep: Sweep,
    module: nn.Module,
    original: Callable[..., Any],
    x: torch.Tensor,
    kwargs: dict[str, Any],
) -> torch.Tensor:
    weight = own_weights(module)["weight"]
    assert weight is not None
    plus = 1.0 if module in sweep.layouts.from_one else 0.0
    own_weights(module)["weight"] = torch.full_like(weight, 1.0 - plus)  # type: ignore[assignment]
    try:
        normal = original(x, **kwargs)
    finally:
        own_weights(module)["weight"] = weight
    return _Scale.apply(normal, normal.ndim - 1, weight, None, sweep, plus)  # type: ignore[return-value]


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one.float(), other.float(), rtol=1e-2, atol=1e-5)


def _whole(x: torch.Tensor) -> torch.Tensor:
    """In fp32 under autocast, as its own rule for norms says."""
    return x.float() if torch.is_autocast_enabled(x.device.type) else x
