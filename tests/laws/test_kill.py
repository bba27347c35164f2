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
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.verify import verify
from tests.laws.private_runs import lay_out

ROWS = 160

IMPORTED = ("accord.run", "accord.train.stage", "accord.evaluate.stage", "transformers", "sympy",
            "scipy.stats", "sklearn.linear_model", "transformers.models.bert.modeling_bert",
            "tests.laws.private_runs", "dp_accounting",
            "accord.agreement.ledger.ledger")  # fmt: skip
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


def train_privately(place: Path, output: str, resume: bool) -> None:
    from accord.train import releases
    from tests.laws.private_runs import recipe, trained

    os.environ["ACCORD_LEDGER"] = str(place / "ledger.db")
    releases.token_bytes = lambda size: b"\7" * size  # type: ignore[assignment]
    trained(place, output, recipe(place, "a.yaml", noise_multiplier=6), resume=resume)


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
    for attempt in range(5):
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
def test_a_private_run_killed_is_charged_once_and_draws_the_same_noise(
    tmp_path: Path, context: ForkServerContext
) -> None:
    place = lay_out(tmp_path)

    def start(output: str, resume: bool = False) -> ForkServerProcess:
        process = context.Process(target=train_privately, args=(place, output, resume))
        process.start()
        return process

    whole = start("whole")
    whole.join(120)
    with Ledger.open(place / "ledger.db") as ledger:
        ((mechanism, once),) = ledger.balance(Account("a", "a")).charged
    process = start("killed")
    while process.exitcode is None and '"step": 5, "steps"' not in _read(place / "killed"):
        time.sleep(0.002)
    process.kill()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    last = start("killed", resume=True)
    last.join(120)
    assert (whole.exitcode, last.exitcode) == (0, 0)
    assert weights(place, "killed") == weights(place, "whole")
    with Ledger.open(place / "ledger.db") as ledger:
        verify(ledger.entries())
        balance = ledger.balance(Account("a", "a"))
    assert balance.charged == balance.spent == ((mechanism, 2 * once),)


def _read(run: Path) -> str:
    log = run / "events.jsonl"
    return log.read_text("utf-8") if log.is_file() else ""


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
