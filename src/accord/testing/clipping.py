"""Contract of clipping: what no unit's contribution to a private sum may exceed."""

from __future__ import annotations

from typing import Any

import torch

from accord.privacy.plan import PrivacyPlan
from accord.testing.contract import Contract

LAYERS, UNITS = 3, 6


class ClippingContract(Contract):
    """Each unit is cut by itself, to the norm that the noise is measured by."""

    def clip(self) -> Any:
        spec = self.spec()
        return self.part(spec, PrivacyPlan(1.0, 0.1, 40.0, 10, spec, secret=b"s" * 32))

    def squares(self) -> torch.Tensor:
        """Squared norms, from none to very long. [layers, units]"""
        chance = torch.Generator().manual_seed(0)
        lengths = torch.tensor([0.0, 1e-3, 0.3, 1.0, 10.0, 1e4])
        return (torch.rand(LAYERS, UNITS, generator=chance) * lengths) ** 2

    def test_no_unit_exceeds_the_norm(self) -> None:
        clip, squares = self.clip(), self.squares()
        factors = clip.factors(squares, 0.0)
        assert factors.shape == squares.shape
        assert bool(factors.isfinite().all())
        assert bool((factors >= 0).all())
        reached = (squares * factors**2).sum(0).sqrt()
        assert float(reached.max()) <= clip.norm * (1 + 1e-5)

    def test_a_margin_is_kept(self) -> None:
        clip, squares = self.clip(), self.squares()
        reached = (squares * clip.factors(squares, 0.25) ** 2).sum(0).sqrt()
        assert float(reached.max()) <= 0.75 * clip.norm * (1 + 1e-5)

    def test_units_are_cut_each_by_itself(self) -> None:
        squares = self.squares()
        whole = self.clip().factors(squares, 0.0)
        alone = [self.clip().factors(squares[:, i : i + 1], 0.0) for i in range(UNITS)]
        assert torch.allclose(whole, torch.cat(alone, dim=1))

    def test_noise_is_never_less_than_the_step_has(self) -> None:
        assert self.clip().noise_multiplier(1.0) >= 1.0

    def test_what_it_learned_comes_back(self) -> None:
        clip, other = self.clip(), self.clip()
        clip.factors(self.squares(), 0.0)
        clip.settle(0.5)
        other.restore(clip.state())
        assert other.norm == clip.norm
        assert torch.equal(other.factors(self.squares(), 0.0), clip.factors(self.squares(), 0.0))
