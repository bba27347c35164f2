"""`accord ledger`: what people see, and that what is wrong ends with the right code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.accounting import curve, odometer
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.signing.key_source import read_public
from accord.cli.app import main
from tests.cli.command import python

LETTERS, SCANS = Account("clinic", "letters"), Account("museum", "scans", "source")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def accord(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in this process, which has the accountant loaded: status, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, folder: Path) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as left:
            main(arguments)
        told = capsys.readouterr()
        status = left.value.code
        return (status if isinstance(status, int) else 0), told.out, told.err

    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A finished run, and one that died at step 40 of 100."""
    with Ledger.open(tmp_path / "budget.db") as ledger:
        ledger.declare(LETTERS, Cap(3.0, 1e-5, accesses=4, runs=3))
        ledger.declare(SCANS, Cap())
        noise = Mechanism(1.0, 0.01, version="test")
        done = ledger.reserve("first", [Charge(LETTERS, 1000, noise)])
        ledger.settle(ledger.spend(done, 1000))
        ledger.spend(ledger.reserve("second", [Charge(LETTERS, 100, noise), Charge(SCANS)]), 40)
    return tmp_path


def test_what_was_spent_is_shown(place: Path, accord: Run) -> None:
    status, out, err = accord("ledger", "show", "--ledger", "budget.db", folder=place)
    assert status == 0, err
    assert "clinic/letters" in out and "2 of 4" in out
    assert "open: second, step 40 of 100" in out
    status, out, err = accord("ledger", "show", "clinic", "-l", "budget.db", "--json", folder=place)
    shown = json.loads(out.splitlines()[-1])
    (account,) = shown["accounts"]
    assert account["epsilon"]["cap"] == 3.0 and account["delta"] == 1e-5
    assert 1.8282 < account["epsilon"]["spent"] < account["epsilon"]["charged"]
    assert 0.4 < account["epsilon"]["used"] < 0.8
    assert account["accesses"] == {"charged": 2, "cap": 4}
    assert account["runs"] == {"charged": 2, "cap": 3}
    assert [(run["run"], run["state"]) for run in shown["runs"]] == [
        ("first", "settled"),
        ("second", "open"),
    ]


def test_what_is_left_is_shown(place: Path, accord: Run) -> None:
    status, out, err = accord("ledger", "show", "--ledger", "budget.db", folder=place)
    assert status == 0, err
    left = "1 of 3 runs left, 2 of 4 accesses left, 1.085 of epsilon 3 at delta 1e-05 left"
    assert f"clinic/letters by record: {left}" in out
    assert "museum/scans by source: no limit, only recorded" in out
    assert "planned" not in out


def test_a_plan_is_priced_and_nothing_charged(place: Path, accord: Run) -> None:
    show = ("ledger", "show", "clinic", "-l", "budget.db", "--plan")
    fits = "noise_multiplier=1, sampling_rate=0.01, steps=500"
    status, out, err = accord(*show, fits, folder=place)
    assert status == 0, err
    assert "planned: epsilon 1.326 by itself; 2.306 of 3 with what is charged; it fits" in out
    status, out, err = accord(*show, fits.replace("500", "5000"), "--json", folder=place)
    assert status == 0, err
    (account,) = json.loads(out)["accounts"]
    cost = account["cost"]
    assert cost["short"] == ["epsilon"] and not cost["fits"] and cost["needed"] > 3
    ways = {way["change"]: way for way in cost["ways"]}
    assert set(ways) == {"steps", "noise", "budget"}
    plan = f"noise_multiplier=1,sampling_rate=0.01,steps={ways['steps']['steps']}"
    _, out, _ = accord(*show, plan, "--json", folder=place)
    assert json.loads(out)["accounts"][0]["cost"]["fits"], "the way that was named leads out"
    with Ledger.open(place / "budget.db") as ledger:
        assert ledger.head().number == 8


def test_a_plan_is_short_of_runs_too(place: Path, accord: Run) -> None:
    with Ledger.open(place / "budget.db") as ledger:
        ledger.amend(LETTERS, Cap(3.0, 1e-5, accesses=2, runs=2), "test")
    plan = ("--plan", "noise_multiplier=8,sampling_rate=0.01,steps=1")
    _, out, _ = accord("ledger", "show", "clinic", "-l", "budget.db", *plan, folder=place)
    assert "it does not fit: no run is left, no access is left" in out


