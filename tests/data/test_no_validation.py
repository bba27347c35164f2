"""`data.validation: 0`: every row that is not tested is learned from."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import accord
from accord.agreement.stage import permit_for
from accord.data.preview import preview
from accord.errors import AccordError, Problems
from accord.evaluate.significance import compare
from accord.recipe.load import load_recipe, recipe_from
from tests.data.sources import csv_text, recipe


def _rows(folder: Path, rows: int = 100) -> None:
    draw = random.Random(0)
    numbers = [draw.gauss(0, 1) for _ in range(rows)]
    lines = [(f"{a:.3f}", "yes" if a > 0 else "no", i % 10) for i, a in enumerate(numbers)]
    (folder / "rows.csv").write_text(csv_text([("a", "label", "group"), *lines]))


def _asked(folder: Path, **train: Any) -> dict[str, Any]:
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}},
        "data": {
            "agreement": "own", "train": str(folder / "rows.csv"), "numeric": ["a"],
            "label": "label", "validation": 0, "test": 0.2, "leakage": {"action": "drop"},
        },
        "train": {
            "epochs": 8, "batch_size": 8, "learning_rate": 1e-2, "precision": "fp32", **train
        },
        "evaluate": {"resamples": 10},
        "machine": {"threads": 1},
    }  # fmt: skip


@pytest.mark.parametrize("group", [None, "group"])
def test_a_run_without_validation(tmp_path: Path, group: str | None) -> None:
    _rows(tmp_path)
    asked = _asked(tmp_path)
    asked["data"] |= {"group": group} if group else {}
    run = accord.train(asked, output=tmp_path / "run")
    rows = run.summary["data"]["rows"]
    assert (rows["validation"], rows["train"] + rows["test"]) == (0, 100)
    assert run.summary["metrics"]["test"]["accuracy"] > 0.5
    assert run.summary["metrics"].get("validation", {}) == {}
    assert run.summary["best"] is None
    assert run.summary["baseline"]["metrics"]["accuracy"] > 0.8
    page = (run.path / "report.html").read_text("utf-8")
    judged = page.partition("<summary>All metrics")[2].partition("</thead>")[0]
    assert '<th class="n">test</th>' in judged and "validation" not in judged
    again = load_recipe(run.path / "recipe.yaml").recipe
    assert again.data.validation == 0
    assert accord.evaluate(run.path, data=str(tmp_path / "rows.csv"))["rows"] == 100
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    assert not [e for e in events if e["event"] == "evaluate"]
    with pytest.raises(AccordError) as caught:
        compare([run.path, run.path], split="validation")
    assert "no row of the validation split" in str(caught.value)


@pytest.mark.parametrize(
    ("train", "field"),
    [
        ({"early_stopping": {"patience": 2}}, "train.early_stopping"),
        ({"keep": "best"}, "train.keep"),
        ({"evaluate_every": 0.5}, "train.evaluate_every"),
    ],
)
def test_what_needs_validation_is_refused(
    tmp_path: Path, train: dict[str, Any], field: str
) -> None:
    with pytest.raises(AccordError) as caught:
        recipe_from(_asked(tmp_path, **train))
    assert caught.value.code == "recipe-conflict"
    assert field in str(caught.value) and "data.validation" in str(caught.value)
    kept = recipe_from(_asked(tmp_path, keep="last")).recipe
    assert kept.train.keep == "last"


def test_the_preview_does_not_miss_it(tmp_path: Path) -> None:
    _rows(tmp_path)
    asked = recipe_from(_asked(tmp_path)).recipe
    found = preview(asked, permit_for(asked, tmp_path), tmp_path)
    assert found.rows["validation"] == 0
    assert not [told for told in found.warnings if "validation" in told]


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_other_shares_are_refused(share: float) -> None:
    with pytest.raises((AccordError, Problems)):
        recipe(validation=share)
    with pytest.raises((AccordError, Problems)):
        recipe(test=0)
