"""nn.MultiheadAttention, which reads the weights of its parts itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, vmap

from accord.privacy.layer.spread import running, spread
from accord.privacy.sweep import OffRules, Sweep


def attention(  # noqa: PLR0913 - nn.MultiheadAttention's own
    sweep: Sweep,
    module: nn.Module,
    original: Callable[..., Any],
    /,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    key_padding_mask: torch.Tensor | None = None,
    need_weights: bool = True,
    attn_mask: torch.Tensor | None = None,
    **kwargs: Any,
) -> Any:
    """Mapped over rows, each of which is computed as one without a batch.

    Raises:
        OffRules: Its inputs are not batches of these rows.
    """
    assert isinstance(module, nn.MultiheadAttention)
    at = 0 if module.batch_first else 1
    if query.ndim != 3 or any(t.shape[at] != sweep.rows for t in (query, key, value)):
        raise OffRules(module)
    if attn_mask is not None and attn_mask.ndim == 3:
        attn_mask = attn_mask.unflatten(0, (sweep.rows, module.num_heads))
    masked = None if attn_mask is None or attn_mask.ndim == 2 else 0
    trained = {n: spread(sweep, p) for n, p in module.named_parameters() if p.requires_grad}

    def of_row(weights: Any, q: Any, k: Any, v: Any, padding: Any, mask: Any) -> Any:
        with running(module, original):
            given = (q, k, v, padding, need_weights, mask)
            found, shares = functional_call(module, weights, given, kwargs)
        return (found, shares) if need_weights else found

    places = (0, at, at, at, None if key_padding_mask is None else 0, masked)
    mapped = vmap(of_row, in_dims=places, out_dims=0, randomness="different")
    found = mapped(trained, query, key, value, key_padding_mask, attn_mask)
    output, shares = found if need_weights else (found, None)
    return (output if at == 0 else output.transpose(0, 1)), shares
