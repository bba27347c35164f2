"""A proof on rows whose budget does not suffice for all of its runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.place import default_location
from accord.errors import BudgetError
from accord.proving.prove import Ears, Plan, prove
from tests.laws.private_runs import AGREEMENT, lay_out, recipe

PLAN = Plan(("train.learning_rate=0.02",), seeds=2)
WHOSE = Account("a", "a", "record")


@pytest.mark.slow
def test_what_is_made_is_kept_told_and_charged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    place = lay_out(tmp_path)
    made = recipe(place, str(place / "a.yaml"), epsilon=0.6)
    made["train"]["steps"] = 3
    (place / "r.yaml").write_text(json.dumps(made))
    heard: list[str] = []
    with pytest.raises(BudgetError, match="does not suffice") as told:
        prove(place / "r.yaml", PLAN, place / "out", Ears(tell=heard.append))
    assert "2 of the 4 runs of the proof are made and kept" in str(told.value.fix)
    assert "2 are missing, from seed 1 on" in str(told.value.fix)
    assert any("of 1 of 2 seeds" in line for line in heard)
    assert json.loads((place / "out/proof.json").read_text())["seeds"] == [0]
    with Ledger.open(default_location()) as ledger:
        ledger.amend(WHOSE, Cap(3.0, 1e-4, None, None), "asked the holder")
    (place / "a.yaml").write_text(AGREEMENT.replace("1.2", "3.0"))
    for _ in range(2):
        assert prove(place / "r.yaml", PLAN, place / "out").seeds == (0, 1)
        with Ledger.open(default_location()) as ledger:
            assert ledger.balance(WHOSE).accesses == 4, "each run opened the rows once"
