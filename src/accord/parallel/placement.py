"""The device a run computes on and the arithmetic it computes in."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

import torch
from torch import nn

from accord.batch.team import ALONE, Team
from accord.errors import RecipeError
from accord.parallel.agreed import Agreed
from accord.parallel.held import Held, Undivided
from accord.parallel.memory import sufficing
from accord.processes import processes, processes_here
from accord.recipe.machine import Machine
from accord.recipe.train import Precision

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
DEFAULT_TOKENS = {"cpu": 8192, "cuda": 65536, "mps": 16384}


@dataclass(frozen=True, slots=True)
class Placement:
    """One device: the mesh of one, on which every other placement must agree with it.

    Args:
        device, precision: Where and in what numbers a process computes.
        team: The processes that weights are divided over; by default each is whole.
    """

    device: torch.device
    precision: Precision
    team: Team = ALONE

    @property
    def divided(self) -> bool:
        """Whether processes hold parts of weights, and go through a model together."""
        return self.team.size > 1

    def over(self, machine: Machine, team: Team) -> Placement:
        """The same, divided over a team if the machine section asks for it."""
        return replace(self, team=team) if machine.shard else self

    @property
    def micro_batch_tokens(self) -> int:
        """Tokens computed at once unless the recipe says otherwise."""
        return DEFAULT_TOKENS.get(self.device.type, 8192)

    def place(self, model: nn.Module) -> nn.Module:
        return model.to(self.device)

    def hold(self, model: nn.Module) -> Held:
        """What this process is to hold of a model's weights, the same in all."""
        if not self.divided:
            return Undivided(model)
        from accord.parallel.shards import Shards

        return Shards(model, self.team, self.device)

    def batch(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {name: value.to(self.device, non_blocking=True) for name, value in batch.items()}

    def arithmetic(self) -> AbstractContextManager[None]:
        """Autocast for bf16 and fp16; nothing for fp32."""
        if self.divided:
            return self._together()
        return self._plain()

    @contextmanager
    def _together(self) -> Generator[None]:
        with sufficing(), self._plain():
            yield

    def _plain(self) -> AbstractContextManager[None]:
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, DTYPES[self.precision])  # type: ignore[return-value]

    def scaler(self) -> torch.amp.GradScaler:
        """Loss scaling where fp16 gradients would underflow; the identity otherwise."""
        enabled = self.precision == "fp16"
        if self.divided:
            return Agreed(self.device.type, enabled=enabled, team=self.team)
        return torch.amp.GradScaler(self.device.type, enabled=enabled)


def place_on(machine: Machine, precision: Precision) -> Placement:
    """The placement a machine section asks for; also sets the number of CPU threads: those that
    the processes of a launcher on this machine leave each other.

    Raises:
        RecipeError: The device is not there.
    """
    cores = len(os.sched_getaffinity(0)) // processes_here()
    torch.set_num_threads(machine.threads or max(1, cores))
    if machine.shard and processes().size > 1:
        return_freed_memory()
    else:
        keep_freed_memory()
    name = _best_device() if machine.device == "auto" else machine.device
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RecipeError(
            f"the device {name!r} cannot be used",
            code="device-missing",
            path="machine.device",
            got=name,
            expected=f"`auto` or one that is here (best: {_best_device()})",
            fix="run `accord doctor` to see the devices",
        ) from error
    return Placement(device, precision)


def keep_freed_memory() -> None:
    """Let glibc reuse large blocks instead of handing them back to the kernel at every free.

    Each step allocates the same large tensors; fresh pages cost a fault and zeroing every time
    (mallopt(3): M_MMAP_THRESHOLD, M_TRIM_THRESHOLD). Elsewhere than on glibc nothing is done.
    """
    _allocate(blocks=1 << 30, kept=(1 << 31) - 1)


def return_freed_memory() -> None:
    """Let glibc hand every large block back at once: whole layers come and go between tensors that
    stay, and what is kept of them would be many times what is in use."""
    _allocate(blocks=1 << 20, kept=1 << 20)


def _allocate(*, blocks: int, kept: int) -> None:
    """Size from which a block is mapped by itself, and how much free memory is kept."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    try:
        mallopt = library.mallopt
    except AttributeError:  # musl has none
        return
    mallopt(-3, blocks)
    mallopt(-1, kept)


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
