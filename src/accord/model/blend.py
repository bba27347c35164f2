"""The forward of rows that are mixed with others, where a model's own arithmetic begins.

Images are mixed as pixels, tables as the tokens of their columns, texts as the embeddings of their
words: numbers that a model was made for, at the first place where two rows have them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from accord.errors import ModelError
from accord.model.ft_transformer import FTTransformer
from accord.model.inputs import model_inputs

Batch = Mapping[str, torch.Tensor]
Blend = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Of two rows' inputs, one; first dimension [B]."""


def blended(model: nn.Module, own: Batch, other: Batch, blend: Blend) -> Any:
    """The model's output for each row mixed with its partner.

    Args:
        model: A Transformers model, or an FT-Transformer.
        own, other: Rows and partners, padded alike.
        blend: Mixes inputs [B, ...].

    Raises:
        ModelError: The model does not look up each word once.
    """
    if "pixel_values" in own:
        pixels = blend(own["pixel_values"], other["pixel_values"])
        return model(**model_inputs(model, {**own, "pixel_values": pixels}))
    if "input_ids" in own:
        return _of_words(model, own, other, blend)
    assert isinstance(model, FTTransformer)
    tokens = (model.tokens(row["numeric"], row["categorical"]) for row in (own, other))
    return model.read(blend(*tokens))


def _of_words(model: Any, own: Batch, other: Batch, blend: Blend) -> Any:
    """Word embeddings are mixed, with zeros where a text has ended; a model reads as far as the
    longer of the two goes. Positions are no words and are not mixed."""
    table: nn.Module = model.get_input_embeddings()
    here, there = (
        row.get("attention_mask", torch.ones_like(row["input_ids"])) for row in (own, other)
    )
    words = [
        table(row["input_ids"]) * mask.unsqueeze(-1) for row, mask in ((own, here), (other, there))
    ]
    mixed = blend(*words)
    reached = here | there
    joined = dict(own) | {
        name: torch.where(here.bool(), own[name], other[name])
        for name in ("input_ids", "token_type_ids")
        if name in own
    }
    joined.pop("attention_mask", None)
    if not bool(reached.all()):
        joined["attention_mask"] = reached
    looked_up: list[nn.Module] = []

    def put(module: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
        looked_up.append(module)
        return mixed.to(output.dtype)

    hook = table.register_forward_hook(put)
    try:
        output = model(**model_inputs(model, joined))
    finally:
        hook.remove()
    if len(looked_up) != 1:
        raise _unmixable(len(looked_up))
    return output


def _unmixable(times: int) -> ModelError:
    return ModelError(
        "rows cannot be mixed in this model",
        code="mix-model",
        path="augment.mix",
        got=f"words are looked up {times} times in one pass",
        expected="once",
        why="the embeddings of two texts are mixed where they are looked up",
        fix="remove `augment.mix`, or use an encoder such as BERT",
    )
