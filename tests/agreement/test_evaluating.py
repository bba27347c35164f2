"""`accord evaluate` opens data through the same door: judged for evaluation, charged before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import accord
from accord import auditing, evaluating
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.verify import verify
from accord.cli.app import main
from accord.errors import AgreementError, BudgetError

EVALUATE = "acts: [evaluate]\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained model, its data, and other data to judge it on."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("a", "t"):
        rows = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(60))
        (folder / f"{name}.csv").write_text("x,y\n" + rows)
    accord.train(recipe(folder, "own"), output=folder / "run")
    return folder


def recipe(folder: Path, agreement: Any) -> dict[str, Any]:
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            "agreement": agreement,
            "train": str(folder / "a.csv"),
            "test": str(folder / "t.csv"),
            "numeric": ["x"],
            "label": "y",
            "leakage": {"action": "off"},
        },
        "train": {"steps": 2, "batch_size": 8, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    return tmp_path


def write(made: Path, place: Path, agreement: str) -> Path:
    (place / "t.yaml").write_text(agreement)
    agreements = {str(made / "a.csv"): "own", str(made / "t.csv"): str(place / "t.yaml")}
    path = place / "recipe.yaml"
    path.write_text(json.dumps(recipe(made, agreements)))
    return path


def balance(place: Path) -> Balance:
    with Ledger.open(place / "ledger.db", access="read") as ledger:
        (account,) = ledger.accounts()
        assert verify(ledger.entries()).head == ledger.head()
        return ledger.balance(account)


def test_each_evaluation_is_charged_before_the_data_are_opened(
    made: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write(made, place, EVALUATE + "budget: {accesses: 2, runs: 1, unit: user}\n")
    stood: list[int] = []
    encode = evaluating.encode_known

    def encoded(*arguments: Any) -> Any:
        stood.append(balance(place).accesses)
        return encode(*arguments)

    monkeypatch.setattr(evaluating, "encode_known", encoded)
    for _ in range(2):
        assert accord.evaluate(made / "run", recipe=written, output=place / "judged")["rows"] == 60
    assert stood == [1, 2], "charged before, and again when repeated"
    with pytest.raises(BudgetError) as caught:
        accord.evaluate(made / "run", recipe=written)
    assert (caught.value.code, caught.value.exit_code) == ("budget-accesses", 4)
    assert stood == [1, 2], "the data were not opened a third time"
    found = balance(place)
    assert (found.account.unit, found.accesses, found.runs) == ("user", 2, 0)
    with Ledger.open(place / "ledger.db", access="read") as ledger:
        told = [(one.purpose, one.state) for one in ledger.reservations()]
    assert told == [("evaluate", "settled")] * 2


def test_the_command_line_ends_with_the_code_of_a_budget(
    made: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = write(made, place, EVALUATE + "budget: {accesses: 0}\n")
    with pytest.raises(SystemExit) as left:
        main(("evaluate", str(made / "run"), "--recipe", str(written)))
    told = capsys.readouterr()
    assert left.value.code == 4 and "error[budget-accesses]" in told.err


def test_what_must_be_protected_is_not_measured_without_noise(made: Path, place: Path) -> None:
    written = write(made, place, EVALUATE + "budget: {epsilon: 3, delta: 1.0e-5}\n")
    with pytest.raises(BudgetError) as caught:
        accord.evaluate(made / "run", recipe=written)
    assert caught.value.code == "budget-unprotected"


CAPPED = EVALUATE + "budget: {epsilon: 3, delta: 1.0e-5}\n"
PRIVATELY = {"epsilon": 2, "ranges": {"x": [0, 60]}}


def test_a_recipe_makes_no_model_private(made: Path, place: Path) -> None:
    written = write(made, place, CAPPED)
    tree = json.loads(written.read_text()) | {"privacy": PRIVATELY}
    written.write_text(json.dumps(tree))
    for overrides in ((), ("privacy.epsilon=9",)):
        with pytest.raises(BudgetError) as caught:
            accord.evaluate(made / "run", recipe=written, set=overrides)
        assert caught.value.code == "budget-unprotected"
    assert balance(place).accesses == 0


def test_an_audit_goes_by_the_model_and_not_by_the_recipe_beside_it(
    made: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_found", lambda *_: {"verdict": {}})
    shutil.copytree(made / "run", place / "run")
    tree = json.loads(write(made, place, CAPPED).read_text()) | {"privacy": PRIVATELY}
    (place / "run/recipe.yaml").write_text(json.dumps(tree))
    with pytest.raises(BudgetError) as caught:
        auditing.audit(place / "run")
    assert caught.value.code == "budget-unprotected"


def test_an_agreement_that_allows_training_only_does_not_allow_it(made: Path, place: Path) -> None:
    with pytest.raises(AgreementError):
        accord.evaluate(made / "run", recipe=write(made, place, "acts: [train]\n"))
    assert not (place / "ledger.db").exists()


def test_no_ledger_is_made_without_a_budget(made: Path, place: Path) -> None:
    accord.evaluate(made / "run", recipe=write(made, place, EVALUATE))
    assert not (place / "ledger.db").exists()


def test_a_run_under_several_agreements_is_evaluated_by_its_own_recipe(
    made: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its resolved recipe names sources and agreements by whole paths, in mappings too."""
    (place / "t.yaml").write_text(EVALUATE + "budget: {accesses: 2}\n")
    for name in ("a", "t"):
        (place / f"{name}.csv").write_bytes((made / f"{name}.csv").read_bytes())
    near = recipe(Path(), {"a.csv": "own", "t.csv": "t.yaml"})
    (place / "recipe.yaml").write_text(json.dumps(near))
    run = accord.train(place / "recipe.yaml", output=place / "run")
    assert balance(place).accesses == 1, "the test rows of a run are charged like the others"
    monkeypatch.chdir(made)
    accord.evaluate(run.path)
    assert (balance(place).accesses, balance(place).runs) == (2, 1)
    with pytest.raises(BudgetError):
        accord.evaluate(run.path)


def test_evaluations_leave_the_runs_to_those_that_train(tmp_path: Path) -> None:
    account, once = Account("a", "a"), Cap(runs=1)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.declare(account, once)
        charges = [Charge(account)]
        for name in ("e1", "e2"):
            ledger.settle(ledger.spend(ledger.reserve(name, charges, "evaluate"), 1))
        ledger.settle(ledger.spend(ledger.reserve("one", charges), 1))
        ledger.settle(ledger.spend(ledger.reserve("e3", charges, "evaluate"), 1))
        with pytest.raises(BudgetError):
            ledger.reserve("two", charges)
        ledger.amend(account, Cap(runs=0), "no more runs")
        ledger.reserve("e4", charges, "evaluate")
        found = ledger.balance(account)
        assert (found.accesses, found.runs) == (5, 1)
        assert verify(ledger.entries()).head == ledger.head()
