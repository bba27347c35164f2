"""A weight that lies in rows over several processes: which are here, and how sums come to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor, Partial

REACHED = "accord_reached"


def passages(model: nn.Module) -> Iterator[FSDPModule]:
    """Modules whose weights come together before they compute and go afterwards."""
    return (module for module in model.modules() if isinstance(module, FSDPModule))


def wholes(model: nn.Module) -> dict[str, nn.Parameter]:
    """The weights that modules see while they compute, by name: in every pass the same objects,
    which have memory only then. All processes call it."""
    found = dict[str, nn.Parameter]()
    for module in passages(model):
        module.unshard()
        named = model.named_parameters()
        found |= {name: weight for name, weight in named if not isinstance(weight, DTensor)}
        module.reshard()
    return found


def keep_gradients_whole(model: nn.Module) -> None:
    """Let backward passes leave gradients at the whole weights, each process its own, unsent."""
    root: Any = model
    root.set_requires_gradient_sync(False)


def rows_of(weight: DTensor) -> slice:
    """The rows of a whole weight (its `shape`) that this process holds; there may be none."""
    size = -(-weight.shape[0] // weight.device_mesh.size())
    start = min(size * weight.device_mesh.get_local_rank(), weight.shape[0])
    return slice(start, min(start + size, weight.shape[0]))


def held(weight: DTensor) -> torch.Tensor:
    """These rows, in the memory that they lie in."""
    with torch.no_grad():
        return weight.to_local()


def like(weight: DTensor, rows: torch.Tensor) -> DTensor:
    """Rows of something that lies as a weight does."""
    return DTensor.from_local(
        rows.detach().to(weight.device),
        weight.device_mesh,
        weight.placements,
        run_check=False,
        shape=weight.shape,
        stride=weight.stride(),
    )


@torch.no_grad()
def scattered(whole: torch.Tensor, weight: DTensor) -> torch.Tensor:
    """Of a tensor as large as the whole weight, which every process has, the sum over all: the
    rows of this process. All call it, in the same order."""
    summed = DTensor.from_local(whole, weight.device_mesh, [Partial()], run_check=False)
    return held(summed.redistribute(weight.device_mesh, weight.placements))


def give_gradient(weight: DTensor, rows: torch.Tensor) -> None:
    """Make rows of a sum over all processes a weight's gradient."""
    weight.grad = like(weight, rows)
    mark(weight)


def mark(weight: Any) -> None:
    """A gradient has reached the weight in this process."""
    setattr(weight, REACHED, True)


def unmark(weight: Any) -> bool:
    """Whether one had since the last call."""
    reached = bool(getattr(weight, REACHED, False))
    setattr(weight, REACHED, False)
    return reached
