"""The run's log: one JSON line an event, flushed as it happens, and the sinks that listen."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol


class Sink(Protocol):
    """Something that hears every event: a terminal, TensorBoard, MLflow."""

    def __call__(self, event: Mapping[str, Any]) -> None: ...


class Log:
    """Append-only events in `events.jsonl`; safe to call from any thread.

    Args:
        path: The file to append to, or None to only inform the sinks.
        sinks: Called in order with every event.
    """

    def __init__(self, path: Path | None = None, sinks: Sequence[Sink] = ()) -> None:
        self.sinks = tuple(sinks)
        self._lock = threading.Lock()
        self._stream = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _end_torn_line(path)
            self._stream = path.open("a", encoding="utf-8")

    def emit(self, event: str, **fields: Any) -> None:
        """Record an event. `fields` are JSON values; non-finite floats become null."""
        record: dict[str, Any] = {"time": time.time(), "event": event, **fields}
        with self._lock:
            if self._stream is not None:
                self._stream.write(json.dumps(_finite(record), ensure_ascii=False) + "\n")
                self._stream.flush()
            for sink in self.sinks:
                sink(record)

    def close(self) -> None:
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None


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
