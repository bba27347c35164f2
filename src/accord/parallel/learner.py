"""The tensors that change while a model learns, and their snapshot and restoration."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import nn

from accord.optimizer.ema import Average
from accord.optimizer.groups import Rates, parameter_groups
from accord.optimizer.movement import PATIENCE, Movement
from accord.optimizer.schedule import total_steps
from accord.parallel.chance import random_tensors, restore_random
from accord.parallel.checkpoint import Snapshot, Tensors, copies
from accord.parallel.held import Held, changing, load, of_optimizer
from accord.parallel.placement import Placement
from accord.part import find
from accord.recipe.train import Train


class Memory(Protocol):
    """Something else that learns over the steps."""

    def state(self) -> Mapping[str, torch.Tensor]: ...

    def restore(self, state: Mapping[str, torch.Tensor]) -> None: ...


@dataclass(slots=True)
class Learner:
    """What of the weights lies in this process, optimizer, loss scale, weight average, and what the
    gradient remembers."""

    held: Held
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    average: Average | None
    gradient: Memory
    movement: Movement = field(init=False)

    def __post_init__(self) -> None:
        self.movement = Movement.of(self.held.trained)

    @property
    def model(self) -> nn.Module:
        """The model whose weights these are."""
        return self.held.model

    def set_rate(self, factor: float, step: int) -> None:
        """Every group at `factor` times its peak rate, once it begins to learn."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor if step >= group["begins"] else 0.0

    def loss_scale(self) -> float:
        """What gradients are multiplied by until `update`: 1 unless the arithmetic is fp16."""
        return float(self.scaler.scale(torch.ones((), device=next(self.model.parameters()).device)))

    def update(self, loss: float, clip_norm: float | None) -> float:
        """One optimizer step from the gradients, left out if they or the loss are not finite.

        Returns:
            The global gradient norm before clipping.

        Raises:
            ModelError: A trained weight does not move.
        """
        self.held.take_gradients()
        self.scaler.unscale_(self.optimizer)
        trained = [p for p in self.held.trained.values() if p.grad is not None]
        total = self.held.norm([p.grad for p in trained if p.grad is not None])
        norm = float(total)
        if math.isfinite(norm) and math.isfinite(loss):
            if clip_norm is not None and norm > clip_norm:
                nn.utils.clip_grads_with_norm_(trained, clip_norm, total)
            places = self.movement.before()
            self.scaler.step(self.optimizer)
            self.movement.after(places, self.optimizer)
            if self.movement.steps == PATIENCE:
                self.movement.idle = self.held.idle(self.movement.idle)
            if self.average:
                self.average.update()
        self.scaler.update()
        self.held.forget()
        return norm

    def snapshot(self, step: int, values: Mapping[str, Any]) -> Snapshot:
        """Copies of everything, with the caller's own JSON values beside it; whole where `held`
        says that this process writes them."""
        tensors, scalars = flatten_optimizer(self.optimizer)
        held, named = self.held, of_optimizer(self.held.trained, self.optimizer)
        groups = {
            "model": held.copies(changing(held)),
            "optimizer": held.copies(tensors, named),
            "average": held.copies(self.average.weights if self.average else {}),
            "gradient": copies(self.gradient.state()),
            "random": random_tensors(),
        }
        own = {
            "optimizer": scalars,
            "scaler": self.scaler.state_dict(),
            "average_updates": self.average.updates if self.average else 0,
            "python_random": random.getstate(),
        }
        return Snapshot(step, groups, {**values, "learner": own})

    def restore(self, snapshot: Snapshot) -> None:
        """Become what was saved, random generators included."""
        own, held = snapshot.values["learner"], self.held
        load(held, snapshot.tensors["model"])
        named = of_optimizer(held.trained, self.optimizer)
        parts = {k: held.part(named(k), t) for k, t in snapshot.tensors["optimizer"].items()}
        restore_optimizer(self.optimizer, parts, own["optimizer"])
        self.scaler.load_state_dict(own["scaler"])
        if self.average:
            self.average.updates = own["average_updates"]
            for name, weights in snapshot.tensors["average"].items():
                self.average.weights[name].copy_(held.part(name, weights))
        self.gradient.restore(snapshot.tensors["gradient"])
        version, internal, gauss = own["python_random"]
        random.setstate((version, tuple(internal), gauss))
        restore_random(snapshot.tensors["random"])

    def weights(self) -> Tensors:
        """Copies of the weights to judge and keep: the average where there is one."""
        tensors = changing(self.held)
        if self.average:
            tensors |= self.average.weights
        return self.held.copies(tensors)


def learner_of(
    held: Held, spec: Train, placement: Placement, gradient: Memory, steps_per_epoch: int
) -> Learner:
    """A learner at its first step.

    Args:
        held: What of the weights lies in this process.
        spec: Optimizer, rates and average.
        placement: Whether losses are scaled.
        gradient: What it remembers goes into the checkpoints.
        steps_per_epoch: How long training lasts, if that is told in epochs.
    """
    begins = math.ceil(spec.probe * total_steps(spec, steps_per_epoch))
    rates = Rates(spec.learning_rate, spec.weight_decay, spec.layer_decay, spec.head_rate, begins)
    groups = parameter_groups(held.model, rates)
    for group in groups:
        group["params"] = [held.trained[name] for name in group.pop("names")]
        group["peak"] = group["lr"]
    optimizer = find("optimizer", spec.optimizer.kind)(spec.optimizer, groups)
    average = Average(held.trained, spec.ema) if spec.ema else None
    return Learner(held, optimizer, placement.scaler(), average, gradient)


def flatten_optimizer(optimizer: torch.optim.Optimizer) -> tuple[Tensors, dict[str, Any]]:
    """State as tensors named `<parameter>.<key>` and the rest as JSON values."""
    tensors: Tensors = {}
    scalars: dict[str, Any] = {}
    for index, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            target = tensors if isinstance(value, torch.Tensor) else scalars
            target[f"{index}.{key}"] = value
    return tensors, scalars


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor], scalars: dict[str, Any]
) -> None:
    """Undo `flatten_optimizer`; learning rates are set by the schedule at each step."""
    state: dict[int, dict[str, Any]] = {}
    for name, value in {**tensors, **scalars}.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
