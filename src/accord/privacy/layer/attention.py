"""nn.MultiheadAttention, which reads the weights of its parts itself."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from torch import nn
from torch.func import functional_call, vmap

from accord.privacy.layer.spread import running, spread
from accord.privacy.sweep import OffRules, Sweep

_NAMES = ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask")


def attention(
    sweep: Sweep, module: nn.Module, original: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Mapped over rows, each of which is computed as one without a batch.

    Raises:
        OffRules: Its inputs are not batches of these rows.
    """
    assert isinstance(module, nn.MultiheadAttention)
    call = signature(nn.MultiheadAttention.forward).bind(module, *args, **kwargs)
    call.apply_defaults()
    given = dict(call.arguments)
    del given["self"]
    query, key, value, padding, need_weights, attn_mask = (given.pop(name) for name in _NAMES)
    at = 0 if module.batch_first else 1
    if query.ndim != 3 or any(t.shape[at] != sweep.rows for t in (query, key, value)):
        raise OffRules(module)
    if attn_mask is not None and attn_mask.ndim == 3:
        attn_mask = attn_mask.unflatten(0, (sweep.rows, module.num_heads))
    masked = None if attn_mask is None or attn_mask.ndim == 2 else 0
    trained = {n: spread(sweep, p) for n, p in module.named_parameters() if p.requires_grad}

    def of_row(weights: Any, q: Any, k: Any, v: Any, padding: Any, mask: Any) -> Any:
        with running(module, original):
            inputs = (q, k, v, padding, need_weights, mask)
            found, shares = functional_call(module, weights, inputs, given)
        return (found, shares) if need_weights else found

    places = (0, at, at, at, None if padding is None else 0, masked)
    mapped = vmap(of_row, in_dims=places, out_dims=0, randomness="different")
    found = mapped(trained, query, key, value, padding, attn_mask)
    output, shares = found if need_weights else (found, None)
    return (output if at == 0 else output.transpose(0, 1)), shares
