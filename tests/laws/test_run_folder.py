"""A run never overwrites another, but one that made nothing is not in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import accord
from accord.directories import claim_run, claimed_run
from accord.errors import DataError, RecipeError


def _recipe(folder: Path, train: str) -> dict[str, Any]:
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {"agreement": "own", "train": str(folder / train), "numeric": ["a"], "label": "b"},
    }


def test_a_corrected_recipe_takes_the_folder_over(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(DataError):
        accord.train(_recipe(tmp_path, "rows.csv"), output=run)
    assert json.loads((run / "summary.json").read_text("utf-8"))["status"] == "failed"
    with pytest.raises(DataError):
        accord.train(_recipe(tmp_path, "other.csv"), output=run)
    text = (run / "events.jsonl").read_text("utf-8")
    assert text.count('"event": "start"') == 1 or text.count('"event":"start"') == 1


@pytest.mark.parametrize("left", ["notes.txt", "checkpoints/x", "artifacts/model-1/manifest.json"])
def test_nothing_that_was_made_is_removed(tmp_path: Path, left: str) -> None:
    (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / left).write_text("mine")
    (tmp_path / "summary.json").write_text('{"status": "failed"}')
    with pytest.raises(RecipeError, match="not empty"):
        claim_run(tmp_path, resume=False)
    assert (tmp_path / left).read_text() == "mine"


@pytest.mark.parametrize("summary", [None, "", "[]", '{"status": "interrupted"}'])
def test_a_run_that_may_go_on_is_kept(tmp_path: Path, summary: str | None) -> None:
    (tmp_path / "recipe.yaml").write_text("task: x\n")
    if summary is not None:
        (tmp_path / "summary.json").write_text(summary)
    with pytest.raises(RecipeError):
        claim_run(tmp_path, resume=False)
    assert (tmp_path / "recipe.yaml").exists()


def test_a_run_is_gone_on_with_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.directories.ENDING_SECONDS", 0)
    for name in (".dataset-x/rows", ".sketches-y/rows", "dataset-z/rows"):
        (tmp_path / "artifacts" / name).parent.mkdir(parents=True)
        (tmp_path / "artifacts" / name).write_text("rows")
    with claimed_run(tmp_path, resume=True):
        made = [path.name for path in (tmp_path / "artifacts").iterdir()]
        assert made == ["dataset-z"], "what a killed one had half made goes"
        with pytest.raises(RecipeError) as refused, claimed_run(tmp_path, resume=True):
            pass
    assert refused.value.code == "run-busy"
    with claimed_run(tmp_path, resume=True):
        pass


def test_processes_that_cannot_meet_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE"):
        with monkeypatch.context() as patch, pytest.raises(RecipeError) as refused:
            patch.setenv(variable, "2")
            accord.train(_recipe(tmp_path, "rows.csv"), output=tmp_path / "run")
        assert (refused.value.code, refused.value.path) == ("several-processes", "RANK")
        with monkeypatch.context() as patch, pytest.raises(RecipeError, match="one process"):
            patch.setenv(variable, "2")
            accord.check(_recipe(tmp_path, "rows.csv"))
    assert not (tmp_path / "run").exists()
    monkeypatch.setenv("WORLD_SIZE", "1")
    with pytest.raises(DataError):
        accord.train(_recipe(tmp_path, "rows.csv"), output=tmp_path / "run")
