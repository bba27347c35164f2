"""Weights, gradients and optimizer state divided over a team, by PyTorch's FSDP2.

Each weight lies in rows: every process holds, and its optimizer changes, some. Whole weights exist
one layer at a time, while it computes. So all processes go through the model together, as often as
each other; what this is to a gradient stands in `accord.objective.in_step`.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from accord.batch.team import Team
from accord.model.divided import held, like, mark, passages, rows_of, unmark, wholes
from accord.model.layers import alike_layers
from accord.model.unpadded import NAME as UNPADDED
from accord.parallel.checkpoint import Tensors
from accord.parallel.distributed import missing
from accord.parallel.held import Named, itself

LARGE = 1 << 20
"""Weights from which a table is worth a passage of its own."""


@final
class Shards:
    """A part of each weight: rows of it, one after the other, by rank.

    Args:
        model: Whole, the same in every process, and where it was loaded; divided in place.
        team: The processes.
        device: Where it is to compute.
    """

    divided = True

    def __init__(self, model: nn.Module, team: Team, device: torch.device) -> None:
        self.team, self.model = team, model
        # The lead saves an ordinary model: its modules, whose weights have no memory until then.
        self.outline, self.places = _outline(model) if team.leads else (None, {})
        _divide(model, team, device)
        self.laid = dict[str, DTensor]()
        for name, weight in model.named_parameters():
            assert isinstance(weight, DTensor)
            self.laid[name] = weight
        self.trained: Mapping[str, nn.Parameter] = {
            n: _own(p) for n, p in self.laid.items() if p.requires_grad
        }
        _mark(model, self.laid)

    def forget(self) -> None:
        self.model.zero_grad()
        for name, own in self.trained.items():
            unmark(self.laid[name])
            own.grad = None

    def take_gradients(self) -> None:
        """Put the rows' gradients where the optimizer looks; a weight that no process has reached
        must not get one of zeros, which FSDP gives it."""
        seen = torch.tensor([float(unmark(self.laid[name])) for name in self.trained])
        self.team.add([seen])
        for (name, own), due in zip(self.trained.items(), seen.tolist(), strict=True):
            gradient: Any = self.laid[name].grad
            own.grad = gradient.to_local() if due and gradient is not None else None

    def norm(self, gradients: Sequence[torch.Tensor]) -> torch.Tensor:
        own = nn.utils.get_total_norm([g for g in gradients if g.numel()])
        (squares,) = self.team.add_numbers(float(own) ** 2)
        return own.new_tensor(math.sqrt(squares))

    def idle(self, names: Sequence[str]) -> list[str]:
        idle = {*names} | {name for name, own in self.trained.items() if not own.numel()}
        counts = self.team.add_numbers(*(float(name in idle) for name in self.trained))
        return [n for n, c in zip(self.trained, counts, strict=True) if c == self.team.size]

    @torch.no_grad()
    def copies(self, tensors: Mapping[str, torch.Tensor], named: Named = itself) -> Tensors:
        """Whole copies on the lead's CPU; others give their part and get nothing. One at a time."""
        found: Tensors = {}
        for name, tensor in tensors.items():
            laid = self.laid.get(named(name))
            if laid is not None and tensor.shape == held(laid).shape:
                tensor = like(laid, tensor).full_tensor()
            if self.team.leads:
                found[name] = tensor.detach().to("cpu", copy=True).contiguous()
        return found

    def part(self, name: str, whole: torch.Tensor) -> torch.Tensor:
        laid = self.laid.get(name)
        return whole if laid is None or whole.shape != laid.shape else whole[rows_of(laid)]

    def whole(self, weights: Mapping[str, torch.Tensor]) -> nn.Module:
        """The lead's model, ordinary and on the CPU; the others keep their parts."""
        kept = {name: held(p) for name, p in self.laid.items() if name not in self.trained}
        every = {**self.copies(kept), **weights}
        if self.outline is None:
            return self.model
        made = {
            place: nn.Parameter(every.pop(name), requires_grad=name in self.trained)
            for name, place in self.places.items()
        }
        for module in self.outline.modules():
            own = module.named_parameters(recurse=False, remove_duplicate=False)
            for name, weight in list(own):
                setattr(module, name, made[id(weight)])
        with torch.no_grad():
            for name, buffer in self.outline.named_buffers():
                buffer.copy_(every[name]) if name in every else None
        return self.outline

    @contextmanager
    def watched(self) -> Generator[None]:
        with missing(), warnings.catch_warnings():
            if any(hasattr(module, UNPADDED) for module in self.model.modules()):
                # Its last layer gives a view of what it computed, and nobody changes that in place.
                warnings.filterwarnings("ignore", ".*returned a view tensor")
            yield


def _own(weight: DTensor) -> nn.Parameter:
    """The rows as an ordinary weight in the same memory: every elementwise optimizer takes it."""
    return nn.Parameter(held(weight).detach())


def _divide(model: nn.Module, team: Team, device: torch.device) -> None:
    """Layer by layer, so that on a GPU no more than one is whole there; the rest at last."""
    mesh = init_device_mesh(device.type, (team.size,))
    for module in (*alike_layers(model), *_tables(model), model):
        fully_shard(module, mesh=mesh, reshard_after_forward=True)
    for module in passages(model):
        # Losses are sums over one count: gradients are added, and by no means averaged.
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)
    root: Any = model
    # Else who reaches a weight that another does not would send what no one waits for.
    root.set_reduce_scatter_unused_params(True)


def _tables(model: nn.Module) -> list[nn.Module]:
    """Large tables outside the layers that nothing else uses: whole only while looked up."""
    within = {id(m) for layer in alike_layers(model) for m in layer.modules()}
    uses: dict[int, int] = {}
    for _, weight in model.named_parameters(remove_duplicate=False):
        uses[id(weight)] = uses.get(id(weight), 0) + 1
    return [
        module
        for module in model.modules()
        if type(module) is nn.Embedding
        and id(module) not in within
        and module.weight.numel() >= LARGE
        and uses[id(module.weight)] == 1
    ]


def _mark(model: nn.Module, laid: Mapping[str, DTensor]) -> None:
    """Let every trained weight be told when a gradient has reached it in this process. Those of the
    rows do not tell: FSDP makes them wherever any process has one."""
    for name, whole in wholes(model):
        if whole.requires_grad:
            whole.register_post_accumulate_grad_hook(lambda _, weight=laid[name]: mark(weight))


def _outline(model: nn.Module) -> tuple[nn.Module, dict[str, int]]:
    """The same modules around weights without memory, and which of these stands for which name."""
    made: dict[int, Any] = {
        id(p): nn.Parameter(torch.empty_like(p, device="meta"), p.requires_grad)
        for p in model.parameters()
    }
    places = {name: id(made[id(p)]) for name, p in model.named_parameters()}
    return copy.deepcopy(model, made), places
