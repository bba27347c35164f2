"""`model:` the base model and which of its weights are trained."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.data import Trust
from accord.recipe.section import Section


class Model(Section):
    """What is adapted: pretrained weights (`base`) or a new model (`config`)."""

    base: str | None = None
    """Hugging Face model directory or hub id."""
    agreement: str | None = None
    """Agreement file of the base, or `own`; by default `agreement.yaml` or the licence of the model
    card in its directory."""
    trust: Trust = None
    """Files of public keys, one of which must have signed the agreement of the base."""
    revision: str | None = None
    """Commit, tag or branch of a hub id."""
    config: str | dict[str, Any] | None = None
    """From scratch: a `config.json`, or its content with `model_type`."""
    tokenizer: str | None = None
    """Directory or hub id of the tokenizer; by default that of `base`."""
    adapt: Annotated[Spec, SpecOf("adapter")] = Field(default="full", validate_default=True)  # type: ignore[assignment]
    """`full`, or `{kind: lora, rank: 8, ...}`."""
    head: Annotated[Spec, SpecOf("head")] | None = None
    """Where new rows of the classifier start, instead of by chance: `prototypes`, `{kind:
    descriptions, texts: {CLASS: TEXT}}`. Rows of classes that the base knows by name are kept, and
    new ones are fitted beside them."""
    dropout: float | None = Field(default=None, ge=0, lt=1)
    """Overrides every dropout of the configuration."""
    attention: str | None = None
    """Attention implementation as Transformers names it (`sdpa`, `eager`)."""
