"""A sink that fails is left out and training goes on; the run's own record must not fail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from accord.events import Log, read_events
from accord.part import find


class _Failing:
    """Fails from its second event on."""

    def __init__(self, reason: str) -> None:
        self.reason, self.heard = reason, 0

    def __call__(self, event: Mapping[str, Any]) -> None:
        self.heard += 1
        if self.heard > 1:
            raise ConnectionError(self.reason)


def test_a_failing_sink_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failing, heard = _Failing("refused by https://ada:hunter22@host/api\nand more"), list[str]()
    log = Log(tmp_path / "events.jsonl", [failing, lambda event: heard.append(event["event"])])
    for step in range(4):
        log.emit("step", step=step)
    log.close()
    assert failing.heard == 2
    assert heard == ["step", "step", "sink_dropped", "step", "step"]
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert errors.startswith("warning: the sink _Failing failed") and "ConnectionError" in errors
    assert "hunter22" not in errors and "hunter22" not in (tmp_path / "events.jsonl").read_text()
    assert [e["step"] for e in read_events(tmp_path / "events.jsonl", "step")] == [0, 1, 2, 3]
    (dropped,) = read_events(tmp_path / "events.jsonl", "sink_dropped")
    assert (dropped["sink"], dropped["reason"]) == ("_Failing", "ConnectionError")


def test_sinks_may_fail_together(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(None, [_Failing("a"), _Failing("b")])
    for step in range(3):
        log.emit("step", step=step)
    assert log.sinks == () and capsys.readouterr().err.count("warning") == 2


def test_the_runs_own_record_fails_loudly() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is always full")
    with pytest.raises(OSError, match="No space"):
        Log(full).emit("start")


def test_stopping_is_no_failure_of_a_sink() -> None:
    def interrupted(event: Mapping[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Log(None, [interrupted]).emit("start")


def test_mlflow_without_its_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 9 refuses; the run goes on, its own record whole."""
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    part = find("sink", "mlflow")
    spec = part.spec.model_validate({"kind": "mlflow", "uri": "http://ada:hunter22@127.0.0.1:9"})
    sink = part(spec, tmp_path)
    log = Log(tmp_path / "events.jsonl", [sink])
    log.emit("start", task="text-classification", accord="1")
    log.emit("end", status="complete")
    log.close()
    errors = capsys.readouterr().err
    assert "warning: the sink mlflow failed" in errors and "hunter22" not in errors
    assert [e["event"] for e in read_events(tmp_path / "events.jsonl")] == [
        "start",
        "sink_dropped",
        "end",
    ]
