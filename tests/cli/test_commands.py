from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import accord, python
from tests.recipe.recipes import SMALLEST, written

HEAVY = ("torch", "transformers", "sklearn", "pyarrow", "pydantic", "numpy", "ruamel")


def test_help_loads_nothing_heavy() -> None:
    found = python(
        "import sys\n"
        "from accord.cli.app import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert found.stdout.splitlines()[-1] == "[]", found.stdout
    assert "compare" in found.stdout


def test_importing_accord_loads_nothing_heavy_and_knows_its_version() -> None:
    found = python(
        "import sys, accord\n"
        "print(accord.__version__, accord.train.__name__, callable(accord.evaluate))\n"
        "print('torch' in sys.modules)"
    )
    assert found.stdout.split() == ["0.1.0", "train", "True", "False"], found.stderr


def test_the_stage_package_does_not_hide_the_function() -> None:
    found = python(
        "import accord, accord.train as package\n"
        "try: accord.train('nowhere.yaml')\n"
        "except accord.AccordError as error: print(error.code)\n"
        "print(package.__path__ is not None)"
    )
    assert found.stdout.split() == ["recipe-missing", "True"], found.stderr


def test_several_mistakes_come_as_blocks_on_stderr_and_exit_2(tmp_path: Path) -> None:
    text = SMALLEST.replace("label: label", "lable: label") + "train: {num_train_epochs: 3}\n"
    found = accord(
        "check", written(tmp_path, text), "--set", "machine.device=cpu", "-s", "train.sed=1"
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    assert found.stderr.count("error[recipe-unknown-key]") == 3
    for fix in ("did you mean `label`?", "here it is called `epochs`", "did you mean `seed`?"):
        assert fix in found.stderr
    assert "recipe.yaml:8:3" in found.stderr


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path) -> None:
    for arguments in (("--debug", "train", "no.yaml"), ("train", "no.yaml", "--debug")):
        found = accord(*arguments, folder=tmp_path)
        assert found.returncode == 2
        assert "Traceback" in found.stderr
        assert "error[recipe-missing]" in found.stderr


@pytest.mark.parametrize(
    "arguments",
    [("train",), ("nothing",), ("train", "r.yaml", "--nope"), ("init", "no-task"), ("compare",)],
)
def test_wrong_arguments_exit_2(arguments: tuple[str, ...]) -> None:
    found = accord(*arguments)
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("raised", "status", "shown"),
    [
        ("ValueError('cell content')", 1, "a fault of ours: ValueError"),
        ("OSError(28, 'No space left on device')", 1, "No space left on device"),
        ("KeyboardInterrupt()", 130, "interrupted"),
        ("errors.AgreementError('no', code='a')", 3, "error[a]: no"),
        ("errors.BudgetError('no', code='b')", 4, "error[b]: no"),
        ("errors.IntegrityError('no', code='c')", 5, "error[c]: no"),
        ("errors.Interrupted('no', code='d')", 130, "error[d]: no"),
        ("errors.Problems([errors.DataError('x', code='e'), errors.AgreementError('y', code='f')])",
         3, "error[f]: y"),
    ],
)  # fmt: skip
def test_exit_codes(raised: str, status: int, shown: str) -> None:
    found = python(
        "from accord import errors\n"
        "from accord.cli.failure import failing\n"
        f"with failing(debug=False): raise {raised}"
    )
    assert found.returncode == status
    assert shown in found.stderr
    assert "cell content" not in found.stderr
    assert "Traceback" not in found.stderr


def test_schema_is_json_on_stdout_and_in_a_file(tmp_path: Path) -> None:
    found = json.loads(accord("schema").stdout)
    assert found["title"] == "Accord recipe"
    accord("schema", "--output", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text("utf-8")) == found


def test_doctor_tells_versions_threads_and_telemetry() -> None:
    found = json.loads(accord("doctor", "--json").stdout)
    assert found["accord"]["version"] == "0.1.0"
    assert found["machine"]["threads"] >= 1
    assert found["telemetry"]["HF_HUB_DISABLE_TELEMETRY"] == "off"
    assert set(found["extras"]) >= {"train", "image", "hub"}


def test_completion_is_offered() -> None:
    assert "--install-completion" in accord("--help").stdout


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    for verb in (("report", tmp_path), ("compare", tmp_path, tmp_path)):
        found = accord(*verb)
        assert (found.returncode, "error[run-missing]" in found.stderr) == (2, True), found.stderr
    found = accord("predict", tmp_path, "text")
    assert (found.returncode, "error[model-missing]" in found.stderr) == (2, True)


def test_resume_without_a_run_says_so(tmp_path: Path) -> None:
    found = accord("train", written(tmp_path), "--resume", folder=tmp_path)
    assert (found.returncode, "error[run-missing]" in found.stderr) == (2, True)
