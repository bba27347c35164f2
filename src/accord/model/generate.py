"""Text from a language model."""

from __future__ import annotations

from typing import Any

import torch

from accord.model.ensemble import Voting
from accord.model.quiet import quiet
from accord.model.tokenizer import TextCodec


def generate(
    model: Any,
    codec: TextCodec,
    ids: list[int],
    *,
    max_new_tokens: int = 64,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> str:
    """What the model writes after a prompt, without the prompt.

    Args:
        model: A causal language model of Transformers, or several that vote, in eval mode.
        codec: Its tokenizer.
        ids: Tokens of the prompt; empty to begin freely. Of a prompt that leaves no room for the
            answer in the model's context, the end is kept.
        max_new_tokens: Most tokens written.
        temperature: 0 always takes the likeliest token.
        top_p: Draws from the likeliest tokens that together have this probability.
        seed: The same seed gives the same text; other random draws are left as they were.
    """
    first, voting = codec.special_id("bos"), isinstance(model, Voting)
    plain: Any = model.get_base_model() if voting else model
    context = getattr(plain.config.get_text_config(), "max_position_embeddings", None)
    ids = ids or [codec.pad_id if first is None else first]
    if context is not None:
        max_new_tokens = max(1, min(max_new_tokens, context - 1))
        ids = ids[-(context - max_new_tokens) :]
    device = next(model.parameters()).device
    inputs = torch.tensor([ids], device=device)
    sampling: dict[str, Any] = {"do_sample": temperature > 0}
    if temperature > 0:
        sampling |= {"temperature": temperature, "top_p": top_p, "top_k": 0}
    devices = [device] if device.type == "cuda" else []
    with quiet(), torch.no_grad(), torch.random.fork_rng(devices):
        torch.default_generator.manual_seed(seed)
        if devices:
            torch.cuda.default_generators[device.index or 0].manual_seed(seed)
        if voting:
            found = _voted(model, inputs, max_new_tokens, codec.special_id("eos"), sampling)
        else:
            found = model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=max_new_tokens,
                pad_token_id=codec.pad_id,
                eos_token_id=codec.special_id("eos"),
                **sampling,
            )
    return codec.tokenizer.decode(found[0, len(ids) :].tolist(), skip_special_tokens=True)


def _voted(
    model: Voting, inputs: torch.Tensor, most: int, eos: int | None, sampling: dict[str, Any]
) -> torch.Tensor:
    """The prompt [1, T] and what follows: every token is drawn from the mean of the members'
    probabilities, so all of them go on from the same text."""
    from transformers import TemperatureLogitsWarper, TopPLogitsWarper

    warpers: list[Any] = []
    if sampling["do_sample"]:
        warpers.append(TemperatureLogitsWarper(float(sampling["temperature"])))
        if sampling["top_p"] < 1:
            warpers.append(TopPLogitsWarper(float(sampling["top_p"])))
    members: list[Any] = list(model.members)
    past: list[Any] = [None] * len(members)
    step = inputs
    for _ in range(most):
        said: list[torch.Tensor] = []
        for number, member in enumerate(members):
            output = member(input_ids=step, past_key_values=past[number], use_cache=True)
            past[number] = output.past_key_values
            said.append(output.logits[:, -1].float())
        logits = model.joined(said)
        for warp in warpers:
            logits = warp(inputs, logits)
        step = (
            torch.multinomial(logits.softmax(-1), 1) if warpers else logits.argmax(-1, keepdim=True)
        )
        inputs = torch.cat([inputs, step], 1)
        if eos is not None and int(step) == eos:
            break
    return inputs
