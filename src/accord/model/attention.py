"""Attention among the tokens of each row, where rows lie one after the other without padding.

One function with its own backward: rows of like length are computed together, and autograd sees
a single operation instead of some thirty a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from accord.model.dropout import kept_bits, masked

Operands = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Query, key and value, or their gradients. Shapes [N, H, d]."""
GROUP_SCORES = 4096
"""Cost of one more group, in scores of one head (measured on MiniLM, 12 heads, one core)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring rows that are computed together.

    Args:
        start, stop: Their tokens among all.
        rows, width: How many, and the longest.
        index: Token within the group at each padded place, 0 in padding. Shape [rows * width].
        back: Padded place of each token. Shape [stop - start].
        mask: -inf in padding, else 0. Shape [rows, 1, 1, width].
            `index`, `back` and `mask` are None where all rows are equally long.
    """

    start: int
    stop: int
    rows: int
    width: int
    index: torch.Tensor | None = None
    back: torch.Tensor | None = None
    mask: torch.Tensor | None = None

    def divided(self, tokens: torch.Tensor) -> torch.Tensor:
        """[n, H, d] -> [rows, H, width, d]."""
        padded = tokens if self.index is None else tokens.index_select(0, self.index)
        return padded.view(self.rows, self.width, *tokens.shape[1:]).transpose(1, 2)

    def joined(self, padded: torch.Tensor) -> torch.Tensor:
        """Undo `divided`."""
        tokens = padded.transpose(1, 2).reshape(self.rows * self.width, *padded.shape[1::2])
        return tokens if self.back is None else tokens.index_select(0, self.back)


def groups_of(descending: list[int]) -> tuple[Group, ...]:
    """Groups of rows, given their lengths from the longest to the shortest."""
    groups: list[Group] = []
    first = start = wasted = 0
    for place, length in enumerate([*descending, 0]):
        wasted += descending[first] ** 2 - length**2
        if place == len(descending) or wasted > GROUP_SCORES:
            groups.append(_group(start, torch.tensor(descending[first:place])))
            first, start, wasted = place, groups[-1].stop, 0
    return tuple(groups)


def _group(start: int, lengths: torch.Tensor) -> Group:
    rows, width, tokens = len(lengths), int(lengths[0]), int(lengths.sum())
    if tokens == rows * width:
        return Group(start, start + tokens, rows, width)
    spread = torch.arange(width)
    inside = spread < lengths[:, None]
    begins = (lengths.cumsum(0) - lengths)[:, None]
    index = torch.where(inside, begins + spread, 0).flatten()
    mask = torch.zeros(rows, 1, 1, width).masked_fill_(~inside[:, None, None], -torch.inf)
    back = inside.flatten().nonzero()[:, 0]
    return Group(start, start + tokens, rows, width, index, back, mask)


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    groups: tuple[Group, ...],
    scale: float,
    rate: float,
) -> torch.Tensor:
    """Softmax attention inside each row, with dropout on its weights.

    Args:
        query, key, value: Shape [1, H, N, d].
        groups: Together all N tokens.
        scale: Of the scores.
        rate: Of the dropout.

    Returns:
        Shape [1, N, H, d].
    """
    tokens = (x[0].transpose(0, 1) for x in (query, key, value))
    return _Attention.apply(*tokens, groups, scale, rate)[None]  # type: ignore[no-any-return]


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        groups: tuple[Group, ...],
        scale: float,
        rate: float,
    ) -> torch.Tensor:
        kept: list[torch.Tensor] = []
        tokens = (query, key, value)
        mixed = [_forward(g, tokens, scale, rate, kept) for g in groups]
        ctx.groups, ctx.scale, ctx.rate = groups, scale, rate
        ctx.save_for_backward(query, key, value, *kept)
        return torch.cat(mixed)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        (gradient,) = grad_outputs
        query, key, value, *kept = ctx.saved_tensors
        tokens = (query, key, value)
        parts = [
            _backward(g, gradient, tokens, ctx.scale, ctx.rate, kept[2 * i : 2 * i + 2])
            for i, g in enumerate(ctx.groups)
        ]
        return (*(torch.cat(column) for column in zip(*parts, strict=True)), None, None, None)


def _forward(
    group: Group, tokens: Operands, scale: float, rate: float, kept: list[torch.Tensor]
) -> torch.Tensor:
    """Output [n, H, d] of one group; appends its weights and dropout bits to `kept`."""
    q, k, v = (group.divided(x[group.start : group.stop]) for x in tokens)
    scores = torch.matmul(q, k.transpose(2, 3)).float().mul_(scale)
    if group.mask is not None:
        scores.add_(group.mask)
    weights = scores.softmax(-1).to(v.dtype)
    bits = kept_bits(weights, rate) if rate else weights.new_empty(0)
    kept += [weights, bits]
    return group.joined(torch.matmul(masked(weights, bits, rate) if rate else weights, v))


def _backward(
    group: Group,
    gradient: torch.Tensor,
    tokens: Operands,
    scale: float,
    rate: float,
    kept: list[torch.Tensor],
) -> Operands:
    """Gradients [n, H, d] of one group's query, key and value."""
    weights, bits = kept
    g, q, k, v = (group.divided(x[group.start : group.stop]) for x in (gradient, *tokens))
    if group.back is not None and group.mask is not None:
        g = g * (group.mask.transpose(2, 3) == 0)  # padding received no output
    used = masked(weights, bits, rate) if rate else weights
    toward_weights = torch.matmul(g, v.transpose(2, 3))
    if rate:
        toward_weights = masked(toward_weights, bits, rate)
    toward_scores = torch.ops.aten._softmax_backward_data(
        toward_weights.float(), weights.float(), -1, torch.float32
    )
    scaled = toward_scores.mul_(scale).to(v.dtype)
    return (
        group.joined(torch.matmul(scaled, k)),
        group.joined(torch.matmul(scaled.transpose(2, 3), q)),
        group.joined(torch.matmul(used.transpose(2, 3), g)),
    )
