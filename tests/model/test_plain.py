"""Saved models are plain Hugging Face directories: they load where there is no Accord."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from accord.model.load import load_trained
from accord.model.predict import Predictor
from tests.model.schemas import inputs_for, new_model, saved

WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == 'accord':
            raise ImportError('accord is not installed here')
sys.meta_path.insert(0, Blocked())
import json, torch, transformers
torch.set_num_threads(1)
for folder, auto, inputs, pipe, row in json.loads(sys.argv[1]):
    model = getattr(transformers, auto).from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(**torch.load(inputs, weights_only=True)).logits
    options = dict(max_new_tokens=3, do_sample=False) if pipe == 'text-generation' else {}
    print(json.dumps(transformers.pipeline(pipe, folder)(row, **options), default=float))
    torch.save(logits, inputs)
try:
    import accord
except ImportError:
    pass
else:
    raise SystemExit('accord was importable')
"""
CASES = [
    ("text-classification", "AutoModelForSequenceClassification", "text-classification"),
    ("token-classification", "AutoModelForTokenClassification", "token-classification"),
    ("causal-lm", "AutoModelForCausalLM", "text-generation"),
    ("image-classification", "AutoModelForImageClassification", "image-classification"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One process without Accord uses a model of every task; what its pipelines said."""
    root = tmp_path_factory.mktemp("plain")
    pixels = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(root / "x.png")
    given: list[list[str]] = []
    for task, auto, pipe in CASES:
        folder = saved(task, root / task, new_model(task, seed=3))
        torch.save(inputs_for(task), root / f"{task}.pt")
        given.append([str(folder), auto, str(root / f"{task}.pt"), pipe, _row(root, task)])
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(given)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()[-len(CASES) :]
    return root, {case[0]: json.loads(line) for case, line in zip(CASES, lines, strict=True)}


def _row(root: Path, task: str) -> str:
    return str(root / "x.png") if task == "image-classification" else "a warm and funny film"


@pytest.mark.parametrize("task", [case[0] for case in CASES])
def test_a_saved_model_loads_without_accord(task: str, told: tuple[Path, dict[str, Any]]) -> None:
    root, said = told
    assert said[task]
    with torch.no_grad():
        ours = new_model(task, seed=3).eval()(**inputs_for(task)).logits
        again = load_trained(root / task)(**inputs_for(task)).logits
    torch.testing.assert_close(torch.load(root / f"{task}.pt", weights_only=True), ours)
    assert torch.equal(again, ours)


@pytest.mark.parametrize("task", ["text-classification", "image-classification"])
def test_pipelines_say_what_accord_says(task: str, told: tuple[Path, dict[str, Any]]) -> None:
    root, said = told
    mine = Predictor(root / task).predict([_row(root, task)])[0]["scores"]
    for each in said[task]:
        assert mine[each["label"]] == pytest.approx(each["score"], abs=1e-4)


@pytest.mark.parametrize("task", [*(case[0] for case in CASES), "table-classification"])
def test_the_same_weights_give_the_same_bytes(task: str, tmp_path: Path) -> None:
    first = saved(task, tmp_path / "a", new_model(task, seed=5))
    second = saved(task, tmp_path / "b", new_model(task, seed=5))
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert "accord.json" in names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
