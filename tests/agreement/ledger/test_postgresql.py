"""The same ledger in PostgreSQL: a real server, many processes, kills, and its own faults."""

from __future__ import annotations

import os
import random
from collections.abc import Generator
from pathlib import Path

import pytest
import sqlalchemy as sql

from accord.accounting.curve import step_curve
from accord.agreement.ledger.account import Cap
from accord.agreement.ledger.export import from_lines, restore, to_lines
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.store import location_url
from accord.agreement.ledger.verify import verify
from accord.errors import BudgetError, RecipeError
from tests.agreement.ledger import killing
from tests.agreement.ledger.ledgers import NOISE, TRAIN, access, opened, processes, steps
from tests.agreement.ledger.postgresql import server


@pytest.fixture(scope="module")
def running() -> Generator[str]:
    with server() as url:
        yield url


@pytest.fixture
def url(running: str) -> Generator[str]:
    """An empty database on the server."""
    name = f"ledger_{os.urandom(4).hex()}"
    _as_owner(running, f"CREATE DATABASE {name}")
    yield running.replace("/postgres?", f"/{name}?")
    _as_owner(running, f"DROP DATABASE {name} WITH (FORCE)")


def _as_owner(url: str, *statements: str) -> None:
    engine = sql.create_engine(location_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_run_from_reserving_to_settling(url: str) -> None:
    with Ledger.open(url) as ledger, Ledger.open(url) as other:
        ledger.declare(TRAIN, Cap(3.0, 1e-5))
        lease = ledger.spend(ledger.reserve("one", [steps(1000)]), 300)
        taken = other.reserve("one", [steps(1000)])
        assert taken.mark == 300 and taken.token > lease.token
        with pytest.raises(BudgetError) as caught:
            ledger.spend(lease, 400)
        assert caught.value.code == "lease-lost"
        other.abort(taken)
        assert sum(count for _, count in ledger.balance(TRAIN).charged) == 300
        assert verify(ledger.entries()).head == other.head()


def _reserve(number: int, url: str) -> str:
    with Ledger.open(url) as ledger:
        try:
            ledger.reserve(f"run-{number}", [access()])
        except BudgetError as error:
            return error.code
        return "granted"


def test_sixteen_processes_race_for_the_last_unit(url: str) -> None:
    with Ledger.open(url) as ledger:
        ledger.declare(TRAIN, Cap(accesses=1))
    answers = processes(16, _reserve, url)
    assert sorted(answers) == ["budget-accesses"] * 15 + ["granted"]


def _open(number: int, url: str) -> str:
    with Ledger.open(url) as ledger:
        return ledger.id


def test_a_ledger_is_made_once_by_whoever_is_first(url: str) -> None:
    assert len(set(processes(8, _open, url))) == 1


def test_writers_that_are_killed_lose_nothing_and_overspend_nothing(url: str) -> None:
    step_curve(NOISE)
    killing.declare(url)
    draw = random.Random(1)
    for _ in range(3):
        killing.check(url, killing.kill_round(url, 3, draw))


def test_the_table_is_append_only(url: str) -> None:
    with Ledger.open(url) as ledger:
        ledger.declare(TRAIN, Cap())
    for statement in (
        "UPDATE accord_ledger SET text = 'x'",
        "DELETE FROM accord_ledger",
        "TRUNCATE accord_ledger",
    ):
        with pytest.raises(sql.exc.DBAPIError, match="append-only"):
            _as_owner(url, statement)


def test_a_ledger_moves_from_a_file_to_a_server(url: str, tmp_path: Path) -> None:
    with opened(tmp_path, Cap(accesses=2)) as ledger:
        ledger.reserve("one", [access()])
        restore(from_lines(to_lines(ledger.entries())), url)
        with Ledger.open(url, access="read") as moved:
            assert moved.head() == ledger.head() and moved.balance(TRAIN).accesses == 1


def test_a_ledger_that_somebody_locks_is_told_as_locked(url: str) -> None:
    with Ledger.open(url, patience_seconds=0.1) as ledger:
        ledger.declare(TRAIN, Cap())
        engine = sql.create_engine(location_url(url))
        with engine.begin() as other:
            other.exec_driver_sql("LOCK TABLE accord_ledger IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(RecipeError) as caught:
                ledger.reserve("one", [access()])
        engine.dispose()
        assert caught.value.code == "ledger-locked"
        ledger.reserve("one", [access()])


def test_who_may_only_read_writes_nothing(url: str) -> None:
    with Ledger.open(url) as ledger:
        ledger.declare(TRAIN, Cap())
    name = f"reader_{os.urandom(4).hex()}"
    _as_owner(url, f"CREATE ROLE {name} LOGIN", f"GRANT SELECT ON accord_ledger TO {name}")
    with Ledger.open(url.replace("accord@", f"{name}:secret@"), access="read") as ledger:
        assert ledger.balance(TRAIN).accesses == 0
        with pytest.raises(RecipeError) as caught:
            ledger.reserve("one", [access()])
        assert caught.value.code == "ledger-read-only"
        assert "secret" not in ledger.name and "secret" not in str(caught.value)
    _as_owner(url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_no_server_and_no_table_are_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        Ledger.open(f"postgresql://accord@/postgres?host={tmp_path}", patience_seconds=0.1)
    assert caught.value.code == "ledger-unreachable"
    with pytest.raises(RecipeError) as caught:
        Ledger.open(url, access="write")
    assert caught.value.code == "ledger-missing"
