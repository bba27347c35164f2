"""What this machine has, without starting a tensor library."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

INTERESTING = frozenset(("avx2", "avx512f", "avx512_bf16", "amx_bf16"))


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Processor, threads and memory (bytes); `accelerator` is None without one.

    `flags` are the processor's features that matter here, as Linux names them; `processes`, each on
    such a machine, divide a model's weights where a recipe wants that.
    """

    processor: str
    flags: frozenset[str]
    threads: int
    memory: int
    free: int
    accelerator: str | None
    accelerator_memory: int
    processes: int = 1


def this_machine() -> MachineFacts:
    """The facts, read from the operating system and the GPU driver."""
    import psutil

    memory = psutil.virtual_memory()
    gpu = _cuda() or _apple(memory.total)
    return MachineFacts(
        processor=_cpuinfo("model name") or platform.processor() or platform.machine(),
        flags=frozenset(_cpuinfo("flags").split()) & INTERESTING,
        threads=_threads(),
        memory=int(memory.total),
        free=int(memory.available),
        accelerator=gpu[0] if gpu else None,
        accelerator_memory=gpu[1] if gpu else 0,
    )


def measured_flops() -> float:
    """FLOPs per second of this CPU in fp32: the best of many small matrix products, 0.03 s in
    all, on one core, times the cores.

    Small, because BLAS computes those on one core: with all cores, whatever else runs here would
    be measured too. The best, because other processes only ever slow one down.
    """
    import numpy as np

    side, count = 64, 32
    a = np.ones((count, side, side), dtype=np.float32)
    product = np.empty_like(a)
    best, began = 0.0, time.perf_counter()
    while time.perf_counter() - began < 0.03:
        before = time.perf_counter()
        np.matmul(a, a, out=product)
        best = max(best, count * 2.0 * side**3 / (time.perf_counter() - before))
    return best * _threads()


def _threads() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpuinfo(name: str) -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(name):
                return line.partition(":")[2].strip()
    return ""


def _cuda() -> tuple[str, int] | None:
    """Name and memory of the first GPU, asked of NVIDIA's driver library."""
    try:
        driver = ctypes.CDLL("libcuda.so.1" if sys.platform == "linux" else "nvcuda.dll")
    except OSError:
        return None
    name, size = ctypes.create_string_buffer(128), ctypes.c_size_t()
    asked = (
        driver.cuInit(0),
        driver.cuDeviceGetName(name, 128, 0),
        driver.cuDeviceTotalMem_v2(ctypes.byref(size), 0),
    )
    return (name.value.decode(errors="replace"), size.value) if not any(asked) else None


def _apple(memory: int) -> tuple[str, int] | None:
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "Apple GPU (shared memory)", memory
    return None
