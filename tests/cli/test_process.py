"""The command as the process that a shell starts; other tests of verbs stay in one process."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import accord_apart


def test_a_mistake_ends_with_its_exit_code_and_one_block_on_stderr(tmp_path: Path) -> None:
    done = accord_apart("check", "nowhere.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error[")
    assert "Traceback" not in done.stderr


def test_what_is_asked_for_goes_to_stdout(tmp_path: Path) -> None:
    done = accord_apart("--version", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("accord ")
