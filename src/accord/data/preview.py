"""A look at the data before training: rows, labels, lengths, and the first batch as the model
will see it. Loads no tensor library."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer

from accord.data.contamination.step import look_at_benchmarks
from accord.data.encoder import Encoder, Lengths, Setting, encoded, settled
from accord.data.reject import Rejects
from accord.data.rows import read_rows, rejects_of
from accord.data.side_rows import look_at_sides, with_label
from accord.data.source import Block
from accord.data.split import NAMES, TEST, TRAIN, VALIDATION
from accord.data.survey import ROLES, Survey
from accord.model.teacher import shared_classes, teacher_facts, teacher_folder
from accord.part import find
from accord.permit import Permit
from accord.recipe.newcomers import check_classes
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

SECONDS = 0.8
"""Time spent on reading; beyond it counts are of the rows read so far."""
SAMPLE = 1000
SHOWN = 3
WIDTH = 400


@dataclass(frozen=True, slots=True)
class Preview:
    """What the data look like.

    Args:
        rows: Rows of each split; of the rows read, if not `complete`.
        complete: Whether all rows were read.
        labels: Rows of each class in each split.
        lengths: Tokens of up to 1,000 training rows.
        truncated: How many of these are cut at `data.max_tokens`.
        rejected: Bad rows by reason.
        batch: The first rows as the model sees them; what carries a loss stands in «».
        hidden: Why no rows are shown; None where they are.
        beside: Tokens of the first rows of each side task with data of its own.
        warnings: What may go wrong, a sentence each.
    """

    rows: Mapping[str, int]
    complete: bool
    labels: Mapping[str, Mapping[str, int]]
    lengths: Sequence[int]
    truncated: int
    rejected: Mapping[str, int]
    batch: Sequence[str] = ()
    hidden: str | None = None
    beside: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    warnings: Sequence[str] = field(default=())

    def headline(self) -> str:
        """Rows of each split in one line."""
        counts = ", ".join(f"{name} {count:,}" for name, count in self.rows.items())
        return counts if self.complete else f"{counts} (so far; the data go on)"

    def details(self) -> list[str]:
        """Labels, lengths and bad rows, a line each."""
        lines: list[str] = []
        for split, counts in self.labels.items():
            most = sorted(counts.items(), key=lambda item: -item[1])[:8]
            rest = f", ... {len(counts)} classes" if len(counts) > 8 else ""
            lines.append(f"{split}: " + ", ".join(f"{n} {c:,}" for n, c in most) + rest)
        if self.lengths:
            p50, p95, most = (int(v) for v in np.percentile(self.lengths, (50, 95, 100)))
            share = self.truncated / len(self.lengths)
            lines.append(f"tokens: median {p50}, 95% {p95}, longest {most}, cut {share:.1%}")
        for name, sizes in self.beside.items():
            if sizes:
                p50, p95 = (int(v) for v in np.percentile(sizes, (50, 95)))
                lines.append(f"side task {name}: tokens of its first rows: median {p50}, 95% {p95}")
        if self.rejected:
            named = ", ".join(f"{reason} {n:,}" for reason, n in self.rejected.items())
            lines.append(f"bad rows: {named}")
        return lines

    def batch_lines(self) -> Sequence[str]:
        """The first rows, decoded."""
        return self.batch


def preview(recipe: Recipe, permit: Permit, base: Path) -> Preview:
    """Read for at most about a second and say what is there.

    Raises:
        DataError: What would stop the data stage, as far as rows were read.
        ModelError: The tokenizer cannot be read.
    """
    survey, rejects = Survey(recipe), rejects_of(recipe)
    first: Block | None = None
    complete, began = True, time.monotonic()
    for role, block in _blocks(recipe, permit, base, rejects):
        survey.add(role, block)
        first = first or block
        if time.monotonic() - began > SECONDS:
            complete = False
            break
    rejects.check()
    beside = look_at_sides(recipe, permit, base)
    look_at_benchmarks(recipe, permit)
    if not complete:
        survey = _as_if_shares(survey)
    splits = survey.splits()
    labels = survey.label_names(splits, complete=complete)
    assert first is not None
    sample = _first_rows(first, SAMPLE)
    encoder = _encoder(recipe, base, labels, sample)
    batches = list(encoded(encoder, sample, NAMES[TRAIN])) + list(encoder.flush(NAMES[TRAIN]))
    if complete:
        check_classes(recipe, labels)
        _check_teacher(recipe, base, survey, labels, encoder)
    lengths = [n for length, n in encoder.lengths.counts.items() for n in [length] * n]
    rows = {name: int((splits == i).sum()) for i, name in enumerate(NAMES)}
    truncated, hidden = encoder.lengths.truncated, _hidden(recipe)
    return Preview(
        rows=rows,
        complete=complete,
        labels={} if _label_coarser(recipe) else survey.balance(splits),
        lengths=lengths,
        truncated=truncated,
        rejected=dict(rejects.counts),
        batch=() if hidden else _shown(batches, recipe, labels, encoder),
        hidden=hidden,
        beside=_lengths_beside(beside, encoder, recipe, labels, survey.problem),
        warnings=_warnings(survey, splits, truncated / max(1, len(lengths)), recipe),
    )


def _lengths_beside(
    first: Mapping[str, Block],
    encoder: Encoder,
    recipe: Recipe,
    labels: tuple[str, ...],
    problem: str | None,
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, block in first.items():
        encoder.lengths = Lengths()
        some = with_label(_first_rows(block, SAMPLE), recipe.data.label, labels, problem or "")
        for _ in encoded(encoder, some, NAMES[TRAIN]):
            pass
        found[name] = list(encoder.lengths.counts.elements())
    return found


def _hidden(recipe: Recipe) -> str | None:
    """Why no rows are shown."""
    if recipe.data.vault is not None:
        return "the data are sealed"
    if recipe.protect.anonymity is not None:
        return "rows are made anonymous once all of them were read"
    return None


def _label_coarser(recipe: Recipe) -> bool:
    """Whether classes are others once the rows are anonymous."""
    anonymity = recipe.protect.anonymity
    return anonymity is not None and recipe.data.label in anonymity.quasi


def _check_teacher(
    recipe: Recipe, base: Path, survey: Survey, labels: Sequence[str], encoder: Encoder
) -> None:
    """Refuse a teacher that does not go with the data, before anything is trained."""
    distill = recipe.train.distill
    if distill is None or distill.weight == 0:
        return
    schema = {**encoder.facts(), "problem": survey.problem, "labels": labels}
    facts = teacher_facts(teacher_folder(distill, base), schema)
    if labels:
        shared_classes(schema, facts)


def _blocks(
    recipe: Recipe, permit: Permit, base: Path, rejects: Rejects
) -> Iterator[tuple[str, Block]]:
    for role in ROLES:
        if permit.sources(role):
            for block in read_rows(permit, role, recipe, base, rejects=rejects):
                yield role, block


def _as_if_shares(survey: Survey) -> Survey:
    """Splits with files of their own may not have been reached yet: count with shares instead."""
    data = survey.recipe.data
    shares = {
        name: value if isinstance(value, float) else 0.1
        for name, value in (("validation", data.validation), ("test", data.test))
    }
    recipe = survey.recipe.model_copy(update={"data": data.model_copy(update=shares)})
    survey.recipe = recipe
    survey.roles = bytearray(len(survey.roles))
    return survey


def _first_rows(block: Block, count: int) -> Block:
    return block.keep(np.arange(len(block.rows)) < count)


def _encoder(recipe: Recipe, base: Path, labels: tuple[str, ...], sample: Block) -> Encoder:
    part = find("encoder", recipe.task)
    return settled(part(part.spec(kind=recipe.task), Setting(recipe, base, labels)), [sample])


def _shown(
    batches: list[pa.RecordBatch], recipe: Recipe, labels: tuple[str, ...], encoder: Encoder
) -> tuple[str, ...]:
    rows = pa.Table.from_batches(batches).slice(0, SHOWN).to_pylist()
    if TASKS[recipe.task].modality != "text":
        return tuple(_plain_row(row, labels) for row in rows)
    tokenizer = encoder.codec.tokenizer  # type: ignore[attr-defined]
    return tuple(_text_row(row, labels, tokenizer) for row in rows)


def _text_row(row: Mapping[str, Any], labels: Sequence[str], tokenizer: Tokenizer) -> str:
    ids: list[int] = row["input_ids"]
    if "loss_mask" in row:
        return _cut(_fenced(ids, row["loss_mask"], tokenizer))
    if "words" in row:
        owners = zip(row["word_ids"], row["label"], strict=True)
        due = [(row["words"][word], labels[tag]) for word, tag in owners if tag != -100]
        return _cut(" ".join(f"{word}«{tag}»" for word, tag in due))
    return f"{_cut(tokenizer.decode(ids, skip_special_tokens=False))}  «{_named(row, labels)}»"


def _fenced(ids: list[int], mask: list[bool], tokenizer: Tokenizer) -> str:
    """Decoded text with every run of learned tokens in «»."""
    pieces: list[str] = []
    start = 0
    for end in range(1, len(ids) + 1):
        if end == len(ids) or mask[end] != mask[start]:
            text = tokenizer.decode(ids[start:end], skip_special_tokens=False)
            pieces.append(f"«{text}»" if mask[start] else text)
            start = end
    return "".join(pieces)


def _plain_row(row: Mapping[str, Any], labels: Sequence[str]) -> str:
    values = [f"{v:g}" for v in row.get("numeric") or ()]
    values += [str(v) for v in row.get("categorical") or ()]
    content = f"{len(row['image']):,} bytes of image" if "image" in row else ", ".join(values)
    return f"{_cut(content)}  «{_named(row, labels)}»"


def _named(row: Mapping[str, Any], labels: Sequence[str]) -> str:
    label: list[float] | int | float = row["label"]
    if isinstance(label, list):
        return ", ".join(n for n, due in zip(labels, label, strict=True) if due)
    return labels[int(label)] if labels else f"{label:g}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[:WIDTH]} ..."


def _warnings(
    survey: Survey, splits: np.ndarray[Any, Any], cut: float, recipe: Recipe
) -> tuple[str, ...]:
    told: list[str] = []
    if cut > 0.1 and recipe.task != "causal-lm":
        told.append(
            f"{cut:.0%} of the rows are cut at {recipe.data.max_tokens} tokens; "
            "raise data.max_tokens to keep their ends"
        )
    for split in () if _label_coarser(recipe) else (VALIDATION, TEST):
        if split == VALIDATION and recipe.data.validation == 0:
            continue
        counts = survey.balance(splits).get(NAMES[split], {})
        few = sorted(name for name, count in counts.items() if count < 10)
        if few:
            told.append(
                f"{NAMES[split]} holds fewer than 10 rows of {', '.join(few[:5])}: "
                "its metrics for them will be uncertain"
            )
    return tuple(told)
