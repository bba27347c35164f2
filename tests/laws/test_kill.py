"""A run killed at any moment goes on bit for bit: the same weights as if never stopped."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest

import accord

ROWS = 240

IMPORTED = ("accord.run", "accord.train.stage", "accord.evaluate.stage", "transformers", "sympy",
            "scipy.stats", "sklearn.linear_model")  # fmt: skip
"""Imported once by the server from which the processes fork: an import takes longer than a kill."""

RECIPE = """
task: table-classification
model:
  config: {hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2}
data:
  agreement: own
  train: rows.csv
  numeric: [a, b, c]
  categorical: [kind]
  label: label
train:
  epochs: 10
  batch_size: 8
  precision: fp32
  ema: 0.99
  schedule: cosine
  seed: 3
evaluate: {baseline: false, resamples: 0}
machine: {threads: 1, checkpoint_every: 0.005, log_every: 50}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    draw = random.Random(0)
    lines = ["a,b,c,kind,label"]
    for _ in range(ROWS):
        a, b, c = (draw.gauss(0, 1) for _ in range(3))
        kind = draw.choice("xyz")
        lines.append(
            f"{a:.4f},{b:.4f},{c:.4f},{kind},{'yes' if a + b * (kind == 'x') > 0 else 'no'}"
        )
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def context() -> Generator[ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    yield context
    context.set_forkserver_preload([])


def train(project: Path, output: str, resume: bool) -> None:
    os.chdir(project)
    with Path(f"{output}.err").open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    accord.train("recipe.yaml", output=output, resume=resume)


def weights(project: Path, output: str) -> str:
    content = (project / output / "model" / "model.safetensors").read_bytes()
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_killed_at_random_points(project: Path, context: ForkServerContext) -> None:
    def start(output: str, resume: bool) -> ForkServerProcess:
        process = context.Process(target=train, args=(project, output, resume))
        process.start()
        return process

    def wait(process: ForkServerProcess) -> int | None:
        process.join(120)
        return process.exitcode

    assert wait(start("whole", resume=False)) == 0
    draw = random.Random(7)
    kills = 0
    for attempt in range(12):
        process = start("killed", resume=attempt > 0)
        checkpoints = project / "killed" / "checkpoints"
        before = {path.name for path in checkpoints.glob("step-*")}
        give_up = time.monotonic() + 60
        while process.exitcode is None and time.monotonic() < give_up:
            # Into training first, then a random moment later: also while a checkpoint is written.
            if {path.name for path in checkpoints.glob("step-*")} - before:
                time.sleep(draw.uniform(0, 0.4))
                process.kill()
                kills += 1
                break
            time.sleep(0.005)
        if wait(process) == 0:
            break
    if not (project / "killed" / "model").is_dir():
        assert wait(start("killed", resume=True)) == 0
    assert kills >= 3
    assert weights(project, "killed") == weights(project, "whole")
    summaries = [
        json.loads((project / name / "summary.json").read_text("utf-8"))
        for name in ("whole", "killed")
    ]
    assert summaries[0]["metrics"] == summaries[1]["metrics"]
    assert summaries[0]["efficiency"]["steps"] == summaries[1]["efficiency"]["steps"]


@pytest.mark.slow
def test_sigterm_saves_and_exits_130(project: Path) -> None:
    command = [sys.executable, "-m", "accord.cli.app", "train", "recipe.yaml", "--output", "run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, cwd=project, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    while process.poll() is None and not any((project / "run/checkpoints").glob("step-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert b"--resume" in errors
    assert json.loads((project / "run/summary.json").read_text("utf-8"))["status"] == "interrupted"
    done = subprocess.run([*command, "--resume"], cwd=project, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
