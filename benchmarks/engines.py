"""The engines of the data stage on the same work: time, processor time, peak memory.

    python benchmarks/engines.py --rows 100000              # here, processes, ray
    python benchmarks/engines.py --rows 1000000 --only here # memory of a stream

Each is a process of its own. The data are made: sentences of film reviews with their words in
another order, so `python examples/fetch film-reviews` comes first. Every engine has to make the
same data set, to the last byte. Results go to `benchmarks/results/engines.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/engines.json"
ENGINES: dict[str, dict[str, Any] | None] = {
    "here": None,
    "processes": {"kind": "processes", "workers": 2},
    "ray": {"kind": "ray", "workers": 2},
}
SMALL = {
    "model_type": "bert", "vocab_size": 2000, "hidden_size": 8, "num_attention_heads": 2,
    "num_hidden_layers": 1, "intermediate_size": 8,
}  # fmt: skip


def write(path: Path, rows: int) -> None:
    with (ROOT / "examples/film-reviews/data/reviews.csv").open(newline="") as stream:
        said = list(csv.DictReader(stream))
    chance = np.random.default_rng(0)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for i in range(rows):
            row = said[i % len(said)]
            words = row["text"].split()
            chance.shuffle(words)
            writer.writerow([" ".join([*words, str(i)]), row["label"]])


def prepare(name: str, folder: Path) -> None:
    """The data stage of one engine, in this process; prints the digest and the stage's seconds."""
    from accord.agreement.stage import grant
    from accord.artifact import Store
    from accord.data.stage import prepare as stage
    from accord.events import Log
    from accord.recipe.context import Context
    from accord.recipe.load import recipe_from

    data = {"agreement": "own", "train": "rows.csv", "text": "text", "label": "label"}
    tree = {
        "task": "text-classification",
        "model": {"config": SMALL},
        "data": data | {"max_tokens": 64, "engine": ENGINES[name]},
        "clean": {"text": {"html": True}, "duplicates": {"similarity": 0.8}},
        "protect": {"entities": "all"},
        "train": {"steps": 1},
    }
    recipe = recipe_from(tree, folder).recipe
    with tempfile.TemporaryDirectory(dir=folder) as place:
        run = Path(place)
        store = Store(run)
        context = Context(run, folder, store, "p" * 64, Log(), lambda: False)
        permit = grant(recipe, {}, context)
        began = time.perf_counter()
        context = Context(run, folder, store, "d" * 64, Log(), lambda: False)
        made = stage(recipe, {"permit": permit}, context)
        seconds = time.perf_counter() - began
        print(json.dumps({"digest": made.manifest.digest, "seconds": round(seconds, 1)}))


class Watch:
    """Peak memory of each process of a run, its processor time, of those that it starts too.

    Shared pages are counted once for each process that has them: the sum is an upper bound.
    """

    def __init__(self, pid: int) -> None:
        self.pid, self.peak, self.own = pid, 0, 0
        self.cpu: dict[int, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.2):
            total = 0
            try:
                first = psutil.Process(self.pid)
                for one in (first, *first.children(recursive=True)):
                    used = one.memory_info().rss
                    total += used
                    times = one.cpu_times()
                    self.cpu[one.pid] = times.user + times.system
                    self.own = max(self.own, used) if one.pid == self.pid else self.own
            except psutil.Error:
                continue
            self.peak = max(self.peak, total)

    def ended(self) -> dict[str, Any]:
        self._done.set()
        self._thread.join()
        return {
            "cpu_seconds": round(sum(self.cpu.values()), 1),
            "peak_bytes": self.peak,
            "peak_bytes_of_first": self.own,
        }


def measured(name: str, rows: int, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        said, _ = process.communicate()
    used = watch.ended()
    if process.returncode:
        sys.exit(process.returncode)
    return {"engine": name, "rows": rows, **json.loads(said.splitlines()[-1]), **used}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000])
    parser.add_argument("--only", nargs="*", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--one", choices=list(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        prepare(chosen.one, chosen.folder)
        return
    found: list[dict[str, Any]] = []
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as place:
            write(Path(place) / "rows.csv", rows)
            of_rows = [measured(name, rows, Path(place)) for name in chosen.only]
        for one in of_rows:
            print(json.dumps(one), flush=True)
        if len({one["digest"] for one in of_rows}) > 1:
            sys.exit("the engines made different data sets")
        found += of_rows
    told = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else []
    new = {(one["engine"], one["rows"]) for one in found}
    told = [one for one in told if (one["engine"], one["rows"]) not in new] + found
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
