"""What a laptop does without a tensor library: measured by what a fresh interpreter has loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "transformers", "peft", "sklearn", "datasets", "pandas")
RECIPE = """\
task: table-classification
model:
  config: {model_type: accord-ft-transformer}
data:
  agreement: own
  train: rows.csv
  numeric: [height]
  label: kind
"""


def _loaded(program: str, cwd: Path) -> set[str]:
    """The heavy libraries that a program has loaded when it ends, exit included."""
    report = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('heavy:', *sorted(set({HEAVY}) & set(sys.modules))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", report + program], cwd=cwd, capture_output=True, text=True
    )
    assert "heavy:" in done.stdout, done.stderr
    return set(done.stdout.rpartition("heavy:")[2].split())


@pytest.mark.parametrize(
    "program",
    [
        "import accord, accord.run, accord.agreement.stage",
        "import accord; accord.load_recipe('recipe.yaml'); accord.train; accord.check",
        "from accord.cli.app import main; main(['--help'])",
        "from accord.cli.app import main; main(['train', '--help'])",
        "from accord.cli.app import main; main(['schema'])",
    ],
)
def test_no_tensor_library(program: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    assert _loaded(program, tmp_path) == set()


def test_check_needs_no_tensor_library(tmp_path: Path) -> None:
    rows = "".join(f"{100 + i},{'tall' if i % 2 else 'short'}\n" for i in range(60))
    (tmp_path / "rows.csv").write_text("height,kind\n" + rows, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    program = "from accord.cli.app import main; main(['check', 'recipe.yaml'])"
    assert _loaded(program, tmp_path) == set()
