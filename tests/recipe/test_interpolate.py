from __future__ import annotations

from pathlib import Path

import pytest

from accord.errors import AccordError, Problems, RecipeError
from accord.recipe.load import load_recipe
from tests.recipe.recipes import SMALLEST, written

SECRET = "s3cr3t-t0ken-value"


def test_values_come_from_the_environment_with_their_types(tmp_path: Path) -> None:
    text = SMALLEST + "train:\n  epochs: '${N}'\n  batch_size: ${B:-8}\n  seed: ${S}\n"
    train = load_recipe(written(tmp_path, text), env={"N": "3", "S": "7"}).recipe.train
    assert (train.epochs, train.batch_size, train.seed) == (3.0, 8, 7)


def test_a_default_is_used_where_the_variable_is_unset_or_empty(tmp_path: Path) -> None:
    text = SMALLEST.replace("data/train.csv", "${D:-data}/x.csv")
    for env in ({}, {"D": ""}):
        assert load_recipe(written(tmp_path, text), env=env).recipe.data.train == "data/x.csv"


def test_two_dollars_write_the_characters(tmp_path: Path) -> None:
    text = SMALLEST.replace("data/train.csv", "$${D}.csv")
    assert load_recipe(written(tmp_path, text), env={}).recipe.data.train == "${D}.csv"


def test_all_missing_variables_are_reported_with_their_places(tmp_path: Path) -> None:
    text = SMALLEST.replace("some/model", "${MODEL}").replace("data/train.csv", "${DATA}")
    with pytest.raises(Problems) as caught:
        load_recipe(written(tmp_path, text), env={"DATUM": "x", "DATA_": "y"})
    places = [(p.code, str(p.location).rpartition("/")[2]) for p in caught.value.problems]
    assert places == [
        ("recipe-variable", "recipe.yaml:3:9"),
        ("recipe-variable", "recipe.yaml:6:10"),
    ]
    assert "${DATA_}" in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "train: {epochs: '${KEY}'}",
        "train: {precision: '${KEY}'}",
        "train: {optimizer: '${KEY}'}",
        "train: {optimizer: {kind: adamw, extra: '${KEY}'}}",
        "machine: '${KEY}'",
        "unknown: ['${KEY}']",
        "train: {early_stopping: {metric: 'x ${KEY} y'}}",
        "model2: {'a': {'b': '${KEY}'}}",
        "extends: '${KEY}'",
    ],
)
def test_no_error_shows_what_came_from_the_environment(tmp_path: Path, line: str) -> None:
    with pytest.raises(AccordError) as caught:
        load_recipe(written(tmp_path, SMALLEST + line + "\n"), env={"KEY": SECRET})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


def test_errors_of_later_stages_are_cleaned_too(tmp_path: Path) -> None:
    text = SMALLEST.replace("data/train.csv", "https://user:${KEY}@host/x.csv")
    loaded = load_recipe(written(tmp_path, text), env={"KEY": SECRET})
    with pytest.raises(RecipeError) as caught, loaded.placing():
        raise RecipeError("gone", code="x", path="data.train", got=loaded.recipe.data.train)
    assert SECRET not in str(caught.value)
    assert "recipe.yaml:6" in str(caught.value)
