"""Permits, recipes and prepared data for the tests of `accord.data`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from accord.agreement.stage import grant, permit_for
from accord.artifact import Artifact, Store
from accord.data.read import open_source
from accord.data.reject import Reject
from accord.data.stage import prepare
from accord.events import Log
from accord.recipe.context import Context
from accord.recipe.load import recipe_from
from accord.recipe.tree import Recipe

BERT = {
    "model_type": "bert",
    "vocab_size": 120,
    "hidden_size": 8,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "intermediate_size": 8,
}


def recipe(task: str = "text-classification", model: Any = None, **data: Any) -> Recipe:
    """A small recipe; by default text and label columns of `rows.csv`."""
    plain = {"agreement": "own", "train": "rows.csv"}
    if task == "text-classification":
        plain |= {"text": "text", "label": "label"}
    value = {
        "task": task,
        "model": model or {"config": BERT},
        "data": plain | data,
        "train": {"steps": 1},
    }
    return recipe_from(value).recipe


def read(
    folder: Path, name: str, batch_rows: int = 2048, **data: Any
) -> tuple[list[dict[str, Any]], list[int], list[Reject]]:
    """Rows, their numbers and the rejects of a source, through the reader its name calls for."""
    asked = recipe(train=name, **data)
    permit = permit_for(asked, folder)
    rejects: list[Reject] = []
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for block in open_source(
        permit, "train", asked.data.format, sink=rejects.append, batch_rows=batch_rows
    ):
        rows += block.batch.to_pylist()
        numbers += block.rows.tolist()
    return rows, numbers, rejects


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def prepared(folder: Path, asked: Recipe, name: str = "run") -> Artifact:
    """The `dataset` artifact of a recipe, its sources below `folder`."""
    run = folder / name
    store = Store(run)
    run.mkdir()
    permit = grant(asked, {}, Context(run, folder, store, "p" * 64, Log(), lambda: False))
    context = Context(run, folder, store, "d" * 64, Log(), lambda: False)
    return prepare(asked, {"permit": permit}, context)


def accounting(dataset: Artifact) -> dict[str, Any]:
    return json.loads((dataset.path / "accounting.json").read_text("utf-8"))
