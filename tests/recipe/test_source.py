from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import RecipeError
from accord.recipe.source import parse_yaml, read_yaml, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-4", 2e-4),
        ("2.0e-4", 2e-4),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("010", 10),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("null", None),
        ("~", None),
        ("", None),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1.2.3", "1.2.3"),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_quoted_scalars_stay_text() -> None:
    tree = parse_yaml("a: '3'\nb: \"true\"\nc: |\n  1\n", "f")
    assert tree.plain() == {"a": "3", "b": "true", "c": "1\n"}


def test_positions_of_keys_and_values() -> None:
    tree = parse_yaml("train:\n  epochs: 3\n  list: [1, {x: 2}]\n", "r.yaml")
    assert str(tree.locate("train.epochs")) == "r.yaml:2:3"
    assert str(tree.locate("train.list.1.x")) == "r.yaml:3:14"
    assert str(tree.locate("train.absent")) == "r.yaml:1:1"
    assert tree.locate("model.base") is None


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1),
        ("a: {x: 1, x: 2}\n", 1, 11),
        ("a: !!python/object:os.system x\n", 1, 4),
        ("a: !!str 3\n", 1, 4),
        ("a: &x 1\nb: *x\n", 1, 4),
        ("a: 1\n---\nb: 2\n", 2, 1),
        ("a: [1, 2\n", 2, 1),
        ("a:\n\t- 1\n", 2, 1),
        ("? [a, b]\n: 1\n", 1, 3),
    ],
)
def test_what_is_not_plain_data_is_refused_where_it_stands(
    text: str, line: int, column: int
) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_yaml(text, "f")
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.column) == (line, column)


def test_deep_nesting_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(RecipeError, match="nesting"):
        parse_yaml("[" * 60 + "]" * 60, "f")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes("a: é".encode("latin-1"))
    with pytest.raises(RecipeError, match="UTF-8"):
        read_yaml(path)


def test_a_missing_file_leads_to_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").touch()
    with pytest.raises(RecipeError) as caught:
        read_yaml(tmp_path / "recipe.yml")
    assert caught.value.fix == f"did you mean `{tmp_path / 'recipe.yaml'}`?"


@given(st.text(max_size=60))
def test_any_text_parses_or_is_a_recipe_error(text: str) -> None:
    try:
        parse_yaml(text, "f")
    except RecipeError as error:
        assert error.code in ("recipe-yaml", "recipe-duplicate-key")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_as_python_prints_it_is_read_as_that_number(value: float) -> None:
    assert resolve(repr(value)) == value
