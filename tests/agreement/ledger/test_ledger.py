"""Reserve, spend, settle, abort: what is charged, what comes back, who may go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.accounting import odometer
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.chain import Head
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.errors import BudgetError, IntegrityError, Problems, RecipeError
from tests.agreement.ledger.ledgers import NOISE, OTHER, TRAIN, access, opened, steps


def refused(code: str) -> pytest.RaisesExc[BudgetError]:
    return pytest.RaisesExc(BudgetError, check=lambda e: e.code == code and e.exit_code == 4)


def charged(ledger: Ledger, account: Account = TRAIN) -> int:
    return sum(count for _, count in ledger.balance(account).charged)


def spent(ledger: Ledger, account: Account = TRAIN) -> int:
    return sum(count for _, count in ledger.balance(account).spent)


def test_what_is_reserved_is_charged_and_what_lies_above_the_mark_comes_back(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        lease = ledger.reserve("one", [steps(1000)])
        assert (charged(ledger), spent(ledger)) == (1000, 0)
        lease = ledger.spend(lease, 300)
        assert lease.mark == 300 and (charged(ledger), spent(ledger)) == (1000, 300)
        ledger.abort(lease)
        assert (charged(ledger), spent(ledger)) == (300, 300)
        again = ledger.reserve("one", [steps(1000)])
        assert again.mark == 300 and charged(ledger) == 1000
        ledger.spend(again, 1000)
        ledger.settle(again)
        assert (charged(ledger), spent(ledger)) == (1000, 1000)
    with Ledger.open(tmp_path / "ledger.db") as later:
        assert charged(later) == 1000
        (balance,) = [later.balance(account) for account in later.accounts()]
        assert odometer.epsilon(balance.spent, 1e-5) == pytest.approx(1.828244, abs=1e-5)


def test_asking_twice_charges_once(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5, accesses=1, runs=1)) as ledger:
        first = ledger.reserve("one", [steps(1000)])
        second = ledger.reserve("one", [steps(1000)])
        assert second.reservation == first.reservation and second.token > first.token
        assert charged(ledger) == 1000 and ledger.balance(TRAIN).accesses == 1
        marked = ledger.spend(second, 10)
        before = ledger.head()
        assert ledger.spend(marked, 10) == ledger.spend(marked, 5)
        ledger.settle(marked)
        after = ledger.head()
        ledger.settle(marked)
        assert before.number + 1 == after.number == ledger.head().number


def test_a_writer_that_was_overtaken_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, Ledger.open(tmp_path / "ledger.db") as other:
        late = ledger.reserve("one", [steps(100)])
        ledger.spend(late, 10)
        taken = other.reserve("one", [steps(100)])
        assert taken.mark == 10
        for act in (lambda: ledger.spend(late, 20), lambda: ledger.settle(late)):
            with refused("lease-lost"):
                act()
        with refused("lease-lost"):
            ledger.abort(late)
        other.spend(taken, 20)
        other.settle(taken)
        with refused("lease-lost"):
            other.spend(taken, 30)
        assert spent(ledger) == 20


def test_a_lease_of_another_ledger_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with opened(tmp_path) as one, opened(tmp_path / "b") as two:
        lease = one.reserve("one", [steps(100)])
        two.reserve("one", [steps(100)])
        with refused("lease-lost"):
            two.spend(lease, 1)


def test_nothing_goes_beyond_what_was_reserved(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        lease = ledger.reserve("one", [steps(100), access()])
        ledger.spend(lease, 100)
        with refused("lease-exceeded"):
            ledger.spend(lease, 101)


def test_all_data_sets_are_charged_or_none(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        ledger.declare(OTHER, Cap(accesses=1))
        ledger.settle(ledger.spend(ledger.reserve("zero", [access(OTHER)]), 1))
        before = ledger.head()
        with refused("budget-accesses"):
            ledger.reserve("one", [steps(100), access(OTHER)])
        assert ledger.head() == before and charged(ledger) == 0
        with pytest.raises(Problems) as caught:
            ledger.reserve("one", [steps(10**6), access(OTHER)])
        codes = [problem.code for problem in caught.value.problems]
        assert codes == ["budget-epsilon", "budget-accesses"] and caught.value.exit_status == 4


def test_the_cap_on_epsilon_holds_over_runs(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        for run in ("one", "two"):
            ledger.settle(ledger.spend(ledger.reserve(run, [steps(1000)]), 1000))
        with refused("budget-epsilon") as caught:
            ledger.reserve("three", [steps(1000)])
        assert "epsilon of 3." in str(caught.value) and "`accord check`" in str(caught.value)
        ledger.settle(ledger.spend(ledger.reserve("three", [steps(100)]), 100))
        assert odometer.epsilon(ledger.balance(TRAIN).spent, 1e-5) < 3.0


def test_a_plan_alone_may_use_the_whole_budget_and_come_back(tmp_path: Path) -> None:
    exact = odometer.epsilon(((NOISE, 1000),), 1e-5)
    with opened(tmp_path, Cap(exact, 1e-5)) as ledger:
        lease = ledger.spend(ledger.reserve("one", [steps(1000)]), 400)
        assert ledger.balance(TRAIN).alone == ((NOISE, 1000),)
        ledger.abort(lease)
        with refused("budget-epsilon"):
            ledger.reserve("two", [steps(200)])
        lease = ledger.reserve("one", [steps(1000)])
        ledger.settle(ledger.spend(lease, 1000))
        with refused("budget-epsilon"):
            ledger.reserve("two", [steps(1)])


def test_a_plan_that_was_never_begun_leaves_no_trace(tmp_path: Path) -> None:
    exact = odometer.epsilon(((NOISE, 1000),), 1e-5)
    with opened(tmp_path, Cap(exact, 1e-5, accesses=1, runs=1)) as ledger:
        ledger.abort(ledger.reserve("one", [steps(1000)]))
        balance = ledger.balance(TRAIN)
        assert (balance.accesses, balance.runs, balance.alone) == (0, 0, ())
        assert balance.favoured is None
        ledger.reserve("two", [steps(1000)])


def test_accesses_and_runs_are_counted_and_capped(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(accesses=2, runs=1)) as ledger:
        for _ in range(2):
            ledger.settle(ledger.spend(ledger.reserve("one", [access()]), 1))
        assert ledger.balance(TRAIN).accesses == 2
        with refused("budget-accesses"):
            ledger.reserve("one", [access()])
        with pytest.raises(Problems):
            ledger.reserve("two", [access()])
    with opened(tmp_path, Cap(accesses=2, runs=1)) as ledger, refused("budget-accesses"):
        ledger.reserve("one", [access()])


def test_a_run_that_was_interrupted_needs_no_second_access(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(accesses=1, runs=1)) as ledger:
        lease = ledger.spend(ledger.reserve("one", [access(count=100)]), 40)
        ledger.abort(lease, "interrupted")
        assert ledger.balance(TRAIN).accesses == 1
        lease = ledger.reserve("one", [access(count=100)])
        ledger.settle(ledger.spend(lease, 100))
        assert ledger.balance(TRAIN).accesses == 1


def test_the_last_run_may_hold_several_accesses(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(runs=1)) as ledger:
        ledger.reserve("one", [access()])
        ledger.reserve("one", [Charge(TRAIN, 1, None, first=1)])
        assert ledger.balance(TRAIN).accesses == 2
        with refused("budget-runs"):
            ledger.reserve("two", [access()])


def test_steps_are_charged_in_one_cut_only(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        lease = ledger.reserve("one", [steps(1000)])
        with refused("budget-overlap"):
            ledger.reserve("one", [steps(500, first=900)])
        ledger.abort(ledger.spend(lease, 300))
        ledger.reserve("one", [steps(800, first=300)])
        assert charged(ledger) == 1100
        ledger.reserve("two", [steps(500, first=900)])


def test_steps_computed_again_with_fresh_noise_are_charged_again(tmp_path: Path) -> None:
    """A checkpoint at 250 is all that is left of a run whose mark was 300."""
    with opened(tmp_path) as ledger:
        ledger.spend(ledger.reserve("one", [steps(1000)]), 300)
        back = ledger.reserve("one", [steps(1000)])
        further = ledger.reserve("one", [steps(back.mark - 250, first=1000)])
        ledger.settle(ledger.spend(back, 1000))
        ledger.settle(ledger.spend(further, 1050))
        assert spent(ledger) == 1050


def test_a_later_version_of_the_code_may_finish_a_run(tmp_path: Path) -> None:
    newer = Mechanism(NOISE.noise_multiplier, NOISE.sampling_probability, version="newer")
    with opened(tmp_path) as ledger:
        first = ledger.reserve("one", [steps(1000)])
        assert ledger.reserve("one", [Charge(TRAIN, 1000, newer)]).reservation == first.reservation


def test_only_the_same_unit_and_relation_are_added_up(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        for other in (
            Mechanism(1.0, 0.01, unit="user"),
            Mechanism(1.0, 0.01, relation="replace-one"),
        ):
            with refused("budget-mixed"):
                ledger.reserve("one", [Charge(TRAIN, 10, other)])
        both = [steps(10**6), Charge(TRAIN, 10**6, Mechanism(1.0, 0.01, relation="replace-one"))]
        with refused("budget-mixed"):
            ledger.reserve("one", both)
        ledger.reserve("one", [steps(10)])
        with refused("budget-mixed"):
            ledger.amend(TRAIN, Cap(3.0, 1e-5, relation="replace-special"), "why not")


def test_every_cap_of_a_data_set_is_charged(tmp_path: Path) -> None:
    by_user = Account(TRAIN.agreement, TRAIN.dataset, "user")
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        ledger.declare(by_user, Cap(8.0, 1e-5))
        with refused("budget-undeclared"):
            ledger.reserve("one", [steps(10)])
        grouped = Charge(by_user, 10, Mechanism(1.0, 0.01, unit="user"))
        ledger.reserve("one", [steps(10), grouped])
        assert charged(ledger, by_user) == 10


def test_data_under_a_cap_are_not_used_without_noise(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger, refused("budget-unprotected"):
        ledger.reserve("one", [access()])


def test_what_has_no_cap_on_record_is_not_charged(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        with refused("budget-undeclared"):
            ledger.reserve("one", [steps(1, account=OTHER)])
        with refused("budget-undeclared"):
            ledger.balance(OTHER)


def test_a_cap_falls_at_once_and_rises_by_an_event_with_a_reason(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5, accesses=5)) as ledger:
        before = ledger.head()
        ledger.declare(TRAIN, Cap(3.0, 1e-5, accesses=5))
        assert ledger.head() == before
        ledger.declare(TRAIN, Cap(2.0, 1e-5, accesses=5, runs=2))
        assert ledger.balance(TRAIN).cap.epsilon == 2.0
        for looser in (Cap(2.1, 1e-5, 5, 2), Cap(2.0, 1e-4, 5, 2), Cap(2.0, 1e-5, 5), Cap()):
            with refused("budget-cap-raised"):
                ledger.declare(TRAIN, looser)
        ledger.amend(TRAIN, Cap(4.0, 1e-5, accesses=9), "letter of 3 March")
        assert ledger.balance(TRAIN).cap == Cap(4.0, 1e-5, accesses=9)
        assert "letter of 3 March" in [*ledger.entries()][-1].text


def test_a_cap_that_falls_below_what_was_spent_ends_all(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        lease = ledger.reserve("one", [steps(1000)])
        ledger.declare(TRAIN, Cap(1.0, 1e-5))
        ledger.spend(lease, 500)  # what was granted stays granted
        ledger.abort(lease)
        with refused("budget-epsilon"):
            ledger.reserve("one", [steps(1000)])


def test_what_a_dead_run_left_open_can_be_released(tmp_path: Path) -> None:
    with opened(tmp_path, Cap(3.0, 1e-5)) as ledger:
        dead = ledger.spend(ledger.reserve("one", [steps(1000)]), 100)
        assert ledger.release("one", "the machine burned") == (dead.reservation,)
        assert charged(ledger) == 100 and ledger.release("one", "again") == ()
        with refused("lease-lost"):
            ledger.spend(dead, 200)


def test_a_head_that_was_kept_tells_a_rolled_back_ledger(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        kept = ledger.reserve("one", [steps(10)]).head
        ledger.confirm(kept)
        with pytest.raises(IntegrityError) as caught:
            ledger.confirm(Head(kept.number + 5, kept.hash))
        assert caught.value.code == "ledger-changed"


def test_a_fork_shares_the_ledger_and_no_connection(tmp_path: Path) -> None:
    from tests.agreement.ledger.ledgers import processes

    with opened(tmp_path) as ledger:
        ledger.reserve("zero", [access()])
        processes(2, lambda n: ledger.reserve(f"run-{n}", [access()]).token)
        assert ledger.balance(TRAIN).accesses == 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cap(epsilon=1.0),
        lambda: Cap(epsilon=0.0, delta=1e-5),
        lambda: Cap(epsilon=1.0, delta=1.0),
        lambda: Cap(accesses=-1),
        lambda: Account("", "x"),
        lambda: Charge(TRAIN, 0),
    ],
)
def test_what_is_no_budget(make: object) -> None:
    with pytest.raises(RecipeError) as caught:
        make()  # pyright: ignore[reportCallIssue]
    assert caught.value.code == "budget-value"
