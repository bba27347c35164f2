"""Rows of a prepared split as tensors, padded no further than their longest row.

Shapes: B rows, T tokens, L labels, N numeric and C categorical columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from accord.recipe.distill import ANSWERS, TEACHER
from accord.recipe.side_task import ASKED, SIDE

Batch = dict[str, torch.Tensor]
IGNORED = -100
"""Label of positions that carry no loss, as PyTorch's cross-entropy names it."""


def collate(table: pa.Table, schema: Mapping[str, Any]) -> Batch:
    """One batch.

    Args:
        table: Rows of a split, as `PreparedSplit.take` gives them.
        schema: The data set's `schema.json`.

    Returns:
        `rows` [B] and, by modality: `input_ids`, `token_type_ids`, `position_ids` [B, T],
        `attention_mask` ([B, T], or [B, 1, T, T] booleans where documents are packed; absent
        when nothing is padded or packed), `pixel_values` [B, 3, H, W], `numeric` [B, N],
        `categorical` [B, C]; and `labels`: [B] int64, [B, L] float32 (multi-label),
        [B] float32 (regression) or [B, T] int64 with -100 (tokens); of training rows also
        `weight` [B] where data steps gave some, and `carried:NAME` [B]: ids of the values in
        `schema["carried"]`, and `teacher:input_ids` and the like [B, T] for a teacher of other
        tokens; and `task:NAME` [B] of `schema["tasks"]`, and `asked` [B]: 0 of
        rows that belong to a side task alone, where there are such; `answers:logits` and
        `answers:hidden` [B, ...] of a teacher that was asked before.
    """
    batch: Batch = {"rows": torch.from_numpy(_flat(table, "row").astype(np.int64))}
    if schema["modality"] == "text":
        batch |= _text(table, schema)
    elif schema["modality"] == "image":
        from accord.model.image import decode_image  # Pillow is an extra

        pixels = [decode_image(value.as_py(), schema["image"]) for value in table["image"]]
        batch["pixel_values"] = torch.stack(pixels)
    else:
        batch |= _columns(table, schema)
    if "labels" not in batch:
        batch["labels"] = _labels(table, schema)
    return batch | _carried(table, schema)


def _carried(table: pa.Table, schema: Mapping[str, Any]) -> Batch:
    found: Batch = {}
    if "weight" in table.column_names:
        found["weight"] = torch.from_numpy(_flat(table, "weight").astype(np.float32))
    for name in table.column_names:
        if name.startswith(ANSWERS):
            values: Any = table[name].combine_chunks().flatten().to_numpy()
            found[name] = torch.from_numpy(values.copy().reshape(table.num_rows, -1))
    if ASKED in table.column_names:
        found[ASKED] = torch.from_numpy(_flat(table, ASKED).astype(np.float32))
    for name, values in schema.get("carried", {}).items():
        if f"carried:{name}" in table.column_names:
            index = {value: number for number, value in enumerate(values)}
            ids = [index[value] for value in table[f"carried:{name}"].to_pylist()]
            found[f"carried:{name}"] = torch.tensor(ids, dtype=torch.int64)
    for task in schema.get("tasks", ()):
        name = f"{SIDE}{task['name']}"
        if name in table.column_names:
            found[name] = _side(table[name].to_pylist(), task)
    return found


def _side(values: list[Any], task: Mapping[str, Any]) -> torch.Tensor:
    """Ids of classes [B], -100 for none or one unknown to training; numbers [B], NaN for none."""
    if task["problem"] == "regression":
        numbers = [math.nan if value is None else value for value in values]
        return torch.tensor(numbers, dtype=torch.float32)
    index = {name: number for number, name in enumerate(task["labels"])}
    return torch.tensor([index.get(value, IGNORED) for value in values], dtype=torch.int64)


