"""A check of private training on charged rows decides as the run does, without dp-accounting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from accord import check
from accord.accounting import odometer
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.errors import BudgetError
from accord.recipe.load import recipe_from
from tests.laws.private_runs import lay_out, recipe

CODE = """
import sys
from accord import check
from accord.data import preview
from accord.errors import BudgetError
from accord.recipe.load import load_recipe
preview.SECONDS = 60.0  # a loaded machine may not have counted the rows in one
try:
    check(load_recipe(sys.argv[1]))
    print("fits", end=" ")
except BudgetError as error:
    print(error.code, end=" ")
print("dp_accounting" in sys.modules)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    return lay_out(tmp_path)


def capped(place: Path, cap: float) -> None:
    terms = f"acts: [train, evaluate, use]\nbudget: {{epsilon: {cap}, delta: 1.0e-4}}\n"
    (place / "a.yaml").write_text(terms)


def charged(place: Path) -> None:
    """Two runs of before."""
    account = Account("a", "a")
    with Ledger.open(place / "ledger.db") as ledger:
        ledger.declare(account, Cap(9.0, 1e-4))
        for name, noise in (("one", 2.0), ("two", 3.0)):
            ledger.settle(ledger.spend(ledger.reserve(name, [Charge(account)], "prepare"), 1))
            steps = [Charge(account, 100, Mechanism(noise, 0.05), 1)]
            ledger.settle(ledger.spend(ledger.reserve(name, steps, "private steps"), 101))


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize(("cap", "told"), [(9.0, "fits"), (2.0, "budget-epsilon")])
def test_no_dp_accounting_is_imported(place: Path, cap: float, told: str, earlier: bool) -> None:
    capped(place, cap)
    if earlier:
        charged(place)
    path = place / "recipe.yaml"
    path.write_text(json.dumps(recipe(place, "a.yaml", epsilon=3.0)))
    done = subprocess.run(
        [sys.executable, "-c", CODE, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [told, "False"], done.stderr


def test_a_noise_found_for_the_cap_fits(place: Path) -> None:
    capped(place, 3.0)
    (price,) = (check(recipe_from(recipe(place, "a.yaml", epsilon=3.0), place)).private or {})[
        "budgets"
    ]
    assert price["fits"] and price["cost"] == pytest.approx(3.0, rel=5e-3)


@pytest.mark.parametrize(("share", "fits"), [(1.0001, True), (0.9999, False)])
def test_beside_the_cap_a_given_noise_is_judged_as_by_the_run(
    place: Path, share: float, fits: bool
) -> None:
    """The forecast alone could not tell: it is within a thousandth."""
    exact = odometer.epsilon(((Mechanism(1.0, 0.05), 15),), 1e-4)
    capped(place, exact * share)
    loaded = recipe_from(recipe(place, "a.yaml", noise_multiplier=1.0), place)
    if fits:
        assert check(loaded).private
    else:
        with pytest.raises(BudgetError) as refused:
            check(loaded)
        assert refused.value.code == "budget-epsilon"


@pytest.mark.parametrize("share", [0.5, 0.99, 0.9995, 1.0005, 1.01, 2.0])
def test_the_total_is_told_on_the_side_of_the_bound_where_it_is(share: float) -> None:
    plan = ((Mechanism(1.1, 0.02), 400), (Mechanism(2.0, 0.1), 30))
    exact = odometer.epsilon(plan, 1e-5)
    found = odometer.beside(plan, 1e-5, exact * share)
    assert (found <= exact * share) == (share > 1)
    assert found == pytest.approx(exact, rel=1e-3)
    if 0.999 < share < 1.001:
        assert found == exact
