"""Several processes as one team, over `torch.distributed`: data parallel, as DDP is.

Every process holds the whole model (or its shards) and takes the same steps; each computes its part
of a global batch, and what they found is summed before the optimizer sees it. The first process
leads: it alone prepares, judges, writes and reports.
"""

from __future__ import annotations

import atexit
import json
import re
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed

from accord.batch.team import ALONE, Team
from accord.errors import ModelError
from accord.processes import Processes

GONE = "process-gone"
"""Code of the error that another process has left."""
BUCKET = 1 << 24
"""Values sent at once: 64 MB of fp32, so that sending takes no second copy of all gradients."""
PATIENCE = timedelta(days=7)
"""Others wait while the lead prepares or evaluates. One that has died is noticed at once."""
SENDING = re.compile(r"gloo|NCCL|[Cc]onnection (closed|reset|refused)|Broken pipe")
"""In what libraries say of a process that they do not reach."""

_PARTED = threading.Event()
"""Set once this process has left the others."""


@dataclass(frozen=True, slots=True)
class Distributed:
    """The processes that met."""

    rank: int
    size: int

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @torch.no_grad()
    def add(self, tensors: Sequence[torch.Tensor]) -> None:
        for bucket in _buckets(tensors):
            _through(bucket, distributed.all_reduce)

    def add_numbers(self, *numbers: float) -> tuple[float, ...]:
        sums = torch.tensor(numbers, dtype=torch.float64)
        _sent(lambda: distributed.all_reduce(sums))
        return tuple(sums.tolist())

    @torch.no_grad()
    def share(self, tensors: Sequence[torch.Tensor]) -> None:
        for bucket in _buckets(tensors):
            _through(bucket, lambda flat: distributed.broadcast(flat, 0))

    def told(self, value: Any) -> Any:
        code = json.dumps(value).encode() if self.leads else b""
        size = torch.tensor([len(code)])
        _sent(lambda: distributed.broadcast(size, 0))
        content = torch.zeros(int(size), dtype=torch.uint8)
        if self.leads:
            content = torch.frombuffer(bytearray(code), dtype=torch.uint8)
        _sent(lambda: distributed.broadcast(content, 0))
        return json.loads(bytes(content.numpy()))

    def wait(self) -> None:
        self.add_numbers(0.0)


def meet(those: Processes) -> Team:
    """Meet the other processes of the run; the team of one where there are none.

    Returns when all have come. Those that have met stay together until the process ends.

    Raises:
        ModelError: They have parted: who comes first again might wait for ever.
    """
    if those.size == 1 or distributed.is_initialized():
        return team()
    if _PARTED.is_set():
        raise _gone("a run before this one has failed")
    gpu = torch.cuda.is_available() and distributed.is_nccl_available()
    if gpu:
        torch.cuda.set_device(those.local_rank)
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    _sent(lambda: distributed.init_process_group(backend, timeout=PATIENCE))
    atexit.register(part)
    return team()


def team() -> Team:
    """The processes that have met; the team of one where none have."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return ALONE
    return Distributed(distributed.get_rank(), distributed.get_world_size())


def part() -> None:
    """Leave the others for good; who still waits for this process finds that it is gone."""
    _PARTED.set()
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def _buckets(tensors: Sequence[torch.Tensor]) -> list[list[torch.Tensor]]:
    """Tensors side by side, of one type and device each, none of a whole bucket among others."""
    found: list[list[torch.Tensor]] = []
    kind, held = None, 0
    for tensor in tensors:
        fits = (tensor.dtype, tensor.device) == kind and held + tensor.numel() <= BUCKET
        if not fits:
            found.append([])
            kind, held = (tensor.dtype, tensor.device), 0
        found[-1].append(tensor)
        held += tensor.numel()
    return found


def _through(bucket: list[torch.Tensor], sent: Callable[[torch.Tensor], Any]) -> None:
    """Send tensors as one; each takes what came back."""
    if len(bucket) == 1 and bucket[0].is_contiguous():
        _sent(lambda: sent(bucket[0]))
        return
    flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
    _sent(lambda: sent(flat))
    pieces = flat.split([tensor.numel() for tensor in bucket])
    for tensor, piece in zip(bucket, pieces, strict=True):
        tensor.copy_(piece.view(tensor.shape))


def _sent(send: Callable[[], Any]) -> None:
    """Raises: ModelError: Another process is gone."""
    try:
        send()
    except (RuntimeError, distributed.DistBackendError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise _gone(_said(error)) from error


@contextmanager
def missing() -> Generator[None]:
    """Around what sends by itself, deep in the model: says so where another process is gone."""
    try:
        yield
    except (RuntimeError, distributed.DistBackendError) as error:
        if not isinstance(error, distributed.DistBackendError) and not SENDING.search(str(error)):
            raise
        raise _gone(_said(error)) from error


def _said(error: Exception) -> str:
    """Without the place in the library's source, and its guesses."""
    said = re.sub(r"^\[[^\]]*\]\s*", "", str(error).splitlines()[0])
    return said.partition(". ")[0][:200]


def _gone(reason: str) -> ModelError:
    return ModelError(
        "another process of this run is gone",
        code=GONE,
        path="torchrun",
        got=reason,
        why="it stopped with a message of its own, or was killed",
        fix="look at what it said, and start all of them again with --resume",
    )
