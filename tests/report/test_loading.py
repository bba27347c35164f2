"""A run says which weights were new, and which of the base it had no place for."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import accord
from accord.events import Log, read_events
from accord.model.tokenizer import train_tokenizer
from accord.report.console import progress
from accord.report.html import write_report
from accord.report.summary import build_summary

SIZES: dict[str, Any] = {
    "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 16, "max_position_embeddings": 32,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier on the base of a masked language model: another head."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("loading")
    model = transformers.BertForMaskedLM(transformers.BertConfig(**SIZES))
    model.save_pretrained(folder / "base")
    train_tokenizer(["good bad fine poor words"] * 5, 60, "bert").save(folder / "base")
    draw = random.Random(0)
    lines = [f"{draw.choice(['good fine', 'bad poor'])} word {i},{i % 2}" for i in range(60)]
    (folder / "rows.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    recipe = {
        "task": "text-classification",
        "model": {"base": str(folder / "base")},
        "data": {
            "agreement": "own", "train": str(folder / "rows.csv"), "text": "text",
            "label": "label", "max_tokens": 16, "leakage": {"action": "off"},
        },
        "train": {"steps": 1, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip
    return accord.train(recipe, output=folder / "run").path


def test_new_and_unused_weights_are_told(run: Path) -> None:
    (event,) = read_events(run / "events.jsonl", "loading")
    assert {"classifier.weight", "classifier.bias"} <= set(event["new"])
    assert any(name.startswith("cls.predictions") for name in event["unused"])
    assert event["base"] == str(run.parent / "base")
    assert event["parameters"] == event["trained"] > 1000
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    assert summary["loading"] == {k: v for k, v in event.items() if k not in ("time", "event")}
    page = write_report(run).read_text("utf-8")
    assert "start new, drawn from the seed" in page and "classifier.weight" in page
    assert "of the base have no place here" in page and "cls.predictions" in page


def test_a_run_without_it_has_a_page(run: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "events.jsonl")
    log.emit("start", accord="1", task="text-classification", resume=False)
    log.close()
    assert build_summary(tmp_path, "failed")["loading"] is None
    assert "start new" not in write_report(tmp_path).read_text("utf-8")


def test_people_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"base": "b", "revision": None, "parameters": 10, "trained": 10}
    with progress() as sink:
        log = Log(None, [sink])
        log.emit("loading", new=["head.weight"], unused=[f"old.{i}" for i in range(9)], **found)
        log.emit("loading", new=[], unused=[], **found)
    assert capsys.readouterr().err.splitlines() == [
        "  1 weight starts new (head.weight); 9 of the base unused (old.0, old.1, old.2, ...)"
    ]
