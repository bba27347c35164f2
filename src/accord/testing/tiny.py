"""Tiny models and prepared rows for every kind of problem: they fit into a test of a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import nn

from accord.part import find, require

PROBLEMS = ("single-label", "multi-label", "token-label", "next-token", "regression")
VOCABULARY = 40
LABELS = {
    "single-label": ["a", "b", "c"],
    "multi-label": ["a", "b", "c"],
    "token-label": ["O", "B-X", "I-X"],
    "next-token": [],
    "regression": [],
}
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
}


def tiny_model(problem: str = "single-label", seed: int = 0) -> nn.Module:
    """A Transformers model with the head of a kind of problem, without dropout."""
    transformers = require("transformers", "train", "a tiny model")
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    if problem == "next-token":
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES))
    else:
        outputs = max(1, len(LABELS[problem]))
        config = transformers.BertConfig(
            **SIZES,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=outputs,
        )
        tokens = problem == "token-label"
        kind = "BertForTokenClassification" if tokens else "BertForSequenceClassification"
        model = getattr(transformers, kind)(config)
    torch.set_rng_state(state)
    return model


def tiny_schema(problem: str) -> dict[str, Any]:
    """What `schema.json` says of `tiny_rows(problem)`."""
    tasks = {"token-label": "token-classification", "next-token": "causal-lm"}
    return {
        "task": tasks.get(problem, "text-classification"),
        "problem": problem,
        "modality": "text",
        "labels": LABELS[problem],
        "pad_id": 0,
        "max_tokens": 32,
        "vocab_size": VOCABULARY,
        "target": {"mean": 3.0, "std": 2.0},
    }


def tiny_rows(problem: str, rows: int = 12, seed: int = 0) -> pa.Table:
    """Prepared rows of uneven length; `accord.batch.collate` makes batches of them."""
    rng = np.random.default_rng(seed)
    ids = [rng.integers(3, VOCABULARY, rng.integers(2, 12)).tolist() for _ in range(rows)]
    columns: dict[str, Any] = {
        "row": pa.array(range(rows), pa.int64()),
        "input_ids": pa.array(ids, pa.list_(pa.int32())),
    }
    if problem == "next-token":
        masks = [[i > 0 for i in range(len(row))] for row in ids]
        sizes = [[len(row)] for row in ids]
        columns["loss_mask"] = pa.array(masks, pa.list_(pa.bool_()))
        columns["lengths"] = pa.array(sizes, pa.list_(pa.int32()))
        columns["bytes"] = pa.array([3 * len(row) for row in ids], pa.int64())
    else:
        columns["label"] = _labels(problem, ids, rng)
    return pa.table(columns)


def tiny_columns(problem: str, rows: int = 12) -> dict[str, np.ndarray[Any, Any]]:
    """What the built-in objective of a problem collects of a tiny model: a scorer's input."""
    from accord.batch import collate

    part, schema = find("objective", problem), tiny_schema(problem)
    objective = part(part.spec(kind=problem), label_smoothing=0.0, schema=schema)
    batch = collate(tiny_rows(problem, rows), schema)
    with torch.no_grad():
        found = objective.scores(tiny_model(problem).eval(), batch)
    return {name: values.numpy() for name, values in found.items()}


def _labels(problem: str, ids: list[list[int]], rng: np.random.Generator) -> pa.Array:
    rows = len(ids)
    if problem == "single-label":
        return pa.array((np.arange(rows) % 3).tolist(), pa.int32())
    if problem == "multi-label":
        table = rng.integers(0, 2, (rows, 3)).astype(np.float32)
        return pa.array(table.tolist(), pa.list_(pa.float32()))
    if problem == "regression":
        return pa.array(rng.normal(3, 2, rows).tolist(), pa.float32())
    tags = [[-100, *rng.integers(0, 3, len(row) - 1).tolist()] for row in ids]
    return pa.array(tags, pa.list_(pa.int32()))