def _text(table: pa.Table, schema: Mapping[str, Any]) -> Batch:
    ids, lengths = _ragged(table, "input_ids")
    batch: Batch = {"input_ids": _pad(ids, lengths, int(schema["pad_id"] or 0))}
    if "token_type_ids" in table.column_names:
        batch["token_type_ids"] = _pad(_ragged(table, "token_type_ids")[0], lengths, 0)
    if f"{TEACHER}input_ids" in table.column_names:
        batch |= _of_teacher(table, int(schema["teacher_pad_id"]))
    if schema["problem"] == "token-label":
        batch["labels"] = _pad(_ragged(table, "label")[0], lengths, IGNORED)
    if schema["problem"] == "next-token":
        batch |= _next_token(table, ids, lengths)
    elif (lengths != lengths.max()).any():
        batch["attention_mask"] = _pad(np.ones(len(ids), dtype=np.int64), lengths, 0)
    return batch


def _of_teacher(table: pa.Table, pad: int) -> Batch:
    """The same texts in the tokens of a teacher, where those are others."""
    ids, lengths = _ragged(table, f"{TEACHER}input_ids")
    batch: Batch = {
        f"{TEACHER}input_ids": _pad(ids, lengths, pad),
        f"{TEACHER}attention_mask": _pad(np.ones(len(ids), dtype=np.int64), lengths, 0),
    }
    if f"{TEACHER}token_type_ids" in table.column_names:
        types = _ragged(table, f"{TEACHER}token_type_ids")[0]
        batch[f"{TEACHER}token_type_ids"] = _pad(types, lengths, 0)
    return batch


def _next_token(
    table: pa.Table, ids: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> Batch:
    mask, _ = _ragged(table, "loss_mask")
    batch: Batch = {"labels": _pad(np.where(mask, ids, IGNORED), lengths, IGNORED)}
    documents, per_row = _ragged(table, "lengths")
    positions = np.concatenate([np.arange(n) for n in documents])
    batch["position_ids"] = _pad(positions, lengths, 0)
    batch["bytes"] = torch.from_numpy(_flat(table, "bytes").astype(np.int64))
    if (per_row > 1).any():
        owner = np.repeat(np.arange(len(documents)), documents)
        batch["attention_mask"] = _within_documents(_pad(owner, lengths, -1))
    elif (lengths != lengths.max()).any():
        batch["attention_mask"] = _pad(np.ones(len(ids), dtype=np.int64), lengths, 0)
    return batch


def _within_documents(owner: torch.Tensor) -> torch.Tensor:
    """Causal attention inside each document only. [B, T] document ids -> [B, 1, T, T]."""
    same = owner[:, :, None] == owner[:, None, :]
    causal = torch.ones(owner.shape[1], owner.shape[1], dtype=torch.bool).tril()
    return (same & causal)[:, None]


def _columns(table: pa.Table, schema: Mapping[str, Any]) -> Batch:
    rows = table.num_rows
    numeric = _ragged(table, "numeric")[0] if schema.get("numeric") else np.zeros(0)
    categorical = _ragged(table, "categorical")[0] if schema.get("categorical") else np.zeros(0)
    return {
        "numeric": torch.from_numpy(numeric.astype(np.float32).reshape(rows, -1)),
        "categorical": torch.from_numpy(categorical.astype(np.int64).reshape(rows, -1)),
    }


def _labels(table: pa.Table, schema: Mapping[str, Any]) -> torch.Tensor:
    if schema["problem"] == "multi-label":
        values, _ = _ragged(table, "label")
        return torch.from_numpy(values.astype(np.float32).reshape(table.num_rows, -1))
    values = _flat(table, "label")
    kind = np.float32 if schema["problem"] == "regression" else np.int64
    return torch.from_numpy(values.astype(kind))


def _flat(table: pa.Table, name: str) -> npt.NDArray[Any]:
    return table[name].combine_chunks().to_numpy(zero_copy_only=False)


def _ragged(table: pa.Table, name: str) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Values of a list column one after the other, and the length of each list."""
    column = table[name].combine_chunks()
    values = column.flatten().to_numpy(zero_copy_only=False)
    return values, column.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)


def _pad(values: npt.NDArray[Any], lengths: npt.NDArray[np.int64], filler: int) -> torch.Tensor:
    """Right-padded [B, T] int64."""
    width = int(lengths.max())
    padded = np.full((len(lengths), width), filler, dtype=np.int64)
    padded[np.arange(width) < lengths[:, None]] = values
    return torch.from_numpy(padded)
