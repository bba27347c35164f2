from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import Location, RecipeError
from accord.recipe.load import as_node, load_recipe
from accord.recipe.override import override
from tests.recipe.recipes import SMALLEST, written

HERE = Location("x")
NAMES = st.text("abc", min_size=1, max_size=3)


@given(st.lists(NAMES, min_size=1, max_size=4), st.integers())
def test_what_was_set_is_there(path: list[str], value: int) -> None:
    node = override(as_node({}, HERE), f"{'.'.join(path)}={value}")
    for step in path:
        child = node.child(step)
        assert child is not None
        node = child
    assert node.value == value


@given(st.dictionaries(NAMES, st.integers(), max_size=3), NAMES, st.integers())
def test_everything_else_stays(tree: dict[str, Any], name: str, value: int) -> None:
    assert override(as_node(tree, HERE), f"{name}={value}").plain() == {**tree, name: value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.epochs=3", 3.0),
        ("train.epochs=2.5e-1", 0.25),
        ("train.clip_norm=null", None),
        ("train.clip_norm=", None),
        ("evaluate.slices=[a, b]", ("a", "b")),
        ("train.label_smoothing=0.1", 0.1),
    ],
)
def test_values_are_read_as_yaml(tmp_path: Path, text: str, expected: object) -> None:
    recipe = load_recipe(written(tmp_path), [text]).recipe
    section, name = text.partition("=")[0].split(".")
    assert getattr(getattr(recipe, section), name) == expected


def test_a_part_named_by_a_word_is_opened(tmp_path: Path) -> None:
    path = written(tmp_path, SMALLEST + "train: {optimizer: adamw}\n")
    optimizer = load_recipe(path, ["train.optimizer.eps=1e-5"]).recipe.train.optimizer
    assert optimizer.model_dump()["eps"] == 1e-5


def test_list_items_are_set_by_number(tmp_path: Path) -> None:
    path = written(tmp_path, SMALLEST + "train: {penalties: [{kind: l2}, {kind: l2-start}]}\n")
    train = load_recipe(path, ["train.penalties.1.weight=0.5"]).recipe.train
    assert train.penalties[1].model_dump()["weight"] == 0.5


def test_the_last_of_two_wins(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path), ["train.seed=1", "train.seed=2"]).recipe
    assert recipe.train.seed == 2


@pytest.mark.parametrize("text", ["train.epochs", "=3", "train..epochs=3", "train.penalties.9.x=1"])
def test_malformed_overrides_are_explained(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, SMALLEST + "train: {penalties: [l2]}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path, [text])
    assert caught.value.code == "override-malformed"


def test_a_misspelt_path_names_the_option_and_the_nearest_field(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(written(tmp_path), ["train.epoch_s=3"])
    assert str(caught.value.location) == "--set train.epoch_s"
    assert caught.value.fix == "did you mean `epochs`?"
