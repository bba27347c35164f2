"""Patches hold alone and together, or say which field they fight over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accord.diagnose.finding import Finding, Remedy
from accord.diagnose.patch import conflict, settled, together, with_fields
from accord.recipe.load import recipe_from
from accord.testing.diagnosing import HERE

columns = st.lists(st.sampled_from("abcdef"), unique=True)


def test_scalars_fight_and_lists_do_not() -> None:
    assert conflict({"a": {"b": 1}}, {"a": {"b": 2}}) == ("a", "b")
    assert conflict({"a": {"b": 1}}, {"a": {"b": 1}}) is None
    assert conflict({"a": {"b": [1]}}, {"a": {"b": [2]}}) is None
    assert conflict({"a": {"b": {"kind": "x"}}}, {"a": {"b": {"c": 1}}}) == ("a", "b")


@given(columns, columns, columns)
def test_lists_take_what_each_adds_and_lose_what_each_takes(
    before: list[str], one: list[str], other: list[str]
) -> None:
    found = together({"d": {"c": before}}, [{"d": {"c": one}}, {"d": {"c": other}}])
    merged = found["d", "c"]
    assert len(merged) == len(set(merged))
    assert set(merged) == (set(before) & set(one) & set(other)) | (
        (set(one) | set(other)) - set(before)
    )


def test_nothing_outside_the_patch_changes() -> None:
    tree = {"a": {"b": 1, "c": 2}, "d": 3}
    assert with_fields(tree, together(tree, [{"a": {"b": 9}}])) == {"a": {"b": 9, "c": 2}, "d": 3}
    assert tree["a"] == {"b": 1, "c": 2}


def test_the_graver_problem_chooses_first_and_all_hold_together() -> None:
    data = {"agreement": "own", "train": "x.csv", "text": "t", "label": "l"}
    loaded = recipe_from({"task": "text-classification", "model": {"base": "b"}, "data": data})
    weights = Remedy("weigh", {"balance": {"weights": "inverse"}})
    sampler = Remedy("draw", {"balance": {"sampler": "square-root"}})
    smooth = Remedy("smooth", {"train": {"label_smoothing": 0.1}})
    low = Finding("found", "x.", severity="low", remedies=(sampler, smooth), problem="one")
    high = Finding("found", "x.", severity="high", remedies=(weights, sampler), problem="two")
    one, two = settled((low, high), loaded, HERE)
    assert two.remedy == weights
    assert one.remedy == smooth  # weights and a sampler would balance twice


def test_what_check_would_refuse_is_not_proposed() -> None:
    data = {"agreement": "own", "train": "x.csv", "numeric": ["x"], "label": "l"}
    model = {"config": {"model_type": "accord-ft-transformer"}}
    loaded = recipe_from({"task": "table-regression", "model": model, "data": data})
    remedy = Remedy("weigh", {"balance": {"weights": "inverse"}})
    (one,) = settled((Finding("found", "x.", remedies=(remedy,), problem="one"),), loaded, HERE)
    assert one.remedy is not None
    assert one.remedy.patch is None
