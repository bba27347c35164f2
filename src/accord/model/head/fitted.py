"""Fits new rows of a head beside rows that a base has already learned.

Learned rows have a scale of their own: where a class is only added, its prototype alone loses to
them everywhere. So its row is made the maximum of a logistic regression on what stands below the
head, in which every class counts alike and learned rows stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

PULL = 0.1
"""Of a new row towards where it started, in standard deviations within a class."""
BETWEEN = 0.1
"""Share of the variance between classes that is added to that within: one row a class has none."""
ITERATIONS = 100


def fit_rows(
    layer: nn.Linear, features: torch.Tensor, classes: torch.Tensor, new: Sequence[int]
) -> None:
    """Minimise the class-balanced cross-entropy of some rows over the new rows of a head.

    Args:
        layer: The head, started; its other rows stay, bit for bit.
        features: Its inputs for training rows [rows, D], fp32, on the CPU.
        classes: Of the rows [rows]; every class has one.
        new: Ids of the classes whose rows are fitted.
    """
    found, chosen = features.double(), torch.tensor(list(new), dtype=torch.int64)
    weight = layer.weight.detach().cpu().double()
    given: Any = layer.bias
    bias = weight.new_zeros(len(weight)) if given is None else given.detach().cpu().double()
    middle, spread = _scale(found, classes, len(weight))
    if given is None:  # nothing could take up what moving the middle costs
        middle = torch.zeros_like(middle)
    points, logits = (found - middle) / spread, found @ weight.T + bias
    start = weight[chosen] * spread
    rows = start.clone().requires_grad_()
    offsets = (bias[chosen] + weight[chosen] @ middle).requires_grad_(given is not None)
    shares = 1 / (classes.bincount(minlength=len(weight)).double() * len(weight))[classes]

    def loss() -> torch.Tensor:
        moved = logits.index_copy(1, chosen, points @ rows.T + offsets)
        each = functional.cross_entropy(moved, classes, reduction="none")
        return shares @ each + PULL * (rows - start).square().sum() / (2 * len(weight))

    _minimise(loss, [rows] if given is None else [rows, offsets])
    with torch.no_grad():
        final = rows / spread
        layer.weight[chosen] = final.to(layer.weight)
        if given is not None:
            layer.bias[chosen] = (offsets - final @ middle).to(layer.bias)


def _scale(
    found: torch.Tensor, classes: torch.Tensor, number: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Middle of the classes' means, and how far rows lie from their own mean. Both [D]."""
    means = torch.stack([found[classes == one].mean(0) for one in range(number)])
    middle = means.mean(0)
    within = (found - means[classes]).square().mean(0)
    spread = (within + BETWEEN * (means - middle).square().mean(0)).sqrt()
    # An input that never moves tells nothing, and must not decide anything either.
    return middle, spread.where(spread > 1e-9 * spread.max().clamp(min=1e-30), 1.0)


def _minimise(loss: Any, of: list[torch.Tensor]) -> None:
    optimizer = torch.optim.LBFGS(of, max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return float(value.detach())

    with torch.enable_grad():
        optimizer.step(closure)
