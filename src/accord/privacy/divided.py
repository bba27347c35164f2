"""The trained weights of a model that is divided over processes, and the rows of their sums."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

import torch
from torch import nn
from torch.distributed.tensor import DTensor

from accord.batch.team import Team
from accord.model.divided import (
    give_gradient,
    held,
    keep_gradients_whole,
    passages,
    rows_of,
    scattered,
    wholes,
)
from accord.privacy.chain import Chain
from accord.privacy.layer.attention import attention
from accord.privacy.layer.rules import Ruled
from accord.privacy.layer.spread import whole
from accord.privacy.sums import Pour
from accord.privacy.tape import Fleeting
from accord.privacy.trained import Trained

SENT = 1 << 20
"""Values from which on sums are sent: 4 MB; small ones are sent with others."""


def divided(model: nn.Module) -> Trained:
    """The trained weights, which are whole only while they compute. All processes call it; nobody
    sends gradients from now on but as sums."""
    keep_gradients_whole(model)
    every, fleeting = dict[str, nn.Parameter](), Fleeting()
    for name, weight in wholes(model):
        every[name] = weight
        fleeting.watch(weight)
    trained = Trained.of(model, every)
    weights = {id(weight): weight for weight in trained.weights.values()}
    pairs = zip(weights, trained.held, strict=True)
    laid = {key: rows for key, rows in pairs if isinstance(rows, DTensor)}
    return replace(trained, sums=DividedSums(weights, laid), fleeting=fleeting)


def divided_within(rules: Ruled) -> nn.Module | None:
    """A module whose rule computes it anew for each row: its weights would have to come as
    often."""
    often = (module for module, rule in rules.rules.items() if rule in (attention, whole))
    return next((module for module in often if next(passages(module), None) is not None), None)


@dataclass(slots=True)
class DividedSums:
    """Of weights whose rows are held by several processes.

    A process finds the sum over its own units of one whole weight at a time; all add theirs up, and
    each keeps its rows: no more than a few weights are whole beside the model. So whoever adds does
    it together with the others, also with nothing to add.

    Args:
        weights: Whole while they compute, by id.
        laid: The rows of each that are here, by the same id.
    """

    weights: Mapping[int, nn.Parameter]
    laid: Mapping[int, DTensor]
    _totals: dict[int, torch.Tensor] = field(default_factory=dict[int, torch.Tensor], init=False)

    def add(self, pour: Pour, reached: Container[int]) -> None:
        bucket, size, last = dict[int, torch.Tensor](), 0, [*self.weights][-1]
        for key, weight in self.weights.items():
            bucket[key] = torch.zeros(weight.shape, device=weight.device)
            if key in reached:
                pour(weight, bucket[key])
            size += weight.numel()
            if size >= SENT or key == last:
                self._keep(bucket)
                bucket, size = dict[int, torch.Tensor](), 0

    def chain(self) -> Chain:
        sizes = [rows.numel() for rows in self.laid.values()]
        places = list[tuple[int, torch.Tensor]]()
        for start, (key, rows) in zip(accumulate([0, *sizes]), self.laid.items(), strict=False):
            first = start + rows_of(rows).start * (rows.numel() // rows.shape[0])
            places.append((first, self._total(key)))
        return Chain(sum(sizes), places)

    def gather(self, team: Team) -> None:
        """Nothing: they are of all processes already."""

    def divide(self, units: float) -> None:
        for total in self._totals.values():
            total.div_(units)

    def forget(self) -> None:
        self._totals.clear()

    def hand_over(self, reached: Container[int] | None = None) -> None:
        for key, rows in self.laid.items():
            if reached is None or key in reached:
                give_gradient(rows, self._total(key).to(rows.dtype))
            self._totals.pop(key, None)

    def _total(self, key: int) -> torch.Tensor:
        if key not in self._totals:
            rows = held(self.laid[key])
            self._totals[key] = torch.zeros(rows.shape, device=rows.device)
        return self._totals[key]

    def _keep(self, bucket: Mapping[int, torch.Tensor]) -> None:
        """Add this process's rows of the sums over all to its totals."""
        laid = [self.laid[key] for key in bucket]
        for key, rows in zip(bucket, scattered([*bucket.values()], laid), strict=True):
            if key in self._totals:
                self._totals[key].add_(rows)
            else:
                self._totals[key] = rows
