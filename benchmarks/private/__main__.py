"""What a private step costs over a plain one, beside Opacus: time of the processor, and memory.

    pip install opacus==1.6.0        # the peer; without it only Accord is measured
    python benchmarks/private [shape ...]

Every way is timed in the same process, one step of each in turn; memory in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from benchmarks.private.arms import ARMS, Step  # noqa: E402
from benchmarks.private.shapes import SHAPES  # noqa: E402

RESULT = ROOT / "benchmarks/results/private.json"


def made(shape: str, arm: str) -> Step:
    """A way's step, once run."""
    one = SHAPES[shape]
    step = ARMS[arm](one, one.build(), one.batch())
    step()
    return step


def timed(shape: str, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """CPU seconds of every way's steps, and why a way does not run."""
    steps: dict[str, Step] = {}
    failed: dict[str, str] = {}
    for arm in ARMS:
        try:
            steps[arm] = made(shape, arm)
        except (ImportError, RuntimeError, NotImplementedError, ValueError) as error:
            failed[arm] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    spent: dict[str, list[float]] = {arm: [] for arm in steps}
    for _ in range(rounds):
        for arm, step in steps.items():
            start = time.process_time()
            step()
            spent[arm].append(time.process_time() - start)
    return spent, failed


def peak_bytes() -> int:
    """Most bytes this process has had; `ru_maxrss` would count those of the one it came from."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell the peak of a process's memory")


def memory(shape: str, arm: str) -> int | None:
    """Most bytes of a process that takes two steps."""
    command = [sys.executable, __file__, shape, "--memory", arm]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return None if done.returncode else int(done.stdout.splitlines()[-1])


def measured(shape: str, rounds: int) -> dict[str, Any]:
    """The figures of a shape, every one over the plain step's."""
    spent, failed = timed(shape, rounds)
    peaks = {arm: memory(shape, arm) for arm in spent}
    plain = peaks["plain"]
    assert plain is not None
    ways: dict[str, Any] = {}
    for arm, own in spent.items():
        ratios = [a / b for a, b in zip(own, spent["plain"], strict=True)]
        peak = peaks[arm]
        ways[arm] = {
            "step_seconds": round(statistics.median(own), 4),
            "time_over_plain": round(statistics.median(ratios), 3),
            "memory_over_plain": None if peak is None else round(peak / plain, 3),
        }
    return {"shape": SHAPES[shape].title, "rounds": rounds, "ways": ways, "failed": failed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", default=list(SHAPES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.memory:
        made(asked.shapes[0], asked.memory)()
        print(peak_bytes())
        return
    kept = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    for shape in asked.shapes:
        kept[shape] = measured(shape, asked.rounds)
        print(json.dumps({shape: kept[shape]}, indent=1), flush=True)
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
