"""A weight that lies in rows over several processes: which are here, and how sums come to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor

REACHED = "accord_reached"
_SCATTER: Any = getattr(
    distributed,
    "reduce_scatter_single",
    distributed.reduce_scatter_tensor,  # pyright: ignore[reportDeprecated]
)
"""Its name before PyTorch 2.13 is the other."""


def passages(model: nn.Module) -> Iterator[FSDPModule]:
    """Modules whose weights come together before they compute and go afterwards."""
    return (module for module in model.modules() if isinstance(module, FSDPModule))


def wholes(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """The names and weights that modules see while they compute: in every pass the same objects,
    which have memory only then, and while they are looked at here. All processes call it."""
    for module in passages(model):
        module.unshard()
        named = model.named_parameters()
        yield from [(name, weight) for name, weight in named if not isinstance(weight, DTensor)]
        module.reshard()


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
def scattered(wholes: Sequence[torch.Tensor], weights: Sequence[DTensor]) -> list[torch.Tensor]:
    """Of tensors as large as the whole weights, which every process has, the sums over all: the
    rows of this process. All call it, in the same order; sent as one."""
    mesh = weights[0].device_mesh
    dealt = [_dealt(whole, mesh.size()) for whole in wholes]
    sent = torch.cat(dealt, 1) if len(dealt) > 1 else dealt[0].contiguous()
    kept = sent.new_empty(sent.shape[1])
    _SCATTER(kept, sent.view(-1), group=mesh.get_group())
    found = list[torch.Tensor]()
    for weight, part in zip(weights, kept.split([one.shape[1] for one in dealt]), strict=True):
        here = held(weight).shape
        found.append(part[: here.numel()].view(here))
    return found


def _dealt(whole: torch.Tensor, processes: int) -> torch.Tensor:
    """The rows of each process, one after the other, zeros where it has fewer. [processes, ...]"""
    size = -(-whole.shape[0] // processes)
    missing = size * processes - whole.shape[0]
    filled = torch.cat([whole, whole.new_zeros(missing, *whole.shape[1:])]) if missing else whole
    return filled.reshape(processes, -1)


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
