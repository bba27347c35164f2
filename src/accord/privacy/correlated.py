"""Noise `C^-1 Z` over the steps: what one adds, later ones partly take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.privacy.chain import Chain
from accord.privacy.noise import Noise


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
    recent: dict[int, Chain] = field(default_factory=dict[int, Chain], repr=False)

    def add_to(self, chain: Chain, deviation: float, step: int) -> None:
        """Add a step's noise, of `deviation` times that of Z, to every value of a chain, whose
        places are the same in every step."""
        if len(self.column) == 1:
            self.noise.add_to(chain, deviation / self.column[0], step)
            return
        if step not in self.recent:
            needed = range(max(0, step - len(self.column) + 1), step)
            if not all(one in self.recent for one in needed):
                self.recent.clear()
                for one in range(step):
                    self._draw(one, chain)
            self._draw(step, chain)
        for total, noise in zip(chain.tensors, self.recent[step].tensors, strict=True):
            total.add_(noise, alpha=deviation)

    def _draw(self, step: int, like: Chain) -> None:
        first, *rest = self.column
        chain = like.zeros()
        self.noise.add_to(chain, 1.0, step)
        for number, drawn in enumerate(chain.tensors):
            for back, share in enumerate(rest[:step], 1):
                drawn.add_(self.recent[step - back].tensors[number], alpha=-share)
            drawn.div_(first)
        self.recent[step] = chain
        self.recent.pop(step - len(rest), None)
