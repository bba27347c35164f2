"""Texts that are cut."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Plot,
    Remedy,
    fine,
    not_applicable,
    not_looked_at,
)
from accord.diagnose.seen import MEASURED, Seen
from accord.diagnose.shape import model_config
from accord.errors import AccordError
from accord.part import part
from accord.recipe.task import Modality

BINS = 24
ROUND = 32


class TooLong(Graded):
    """Share of training rows that are cut at `data.max_tokens`."""

    title: ClassVar[str] = "Too-long texts"
    place: ClassVar[int] = 170
    modalities: ClassVar[tuple[Modality, ...]] = ("text",)
    kind: Literal["too-long"] = "too-long"
    low: float = Field(default=0.02, ge=0, le=1)
    medium: float = Field(default=0.1, ge=0, le=1)
    high: float = Field(default=0.3, ge=0, le=1)


@part("problem", TooLong)
def too_long(spec: TooLong, seen: Seen) -> Finding:
    """By the recipe's own tokenizer, on a sample of training rows."""
    data = seen.recipe.data
    if seen.recipe.task == "causal-lm" and data.text is not None:
        return not_applicable("Documents of a language model are divided, not cut.")
    tokens = seen.tokens
    if isinstance(tokens, AccordError):
        return not_looked_at(f"Tokens cannot be counted: {tokens.problem}.")
    if not len(tokens):
        return not_applicable("Rows have no tokens.")
    limit = data.max_tokens
    cut = float((tokens > limit).mean())
    lost = float(np.maximum(tokens - limit, 0).sum() / max(1, tokens.sum()))
    p50, p95, p99 = (float(v) for v in np.percentile(tokens, (50, 95, 99)))
    of = seen.of(seen.training, MEASURED)
    figures = (
        Figure("rows that are cut", cut, "share", of=of),
        Figure("tokens that are lost", lost, "share", of=of),
        Figure("tokens of the middle row", p50, "tokens"),
        Figure("tokens that hold 95 % of the rows", p95, "tokens"),
        Figure("tokens that hold 99 % of the rows", p99, "tokens"),
        Figure("tokens at most, by the recipe", limit, "tokens"),
    )
    counts, edges = np.histogram(tokens, bins=BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    items = [(float(x), int(n)) for x, n in zip(middles, counts, strict=True)]
    plot = Plot("columns", "Tokens of a row", items, "tokens", "rows")
    grave = spec.grade(cut)
    if grave is None:
        return fine("Hardly any text is cut.", *figures, plots=(plot,))
    return Finding(
        "found",
        f"{cut:.0%} of the texts are cut at {limit} tokens; {lost:.0%} of all tokens are never "
        "read.",
        figures,
        grave,
        (_remedy(seen, p99, limit),),
        plots=(plot,),
    )


def _remedy(seen: Seen, wanted: float, limit: int) -> Remedy:
    """Room for 99 % of the rows, as far as the model goes."""
    config = model_config(seen.recipe, seen.loaded.base) or {}
    named = (config.get(n) for n in ("max_position_embeddings", "n_positions", "max_seq_len"))
    most = next((int(n) for n in named if isinstance(n, int)), None)
    # RoBERTa and its kin keep two positions for themselves.
    if most is not None and str(config.get("model_type")) in (
        "roberta",
        "xlm-roberta",
        "camembert",
    ):
        most -= 2
    room = int(-(-wanted // ROUND) * ROUND)
    room = room if most is None else min(room, most)
    if room <= limit:
        say = "The model takes no more: divide the texts, or take a base that reads longer ones."
        return Remedy(say)
    say = f"Read up to {room} tokens; a step then takes more time and memory."
    return Remedy(say, {"data": {"max_tokens": room}})
