"""A run on texts full of identifiers: none of them is in anything it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import accord
from accord.errors import AccordError
from accord.recipe.load import recipe_from
from tests.data.sources import csv_text

MARK = "zq7marker"


def _project(folder: Path) -> dict[str, object]:
    rows = [("text", "label")]
    for i in range(120):
        word = "good" if i % 2 else "bad"
        rows.append((f"{word} film {i}, write to {MARK}{i}@mail.com or 138{i:08d}", str(i % 2)))
    rows.append((f"no label, {MARK}@mail.com", ""))
    (folder / "rows.csv").write_text(csv_text(rows), encoding="utf-8")
    return {
        "task": "text-classification",
        "model": {"config": {"model_type": "bert", "hidden_size": 16, "num_hidden_layers": 1,
                             "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 200}},
        "data": {"agreement": "own", "train": str(folder / "rows.csv"), "text": "text",
                 "label": "label", "max_tokens": 32, "on_bad_row": "quarantine"},
        "protect": {"entities": ["email", "phone"]},
        "train": {"epochs": 1, "batch_size": 16, "learning_rate": 1e-3, "precision": "fp32"},
        "evaluate": {"resamples": 10},
        "machine": {"threads": 1},
    }  # fmt: skip


def test_no_identifier_is_in_a_run(tmp_path: Path) -> None:
    asked = _project(tmp_path)
    run = accord.train(asked, output=tmp_path / "run")
    changed = {c["reason"]: c["rows"] for c in run.summary["data"]["changed"]}
    assert changed["email"] == changed["phone"] == 120
    written = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(written) > 10
    for path in written:
        content = path.read_bytes()
        assert MARK.encode() not in content, path
    quarantine = next((tmp_path / "run").rglob("quarantine.jsonl"))
    (bad,) = [json.loads(line) for line in quarantine.read_text("utf-8").splitlines()]
    assert bad["reason"] == "null-label" and bad["content"] is None
    shown = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "[EMAIL]" in shown


@pytest.mark.parametrize(
    ("protect", "path"),
    [({"entities": "all", "action": "pseudonym"}, "protect.key"), ({"entities": ["x"]}, "protect")],
)
def test_what_a_recipe_cannot_ask_for(
    protect: dict[str, object], path: str, tmp_path: Path
) -> None:
    asked = _project(tmp_path) | {"protect": protect}
    with pytest.raises((AccordError, ExceptionGroup)) as caught:
        recipe_from(asked)
    assert path in str(getattr(caught.value, "exceptions", [caught.value])[0])
