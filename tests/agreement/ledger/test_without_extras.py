"""Without the optional packages: what needs them says so, and what does not goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from accord.accounting import odometer
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Cap
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.statement import statement
from accord.agreement.ledger.verify import verify
from accord.errors import MissingExtra
from tests.agreement.ledger.ledgers import TRAIN, access, opened, steps


def test_without_the_accountant_the_record_can_be_read_and_no_exact_total_charged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        ledger.settle(ledger.spend(ledger.reserve("one", [steps(500)]), 500))
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    odometer._accountant.cache_clear()  # pyright: ignore[reportPrivateUsage]
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        assert verify(ledger.entries()).head == ledger.head()
        shown = statement(ledger.balance(TRAIN))
        assert shown["epsilon"]["spent"] is None and 0.1 < shown["epsilon"]["used"] < 0.5
    with opened(tmp_path / "alone", Cap(3.0, 1e-5)) as ledger:
        before = ledger.head()
        with pytest.raises(MissingExtra) as caught:
            # By its Renyi curve (3.2) it does not fit; only its exact total (2.9) admits it.
            ledger.reserve("two", [Charge(TRAIN, 2400, Mechanism(1.0, 0.01))])
        assert caught.value.code == "extra-missing" and "dp-accounting" in str(caught.value)
        assert ledger.head() == before


def test_without_a_database_library_the_ledger_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*sys.modules]:
        if name.startswith("accord.agreement.ledger.store"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra) as caught:
        Ledger.open(tmp_path / "ledger.db")
    assert caught.value.code == "extra-missing"


def test_what_is_only_counted_needs_no_accountant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with opened(tmp_path, Cap(accesses=1)) as ledger:
        ledger.settle(ledger.spend(ledger.reserve("one", [access()]), 1))
        assert statement(ledger.balance(TRAIN))["epsilon"]["spent"] is None
        assert verify(ledger.entries()).recomputed
