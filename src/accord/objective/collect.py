"""Run a model over a split and keep, of every row, only what its scorer reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from accord.batch import Batch, PreparedSplit, collate, micro_batches
from accord.errors import Interrupted, ModelError
from accord.objective.objective import Objective

WINDOW = 1024
"""Rows divided into micro-batches at a time; the whole split is sorted by length before."""
IGNORED = -100
OF_TOKENS = {"prediction": 2, "chances": 3}
"""Columns over tokens, and their dimensions."""


def collect_scores(  # noqa: PLR0913 - one thing each
    model: nn.Module,
    objective: Objective,
    split: PreparedSplit,
    schema: Mapping[str, Any],
    *,
    device: torch.device,
    autocast: Callable[[], AbstractContextManager[None]],
    batch_tokens: int,
    interrupted: Callable[[], bool],
) -> dict[str, npt.NDArray[Any]]:
    """The score columns of a split, in the order of its rows.

    Args:
        model: On `device`; its mode (train, eval) is put back afterwards.
        objective: Says what is collected (`scores`); next-token losses are summed per row at
            once, tags are kept as ids, so that no more logits than one batch's ever exist.
        split: The rows.
        schema: The data set's `schema.json`.
        device: Where batches go.
        autocast: The arithmetic of training.
        batch_tokens: Padded tokens computed at once; less where memory runs out.
        interrupted: True once the user asked to stop.

    Returns:
        `row` [rows] and the objective's columns, first dimension [rows]; columns over tokens
        hold the labelled ones only, in order, padded with -100: [rows, longest].

    Raises:
        Interrupted: The user stopped it.
        ModelError: One row alone does not fit into memory.
    """
    trained = model.training
    model.eval()
    pieces: list[dict[str, npt.NDArray[Any]]] = []
    order: list[npt.NDArray[np.int64]] = []
    waiting = list(_groups(split, batch_tokens))[::-1]
    try:
        # Not inference_mode: what a model caches there could take no part in training later.
        with torch.no_grad():
            while waiting:
                if interrupted():
                    raise _stopped(split.name)
                rows = waiting.pop()
                batch = collate(split.take(rows), schema)
                placed = {name: value.to(device) for name, value in batch.items()}
                try:
                    pieces.append(_scored(model, objective, placed, autocast))
                except torch.OutOfMemoryError as error:
                    if len(rows) == 1:
                        raise _too_large(split.name) from error
                    half = len(rows) // 2
                    waiting += [rows[half:], rows[:half]]
                    continue
                order.append(rows)
    finally:
        model.train(trained)
    return _joined(pieces, order, split.rows)


def _groups(split: PreparedSplit, batch_tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    lengths = split.lengths
    # Longest first: if memory does not suffice, it shows at once.
    by_length = np.argsort(-lengths, kind="stable")
    for start in range(0, len(by_length), WINDOW):
        window = by_length[start : start + WINDOW]
        for group in micro_batches(lengths[window], batch_tokens):
            yield window[group]


def _scored(
    model: nn.Module,
    objective: Objective,
    batch: Batch,
    autocast: Callable[[], AbstractContextManager[None]],
) -> dict[str, npt.NDArray[Any]]:
    with autocast():
        found = objective.scores(model, batch)
    columns = {"row": batch["rows"], **found}
    arrays = {name: value.detach().cpu().numpy() for name, value in columns.items()}
    for name, values in tuple(arrays.items()):
        for told, ndim in OF_TOKENS.items():
            if name.endswith(told) and values.ndim == ndim:
                arrays |= _labelled(arrays, name.removesuffix(told), told)
    return arrays


def _labelled(
    arrays: Mapping[str, npt.NDArray[Any]], prefix: str, told: str
) -> dict[str, npt.NDArray[Any]]:
    """Of the labelled tokens alone, pushed to the left. [B, T, ...] -> [B, most labelled, ...]."""
    due = arrays[f"{prefix}label"] != IGNORED
    counts = due.sum(1)
    width = int(counts.max(initial=0))
    filled = np.arange(width) < counts[:, None]
    found: dict[str, npt.NDArray[Any]] = {}
    for name in (f"{prefix}{told}", f"{prefix}label"):
        values = arrays[name]
        dtype = np.float32 if values.dtype.kind == "f" else np.int32
        table = np.full((len(due), width, *values.shape[2:]), IGNORED, dtype=dtype)
        table[filled] = values[due]
        found[name] = table
    return found


def _joined(
    pieces: list[dict[str, npt.NDArray[Any]]], order: list[npt.NDArray[np.int64]], rows: int
) -> dict[str, npt.NDArray[Any]]:
    if not pieces:
        return {}
    back = np.empty(rows, dtype=np.int64)
    back[np.concatenate(order)] = np.arange(rows)
    return {name: _stacked([piece[name] for piece in pieces])[back] for name in pieces[0]}


def _stacked(tables: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    if tables[0].ndim < 2 or len({table.shape[1] for table in tables}) == 1:
        return np.concatenate(tables)
    width = max(table.shape[1] for table in tables)
    rest = [(0, 0)] * (tables[0].ndim - 2)
    return np.concatenate(
        [
            np.pad(t, ((0, 0), (0, width - t.shape[1]), *rest), constant_values=IGNORED)
            for t in tables
        ]
    )


def _stopped(split: str) -> Interrupted:
    return Interrupted(
        f"stopped while the {split} split was judged",
        code="interrupted",
        fix="run the same command with --resume to go on",
    )


def _too_large(split: str) -> ModelError:
    return ModelError(
        f"one row of the {split} split does not fit into the device's memory",
        code="out-of-memory",
        path="data.max_tokens",
        fix="lower `data.max_tokens`, or choose a smaller model or another `machine.device`",
    )
