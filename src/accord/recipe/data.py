"""`data:` which data under which agreement, which columns, how it is split and checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section
from accord.recipe.vault import Vault

Share = Annotated[float, Field(gt=0, lt=1)]
Trust = Annotated[tuple[str, ...], Field(min_length=1)] | None
"""Files of public keys. They change nothing of what is made, and stand outside the identity."""
Columns = str | tuple[str, ...]


class Leakage(Section):
    """Search for rows that stand in more than one split."""

    action: Literal["report", "drop", "fail", "off"] = "report"
    """What is done with a training row that also stands in validation or test."""
    similarity: float = Field(default=0.8, gt=0, le=1)
    """Jaccard similarity of character 5-grams from which two texts are near duplicates."""


class Data(Section):
    """Where the data are, under which agreement, and which columns mean what."""

    agreement: str | dict[str, str]
    """`own` (you hold all rights; recorded and shown) or the path of an agreement file; for sources
    under several agreements, a mapping from each source, as it is written below, to its own."""
    trust: Trust = None
    """Files of public keys, one of which must have signed each agreement file that is named."""
    vault: Vault | None = None
    """Key of sealed data; all that the run keeps of rows is then sealed too."""
    train: str | tuple[str, ...]
    """File, folder, glob, URL or Hugging Face data set (`hf://name`, local directory)."""
    validation: Annotated[float, Field(ge=0, lt=1)] | str = 0.1
    """A share of the training rows, or a source of its own; 0 for none."""
    test: Share | str = 0.2
    """A share of the training rows, or a source of its own."""
    benchmarks: tuple[str, ...] = ()
    """Files, folders or globs that a model will be examined with elsewhere. `clean.decontaminate`
    compares training rows with them; nothing else is done with them."""
    format: Annotated[Spec, SpecOf("reader")] | None = None
    """Reader; by default chosen by the file's name."""

    engine: Annotated[Spec, SpecOf("engine")] | None = None
    """Where the data are prepared: `here` (one process, the default), `processes` or `ray`. Changes
    nothing of what is made, and stands outside the identity."""

    text: str | None = None
    """Column of text."""
    text_pair: str | None = None
    """Column of the second text of a pair."""
    tokens: str | None = None
    """Column with a list of words (token-classification)."""
    messages: str | None = None
    """Column with a list of {role, content} (chat fine-tuning)."""
    tools: str | None = None
    """Column with the tools that a conversation may call, given to the chat template."""
    prompt: str | None = None
    """Column before the completion; no loss is taken on it."""
    completion: str | None = None
    """Column the model learns to write."""
    image: str | None = None
    """Column with image paths or bytes; `image` for image folders."""
    numeric: tuple[str, ...] = ()
    """Columns of numbers."""
    categorical: tuple[str, ...] = ()
    """Columns of categories."""
    label: Columns | None = None
    """Column of the label, tags or target; several 0/1 columns make a multi-label task."""
    label_separator: str | None = None
    """Splits the label column into several labels (`action|drama`)."""

    group: str | None = None
    """Rows with the same value stay in the same split."""
    stratify: bool = True
    """Keep the shares of the labels alike in all splits."""
    seed: int = Field(default=0, ge=0)
    """Of the splits; apart from `train.seed`, so that runs with several seeds share test rows."""
    max_tokens: int = Field(default=256, ge=2)
    """Longer texts are cut, or divided into blocks for language models."""
    pack: bool = True
    """Language models: put several documents into one sequence, without attention across."""
    on_bad_row: Literal["fail", "skip", "quarantine"] = "fail"
    """`quarantine` writes bad rows aside with their reasons."""
    leakage: Leakage = Leakage()
    """Search for rows that stand in more than one split."""
