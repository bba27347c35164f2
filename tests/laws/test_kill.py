"""A run killed at any moment goes on bit for bit: the same weights as if never stopped."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROWS = 240

SCRIPT = """
import sys
from pathlib import Path
import accord
recipe, output, resume = sys.argv[1], sys.argv[2], sys.argv[3] == "resume"
accord.train(recipe, output=output, resume=resume)
"""

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
  epochs: 30
  batch_size: 8
  precision: fp32
  ema: 0.99
  schedule: cosine
  seed: 3
evaluate: {baseline: false, resamples: 0}
machine: {threads: 1, checkpoint_every: 0.02, log_every: 50}
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
    (tmp_path / "train.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def start(project: Path, output: str, resume: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "train.py", "recipe.yaml", output, "resume" if resume else "new"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with (project / f"{output}.err").open("ab") as errors:
        return subprocess.Popen(command, cwd=project, env=environment, stderr=errors)


def weights(project: Path, output: str) -> str:
    content = (project / output / "model" / "model.safetensors").read_bytes()
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_killed_at_random_points(project: Path) -> None:
    assert start(project, "whole", resume=False).wait() == 0
    draw = random.Random(7)
    kills = 0
    for attempt in range(12):
        process = start(project, "killed", resume=attempt > 0)
        checkpoints = project / "killed" / "checkpoints"
        before = {path.name for path in checkpoints.glob("step-*")}
        give_up = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < give_up:
            # Into training first, then a random moment later: also while a checkpoint is written.
            if {path.name for path in checkpoints.glob("step-*")} - before:
                time.sleep(draw.uniform(0, 0.4))
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.005)
        if process.wait() == 0:
            break
    if not (project / "killed" / "model").is_dir():
        assert start(project, "killed", resume=True).wait() == 0
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
