"""Verbs that are one process, started by a launcher of several."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import accord
from accord.cli.app import app
from accord.errors import RecipeError
from accord.processes import processes_here, refuse_several
from tests.objective.test_balance import recipe

LAUNCHED = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}


@pytest.mark.parametrize("verb", ["check", "diagnose", "evaluate", "audit"])
def test_a_verb_of_one_process_says_so(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LAUNCHED.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "a.yaml").write_text(json.dumps(recipe(tmp_path)))
    error = CliRunner().invoke(app, [verb, str(tmp_path / "a.yaml")]).exception
    assert isinstance(error, RecipeError) and error.code == "several-processes"
    assert f"env -u OMPI_COMM_WORLD_SIZE accord {verb}" in str(error)


def test_one_process_of_a_launcher_is_as_good_as_none() -> None:
    for environment in ({}, {"OMPI_COMM_WORLD_SIZE": "1"}, {"ACCELERATE_USE_FSDP": "true"}):
        refuse_several("evaluate", environment)
    with pytest.raises(RecipeError, match="env -u PMI_SIZE"):
        refuse_several("evaluate", {"WORLD_SIZE": "1", "PMI_SIZE": "3"})


def test_cores_are_shared_with_those_on_this_machine() -> None:
    assert processes_here({}) == 1
    assert processes_here(LAUNCHED) == 2
    assert processes_here({"WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}) == 4
    assert processes_here({"PMI_SIZE": "3"}) == 3


def test_predicting_and_a_script_are_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = accord.train(recipe(tmp_path), output=tmp_path / "run")
    for name, value in LAUNCHED.items():
        monkeypatch.setenv(name, value)
    assert accord.evaluate(run.path, data=str(tmp_path / "a.csv"))["metrics"]
    row = '{"x": 1, "z": 2}\n'
    done = CliRunner().invoke(app, ["predict", str(run.path)], input=row)
    assert done.exit_code == 0, done.output
    with pytest.raises(RecipeError, match="cannot meet"):
        accord.train(recipe(tmp_path), output=tmp_path / "other")
