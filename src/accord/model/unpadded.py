"""Encoders without padding: the tokens of all rows one after the other, attention inside rows.

Linear layers, norms and dropout then cost what the real tokens cost; only attention is computed
in small groups of rows of like length (the idea of effective transformers and MosaicBERT; Zeng
et al. 2022, arXiv:2208.08124). Where the head reads nothing but the first token, the last layer
computes only that one after its attention.

Nothing is assumed of an architecture: a model is tried once on a small batch, and keeps its
ordinary forward unless the results agree.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

from accord.model.attention import Group, attend, groups_of

NAME = "accord_unpadded"
TOLD_APART = 1e-6
"""Logits that differ less between rows are taken for one."""
Reads = Literal["first", "all"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each token of a padded batch [B, T] went.

    Args:
        shape: (B, T).
        tokens: Places in the flattened batch, longest row first. Shape [N].
        positions: Of each token in its row. Shape [N].
        firsts: Place of each row's first token among the N, in the batch's order. Shape [B].
        groups: Together all N tokens.
    """

    shape: tuple[int, int]
    tokens: torch.Tensor
    positions: torch.Tensor
    firsts: torch.Tensor
    groups: tuple[Group, ...]


def layout_of(mask: torch.Tensor) -> Layout | None:
    """The layout of a [B, T] attention mask; None unless rows are padded on the right."""
    lengths = mask.sum(-1)
    rows, width = mask.shape
    spread = torch.arange(width, device=mask.device)
    if not bool(((spread < lengths[:, None]) == mask.bool()).all()) or not bool(lengths.all()):
        return None
    order = torch.argsort(-lengths, stable=True)
    inside = spread < lengths[order, None]
    tokens = (order[:, None] * width + spread)[inside]
    positions = spread.expand(rows, width)[inside]
    ends = lengths[order].cumsum(0)
    firsts = torch.empty_like(order)
    firsts[order] = ends - lengths[order]
    return Layout((rows, width), tokens, positions, firsts, groups_of(lengths[order].tolist()))


