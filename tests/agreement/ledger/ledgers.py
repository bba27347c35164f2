"""Ledgers for tests, and what processes of their own do to them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.ledger import Ledger

TRAIN = Account("clinic", "letters")
OTHER = Account("clinic", "scans")
NOISE = Mechanism(1.0, 0.01, version="test")
FORK = multiprocessing.get_context("fork")


def opened(place: Path, cap: Cap | None = None, account: Account = TRAIN) -> Ledger:
    """A new ledger with one account."""
    ledger = Ledger.open(place / "ledger.db")
    ledger.declare(account, cap or Cap())
    return ledger


def steps(count: int, first: int = 0, account: Account = TRAIN) -> Charge:
    """Private steps."""
    return Charge(account, count, NOISE, first)


def access(account: Account = TRAIN, count: int = 1) -> Charge:
    """Steps without privacy."""
    return Charge(account, count)


def processes(count: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Run `work(number, *arguments)` in processes that start together; what each returned."""
    barrier, results = FORK.Barrier(count), FORK.SimpleQueue()

    def body(number: int) -> None:
        barrier.wait(30)
        try:
            results.put((number, work(number, *arguments)))
        except BaseException as error:  # noqa: BLE001 - the parent waits for an answer
            results.put((number, error))

    started = [FORK.Process(target=body, args=(number,)) for number in range(count)]
    for process in started:
        process.start()
    found = dict(results.get() for _ in started)
    for process in started:
        process.join(30)
    for error in found.values():
        if isinstance(error, BaseException):
            raise error
    return [found[number] for number in range(count)]
