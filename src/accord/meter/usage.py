"""CPU, memory, GPU and energy while a block runs, sampled by a thread."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import torch

RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


class Usage:
    """Samples this process and its device every half second.

    `cpu_percent` is of all cores the process may use (100 = all busy); `energy_joules` is the
    CPU package's counter where it can be read, else None.
    """

    def __init__(self, device: torch.device, threads: int) -> None:
        self.device, self.threads = device, threads
        self.peak_memory = 0
        self.gpu: list[float] = []
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="accord-usage")

    def __enter__(self) -> Usage:
        self._cpu_start = sum(self._process.cpu_times()[:2])
        self._wall_start = time.perf_counter()
        self._energy_start = _energy()
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def summary(self) -> dict[str, Any]:
        busy = sum(self._process.cpu_times()[:2]) - self._cpu_start
        wall = max(time.perf_counter() - self._wall_start, 1e-9)
        energy = _energy()
        used = energy is not None and self._energy_start is not None
        cuda = self.device.type == "cuda"
        return {
            "peak_memory_bytes": max(self.peak_memory, self._process.memory_info().rss),
            "cpu_percent": min(100.0, 100 * busy / wall / self.threads),
            "gpu_percent": sum(self.gpu) / len(self.gpu) if self.gpu else None,
            "gpu_memory_bytes": torch.cuda.max_memory_allocated(self.device) if cuda else None,
            "energy_joules": (energy - self._energy_start) / 1e6 if used else None,  # type: ignore[operator]
        }

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak_memory = max(self.peak_memory, self._process.memory_info().rss)
            if self.device.type == "cuda":
                self.gpu.append(float(torch.cuda.utilization(self.device)))


def _energy() -> int | None:
    try:
        return int(RAPL.read_text())
    except (OSError, ValueError):
        return None
