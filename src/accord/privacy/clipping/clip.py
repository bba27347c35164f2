"""What a clipping is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

    from accord.batch.team import Team


class Clip(Protocol):
    """Cuts units' gradients; one object lives as long as a run.

    Guarantees:
        `factors` looks at each unit by itself, and no unit's gradient times its factors has an L2
        norm above `norm`. Factors are finite for every finite square.
    """

    @property
    def norm(self) -> float:
        """What no unit's contribution exceeds in the step at hand."""
        ...

    def noise_multiplier(self, whole: float) -> float:
        """Of the gradients' noise, where `whole` is the step's, whatever else it releases."""
        ...

    def factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        """What each unit's gradient is multiplied by. [layers, units] from the squared norms
        [layers, units], which may be wrong by a share of `margin`."""
        ...

    def gather(self, team: Team) -> None:
        """Put together what the processes of a team have counted in the step."""
        ...

    def settle(self, deviate: float) -> None:
        """A step is over; `deviate` is a draw of the standard normal distribution."""
        ...

    def state(self) -> Mapping[str, torch.Tensor]:
        """What it learned over the steps."""
        ...

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Undo everything since `state`."""
        ...


class Steady:
    """What is common to clippings that learn nothing over the steps and release nothing else."""

    __slots__ = ()

    def noise_multiplier(self, whole: float) -> float:
        return whole

    def gather(self, team: Team) -> None:
        return None

    def settle(self, deviate: float) -> None:
        return None

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None
