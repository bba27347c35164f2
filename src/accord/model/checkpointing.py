"""Gradient checkpointing: activations inside a layer are computed again instead of being kept."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from accord.errors import ModelError

if TYPE_CHECKING:
    from torch import nn

KEPT_OUT = {"use_reentrant": False}
"""The way of PyTorch that leaves hooks, frozen inputs and a private backward pass as they are."""


def keep_layer_inputs(model: nn.Module) -> None:
    """Keep of each layer its input alone until the backward pass, which computes the rest again,
    with the same dropout; in place.

    Raises:
        ModelError: The architecture has no layers that can be computed again.
    """
    from accord.model.ft_transformer import FTTransformer

    get_base: Any = getattr(model, "get_base_model", None)
    network: Any = get_base() if get_base is not None else model
    if isinstance(network, FTTransformer):
        network.checkpointed = True
        return
    if not getattr(network, "supports_gradient_checkpointing", False):
        raise unsupported(type(network).__name__)
    # Transformers has named it anew; older versions know the older name alone.
    older = network.gradient_checkpointing_enable
    getattr(network, "activation_checkpointing_enable", older)(KEPT_OUT)
    # Only the other way needs embeddings to have gradients where they are frozen.
    with suppress(AttributeError):
        network.disable_input_require_grads()


def unsupported(name: str) -> ModelError:
    """The refusal of an architecture."""
    return ModelError(
        "the layers of this model cannot be computed again",
        code="model-checkpointing",
        path="machine.gradient_checkpointing",
        got=name,
        expected="an architecture that Transformers can checkpoint",
        fix="remove `gradient_checkpointing`; to save memory lower `machine.micro_batch_tokens` or "
        "train LoRA (`model.adapt: lora`)",
    )
