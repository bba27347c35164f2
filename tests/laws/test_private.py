"""Private runs end to end: charged before they happen, never twice, and never too little."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import accord
from accord import auditing, check
from accord.accounting.odometer import epsilon
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.place import default_location
from accord.agreement.ledger.verify import verify
from accord.artifact import open_artifact
from accord.errors import BudgetError
from accord.recipe.load import recipe_from
from accord.train import releases
from accord.train.releases import record_in
from tests.laws.private_runs import STEPS, Crash, lay_out, recipe, trained, weights


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setattr(releases, "token_bytes", lambda size: b"\7" * size)
    return lay_out(tmp_path)


def dying_at(step: int) -> Callable[[Mapping[str, Any]], None]:
    def hear(event: Mapping[str, Any]) -> None:
        if event["event"] == "step" and event["step"] == step:
            raise Crash

    return hear


def stands() -> Balance:
    with Ledger.open(default_location()) as ledger:
        verify(ledger.entries())
        return ledger.balance(Account("a", "a"))


def test_a_run_is_charged_what_it_costs_and_the_next_is_refused_with_prices(place: Path) -> None:
    asked = recipe(place, "a.yaml", noise_multiplier=3)
    assert check(recipe_from(asked, place)).agreement["budgets"][0]["cost"]["accesses"] == 1
    privacy = trained(place, "one", asked)["privacy"]
    assert 0 < privacy["epsilon"] < 0.5
    assert (privacy["delta"], privacy["unit"], privacy["units"]) == (1e-4, "record", 160)
    assert (privacy["steps"], privacy["sampling_probability"]) == (STEPS, 0.05)
    assert any("validation" in told for told in privacy["not_covered"])
    found = stands()
    ((mechanism, steps),) = found.charged
    assert (steps, mechanism.noise_multiplier) == (STEPS, privacy["noise_multiplier"])
    assert (found.accesses, found.runs, found.unprotected) == (1, 1, 0)
    assert found.spent == found.charged
    assert epsilon(found.charged, 1e-4) == pytest.approx(privacy["epsilon"], abs=1e-6)
    model = open_artifact(place / "one/model")
    assert json.loads(model.file("privacy.json").read_text("utf-8"))["epsilon"] < 1
    assert not (place / "one/checkpoints/secret").exists()
    charges = json.loads((place / "one/charges.json").read_text("utf-8"))
    assert charges["budgets"]["a"]["after"]["epsilon"] == pytest.approx(privacy["epsilon"])

    with pytest.raises(BudgetError) as refused:
        trained(place, "two", recipe(place, "a.yaml", noise_multiplier=1.3))
    assert refused.value.code == "budget-epsilon"
    assert "cost epsilon" in str(refused.value.got)
    for way in ("train: {steps: ", "noise_multiplier: ", "a budget of epsilon "):
        assert way in (refused.value.fix or "")
    assert stands().charged == found.charged


def test_whoever_holds_the_rows_may_look_at_them_once_more_for_an_access(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = place / "a.yaml"
    terms.write_text(terms.read_text().replace("epsilon", "accesses: 3, runs: 1, epsilon"))
    made = recipe(place, "a.yaml", noise_multiplier=3)
    trained(place, "one", made)
    before = stands()
    monkeypatch.setattr(auditing, "_found", lambda *_: {"verdict": {}})  # half a minute of attacks
    auditing.audit(place / "one")
    made.pop("privacy")
    (place / "plain.yaml").write_text(json.dumps(made))
    found = accord.evaluate(place / "one", data=place / "a.csv", recipe=place / "plain.yaml")
    assert found["rows"] == 160, "the model says itself that it is private"
    after = stands()
    assert (after.accesses, after.charged) == (before.accesses + 2, before.charged)
    assert after.unprotected == 0
    assert after.runs == before.runs == 1, "a look is no run"
    with pytest.raises(BudgetError) as refused:
        auditing.audit(place / "one")
    assert refused.value.code == "budget-accesses"


def test_a_run_that_dies_goes_on_with_the_same_noise_and_no_further_charge(place: Path) -> None:
    made = recipe(
        place, "a.yaml", noise_multiplier=4, clipping={"kind": "adaptive", "count_noise": 3}
    )
    trained(place, "whole", made)
    once = stands().charged
    with pytest.raises(Crash):
        trained(place, "dying", made, heard=dying_at(4))
    with Ledger.open(default_location()) as ledger:
        (mine,) = [r for r in ledger.reservations() if r.state == "open" and r.purpose != "prepare"]
    assert mine.mark > 4  # the mark runs ahead of the steps
    for _ in range(2):
        with pytest.raises(Crash):
            trained(place, "dying", made, resume=True, heard=dying_at(8))
    trained(place, "dying", made, resume=True)
    assert weights(place, "dying") == weights(place, "whole")
    assert [steps for _, steps in stands().charged] == [2 * steps for _, steps in once]


def test_without_its_secret_a_run_goes_on_as_another_and_pays_for_it(place: Path) -> None:
    made = recipe(place, "a.yaml", noise_multiplier=3)
    with pytest.raises(Crash):
        trained(place, "run", made, heard=dying_at(8))
    (place / "run/checkpoints/secret").unlink()
    releases.token_bytes = lambda size: b"\x09" * size  # put back by the fixture
    privacy = trained(place, "run", made, resume=True)["privacy"]
    record = record_in(place / "run")
    assert record is not None
    first, second = record.segments
    assert (second.first, second.steps) == (first.end, STEPS - second.begin)
    assert privacy["steps"] == (first.mark - 1) + second.steps > STEPS
    assert privacy["epsilon"] > epsilon(((first.mechanism, STEPS),), 1e-4)
    assert [steps for _, steps in stands().charged] == [privacy["steps"]]


def test_users_are_hidden_whole_and_a_public_split_may_choose(place: Path) -> None:
    made = recipe(
        place,
        epsilon=8,
        accountant="rdp",
        unit="user",
        column="who",
        rows_of_unit=3,
        public=["validation"],
    )
    made["train"] |= {"early_stopping": {"patience": 2}, "steps": 12, "ema": 0.9}
    made["machine"]["micro_batch_tokens"] = 30
    privacy = trained(place, "run", made)["privacy"]
    assert 7.9 < privacy["epsilon"] <= 8 or privacy["steps"] < 12
    assert privacy["units"] <= 40 and privacy["unit"] == "user"
    assert privacy["sampling_probability"] == pytest.approx(8 / privacy["units"])
    assert not any("validation" in told for told in privacy["not_covered"])
