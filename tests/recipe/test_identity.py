from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.artifact import canonical_json
from accord.recipe.load import load_recipe, recipe_from, to_yaml
from accord.recipe.support import smallest
from accord.recipe.task import TASKS
from tests.recipe.recipes import SMALLEST, written

SECTIONS = ("model", "data", "train", "evaluate")


def identity(path: Path, *overrides: str, env: dict[str, str] | None = None) -> bytes:
    recipe = load_recipe(path, overrides, env=env or {}).recipe
    return canonical_json(recipe.identity(*SECTIONS))


def test_the_machine_is_no_part_of_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    changes = (
        "machine.threads=3",
        "machine.bucket=false",
        "machine.device=cpu",
        "machine.workers=0",
    )
    assert identity(path) == identity(path, *changes)
    assert identity(path) != identity(path, "train.seed=1")


def test_order_comments_and_notation_are_no_part_of_it(tmp_path: Path) -> None:
    path = written(
        tmp_path, SMALLEST + "train: {epochs: 2, learning_rate: 2e-4, optimizer: adamw}\n"
    )
    other = (
        "# another order\n"
        "train:\n  optimizer: {kind: adamw}\n  learning_rate: 0.0002  # same\n  epochs: 2.0\n"
        "data: {label: label, text: text, train: data/train.csv, agreement: own}\n"
        "model: {base: 'some/model'}\ntask: text-classification\n"
    )
    assert identity(path) == identity(written(tmp_path, other, "other.yaml"))


def test_inline_extended_overridden_and_interpolated_are_the_same(tmp_path: Path) -> None:
    inline = identity(written(tmp_path, SMALLEST + "train: {seed: 5}\n"))
    written(tmp_path, SMALLEST, "base.yaml")
    extended = written(tmp_path, "extends: base.yaml\ntrain: {seed: 5}\n", "extended.yaml")
    variable = written(tmp_path, SMALLEST + "train:\n  seed: ${S}\n", "variable.yaml")
    assert inline == identity(extended)
    assert inline == identity(tmp_path / "base.yaml", "train.seed=5")
    assert inline == identity(variable, env={"S": "5"})


def test_defaults_written_out_are_the_same(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert identity(path) == identity(path, "train.batch_size=32", "data.max_tokens=256")


@pytest.mark.parametrize("task", TASKS)
def test_the_resolved_recipe_is_the_same_recipe(tmp_path: Path, task: str) -> None:
    value = smallest(task)
    value["train"] = {"clip_norm": None, "schedule": "cosine", "seed": 3}
    value["machine"] = {"threads": 2}
    recipe = recipe_from(value, tmp_path).recipe
    again = load_recipe(written(tmp_path, to_yaml(recipe, tmp_path))).recipe
    assert again.train == recipe.train
    assert again.machine == recipe.machine
    assert again.model == recipe.model
    assert again.data == recipe.data.model_copy(update={"train": str(tmp_path / "x")})


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8))
def test_any_column_name_survives_the_resolved_recipe(name: str) -> None:
    value = smallest("text-classification")
    value["data"] |= {"text": name, "group": name}
    recipe = recipe_from(value).recipe
    from accord.recipe.interpolate import interpolate
    from accord.recipe.source import parse_yaml

    data = interpolate(parse_yaml(to_yaml(recipe, Path("/x")), "r"), {}, []).plain()["data"]
    assert (data["text"], data["group"]) == (name, name)


def test_credentials_of_urls_are_left_out() -> None:
    value = smallest("causal-lm")
    value["data"]["train"] = "https://user:pass@host/x.jsonl"
    assert "pass" not in to_yaml(recipe_from(value).recipe, Path("/x"))


def test_paths_of_the_resolved_recipe_work_from_anywhere(tmp_path: Path) -> None:
    text = to_yaml(load_recipe(written(tmp_path)).recipe, tmp_path)
    moved = written(tmp_path / "elsewhere", text)
    assert load_recipe(moved).recipe.data.train == str(tmp_path / "data/train.csv")
