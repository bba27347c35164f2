"""Fields are set in place: every other byte of a recipe stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import RecipeError
from accord.recipe.amend import amend, block, flow
from accord.recipe.source import parse_yaml

ORDER = ("task", "model", "data", "clean", "balance", "train", "evaluate")
RECIPE = """\
# A recipe with a history
task: text-classification   # of reviews
model:
    base: encoder           # small

data:
    agreement: own
    train: [a.csv, b.csv]   # two files
    max_tokens: 64
    numeric:
    - x
    - y   # the second
    leakage: {action: report}   # for now
clean:   # nothing yet
train: {epochs: 2, seed: 0}  # quick

# the end
"""


def lines_changed(text: str, changes: list[tuple[tuple[str, ...], Any]]) -> list[str]:
    """Lines of the new text that the old one lacks; comments must all still be there."""
    new = amend(text, changes, ORDER, "recipe.yaml")
    for comment in ("history", "of reviews", "small", "two files", "nothing yet", "quick", "end"):
        assert comment in new
    old = text.splitlines()
    return [line for line in new.splitlines() if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        ("data.max_tokens", 128, ["    max_tokens: 128"]),
        ("data.text", "review", ["    text: review"]),
        ("data.train", ["c.csv"], ["    train: [c.csv]   # two files"]),
        ("data.leakage.action", "drop", ["    leakage: {action: drop}   # for now"]),
        ("data.leakage.seen", 1, ["    leakage: {action: report, seen: 1}   # for now"]),
        ("train.epochs", 3, ["train: {epochs: 3, seed: 0}  # quick"]),
        ("train.loss", "huber", ["train: {epochs: 2, seed: 0, loss: huber}  # quick"]),
        ("balance.weights", "inverse", ["balance:", "  weights: inverse"]),
        ("evaluate.resamples", 10, ["evaluate:", "  resamples: 10"]),
        ("model.adapt", {"kind": "lora"}, ["    adapt:", "      kind: lora"]),
        ("train.rate", 2e-4, ["train: {epochs: 2, seed: 0, rate: 2.0e-4}  # quick"]),
    ],
)  # fmt: skip
def test_one_field(path: str, value: Any, lines: list[str]) -> None:
    assert lines_changed(RECIPE, [(tuple(path.split(".")), value)]) == lines


def test_an_empty_section_is_filled() -> None:
    new = amend(RECIPE, [(("clean", "duplicates"), {})], ORDER, "recipe.yaml")
    assert parse_yaml(new, "x").plain()["clean"] == {"duplicates": {}}
    assert "# nothing yet" in new


def test_a_list_in_lines_is_replaced() -> None:
    new = amend(RECIPE, [(("data", "numeric"), ["x"])], ORDER, "recipe.yaml")
    assert parse_yaml(new, "x").plain()["data"]["numeric"] == ["x"]
    assert "leakage: {action: report}   # for now" in new


def test_a_new_section_stands_where_it_belongs() -> None:
    new = amend(RECIPE, [(("balance", "weights"), "inverse")], ORDER, "recipe.yaml")
    assert list(parse_yaml(new, "x").plain()) == [
        "task", "model", "data", "clean", "balance", "train",
    ]  # fmt: skip


def test_line_ends_stay() -> None:
    text = "task: x\r\ntrain:\r\n  epochs: 1\r\n"
    assert amend(text, [(("train", "epochs"), 2)], ORDER, "r") == text.replace("1", "2")


def test_a_file_without_a_last_line_end() -> None:
    assert amend("task: x", [(("train", "seed"), 1)], ORDER, "r") == "task: x\ntrain:\n  seed: 1\n"


def test_what_is_set_already_stays_to_the_byte() -> None:
    assert amend(RECIPE, [(("data", "max_tokens"), 64)], ORDER, "r") == RECIPE


def test_more_than_was_meant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from accord.recipe import amend as module

    monkeypatch.setattr(module, "_written", lambda text, *_: f"{text}other: 1\n")
    with pytest.raises(RecipeError, match="in place"):
        amend("task: x\n", [(("task",), "y")], ORDER, "r")


names = st.text("abcxyz_", min_size=1, max_size=4).filter(lambda n: not n.startswith("_"))
scalars = st.one_of(
    st.integers(-9, 9), st.booleans(), st.text(max_size=8), st.floats(-1e6, 1e6), st.none()
)
values = st.one_of(scalars, st.lists(scalars, max_size=3))
fields = st.dictionaries(names, values, min_size=1, max_size=3)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(names, fields, min_size=1, max_size=3),
    st.lists(st.tuples(st.tuples(names, names), values), min_size=1, max_size=3),
    st.booleans(),
)  # fmt: skip
def test_any_field_of_any_recipe(
    tree: dict[str, Any], changes: list[tuple[tuple[str, str], Any]], in_one_line: bool
) -> None:
    if in_one_line:
        text = "".join(f"{k}: {flow(v)}  # kept\n" for k, v in tree.items())
    else:
        text = "\n".join(f"{line}" for line in block(tree, 0)) + "\n# kept\n"
    assert parse_yaml(text, "x").plain() == tree
    new = amend(text, changes, tuple(tree), "x")
    expected = {k: dict(v) for k, v in tree.items()}
    for (section, name), value in changes:
        expected.setdefault(section, {})[name] = value
    assert parse_yaml(new, "x").plain() == expected
    assert new.count("# kept") == text.count("# kept")
