from __future__ import annotations

import json
from pathlib import Path

import pytest

from accord.recipe.task import TASKS
from tests.cli.command import accord, python


@pytest.mark.parametrize("task", TASKS)
def test_a_new_project_passes_and_shows_its_first_batch(tmp_path: Path, task: str) -> None:
    accord("init", task, "p", folder=tmp_path)
    found = accord("check", "p/recipe.yaml", folder=tmp_path)
    assert found.returncode == 0, found.stderr
    for word in ("agreement", "first batch", "«", "[estimate]", "stages", "permit (to do)"):
        assert word in found.stdout


def test_json_holds_the_same(tmp_path: Path) -> None:
    accord("init", "text-classification", "p", folder=tmp_path)
    found = accord("check", "p/recipe.yaml", "--json", folder=tmp_path)
    content = json.loads(found.stdout)
    assert content["agreement"]["id"] == "example"
    assert set(content["data"]["rows"]) == {"train", "validation", "test"}
    assert content["estimate"]["memory"]["low"] < content["estimate"]["memory"]["high"]
    assert [kind for kind, _ in content["stages"]] == ["permit", "dataset", "model", "evaluation"]


def test_no_tensor_library_is_loaded(tmp_path: Path) -> None:
    accord("init", "text-classification", "p", folder=tmp_path)
    found = python(
        "import sys, accord\n"
        "accord.check('p/recipe.yaml')\n"
        "print([n for n in ('torch', 'transformers', 'sklearn') if n in sys.modules])",
        tmp_path,
    )
    assert found.stdout.strip() == "[]", found.stderr


def test_fp16_without_a_gpu_is_named_as_a_pair(tmp_path: Path) -> None:
    accord("init", "table-regression", "p", folder=tmp_path)
    arguments = (
        "check",
        "p/recipe.yaml",
        "--set",
        "train.precision=fp16",
        "-s",
        "machine.device=cpu",
    )
    found = accord(*arguments, folder=tmp_path)
    assert found.returncode == 2
    assert "`train.precision: fp16` and `machine.device: cpu` exclude each other" in found.stderr


def test_a_missing_column_is_placed_in_the_recipe(tmp_path: Path) -> None:
    accord("init", "text-classification", "p", folder=tmp_path)
    found = accord("check", "p/recipe.yaml", "--set", "data.text=txt", folder=tmp_path)
    assert found.returncode == 2
    assert "--set data.text" in found.stderr
    assert "Traceback" not in found.stderr


def test_missing_data_is_placed_in_the_recipe(tmp_path: Path) -> None:
    accord("init", "text-classification", "p", folder=tmp_path)
    (tmp_path / "p/data/opinions.csv").unlink()
    found = accord("check", "p/recipe.yaml", folder=tmp_path)
    assert found.returncode == 2
    assert "recipe.yaml:16:3" in found.stderr


def test_too_little_memory_is_warned_of(tmp_path: Path) -> None:
    accord("init", "causal-lm", "p", folder=tmp_path)
    huge = ("model.config.hidden_size=65536", "model.config.intermediate_size=262144")
    arguments = [part for value in huge for part in ("--set", value)]
    found = accord("check", "p/recipe.yaml", *arguments, folder=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "memory will not suffice" in found.stdout
