"""What a check tells of budgets: left, cost, refused; and that it leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import accord
from accord import checking
from accord.accounting.mechanism import Mechanism
from accord.agreement.agreement_file import read_agreement
from accord.agreement.allowance import allowances
from accord.agreement.charging import caps_of, charge, settle
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.rehearsal import rehearse
from accord.agreement.ledger.statement import statement
from accord.agreement.short import Budget
from accord.cli.app import main
from accord.errors import BudgetError, RecipeError

HELD = "acts: [train, evaluate, use]\n"


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kept" / "ledger.db"
    monkeypatch.setenv("ACCORD_LEDGER", str(path))
    return path


def recipe(folder: Path, agreement: str) -> dict[str, Any]:
    rows = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (folder / "a.csv").write_text("x,y\n" + rows)
    (folder / "a.yaml").write_text(agreement)
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            "agreement": str(folder / "a.yaml"),
            "train": str(folder / "a.csv"),
            "numeric": ["x"],
            "label": "y",
        },
    }


def check(folder: Path, agreement: str, **given: Any) -> Mapping[str, Any]:
    return accord.check(recipe(folder, agreement), **given).agreement


def test_what_is_left_and_what_a_run_takes(tmp_path: Path, ledger: Path) -> None:
    text = HELD + "budget: {runs: 3, accesses: 5, unit: user}\n"
    (first,) = check(tmp_path, text)["budgets"]
    assert (first["agreement"], first["unit"]) == ("a", "user")
    assert first["left"] == {"runs": 3, "accesses": 5, "epsilon": None}
    assert first["cost"] == {"runs": 1, "accesses": 1, "epsilon": None}
    assert not ledger.parent.exists(), "a check makes no ledger"
    charge({"a": Budget(runs=3, accesses=5, unit="user")}, tmp_path / "one")
    before = ledger.read_bytes()
    (second,) = check(tmp_path, text)["budgets"]
    assert second["left"] == {"runs": 2, "accesses": 4, "epsilon": None}
    assert ledger.read_bytes() == before


def test_a_run_that_goes_on_is_not_priced_twice(tmp_path: Path, ledger: Path) -> None:
    text, budgets = HELD + "budget: {runs: 1, accesses: 2}\n", {"a": Budget(runs=1, accesses=2)}
    charge(budgets, tmp_path / "one")
    (open_,) = check(tmp_path, text, output=tmp_path / "one")["budgets"]
    assert open_["cost"] == {"runs": 0, "accesses": 0, "epsilon": None}
    settle(tmp_path / "one")
    (closed,) = check(tmp_path, text, output=tmp_path / "one")["budgets"]
    assert closed["cost"] == {"runs": 0, "accesses": 1, "epsilon": None}
    with pytest.raises(BudgetError) as caught:
        check(tmp_path, text, output=tmp_path / "other")
    assert caught.value.code == "budget-runs"


REFUSED = [
    ("{runs: 0}", "budget-runs"),
    ("{accesses: 0}", "budget-accesses"),
    ("{epsilon: 3, delta: 1.0e-5}", "budget-unprotected"),
]


@pytest.mark.parametrize(("budget", "code"), REFUSED)
def test_what_does_not_suffice_is_refused_before_the_data_are_opened(
    budget: str, code: str, tmp_path: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the data were opened")

    monkeypatch.setattr("accord.checking.preview", opened)
    with pytest.raises(BudgetError) as caught:
        check(tmp_path, HELD + f"budget: {budget}\n")
    assert (caught.value.code, caught.value.exit_code) == (code, 4)
    assert not ledger.parent.exists()


def test_a_cap_that_was_raised_by_editing_is_refused(tmp_path: Path, ledger: Path) -> None:
    charge({"a": Budget(runs=1)}, tmp_path / "one")
    with pytest.raises(BudgetError) as caught:
        check(tmp_path, HELD + "budget: {runs: 2}\n")
    assert caught.value.code == "budget-cap-raised"


def test_a_damaged_ledger_is_told_before_the_run(tmp_path: Path, ledger: Path) -> None:
    ledger.parent.mkdir()
    ledger.write_text("something else")
    with pytest.raises(accord.AccordError):
        check(tmp_path, HELD + "budget: {runs: 2}\n")
    assert ledger.read_text() == "something else"


def test_the_command_line_shows_the_same(
    tmp_path: Path, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = recipe(tmp_path, HELD + "budget: {runs: 2, accesses: 9}\n")
    (tmp_path / "recipe.yaml").write_text(json.dumps(written))

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as left:
            main(("check", str(tmp_path / "recipe.yaml"), *arguments))
        told = capsys.readouterr()
        return left.value.code or 0, told.out, told.err

    status, out, _ = run()
    assert status == 0
    line = "a by record: 2 of 2 runs left, 9 of 9 accesses left; this run takes 1 run, 1 access"
    assert line in out
    charge({"a": Budget(runs=2, accesses=9)}, tmp_path / "one")
    _, out, _ = run("--json")
    (shown,) = json.loads(out)["agreement"]["budgets"]
    assert shown["left"] == {"runs": 1, "accesses": 8, "epsilon": None}
    charge({"a": Budget(runs=2, accesses=9)}, tmp_path / "two")
    status, out, err = run()
    assert status == 4 and "error[budget-runs]" in err and "Traceback" not in err


def test_without_a_budget_no_ledger_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", "nonsense://nowhere")
    assert check(tmp_path, HELD)["budgets"] == []
    assert allowances({}) == []


def test_a_plan_with_noise_is_priced_and_what_the_ledger_says_is_kept_to(tmp_path: Path) -> None:
    account, noise = Account("a", "a"), Mechanism(1.0, 0.01)
    cap, path = Cap(3.0, 1e-5, runs=2), tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.declare(account, cap)
        ledger.settle(ledger.spend(ledger.reserve("one", [Charge(account, 1000, noise)]), 1000))
        asked = [Charge(account, 500, noise)]
        (found,) = rehearse(ledger.entries(), {account: cap}, "two", asked)
        with pytest.raises(BudgetError) as caught:
            rehearse(ledger.entries(), {account: cap}, "two", [Charge(account, 9000, noise)])
        assert caught.value.code == "budget-epsilon"
        assert statement(found.before) == statement(ledger.balance(account))
        ledger.reserve("two", asked)
        assert statement(found.after) == statement(ledger.balance(account))
    left = statement(found.before)["left"]
    assert left["epsilon"] == pytest.approx(3.0 - 1.828244, abs=1e-5)
    assert left["runs"] == 1


def test_an_epsilon_that_the_filter_has_used_up_is_not_left() -> None:
    """The exact figure of a plan that was alone is below the cap; still nothing more fits."""
    account, noise = Account("a", "a"), Mechanism(1.0, 0.01)
    cap = Cap(1.8283, 1e-5)
    (found,) = rehearse((), {account: cap}, "one", [Charge(account, 1000, noise)])
    told = statement(found.after)
    assert told["epsilon"]["used"] == 1.0 and told["epsilon"]["charged"] < 1.8283
    assert told["left"]["epsilon"] == 0.0


def test_accounts_are_those_that_a_run_is_charged_on(tmp_path: Path, ledger: Path) -> None:
    budgets = {"a": Budget(runs=4, unit="group"), "b": Budget(accesses=2)}
    charge(budgets, tmp_path / "one")
    with Ledger.open(ledger, access="read") as opened:
        assert set(opened.accounts()) == set(caps_of(budgets))


@pytest.mark.parametrize(("budget", "opened"), [("{runs: 3}", True), ("{accesses: 3}", False)])
def test_a_check_opens_no_data_whose_openings_are_counted(
    budget: str, opened: bool, tmp_path: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = checking.preview
    monkeypatch.setattr(checking, "preview", lambda *given: (seen.append(True), real(*given))[1])
    found = accord.check(recipe(tmp_path, HELD + f"budget: {budget}\n"))
    assert bool(seen) is opened
    assert (found.data is not None) is opened
    assert any("each opening of it is charged" in one for one in found.warnings) is not opened


def test_a_budget_needs_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    path.write_text(HELD + "budget: {runs: 2}\n")
    with pytest.raises(RecipeError) as error:
        read_agreement(path)
    assert error.value.code == "agreement-invalid" and "id:" in str(error.value)
    path.write_text("id: clinic\n" + HELD + "budget: {runs: 2}\n")
    assert read_agreement(path).id == "clinic"