PLANS = (
    "noise=1,steps=2",
    "steps=2",
    "noise_multiplier=1,steps=1.5",
    "noise_multiplier=0,steps=2",
    "noise_multiplier=1,steps=nan",
    "noise_multiplier=x,steps=2",
    "noise_multiplier=1,sampling_rate=2,steps=2",
    "steps",
)


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_no_plan_is_refused(plan: str, place: Path, accord: Run) -> None:
    status, _, err = accord("ledger", "show", "-l", "budget.db", "--plan", plan, folder=place)
    assert status == 2 and "error[budget-value]" in err and "Traceback" not in err


def test_without_the_accountant_the_counts_are_shown_and_a_plan_has_no_price(
    place: Path, accord: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    curve.step_curve.cache_clear()
    odometer._accountant.cache_clear()  # pyright: ignore[reportPrivateUsage]
    status, out, _ = accord("ledger", "show", "-l", "budget.db", folder=place)
    assert status == 0 and "1 of 3 runs left, 2 of 4 accesses left, 51% of epsilon 3" in out
    assert 'pip install "accord[privacy]"' in out
    plan = ("--plan", "noise_multiplier=1.5,sampling_rate=0.01,steps=5")
    status, _, err = accord("ledger", "show", "-l", "budget.db", *plan, folder=place)
    assert status == 2 and "error[extra-missing]" in err and "Traceback" not in err


def test_a_ledger_is_exported_verified_and_cut(place: Path, accord: Run) -> None:
    accord("ledger", "checkpoint", "heads.jsonl", "-l", "budget.db", folder=place)
    status, out, err = accord(
        "ledger", "export", "-o", "all.jsonl", "-l", "budget.db", folder=place
    )
    assert status == 0, err
    for source in (("-l", "budget.db"), ("--export", "all.jsonl")):
        checked = ("--checkpoint", "heads.jsonl", "--json")
        status, out, err = accord("ledger", "verify", *source, *checked, folder=place)
        assert status == 0, err
        found = json.loads(out.splitlines()[-1])
        assert found["entries"] == 8 and found["checkpoints"] == 1 and found["recomputed"]
    lines = (place / "all.jsonl").read_text("utf-8").splitlines()
    (place / "cut.jsonl").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    status, out, err = accord("ledger", "verify", "--export", "cut.jsonl", folder=place)
    assert status == 0 and "cannot be seen" in out
    checked = ("--checkpoint", "heads.jsonl")
    status, out, err = accord("ledger", "verify", "--export", "cut.jsonl", *checked, folder=place)
    assert status == 5 and "ledger-truncated" in err
    edited = lines[3].replace('"run":"first"', '"run":"other"')
    assert edited != lines[3]
    (place / "bad.jsonl").write_text("\n".join([*lines[:3], edited]) + "\n", encoding="utf-8")
    status, out, err = accord("ledger", "verify", "--export", "bad.jsonl", folder=place)
    assert status == 5 and "ledger-changed" in err and "entry 4" in err


@pytest.fixture
def signed(place: Path, accord: Run) -> Path:
    """A checkpoint that nobody signed, then one that the auditor signed, then more entries."""
    for name in ("auditor", "other"):
        assert accord("keys", "new", f"{name}.key", folder=place)[0] == 0
    accord("ledger", "checkpoint", "heads.jsonl", "-l", "budget.db", folder=place)
    with Ledger.open(place / "budget.db") as ledger:
        ledger.release("second", "test")
    sign = ("--key", "auditor.key", "-l", "budget.db")
    status, _, err = accord("ledger", "checkpoint", "heads.jsonl", *sign, folder=place)
    assert status == 0, err
    with Ledger.open(place / "budget.db") as ledger:
        ledger.settle(ledger.spend(ledger.reserve("third", [Charge(SCANS)]), 1))
    return place


VERIFY = ("ledger", "verify", "-l", "budget.db", "--checkpoint", "heads.jsonl")


def test_signatures_of_checkpoints_are_checked_and_told(signed: Path, accord: Run) -> None:
    identity = read_public(signed / "auditor.key.pub").id
    trust = ("--trust", "other.key.pub", "--trust", "auditor.key.pub")
    status, out, err = accord(*VERIFY, *trust, folder=signed)
    assert status == 0, err
    lines = out.splitlines()
    assert lines[1].startswith("checkpoint at entry 8,") and lines[1].endswith("nobody signed it")
    assert lines[2].startswith("checkpoint at entry 9,") and lines[2].endswith(identity)
    assert lines[3] == "no trusted checkpoint covers what came after entry 9"
    status, out, err = accord(*VERIFY, *trust, "--json", folder=signed)
    seen = [(one["entry"], one["signer"]) for one in json.loads(out)["signatures"]]
    assert seen == [(8, None), (9, identity)]


def test_a_checkpoint_that_others_signed_or_that_was_changed_is_refused(
    signed: Path, accord: Run
) -> None:
    status, _, err = accord(*VERIFY, "--trust", "other.key.pub", folder=signed)
    assert status == 5 and "error[signature-untrusted]" in err and "entry 9" in err
    heads = signed / "heads.jsonl"
    lines = heads.read_text("utf-8").splitlines()
    point = json.loads(lines[1])
    for name, value in (
        ("at", "2001"),
        ("signature", "ff"),
        ("signature", "no hexadecimal"),
        ("signature", 5),
    ):
        heads.write_text(json.dumps(point | {name: value}) + "\n", encoding="utf-8")
        status, _, err = accord(*VERIFY, "--trust", "auditor.key.pub", folder=signed)
        assert status == 5 and "error[signature-untrusted]" in err, (name, value)


def test_what_nobody_signed_is_not_trusted(signed: Path, accord: Run) -> None:
    heads = signed / "heads.jsonl"
    lines = heads.read_text("utf-8").splitlines()
    stripped = json.dumps(json.loads(lines[1]) | {"signature": ""})
    trust = ("--trust", "auditor.key.pub")
    for content in (lines[0], stripped, ""):
        heads.write_text(content + "\n" if content else "", encoding="utf-8")
        status, _, err = accord(*VERIFY, *trust, folder=signed)
        assert status == 5 and "error[signature-untrusted]" in err
        assert accord(*VERIFY, folder=signed)[0] == 0
    status, _, err = accord(*VERIFY[:4], *trust, folder=signed)
    assert status == 5 and "there is no checkpoint" in err


def test_a_cut_ledger_is_found_by_a_trusted_checkpoint(signed: Path, accord: Run) -> None:
    accord("ledger", "export", "-o", "all.jsonl", "-l", "budget.db", folder=signed)
    lines = (signed / "all.jsonl").read_text("utf-8").splitlines()
    (signed / "cut.jsonl").write_text("\n".join(lines[:8]) + "\n", encoding="utf-8")
    cut = ("ledger", "verify", "--export", "cut.jsonl", "--checkpoint", "heads.jsonl")
    status, _, err = accord(*cut, "--trust", "auditor.key.pub", folder=signed)
    assert status == 5 and "ledger-truncated" in err


def test_what_a_dead_run_held_is_released(place: Path, accord: Run) -> None:
    release = ("ledger", "release", "second", "--reason", "power cut", "-l", "budget.db")
    status, out, _ = accord(*release, folder=place)
    assert status == 0 and "1 reservations" in out
    with Ledger.open(place / "budget.db") as ledger:
        assert sum(steps for _, steps in ledger.balance(LETTERS).charged) == 1040
        assert "power cut" in [*ledger.entries()][-1].text


def test_a_cap_is_amended_with_a_reason(place: Path, accord: Run) -> None:
    amend = ("ledger", "amend", "clinic", "letters", "--epsilon", "4.5", "-l", "budget.db")
    status, _, err = accord(*amend, folder=place)
    assert status == 2 and "--reason" in err
    status, out, err = accord(*amend, "--reason", "letter of 3 March", folder=place)
    assert status == 0, err
    assert "epsilon 4.5, delta 1e-05, accesses 4, runs 3" in out
    with Ledger.open(place / "budget.db") as ledger:
        assert ledger.balance(LETTERS).cap == Cap(4.5, 1e-5, accesses=4, runs=3)
    status, _, err = accord(*amend, "--reason", "x", "--unit", "person", folder=place)
    assert status == 2 and "budget-value" in err


def test_where_there_is_no_ledger_none_is_made(tmp_path: Path, accord: Run) -> None:
    status, _, err = accord("ledger", "show", "--ledger", "none.db", folder=tmp_path)
    assert status == 2 and "ledger-missing" in err
    assert list(tmp_path.iterdir()) == []


def test_help_loads_no_database_and_no_accountant(tmp_path: Path) -> None:
    code = (
        "import sys, atexit\n"
        "heavy = ('sqlalchemy', 'dp_accounting', 'scipy', 'torch')\n"
        "atexit.register(lambda: print('loaded', *(m for m in heavy if m in sys.modules)))\n"
        "from accord.cli.app import main; main(['ledger', '--help'])"
    )
    assert python(code, tmp_path).stdout.splitlines()[-1].strip() == "loaded"
