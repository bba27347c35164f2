"""The loss of every row of a split: what membership attacks look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from accord.batch import PreparedSplit
from accord.objective.collect import collect_scores
from accord.objective.objective import Batch, Objective
from accord.parallel.placement import Placement
from accord.part import find


@dataclass(frozen=True, slots=True)
class RowLosses:
    """An objective whose scores are the losses of the rows themselves."""

    inner: Objective

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.inner.loss(model, batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.inner.losses(model, batch)

    def units(self, batch: Batch) -> float:
        return self.inner.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return {"loss": self.inner.losses(model, batch).double()}


def losses_of(
    model: nn.Module,
    split: PreparedSplit,
    schema: Mapping[str, Any],
    placement: Placement,
    interrupted: Callable[[], bool] = lambda: False,
) -> npt.NDArray[np.float64]:
    """Loss of each row in the order of the split; of token sequences the mean over their tokens.

    Args:
        model: On the placement's device.
        split: The rows.
        schema: Of the data set.
        placement: Device and arithmetic.
        interrupted: True once the user asked to stop.

    Raises:
        Interrupted: The user stopped it.
    """
    part = find("objective", schema["problem"])
    objective = part(part.spec(kind=schema["problem"]), label_smoothing=0.0, schema=schema)
    found = collect_scores(
        model,
        RowLosses(objective),
        split,
        schema,
        device=placement.device,
        autocast=placement.arithmetic,
        batch_tokens=placement.micro_batch_tokens,
        interrupted=interrupted,
    )
    losses = found["loss"].astype(np.float64)
    by_token = schema["problem"] in ("next-token", "token-label")
    return losses / np.maximum(split.lengths, 1) if by_token else losses
