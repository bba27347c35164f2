"""Conformance tests of mixers; subclass them in a test file."""

from __future__ import annotations

import numpy as np
import torch

from accord.objective.mix.mixer import Mixer, MixerSpec
from accord.testing.contract import Contract

SCHEMA = {"image": {"size": [12, 10]}, "modality": "image"}
ROWS = 64


class MixerContract(Contract):
    """Draws shares between 0 and 1, by no other chance than it is given; leaves a row that keeps
    all of itself as it is, and goes nowhere beyond the two."""

    def mixer(self) -> Mixer:
        return self.part(self.spec(), SCHEMA)

    def drawn(self, seed: int = 0) -> dict[str, np.ndarray]:
        return dict(self.mixer().draw(ROWS, np.random.default_rng(seed)))

    def inputs(self) -> tuple[torch.Tensor, torch.Tensor]:
        own, other = torch.randn(2, ROWS, 3, 12, 10, generator=torch.Generator().manual_seed(0))
        return own, other

    def mixed(self, drawn: dict[str, np.ndarray]) -> torch.Tensor:
        tensors = {name: torch.from_numpy(values).float() for name, values in drawn.items()}
        return self.mixer().blend(*self.inputs(), tensors)

    def test_shares_lie_between_nothing_and_all(self) -> None:
        drawn = self.drawn()
        assert all(values.shape == (ROWS,) for values in drawn.values())
        assert (drawn["share"] >= 0).all() and (drawn["share"] <= 1).all()
        assert len(set(drawn["share"].tolist())) > 1

    def test_the_same_chance_draws_the_same(self) -> None:
        one, other = self.drawn(3), self.drawn(3)
        assert all((one[name] == other[name]).all() for name in one)
        assert (one["share"] != self.drawn(4)["share"]).any()

    def test_a_mixed_row_lies_between_its_two(self) -> None:
        own, other = self.inputs()
        mixed = self.mixed(self.drawn())
        assert mixed.shape == own.shape and mixed.dtype == own.dtype
        assert (mixed >= torch.minimum(own, other) - 1e-5).all()
        assert (mixed <= torch.maximum(own, other) + 1e-5).all()

    def test_its_share_is_how_much_of_itself_is_left(self) -> None:
        """Mixed with zeros, ones are left with their share in the mean."""
        drawn = self.drawn()
        tensors = {name: torch.from_numpy(values).float() for name, values in drawn.items()}
        own, other = torch.ones(ROWS, 3, 12, 10), torch.zeros(ROWS, 3, 12, 10)
        left = self.mixer().blend(own, other, tensors).mean((1, 2, 3))
        torch.testing.assert_close(left, tensors["share"])

    def test_nothing_asked_is_nothing_done(self) -> None:
        for field in ("alpha", "share"):
            spec = self.part.spec.model_validate({"kind": self.part.kind, field: 0})
            assert isinstance(spec, MixerSpec)
            assert spec.idle
