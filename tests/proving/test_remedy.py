"""Remedies as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.errors import RecipeError
from accord.proving.remedy import overrides_of


def test_short_forms() -> None:
    assert overrides_of(["balance.focal", "train.trimmed"]) == (
        "balance.loss=focal",
        "train.robust=trimmed",
    )


def test_overrides_stay() -> None:
    assert overrides_of(["train.epochs=3"]) == ("train.epochs=3",)


def test_a_file_holds_a_part_of_a_recipe(tmp_path: Path) -> None:
    file = tmp_path / "remedy.yaml"
    file.write_text(
        "balance:\n  loss: {kind: focal, gamma: 1.5}\ntrain:\n  epochs: 2\nclean: {text: {}}\n"
    )
    assert overrides_of([str(file)]) == (
        'balance.loss={"kind": "focal", "gamma": 1.5}',
        "train.epochs=2",
        "clean.text={}",
    )


@pytest.mark.parametrize(
    ("remedy", "fix"), [("balance.focall", "balance.focal"), ("balence.focal", "balance.focal")]
)
def test_typing_mistakes_are_named(remedy: str, fix: str) -> None:
    with pytest.raises(RecipeError) as caught:
        overrides_of([remedy])
    assert caught.value.code == "remedy-unknown"
    assert fix in str(caught.value)


def test_nothing_is_refused() -> None:
    with pytest.raises(RecipeError, match="nothing to prove"):
        overrides_of([])
