"""Noise `C^-1 Z` over the steps: what one adds, later ones partly take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from accord.privacy.noise import Noise, blocks


@dataclass(slots=True)
class Correlated:
    """Independent noise Z, and `x = C^-1 Z` of it, for a C that is banded, lower triangular and
    Toeplitz.

    Guarantees:
        The noise of a step is a function of the secret, the column and the step. It is found from
        that of the steps before; where these are not at hand, as after a resumption, they are drawn
        again from the first on.

    Args:
        noise: Of a step by itself.
        column: The first of C.
    """

    noise: Noise
    column: Sequence[float]
    recent: dict[int, torch.Tensor] = field(default_factory=dict, repr=False)

    def add_to(self, totals: Sequence[torch.Tensor], deviation: float, step: int) -> None:
        """Add a step's noise, of `deviation` times that of Z, to every value of `totals`."""
        if len(self.column) == 1:
            self.noise.add_to(totals, deviation / self.column[0], step)
            return
        if step not in self.recent:
            needed = range(max(0, step - len(self.column) + 1), step)
            if not all(one in self.recent for one in needed):
                self.recent.clear()
                for one in range(step):
                    self._draw(one, totals)
            self._draw(step, totals)
        (block,) = blocks(totals, len(self.recent[step]))
        sizes = list(map(len, block))
        for part, noise in zip(block, self.recent[step].split(sizes), strict=True):
            part.add_(noise, alpha=deviation)

    def _draw(self, step: int, like: Sequence[torch.Tensor]) -> None:
        first, *rest = self.column
        drawn = torch.zeros(sum(one.numel() for one in like), device=like[0].device)
        self.noise.add_to([drawn], 1.0, step)
        for back, share in enumerate(rest[:step], 1):
            drawn.add_(self.recent[step - back], alpha=-share)
        self.recent[step] = drawn.div_(first)
        self.recent.pop(step - len(rest), None)
