"""Many processes at once, and processes that are killed: never overspent, never lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from accord.accounting import odometer
from accord.accounting.curve import step_curve
from accord.agreement.ledger.account import Cap
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.verify import verify
from accord.errors import BudgetError
from tests.agreement.ledger import killing
from tests.agreement.ledger.ledgers import NOISE, TRAIN, access, opened, processes, steps


def _reserve(number: int, location: Path, private: bool) -> str:
    with Ledger.open(location) as ledger:
        try:
            ledger.reserve(f"run-{number}", [steps(1000) if private else access()])
        except BudgetError as error:
            return error.code
        return "granted"


@pytest.mark.parametrize("private", [False, True], ids=["access", "epsilon"])
def test_sixteen_processes_race_for_the_last_unit(tmp_path: Path, private: bool) -> None:
    step_curve(NOISE)  # computed once, before the processes part
    exact = odometer.epsilon(((NOISE, 1000),), 1e-5)
    opened(tmp_path, Cap(exact, 1e-5) if private else Cap(accesses=1)).close()
    answers = processes(16, _reserve, tmp_path / "ledger.db", private)
    refusal = "budget-epsilon" if private else "budget-accesses"
    assert sorted(answers) == sorted(["granted"] + [refusal] * 15)


def _take_all(number: int, location: Path) -> int:
    taken = 0
    with Ledger.open(location) as ledger:
        for turn in range(100):
            try:
                lease = ledger.reserve(f"run-{number}-{turn}", [access()])
            except BudgetError:
                return taken
            taken += 1
            ledger.settle(ledger.spend(lease, 1))
    return taken


def test_what_is_taken_together_is_the_cap_and_no_more(tmp_path: Path) -> None:
    opened(tmp_path, Cap(accesses=60)).close()
    taken = processes(8, _take_all, tmp_path / "ledger.db")
    assert sum(taken) == 60 and max(taken) < 60
    with Ledger.open(tmp_path / "ledger.db", access="read") as ledger:
        assert ledger.balance(TRAIN).accesses == 60
        assert verify(ledger.entries()).head.number == 2 + 3 * 60


def _open(number: int, location: Path) -> str:
    with Ledger.open(location) as ledger:
        return ledger.id


def test_a_ledger_is_made_once_by_whoever_is_first(tmp_path: Path) -> None:
    assert len(set(processes(16, _open, tmp_path / "new" / "ledger.db"))) == 1


def _take_over(number: int, location: Path) -> int:
    with Ledger.open(location) as ledger:
        lease = ledger.reserve("one", [access(count=100)])
        done = 0
        try:
            for step in range(lease.mark + 1, 101):
                lease = ledger.spend(lease, step)
                done += 1
        except BudgetError as error:
            assert error.code == "lease-lost"
        return done


def test_of_processes_of_one_run_one_at_a_time_spends(tmp_path: Path) -> None:
    opened(tmp_path).close()
    assert sum(processes(6, _take_over, tmp_path / "ledger.db")) == 100


def test_writers_that_are_killed_lose_nothing_and_overspend_nothing(tmp_path: Path) -> None:
    step_curve(NOISE)
    location = str(tmp_path / "ledger.db")
    killing.declare(location)
    draw = random.Random(0)
    for _ in range(7):
        told = killing.kill_round(location, 3, draw)
        killing.check(location, told)
