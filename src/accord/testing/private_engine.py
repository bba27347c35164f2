"""Contract of engines for private training: what they release, and that it is what is accounted."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, ClassVar

import torch
from torch import nn

from accord.audit.white_box import examined
from accord.audit.worlds import Asked, Engine


class PrivateEngineContract:
    """Tests of an engine: subclass it in a test file that pytest collects.

    Attributes:
        engine: Makes order and gradient of a step (`accord.audit.worlds.Engine`).
        effort: Factor on the number of runs; more notice smaller mistakes.
    """

    engine: ClassVar[Engine]
    effort: ClassVar[float] = 1.0

    def test_it_is_as_private_as_accounted(self) -> None:
        found = examined(type(self).engine, effort=self.effort)
        assert found.answer == "compatible", found.why

    def test_a_step_again_is_the_same_release(self) -> None:
        one, again, other = (self.released(secret) for secret in (b"s" * 32, b"s" * 32, b"t" * 32))
        assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
        assert not any(torch.equal(a, b) for a, b in zip(one, other, strict=True))
        assert not torch.equal(one[0], one[1])

    def released(self, secret: bytes) -> list[torch.Tensor]:
        """What two steps without any unit release: noise alone."""
        driven = type(self).engine(Asked(1.0, 0.5, 2.0, 4, 1, secret))
        model = nn.Linear(64, 1)
        found: list[torch.Tensor] = []
        for _ in range(2):
            driven.gradient(model, _Nothing(), [], arithmetic=nullcontext, scale=1.0)
            assert model.weight.grad is not None
            found.append(model.weight.grad.clone())
        return found


class _Nothing:
    """An objective that is asked for no loss."""

    def losses(self, model: nn.Module, batch: Any) -> torch.Tensor:
        raise AssertionError("there are no rows")
