"""Batches, their rows and the losses of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import nn

Batch = Mapping[str, torch.Tensor]
Arithmetic = Callable[[], AbstractContextManager[None]]


class Losses(Protocol):
    """The part of an objective that a private gradient needs."""

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        """The loss of each row [B], which depends on no other row."""
        ...


def rows_of(batch: Batch) -> int:
    """How many rows a batch has."""
    return len(batch["rows"])


def units_between(batch: Batch, start: int, stop: int, rows_per_unit: int) -> Iterator[Batch]:
    """The units of those numbers, one at a time."""
    for unit in range(start, stop):
        at = slice(unit * rows_per_unit, (unit + 1) * rows_per_unit)
        yield {name: value[at] for name, value in batch.items()}


def row_losses(model: nn.Module, objective: Losses, batch: Batch) -> torch.Tensor:
    """The loss of each row [B], times its weight if the batch carries weights."""
    losses = objective.losses(model, batch)
    weight = batch.get("weight")
    return losses if weight is None else losses * weight
