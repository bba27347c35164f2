"""Copies of what is new alone: found as the weights find it, however blocks come cut."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accord
from accord.batch import PreparedSplit
from accord.data.newcomers import Newcomers
from accord.data.source import Block
from accord.errors import AccordError
from accord.recipe.cold_start import ColdStart
from accord.recipe.data import Data
from accord.train.cold_start import warming
from accord.train.gradient import training_rows
from tests.objective.test_distill import WORDS, model

DATA = Data(agreement="own", train="a.csv", label="kind")
KINDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=30)


def found(kinds: list[str], cut: int, most: int, copies: int) -> frozenset[str]:
    newcomers = Newcomers(ColdStart(rows=most), DATA)
    for start in range(0, len(kinds), cut):
        part = kinds[start : start + cut]
        rows = np.repeat(np.arange(start, start + len(part)), 1 + copies)
        batch = pa.RecordBatch.from_pydict({"kind": pa.array(np.repeat(part, 1 + copies).tolist())})
        newcomers.survey(Block(batch, rows, "a.csv", "a"))
    newcomers.settle()
    return newcomers.new


@settings(max_examples=50, deadline=None)
@given(KINDS, st.integers(1, 31), st.integers(1, 10), st.integers(0, 3))
def test_rows_are_counted_once_however_they_are_cut_and_copied(
    kinds: list[str], cut: int, most: int, copies: int
) -> None:
    few = {kind for kind in kinds if kinds.count(kind) <= most}
    assert found(kinds, cut, most, copies) == few


def recipe(folder: Path, cold: dict[str, Any], **augment: Any) -> dict[str, Any]:
    if not (folder / "base").exists():
        model(folder / "base", ("a", "b", "c"), seed=1)
    for name, size in (("train", 63), ("test", 30)):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("text", "label", "day", "source"))
            for i in range(size):
                at = i % 3 if i < 9 or name == "test" else i % 2
                words = WORDS[at].split()
                day = f"2026-{5 + 3 * (at == 2)}-{1 + i % 28:02}".replace("-8-", "-08-")
                day = day.replace("-5-", "-05-")
                text = f"{words[i % 4]} {words[(i // 4) % 4]} {words[(i // 9) % 4]} {i}"
                writer.writerow((text, "abc"[at], day, ("web", "app")[at == 2]))
    rows = {"by": "typos", "rate": 4, "classes": "new"} | augment
    return {
        "task": "text-classification",
        "model": {"base": str(folder / "base"), "agreement": "own"},
        "data": {
            "agreement": "own", "train": str(folder / "train.csv"), "validation": 0,
            "test": str(folder / "test.csv"), "text": "text", "label": "label",
            "max_tokens": 16, "leakage": {"action": "off"},
        },
        "balance": {"cold_start": cold},
        "augment": {"rows": [rows]},
        "train": {"steps": 1, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    "cold",
    [
        {"rows": 5},
        {"new": ["c"]},
        {"by": "day", "since": "2026-07-01"},
        {"source": "source", "by": "day", "since": "2026-07-01"},
        {"source": "source", "new": ["app"]},
    ],
)
def test_only_new_rows_are_copied_and_they_stay_new(cold: dict[str, Any], tmp_path: Path) -> None:
    run = accord.train(recipe(tmp_path, cold), output=tmp_path / "run")
    (dataset,) = run.path.glob("artifacts/dataset-*")
    labels = PreparedSplit(dataset, "train").table["label"].to_pylist()
    assert [labels.count(n) for n in range(3)] == [30, 30, 3 * 5]
    assert PreparedSplit(dataset, "test").rows == 30
    accounting = json.loads((dataset / "accounting.json").read_text())
    (added,) = accounting["added"]
    assert (added["step"], added["reason"], added["rows"]) == ("augment", "typos", 12)
    split = PreparedSplit(dataset, "train")
    weights = warming(ColdStart(**cold), split, training_rows(split))
    # The copies make it 15 rows, of which it still has seen 3 of its own.
    assert weights.new.tolist() == ([True, False] if "source" in cold else [False, False, True])


@pytest.mark.parametrize(
    ("cold", "augment", "place"),
    [
        (None, {}, "augment.rows"),
        ({"new": ["zz"]}, {}, "balance.cold_start.new"),
        ({"by": "source", "since": "2026-07-01"}, {}, "balance.cold_start.by"),
        ({"rows": 3}, {"classes": "newer"}, "augment.rows"),
    ],
)
def test_mistakes_are_told_at_their_place(
    cold: Any, augment: dict[str, Any], place: str, tmp_path: Path
) -> None:
    with pytest.raises(AccordError) as error:
        accord.train(recipe(tmp_path, cold, **augment), output=tmp_path / "run")
    assert place in str(error.value)
