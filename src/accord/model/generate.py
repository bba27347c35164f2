"""Text from a language model."""

from __future__ import annotations

from typing import Any

import torch

from accord.model.tokenizer import TextCodec


def generate(
    model: Any,
    codec: TextCodec,
    prompt: str,
    *,
    max_new_tokens: int = 64,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> str:
    """What the model writes after `prompt`, without the prompt.

    Args:
        model: A causal language model of Transformers, in eval mode.
        codec: Its tokenizer.
        prompt: Text to go on from; empty to begin freely.
        max_new_tokens: Most tokens written.
        temperature: 0 always takes the likeliest token.
        top_p: Draws from the likeliest tokens that together have this probability.
        seed: The same seed gives the same text; other random draws are left as they were.
    """
    ids = codec.tokenizer.encode(prompt).ids or [codec.special_id("bos") or codec.pad_id]
    inputs = torch.tensor([ids], device=next(model.parameters()).device)
    sampling: dict[str, Any] = {"do_sample": temperature > 0}
    if temperature > 0:
        sampling |= {"temperature": temperature, "top_p": top_p, "top_k": 0}
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        with torch.no_grad():
            found = model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=max_new_tokens,
                pad_token_id=codec.pad_id,
                eos_token_id=codec.special_id("eos"),
                **sampling,
            )
    finally:
        torch.set_rng_state(state)
    return codec.tokenizer.decode(found[0, len(ids) :].tolist(), skip_special_tokens=True)
