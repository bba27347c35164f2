"""Time by phase and by step, kept across resumptions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

PHASES = ("data", "forward_backward", "optimizer", "checkpoint", "evaluation")


class Clock:
    """Seconds of each phase and of each step; totals of work done.

    Totals of earlier sessions come from the checkpoint together with *their* seconds, so a rate
    after a resume is never inflated by counting old work in new time
    (huggingface/transformers#41156).
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self.steps: list[float] = []
        self.work: dict[str, float] = dict.fromkeys(("rows", "tokens", "padded_tokens", "flops"), 0.0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    def count(self, **work: float) -> None:
        for name, amount in work.items():
            self.work[name] += amount

    def state(self) -> dict[str, Any]:
        return {"seconds": dict(self.seconds), "steps": list(self.steps), "work": dict(self.work)}

    def load(self, state: dict[str, Any]) -> None:
        self.seconds = dict(state["seconds"])
        self.steps = list(state["steps"])
        self.work = dict(state["work"])

    def summary(self) -> dict[str, Any]:
        """Rates over the seconds spent in steps (data, forward, backward, optimizer)."""
        training = sum(self.seconds[name] for name in ("data", "forward_backward", "optimizer"))
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
