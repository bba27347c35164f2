"""Tiny prepared data: for each kind of problem the rows, the batch and what scorers read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    import torch

PROBLEMS = ("single-label", "multi-label", "token-label", "next-token", "regression")
VOCABULARY = 40
LABELS = {
    "single-label": ["calm", "glad", "sad"],
    "multi-label": ["long", "loud", "old"],
    "token-label": ["O", "B-PER", "I-PER", "B-LOC"],
}
TASKS = {
    "single-label": "text-classification",
    "multi-label": "text-classification",
    "token-label": "token-classification",
    "next-token": "causal-lm",
    "regression": "table-regression",
}


def tiny_schema(problem: str) -> dict[str, Any]:
    """The `schema.json` of `tiny_table`."""
    schema: dict[str, Any] = {
        "task": TASKS[problem],
        "problem": problem,
        "labels": LABELS.get(problem, []),
        "modality": "text",
        "max_tokens": 16,
        "pad_id": 0,
        "vocab_size": VOCABULARY,
        "columns": {"text": "text", "tokens": "words", "label": "label"},
    }
    if problem == "regression":
        schema |= {
            "modality": "table",
            "pad_id": None,
            "numeric": [
                {"name": "height", "mean": 1.7, "std": 0.1, "median": 1.7},
                {"name": "weight", "mean": 70.0, "std": 9.0, "median": 69.0},
            ],
            "categorical": [{"name": "colour", "values": ["blue", "red"]}],
            "target": {"mean": 12.0, "std": 3.0},
        }
    return schema


def tiny_table(problem: str, rows: int = 6, *, seed: int = 0) -> pa.Table:
    """Prepared rows of a split, of several lengths, as an encoder writes them."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"row": pa.array(range(rows), pa.int64())}
    if problem == "regression":
        numeric = rng.normal([1.7, 70.0], [0.1, 9.0], (rows, 2))
        numeric[0, 1] = np.nan
        columns["numeric"] = pa.array(numeric.tolist(), pa.list_(pa.float32()))
        ids = rng.integers(0, 3, (rows, 1))
        columns["categorical"] = pa.array(ids.tolist(), pa.list_(pa.int32()))
        columns["label"] = pa.array(rng.normal(12.0, 3.0, rows), pa.float32())
        return pa.table(columns)
    lengths = rng.integers(4, 13, rows)
    tokens = [rng.integers(5, VOCABULARY, n).tolist() for n in lengths]
    columns["input_ids"] = pa.array(tokens, pa.list_(pa.int32()))
    return pa.table(columns | _text_labels(problem, lengths, rng))


def _text_labels(
    problem: str, lengths: npt.NDArray[np.int64], rng: np.random.Generator
) -> dict[str, Any]:
    rows, size = len(lengths), len(LABELS.get(problem, ()))
    if problem == "single-label":
        # Every label occurs; what a scorer leaves undefined without one is another matter.
        return {"label": pa.array(rng.permutation(np.arange(rows) % size), pa.int32())}
    if problem == "multi-label":
        hot = (np.arange(rows)[:, None] + np.arange(size)) % 2
        return {"label": pa.array(hot.astype(np.float32).tolist(), pa.list_(pa.float32()))}
    if problem == "token-label":
        tags = [[-100, *rng.integers(0, size, n - 2).tolist(), -100] for n in lengths]
        return {"label": pa.array(tags, pa.list_(pa.int32()))}
    masks = [[False, *([True] * (n - 1))] for n in lengths]
    return {
        "loss_mask": pa.array(masks, pa.list_(pa.bool_())),
        "lengths": pa.array([[int(n)] for n in lengths], pa.list_(pa.int32())),
        "bytes": pa.array([int(n) * 3 for n in lengths], pa.int64()),
    }


def tiny_batch(problem: str, rows: int = 6, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """`tiny_table` collated: what an objective and a model are given."""
    from accord.batch import collate

    return collate(tiny_table(problem, rows, seed=seed), tiny_schema(problem))


def tiny_columns(problem: str, rows: int = 40, *, seed: int = 0) -> dict[str, npt.NDArray[Any]]:
    """What a scorer of `problem` reads, first dimension [rows]."""
    rng = np.random.default_rng(seed)
    size = len(LABELS.get(problem, ()))
    if problem == "single-label":
        scores = rng.dirichlet(np.ones(size), rows)
        return {"scores": scores, "label": rng.permutation(np.arange(rows) % size)}
    if problem == "multi-label":
        hot = (np.arange(rows)[:, None] + np.arange(size)) % 2
        return {"scores": rng.random((rows, size)), "label": hot.astype(np.float64)}
    if problem == "token-label":
        due = np.arange(8) < rng.integers(1, 9, rows)[:, None]
        tags = [np.where(due, rng.integers(0, size, (rows, 8)), -100) for _ in range(2)]
        return {"label": tags[0], "prediction": tags[1], "loss": rng.random(rows)}
    if problem == "next-token":
        tokens = rng.integers(5, 20, rows)
        return {
            "loss_sum": rng.random(rows) * tokens,
            "tokens": tokens,
            "correct": rng.integers(0, 5, rows),
            "bytes": tokens * 4,
        }
    truth = rng.normal(12.0, 3.0, rows)
    return {"label": truth, "prediction": truth + rng.normal(0.0, 1.0, rows)}


def tiny_image(
    colour: tuple[int, int, int] = (200, 80, 20), size: tuple[int, int] = (20, 12)
) -> bytes:
    """PNG bytes of an image with a gradient over one colour; `size` is (width, height)."""
    from PIL import Image

    width, height = size
    ramp = np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 1))
    pixels = (ramp * np.array(colour)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()
