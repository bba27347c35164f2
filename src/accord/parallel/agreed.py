"""One loss scale for processes of which each sees the gradients of its own rows alone."""

from __future__ import annotations

from typing import Any

import torch

from accord.batch.team import Team


class Agreed(torch.amp.GradScaler):
    """Falls in all processes where one of them has met a gradient that is not finite."""

    def __init__(self, device: str, *, enabled: bool, team: Team) -> None:
        super().__init__(device, enabled=enabled)
        self.team = team

    def unscale_(self, optimizer: torch.optim.Optimizer) -> None:
        super().unscale_(optimizer)
        if self.is_enabled():
            found: dict[Any, torch.Tensor] = self._found_inf_per_device(optimizer)
            self.team.add(list(found.values()))
