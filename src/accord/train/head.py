"""Starts the classifier head of a model from the training rows or from descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import nn

from accord.batch import Batch, PreparedSplit, collate, micro_batches
from accord.errors import RecipeError
from accord.model.formats import model_folder
from accord.model.head.embeddings import Embeddings, embedded, last_layer
from accord.model.head.fitted import fit_rows
from accord.model.head.start import Row, add_rows, kept_rows, start_rows
from accord.model.tokenizer import load_tokenizer
from accord.parallel.placement import Placement
from accord.part import find
from accord.recipe.model import Model
from accord.recipe.tree import Recipe

SINGLE = ("single-label", "token-label")
"""Problems in which what is asked about, a row or a token, has one class."""
MOST = 256
"""Rows of a class whose mean is its prototype: more hardly move it."""


def head_scale(recipe: Recipe, schema: Mapping[str, Any]) -> float | None:
    """Of the head that the recipe's loss is made for; None where a plain one will do.

    Raises:
        RecipeError: Rows have several labels, and it compares the directions of classes.
    """
    loss = recipe.balance.loss
    scale = None if loss is None else loss.head_scale
    if scale is not None and schema["problem"] not in SINGLE:
        raise _several("a head that compares directions", "balance.loss", schema["problem"])
    return scale


def start_head(
    model: nn.Module,
    spec: Model,
    split: PreparedSplit,
    placement: Placement,
    *,
    base: Path,
    tokenizer: Path,
) -> tuple[str, ...]:
    """Give the new rows of the head the start that `model.head` asks for.

    Args:
        model: On the placement's device, just loaded.
        spec: The recipe's `model` section.
        split: The training rows.
        base: Folder that relative paths start from.
        tokenizer: Of the data set.

    Returns:
        Names of the classes whose rows were given a start; the others are the base's own.

    Raises:
        RecipeError: Rows have several labels; a description is lacking.
        ModelError: The model has no head to start.
    """
    schema = split.schema
    if spec.head is None:
        return ()
    if schema["problem"] != "single-label":
        raise _several("`model.head`", "model.head", schema["problem"])
    labels = tuple(schema["labels"])
    name, layer = last_layer(model, len(labels))

    def vectors(batches: Iterator[Batch]) -> torch.Tensor:
        return embedded(model, layer, (placement.batch(batch) for batch in batches))

    rows, classes = _chosen(split, len(labels))
    found = vectors(_batches(split.take(rows), split.lengths[rows], schema, placement))
    means = torch.stack([found[classes == number].mean(0) for number in range(len(labels))])

    def texts(given: Sequence[str]) -> torch.Tensor:
        codec = load_tokenizer(tokenizer)
        codec.cut_at(schema["max_tokens"])
        return vectors(_text_batches(codec.tokenizer.encode_batch(list(given)), schema))

    part = find("head", spec.head.kind)
    is_text = schema["modality"] == "text"
    points = part(spec.head, Embeddings(labels, means, texts if is_text else None))
    kept = _kept(spec, base, name, labels)
    new = [number for number in range(len(labels)) if number not in kept]
    if kept:
        add_rows(layer, points, means, kept)
        if new:
            fit_rows(layer, found, torch.from_numpy(classes), new)
    else:
        start_rows(layer, points, means)
    return tuple(labels[number] for number in new)


def _chosen(
    split: PreparedSplit, classes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of rows, at most `MOST` of each class, spread evenly; and their classes."""
    labels = split.table["label"].to_numpy()
    found: list[npt.NDArray[np.int64]] = []
    for number in range(classes):
        own = np.flatnonzero(labels == number)
        found.append(own[np.linspace(0, len(own) - 1, min(len(own), MOST)).astype(np.int64)])
    rows = np.concatenate(found)
    return rows, labels[rows].astype(np.int64)


def _batches(
    table: pa.Table,
    lengths: npt.NDArray[np.int64],
    schema: Mapping[str, Any],
    placement: Placement,
) -> Iterator[Batch]:
    for group in micro_batches(lengths, placement.micro_batch_tokens, division="ordered"):
        yield collate(table.take(pa.array(group)), schema)


def _text_batches(encoded: Sequence[Any], schema: Mapping[str, Any]) -> Iterator[Batch]:
    for number, row in enumerate(encoded):
        columns = {
            "row": pa.array([number], pa.int64()),
            "input_ids": pa.array([row.ids], pa.list_(pa.int32())),
            "label": pa.array([0], pa.int32()),
        }
        yield collate(pa.table(columns), schema)


def _kept(spec: Model, base: Path, layer: str, labels: tuple[str, ...]) -> dict[int, Row]:
    if spec.base is None:
        return {}
    # PEFT wraps the names of modules that it trains as a whole.
    plain = layer.removeprefix("base_model.model.").removesuffix(".modules_to_save.default")
    return kept_rows(model_folder(spec.base, spec.revision, base), plain, labels)


def _several(what: str, path: str, problem: str) -> RecipeError:
    return RecipeError(
        f"{what} has no meaning for rows with several labels",
        code="recipe-conflict",
        path=path,
        got=problem,
        expected="one label a row",
        fix="remove `head`" if path == "model.head" else "write `normalised: false`",
    )