@dataclass(slots=True)
class Unpadded:
    """The hooks on one model, and the layout of the batch in hand (kept for its backward)."""

    reads: Reads
    offset: int
    layout: Layout | None = None
    handles: list[Any] = field(default_factory=list)

    def enter(
        self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Backbone pre-hook: padded inputs become one long row."""
        self.layout = None
        named = {**dict(zip(("input_ids",), args, strict=False)), **kwargs}
        ids, mask = named.get("input_ids"), named.get("attention_mask")
        if len(args) > 1 or ids is None or named.get("position_ids") is not None:
            return args, kwargs
        mask = torch.ones_like(ids) if mask is None else mask
        self.layout = layout_of(mask) if mask.ndim == 2 else None
        if self.layout is None:
            return args, kwargs
        taken = {
            name: value.flatten()[self.layout.tokens][None]
            for name in ("input_ids", "token_type_ids")
            if (value := named.get(name)) is not None
        }
        places = self.layout.positions[None] + self.offset
        return (), named | taken | {"attention_mask": None, "position_ids": places}

    def select(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Pre-hook behind the last layer's attention: only first tokens go on."""
        if self.layout is None:
            return None
        return tuple(value[:, self.layout.firsts] for value in args)

    def select_after(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        """Last layer's hook where nothing can be left out inside it."""
        return output if self.layout is None else output[:, self.layout.firsts]

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        """Last layer's hook: [1, N, D] becomes [B, T, D] again, or [B, 1, D] of first tokens."""
        layout = self.layout
        if layout is None:
            return output
        if self.reads == "first":
            return output.transpose(0, 1)
        rows, width = layout.shape
        padded = output.new_zeros(rows * width, output.shape[-1])
        return padded.index_copy(0, layout.tokens, output[0]).view(rows, width, -1)


def unpad(model: nn.Module) -> Reads | None:
    """Give an encoder its unpadded forward, in place; its ordinary one where that disagrees.

    Args:
        model: A Transformers text model with one logit vector a row or a token, on a CPU.

    Returns:
        What the head reads of the last layer (`first` token or `all`), None if nothing changed.
    """
    network: Any = _network(model)
    layers = _layers(network)
    if layers is None or getattr(network.config, "is_decoder", False):
        return None
    _register()
    ordinary = network.config._attn_implementation
    batch = _trial(network.config)
    expected = _logits(model, batch)
    if (expected - expected[:1]).abs().max() < TOLD_APART:
        return None  # a head that says the same of every row would agree with anything
    reads: tuple[Reads, ...] = ("first", "all")
    for kind in reads:
        hooks = _install(network, layers, kind)
        with suppress(RuntimeError, TypeError, ValueError, LookupError, AttributeError):
            if torch.allclose(_logits(model, batch), expected, rtol=1e-3, atol=1e-4):
                return kind
        for handle in hooks.handles:
            handle.remove()
        network.set_attn_implementation(ordinary)
    return None


def _network(model: nn.Module) -> nn.Module:
    """The Transformers model inside a PEFT wrapper."""
    get_base: Any = getattr(model, "get_base_model", None)
    return get_base() if get_base is not None else model


def _layers(network: Any) -> nn.ModuleList | None:
    """The stack of equal layers in the backbone."""
    backbone = getattr(network, "base_model", None)
    if backbone is None or backbone is network:
        return None
    stacks = [m for m in backbone.modules() if isinstance(m, nn.ModuleList) and len(m) > 0]
    alike = [m for m in stacks if len({type(layer) for layer in m}) == 1]
    return max(alike, key=lambda stack: sum(1 for _ in stack.modules()), default=None)


def _install(network: Any, layers: nn.ModuleList, reads: Reads) -> Unpadded:
    last, backbone = layers[-1], network.base_model
    hooks = Unpadded(reads, _first_position(backbone))
    for module in layers.modules():
        vars(module)["accord_unpadded"] = hooks
    hooks.handles = [
        backbone.register_forward_pre_hook(hooks.enter, with_kwargs=True),
        last.register_forward_hook(hooks.leave),
    ]
    behind: Any = getattr(getattr(last, "attention", None), "output", None)
    if reads == "first" and isinstance(behind, nn.Module):
        hooks.handles.append(behind.register_forward_pre_hook(hooks.select))
    elif reads == "first":
        hooks.handles.append(last.register_forward_hook(hooks.select_after, prepend=True))
    network.set_attn_implementation(NAME)
    return hooks


def _first_position(backbone: Any) -> int:
    """0, or the RoBERTa family's padding id + 1."""
    table = getattr(getattr(backbone, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    return 0 if padding is None else int(padding) + 1


def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def attention(
        module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, None]:
        hooks = module.accord_unpadded
        if hooks.layout is None:
            return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
        scale = kwargs.get("scaling") or query.shape[-1] ** -0.5
        rate = kwargs.get("dropout", 0.0)
        return attend(query, key, value, hooks.layout.groups, scale, rate), None

    AttentionInterface.register(NAME, attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def _logits(model: nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Logits of rows [B, L], or of real tokens [N, L], without dropout."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            found: torch.Tensor = model(**batch).logits
    finally:
        model.train(training)
    return found[batch["attention_mask"].bool()] if found.ndim == 3 else found


def _trial(config: Any) -> dict[str, torch.Tensor]:
    lengths = torch.tensor([5, 7, 3, 6])
    generator = torch.Generator().manual_seed(0)
    vocabulary, padding = int(config.vocab_size), config.pad_token_id or 0
    ids = torch.randint(0, vocabulary, (len(lengths), 7), generator=generator)
    ids[ids == padding] = (padding + 1) % vocabulary
    mask = (torch.arange(7) < lengths[:, None]).long()
    return {"input_ids": ids.masked_fill(mask == 0, padding), "attention_mask": mask}
