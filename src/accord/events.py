"""The run's log: one JSON line an event, flushed as it happens, and the sinks that listen."""

from __future__ import annotations

import json
import math
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, Protocol

CREDENTIALS = re.compile(r"//[^/\s@]*@")


class Sink(Protocol):
    """Something that hears every event: a terminal, TensorBoard, MLflow."""

    def __call__(self, event: Mapping[str, Any]) -> None: ...


class Log:
    """Append-only events in `events.jsonl`; safe to call from any thread.

    Args:
        path: The file to append to, or None to only inform the sinks.
        sinks: Called in order with every event. One that fails is told of on stderr and left out
            from then on: no server that is down may end hours of training.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, path: Path | None = None, sinks: Sequence[Sink] = ()) -> None:
        self.sinks = tuple(sinks)
        self._lock = threading.Lock()
        self._stream = None
        self._fields: Mapping[str, Any] = {}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _end_torn_line(path)
            self._stream = path.open("a", encoding="utf-8")

    def emit(self, event: str, **fields: Any) -> None:
        """Record an event. `fields` are JSON values; non-finite floats become null."""
        record: dict[str, Any] = {"time": time.time(), "event": event, **self._fields, **fields}
        with self._lock:
            self._record(record)

    def within(self, **fields: Any) -> Log:
        """The same log for a part of the work: its events carry these fields too."""
        part = copy(self)
        part._fields = {**self._fields, **fields}
        return part

    def _record(self, record: Mapping[str, Any]) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(_finite(record), ensure_ascii=False) + "\n")
            self._stream.flush()
        told = [(sink, _told(sink, record)) for sink in self.sinks]
        self.sinks = tuple(sink for sink, error in told if error is None)
        for sink, error in told:
            if error is not None:
                _warn(sink, error)
                self._record(_dropped(sink, error))

    def close(self) -> None:
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None


def _told(sink: Sink, record: Mapping[str, Any]) -> Exception | None:
    """Tell a sink of an event; what went wrong, if anything."""
    try:
        sink(record)
    except Exception as error:  # noqa: BLE001 - a sink calls libraries and networks
        return error
    return None


def _warn(sink: Sink, error: Exception) -> None:
    words = CREDENTIALS.sub("//", " ".join(str(error).split()))[:200]
    told = (
        f"warning: the sink {_name(sink)} failed and is left out: {type(error).__name__}: {words}"
    )
    with suppress(OSError, ValueError):  # stderr may be closed
        print(told, file=sys.stderr)


def _dropped(sink: Sink, error: Exception) -> dict[str, Any]:
    """The event of it, without the error's words: they may hold a key."""
    found = {"sink": _name(sink), "reason": type(error).__name__}
    return {"time": time.time(), "event": "sink_dropped", **found}


def _name(sink: Sink) -> str:
    """Of the part or class that a sink was made by."""
    return getattr(sink, "__qualname__", type(sink).__qualname__).partition(".")[0]


def read_events(path: Path, event: str | None = None) -> Iterator[dict[str, Any]]:
    """The events of a file in order; a line torn by a kill is passed over."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(record, dict) and (event is None or record.get("event") == event):
                yield record


def _end_torn_line(path: Path) -> None:
    if path.is_file() and path.stat().st_size:
        with path.open("rb+") as stream:
            stream.seek(-1, 2)
            if stream.read(1) != b"\n":
                stream.write(b"\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value
