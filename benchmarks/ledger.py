"""Charges a second with eight writer processes, kills, and the time to open and verify.

A charge is one confirmed, durable event that binds budget: a reservation, or a mark that moves.
Each writer's runs reserve 1,000 private steps on one data set and an access to another, all or
none, and spend them in ten chunks. `--kills` kills writers at random moments and checks after each
that nothing confirmed is lost and nothing overspent.

    python benchmarks/ledger.py --writers 8 --seconds 10 --kills 200
    python benchmarks/ledger.py --ledger postgresql://user@host/database
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from accord.accounting.curve import step_curve  # noqa: E402
from accord.accounting.mechanism import Mechanism  # noqa: E402
from accord.agreement.ledger.account import Account, Cap  # noqa: E402
from accord.agreement.ledger.lease import Charge  # noqa: E402
from accord.agreement.ledger.ledger import Ledger  # noqa: E402
from accord.agreement.ledger.verify import verify  # noqa: E402

LETTERS, SCANS = Account("clinic", "letters"), Account("clinic", "scans")
NOISE = Mechanism(40.0, 0.001)
STEPS, CHUNKS = 1000, 10
ROUNDS = 10
FORK = multiprocessing.get_context("fork")


def write(location: str, seconds: float, ready: Any, results: Any) -> None:
    """One writer: how many charges were confirmed, and how long each took, in seconds."""
    waited: list[float] = []
    with Ledger.open(location, access="write") as ledger:
        ready.wait()
        until = time.perf_counter() + seconds
        charges = [Charge(LETTERS, STEPS, NOISE), Charge(SCANS, STEPS)]
        while time.perf_counter() < until:
            began = time.perf_counter()
            lease = ledger.reserve(f"{os.getpid()}-{len(waited)}", charges)
            waited.append(time.perf_counter() - began)
            for chunk in range(CHUNKS):
                began = time.perf_counter()
                lease = ledger.spend(lease, STEPS // CHUNKS * (chunk + 1))
                waited.append(time.perf_counter() - began)
            ledger.settle(lease)
    results.put(waited)


def throughput(location: str, writers: int, seconds: float) -> dict[str, float]:
    """Charges a second of all writers together, and what one waits, in milliseconds."""
    with Ledger.open(location) as ledger:
        ledger.declare(LETTERS, Cap(50.0, 1e-6))
        ledger.declare(SCANS, Cap())
    step_curve(NOISE)  # computed once, before the processes part
    ready, results = FORK.Barrier(writers), FORK.SimpleQueue()
    started = [
        FORK.Process(target=write, args=(location, seconds, ready, results)) for _ in range(writers)
    ]
    for process in started:
        process.start()
    waited = sorted(each for _ in started for each in results.get())
    for process in started:
        process.join()
    return {
        "writers": writers,
        "charges_per_second": len(waited) / seconds,
        "p50_ms": waited[len(waited) // 2] * 1000,
        "p95_ms": waited[int(len(waited) * 0.95)] * 1000,
        "p99_ms": waited[int(len(waited) * 0.99)] * 1000,
    }


def reading(location: str) -> dict[str, float]:
    """Seconds to open the ledger, and to verify all of it."""
    began = time.perf_counter()
    ledger = Ledger.open(location, access="read")
    opened = time.perf_counter() - began
    began = time.perf_counter()
    found = verify(ledger.entries())
    verified = time.perf_counter() - began
    ledger.close()
    return {"entries": found.head.number, "open_seconds": opened, "verify_seconds": verified}


def kills(folder: Path, count: int, writers: int = 4) -> dict[str, int]:
    """Kill writers at random moments; raises if anything confirmed is lost or overspent.

    A ledger serves `ROUNDS` rounds: in the first there is budget left, in the last there is not.
    """
    from tests.agreement.ledger import killing, ledgers

    step_curve(ledgers.NOISE)
    draw, done, confirmed, refused, runs = random.Random(0), 0, 0, 0, 0
    while done < count:
        location = str(folder / f"kills-{done}.db")
        killing.declare(location)
        for _ in range(ROUNDS):
            told = killing.kill_round(location, writers, draw)
            last = killing.check(location, told)
            done += writers
            confirmed += sum(what != "refused" for what, _, _ in told)
            refused += sum(what == "refused" for what, _, _ in told)
        runs += last
    found = {"kills": done, "confirmed_charges": confirmed, "refused": refused, "runs": runs}
    return found | {"lost": 0, "overspent": 0}


def main() -> None:
    """Run, print, write results/ledger.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--ledger", help="an empty PostgreSQL database; else a SQLite file")
    asked = parser.parse_args()
    results: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "store": "postgresql" if asked.ledger else "sqlite",
        "throughput": [],
    }
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        for number, writers in enumerate(asked.writers):
            location = asked.ledger or f"{name}/{number}.db"
            found = throughput(location, writers, asked.seconds)
            results["throughput"].append(found)
            print(json.dumps(found), flush=True)
        results["reading"] = reading(location)
        print(json.dumps(results["reading"]), flush=True)
        if asked.kills and not asked.ledger:
            results["kills"] = kills(Path(name), asked.kills)
            print(json.dumps(results["kills"]), flush=True)
    target = ROOT / "benchmarks/results/ledger.json"
    target.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
