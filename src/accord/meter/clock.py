"""Time by phase and by step, kept across resumptions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

TRAINING = ("data", "forward", "backward", "optimizer")
PHASES = (*TRAINING, "checkpoint", "evaluation")


class Clock:
    """Seconds of each phase and of each step; totals of work done.

    Totals of earlier sessions come from the checkpoint together with *their* seconds, so a rate
    after a resume is never inflated by counting old work in new time
    (huggingface/transformers#41156).
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self.steps: list[float] = []
        self._began = time.perf_counter()
        self._recent: deque[tuple[float, dict[str, float]]] = deque(maxlen=21)
        self.work: dict[str, float] = dict.fromkeys(
            ("rows", "tokens", "padded_tokens", "flops"), 0.0
        )

    @contextmanager
    def phase(self, name: str) -> Generator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    def step(self, seconds: float, **work: float) -> None:
        """One optimizer step done: its seconds and the work in it."""
        self.steps.append(seconds)
        self._recent.append((time.perf_counter(), work))
        for name, amount in work.items():
            self.work[name] += amount

    def recent(self) -> dict[str, float]:
        """Rates over the last steps of this session, for a line on the screen."""
        seconds = max(self._recent[-1][0] - self._began, 1e-9)
        if len(self._recent) > 1:
            seconds = max(self._recent[-1][0] - self._recent[0][0], 1e-9)
        counted = list(self._recent)[1:] or list(self._recent)
        return {
            "steps_per_second": len(counted) / seconds,
            "samples_per_second": sum(work["rows"] for _, work in counted) / seconds,
            "tokens_per_second": sum(work["tokens"] for _, work in counted) / seconds,
        }

    def state(self) -> dict[str, Any]:
        return {"seconds": dict(self.seconds), "steps": list(self.steps), "work": dict(self.work)}

    def load(self, state: dict[str, Any]) -> None:
        self.seconds = dict(state["seconds"])
        self.steps = list(state["steps"])
        self.work = dict(state["work"])

    def summary(self) -> dict[str, Any]:
        """Rates over the seconds spent in steps of training."""
        training = sum(self.seconds[name] for name in TRAINING)
        per_second = 1 / training if training else 0.0
        p50, p95 = np.percentile(self.steps, (50, 95)) if self.steps else (0.0, 0.0)
        padded = self.work["padded_tokens"]
        return {
            "train_seconds": sum(self.seconds.values()),
            "steps": len(self.steps),
            "steps_per_second": len(self.steps) * per_second,
            "step_seconds": {"p50": float(p50), "p95": float(p95)},
            "samples_per_second": self.work["rows"] * per_second,
            "tokens_per_second": self.work["tokens"] * per_second,
            "padding_share": 1 - self.work["tokens"] / padded if padded else 0.0,
            "phases": dict(self.seconds),
            "flops": self.work["flops"],
            "flops_per_second": self.work["flops"] * per_second,
        }
