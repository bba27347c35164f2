from __future__ import annotations

from pathlib import Path

import pytest

from accord.agreement.stage import permit_for
from accord.recipe.load import load_recipe
from accord.recipe.task import TASKS
from tests.cli.command import accord


@pytest.mark.parametrize("task", TASKS)
def test_a_new_project_is_a_valid_recipe_with_its_agreement(tmp_path: Path, task: str) -> None:
    found = accord("init", task, "project", folder=tmp_path)
    assert found.returncode == 0, found.stderr
    loaded = load_recipe(tmp_path / "project/recipe.yaml")
    assert loaded.recipe.task == task
    assert loaded.recipe.data.agreement == "agreement.yaml"
    permit = permit_for(loaded.recipe, loaded.base)
    assert permit.files("train")
    if TASKS[task].modality == "text":
        assert isinstance(loaded.recipe.model.config, dict)


def test_projects_are_the_same_on_every_run(tmp_path: Path) -> None:
    for name in ("a", "b"):
        accord("init", "text-classification", name, "--language", "zh", folder=tmp_path)
    files = [p for p in sorted((tmp_path / "a").rglob("*")) if p.is_file()]
    assert len(files) == 4
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()
    assert "。" in (tmp_path / "a/data/opinions.csv").read_text("utf-8")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("x")
    found = accord("init", "causal-lm", "mine", folder=tmp_path)
    assert found.returncode == 2
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["file"]
