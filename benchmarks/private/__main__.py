"""What a private step costs over a plain one, beside Opacus: time of the processor, and memory.

    pip install opacus==1.6.0        # the peer; without it only Accord is measured
    python benchmarks/private [shape ...] [--only way ...] [--rounds n]

Every way runs in a process of its own, one step of each in turn; all keep the memory that they have
freed, as Accord's training does, and ask the system for none in a later step.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from accord.parallel.placement import keep_freed_memory  # noqa: E402
from benchmarks.private.arms import ARMS  # noqa: E402
from benchmarks.private.shapes import SHAPES  # noqa: E402

RESULT = ROOT / "benchmarks/results/private.json"


@dataclass(frozen=True)
class Way:
    """A way's steps in a process of its own: what another way leaves of the heap would change how
    many pages a step asks the system for.

    Args:
        process: Takes a step for every line that it reads, and one before; answers after each.
    """

    process: subprocess.Popen[str]

    @classmethod
    def of(cls, shape: str, arm: str) -> Way:
        """Once it has taken its first step.

        Raises:
            RuntimeError: The way does not run.
        """
        command = [sys.executable, __file__, shape, "--only", arm, "--steps"]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        way = cls(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True, cwd=ROOT)
        )
        way.told()
        return way

    def told(self) -> tuple[float, int]:
        """Seconds of the processor in the last step, and most bytes so far."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline() or '{"failed": "it ended without a word"}'
        answer = json.loads(line)
        if "failed" in answer:
            self.process.wait()
            raise RuntimeError(answer["failed"])
        return answer["seconds"], answer["peak"]

    def step(self) -> tuple[float, int]:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.told()

    def end(self) -> None:
        self.process.communicate()


def answer(shape: str, arm: str) -> None:
    """A step, and one more for every line that is read."""
    one = SHAPES[shape]
    keep_freed_memory()
    try:
        step = ARMS[arm](one, one.build(), one.batch())
        step()
    except (ImportError, RuntimeError, NotImplementedError, ValueError) as error:
        print(json.dumps({"failed": f"{type(error).__name__}: {error}".split("\n")[0][:200]}))
        return
    seconds = 0.0
    while True:
        print(json.dumps({"seconds": seconds, "peak": peak_bytes()}), flush=True)
        if not sys.stdin.readline():
            return
        start = time.process_time()
        step()
        seconds = time.process_time() - start


def peak_bytes() -> int:
    """Most bytes this process has had; `ru_maxrss` would count those of the one it came from."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell the peak of a process's memory")


def measured(shape: str, rounds: int, arms: Sequence[str]) -> dict[str, Any]:
    """The figures of a shape, every one over the plain step's."""
    running: dict[str, Way] = {}
    failed: dict[str, str] = {}
    for arm in arms:
        try:
            running[arm] = Way.of(shape, arm)
        except RuntimeError as error:
            failed[arm] = str(error)
    taken = [{arm: way.step() for arm, way in running.items()} for _ in range(rounds)]
    for way in running.values():
        way.end()
    ways: dict[str, Any] = {}
    for arm in running:
        ways[arm] = {
            "rounds": rounds,
            "step_seconds": round(statistics.median(one[arm][0] for one in taken), 4),
            "time_over_plain": round(
                statistics.median(one[arm][0] / one["plain"][0] for one in taken), 3
            ),
            "memory_over_plain": round(taken[-1][arm][1] / taken[-1]["plain"][1], 3),
        }
    return {"shape": SHAPES[shape].title, "ways": ways, "failed": failed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", default=list(SHAPES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="+", choices=ARMS, default=list(ARMS), metavar="way")
    parser.add_argument("--steps", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.steps:
        answer(asked.shapes[0], asked.only[0])
        return
    arms = list(dict.fromkeys(["plain", *asked.only]))
    kept = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    for shape in asked.shapes:
        found = measured(shape, asked.rounds, arms)
        print(json.dumps({shape: found}, indent=1), flush=True)
        before = kept.get(shape, {"ways": {}, "failed": {}})
        for part in ("ways", "failed"):  # of ways that were not asked for, the last figures stay
            rest = {arm: one for arm, one in before[part].items() if arm not in arms}
            found[part] = rest | found[part]
        kept[shape] = found
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
