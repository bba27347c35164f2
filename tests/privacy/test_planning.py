"""A plan tells what the run will do, and charges nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.agreement.ledger.place import default_location
from accord.errors import BudgetError, RecipeError
from accord.planning import Planned, plan_privacy
from accord.recipe.load import recipe_from
from accord.recipe.privacy import Privacy
from accord.recipe.train import Train
from accord.train.private_outlook import Outcome, Start, advice, outcome
from accord.train.private_terms import terms_of
from tests.cli.command import accord
from tests.laws.private_runs import STEPS, lay_out, recipe


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    return lay_out(tmp_path)


def planned(place: Path, made: dict[str, Any], *epsilons: float) -> Planned:
    return plan_privacy(recipe_from(made, place), epsilons)


def test_noise_is_that_of_the_run_and_each_budget_is_told(place: Path) -> None:
    made = recipe(place, str(place / "a.yaml"), epsilon=1.0)
    found = planned(place, made, 0.5, 3.0)
    loaded = recipe_from(made, place).recipe
    assert loaded.privacy is not None
    run = terms_of(loaded.privacy, loaded.train, 160, 1e-4)
    own = found.own
    assert own.outcome.terms == run and found.units == 160 and found.counted
    assert own.outcome.terms.steps == STEPS and own.outcome.batch == pytest.approx(8)
    assert [round(c.outcome.epsilon, 1) for c in found.choices] == [0.5, 1.0, 3.0]
    (price,) = own.budgets
    assert price["fits"] and price["cost"] == pytest.approx(1.0, abs=0.01)
    assert price["left"] == pytest.approx(1.2 - price["cost"]) and price["charged"] == 0
    (dear,) = found.choices[2].budgets
    assert not dear["fits"] and dear["cost"] == pytest.approx(3.0, abs=0.02)
    assert not Path(str(default_location())).exists(), "nothing is charged, not even a ledger made"


def test_louder_noise_and_more_weights_make_a_fainter_signal(place: Path) -> None:
    found = planned(place, recipe(place, epsilon=1.0), 8.0)
    quiet, loud = found.choices[1].outcome, found.choices[0].outcome
    assert quiet.terms.mechanism.noise_multiplier < loud.terms.mechanism.noise_multiplier
    assert quiet.run_signal > loud.run_signal
    expected = 8 / (loud.terms.mechanism.noise_multiplier * loud.weights**0.5)
    assert loud.step_signal == pytest.approx(expected)
    assert loud.run_signal == pytest.approx(expected * STEPS**0.5)
    # One layer of 16 by 16 with a head of two: counted in the model itself.
    assert found.exact and loud.weights > 40 * 16


def test_noise_that_is_taken_back_leaves_a_clearer_run() -> None:
    """What is left of plain sums is what brute force says of `A C^-1`."""
    spec, bands = Train(steps=40, batch_size=100), 4

    def run_of(bands: int) -> Outcome:
        told = {
            "noise_multiplier": 2.0,
            "accountant": "rdp",
            "mechanism": {"kind": "banded", "bands": bands},
        }
        return outcome(Privacy.model_validate(told), spec, 1000, 900, None)

    one, several = run_of(1), run_of(bands)
    assert one.run_signal == pytest.approx(one.step_signal * 40**0.5)
    assert several.step_signal == one.step_signal
    sums, factor = (
        np.tri(40),
        sum(
            np.eye(40, k=-back) * share for back, share in enumerate(several.terms.course.column())
        ),
    )
    left = np.square(sums @ np.linalg.inv(factor)).sum() / np.square(sums).sum()
    assert several.run_signal == pytest.approx(one.run_signal / left**0.5)
    assert left < 0.6


def test_what_is_recommended_is_worth_it(place: Path) -> None:
    """A larger batch has the signal that was told, and more than before."""
    loaded = recipe_from(recipe(place, epsilon=4.0), place).recipe
    spec = loaded.train.model_copy(update={"steps": 400, "batch_size": 32, "learning_rate": 0.1})
    privacy = Privacy(epsilon=4.0)
    now = outcome(privacy, spec, 20_000, 10_000, None)
    told = {one.change.partition(":")[0]: one for one in advice(now, privacy, spec, {}, 20_000)}
    size = int(told["train.batch_size"].change.partition(":")[2])
    larger = spec.model_copy(update={"batch_size": size, "steps": 400 * 32 // size})
    after = outcome(privacy, larger, 20_000, 10_000, None)
    assert after.run_signal > 1.1 * now.run_signal
    assert f"{after.run_signal:.3g}" in told["train.batch_size"].why
    assert "high" in told["train.learning_rate"].why


def test_fewer_weights_are_recommended_where_there_are_adapters(place: Path) -> None:
    loaded = recipe_from(recipe(place, epsilon=1.0), place).recipe
    privacy = Privacy(epsilon=1.0)
    now = outcome(privacy, loaded.train, 1000, 10_000, None)
    (found,) = (
        one
        for one in advice(now, privacy, loaded.train, {"LoRA": 100}, 1000)
        if one.change == "LoRA"
    )
    assert "100 trained weights instead of 10,000" in found.why


def test_adapters_are_taught_faster_than_whole_models(place: Path) -> None:
    """The rate that suits a whole model is called low for adapters, told or recommended."""
    loaded = recipe_from(recipe(place, epsilon=1.0), place).recipe
    privacy, rate = Privacy(epsilon=1.0), {"steps": 100, "learning_rate": 0.0025}
    spec = loaded.train.model_copy(update=rate)
    now = outcome(privacy, spec, 1000, 10_000, None)

    def of(adapters: dict[str, int], start: Start) -> list[str]:
        return [one.why for one in advice(now, privacy, spec, adapters, 1000, start=start)]

    assert not any("is low for" in why for why in of({}, "base"))
    assert any("is low for" in why for why in of({}, "adapters"))
    assert any("is low for" in why for why in of({"LoRA": 100}, "base"))


def test_rows_that_may_not_be_counted_are_not(place: Path) -> None:
    (place / "a.yaml").write_text(
        "acts: [train, evaluate, use]\nbudget: {epsilon: 2, delta: 1.0e-4, accesses: 3}\n"
    )
    made = recipe(place, str(place / "a.yaml"), epsilon=1.0)
    with pytest.raises(BudgetError) as caught:
        planned(place, made)
    assert caught.value.code == "plan-uncounted"
    found = planned(place, made | {"privacy": {"epsilon": 1.0, "units": 160}}, 1.0)
    assert not found.counted and found.units == 160 and len(found.choices) == 1


def test_users_are_counted_once(place: Path) -> None:
    found = planned(place, recipe(place, epsilon=4.0, unit="user", column="who"), 4.0)
    assert 30 <= found.units <= 40


def test_a_recipe_without_privacy_is_told_how(place: Path) -> None:
    made = recipe(place)
    del made["privacy"]
    with pytest.raises(RecipeError, match="does not train privately"):
        planned(place, made)


def test_the_command(place: Path) -> None:
    made = recipe(place, str(place / "a.yaml"), epsilon=1.0)
    (place / "recipe.yaml").write_text(json.dumps(made))
    shown = accord("privacy", "plan", place / "recipe.yaml", "-e", "2", "--json")
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout.splitlines()[-1])
    assert [choice["asked"] for choice in found["choices"]] == [True, False]
    assert "does not fit" in shown.stderr and "leaves" in shown.stderr
    wrong = accord("privacy", "plan", place / "recipe.yaml", "-e", "minus")
    assert wrong.returncode == 2
