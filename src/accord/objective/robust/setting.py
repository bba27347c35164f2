"""What weighings are built from: facts of the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Counts of the training rows.

    Args:
        classes: Names of the classes, in id order; empty where rows have no class.
        per_class: Rows of each class [classes].
        carried: Values of every carried column, in id order.
        per_value: Rows of each value of a carried column [values].
    """

    classes: tuple[str, ...]
    per_class: torch.Tensor
    carried: Mapping[str, tuple[str, ...]]
    per_value: Mapping[str, torch.Tensor]
