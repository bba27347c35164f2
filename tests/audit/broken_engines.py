"""Engines that are broken on purpose, each the real one but for a single mistake that was made in
some library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from accord.audit.white_box import NOISE, SAMPLER
from accord.audit.worlds import Asked, Driven, Engine, Setting
from accord.batch.order import Chosen
from accord.privacy.audited import engine
from accord.privacy.chain import Chain
from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.correlated import Correlated
from accord.privacy.cyclic import Cyclic
from accord.privacy.mechanism.banded import BandedSpec
from accord.privacy.noise import Noise
from accord.privacy.private import PrivateGradient
from accord.privacy.sampling import Poisson

RIGHT = engine(FlatSpec())
RIGHT_BANDED = engine(FlatSpec(), banded=BandedSpec())


def with_gradient(change: Callable[[PrivateGradient, Asked], PrivateGradient]) -> Engine:
    """The real engine, with another gradient."""

    def built(asked: Asked) -> Driven:
        driven = RIGHT(asked)
        assert isinstance(driven.gradient, PrivateGradient)
        return replace(driven, gradient=change(driven.gradient, asked))

    return built


def with_order(change: Callable[[Poisson, Asked], Poisson]) -> Engine:
    """The real engine, with another choice of units."""

    def built(asked: Asked) -> Driven:
        driven = RIGHT(asked)
        assert isinstance(driven.order, Poisson)
        return replace(driven, order=change(driven.order, asked))

    return built


def silent(gradient: PrivateGradient, asked: Asked) -> PrivateGradient:
    """No noise."""
    return PrivateGradient(replace(gradient.plan, noise_multiplier=0.0))


def quiet(gradient: PrivateGradient, asked: Asked) -> PrivateGradient:
    """Noise divided by the root of the expected batch, as for a mean of independent rows."""
    less = gradient.plan.noise_multiplier / asked.expected_batch**0.5
    return PrivateGradient(replace(gradient.plan, noise_multiplier=less))


class CutTogether(PrivateGradient):
    """The sum of a batch is cut, not each unit's gradient (microbatches taken for units)."""

    def _factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        return super()._factors(squares.sum(1, keepdim=True), margin).expand_as(squares)


@dataclass(frozen=True, slots=True)
class OneNoise(Noise):
    """The same noise in every step: a generator seeded anew."""

    def add_to(self, chain: Chain, deviation: float, step: int) -> None:
        super(OneNoise, self).add_to(chain, deviation, 0)


@dataclass(frozen=True, slots=True)
class LayersAlike(Noise):
    """The same noise in every layer: a generator seeded for each."""

    def add_to(self, chain: Chain, deviation: float, step: int) -> None:
        for half in chain.blocks(-(-chain.size // 2)):
            alike = Chain.of([part for _, part in half.parts])
            super(LayersAlike, self).add_to(alike, deviation, step)


def with_noise(kind: type[Noise]) -> Engine:
    def change(gradient: PrivateGradient, asked: Asked) -> PrivateGradient:
        gradient.noise = kind(asked.secret, secure=False)
        gradient.correlated = Correlated(gradient.noise, gradient.plan.column)
        return gradient

    return with_gradient(change)


def one_noise(asked: Asked) -> Driven:
    """Every step has the same noise before it is taken back."""
    driven = RIGHT_BANDED(asked)
    assert isinstance(driven.gradient, PrivateGradient)
    noise = OneNoise(asked.secret, secure=False)
    driven.gradient.correlated = Correlated(noise, driven.gradient.plan.column)
    return driven


def in_every_step(asked: Asked) -> Driven:
    """Every unit takes part in each step of an epoch, accounted as in one."""
    driven = RIGHT_BANDED(asked)
    assert isinstance(driven.order, Cyclic)
    return replace(driven, order=Poisson(driven.order.members, 1.0, asked.units))


class OwnSize(PrivateGradient):
    """Divided by the batch that was drawn (opacus#571)."""

    drawn = 1

    def __call__(self, model, objective, batches, *, arithmetic, scale):  # type: ignore[no-untyped-def]
        plan = self.plan
        rows = sum(len(batch["rows"]) for batch in batches)
        self.plan = replace(plan, expected_batch=max(rows, 1))
        try:
            return super().__call__(model, objective, batches, arithmetic=arithmetic, scale=scale)
        finally:
            self.plan = plan


def never_drawn(order: Poisson, asked: Asked) -> Poisson:
    """Every unit takes part in every step: a private loader that is built and not used (FATE)."""
    return replace(order, probability=1.0)


class Shuffled(Poisson):
    """Batches of a shuffled epoch, accounted as drawn by chance: a unit is in every second of
    two, surely."""

    def step(self, step: int) -> Chosen:
        epochs = round(1 / self.probability)
        chance = np.random.default_rng(
            [step // epochs, *np.frombuffer(self.members.secret[:16], np.uint32).tolist()]
        )
        parts = np.array_split(chance.permutation(self.members.positions), epochs)
        return Chosen(parts[step % epochs])


def shuffled(order: Poisson, asked: Asked) -> Poisson:
    return Shuffled(order.members, order.probability, order.rows)


BROKEN: dict[str, tuple[Engine, Setting]] = {
    "no noise": (with_gradient(silent), NOISE),
    "batches cut, not units": (with_gradient(lambda g, _: CutTogether(g.plan)), NOISE),
    "noise shared by steps": (with_noise(OneNoise), NOISE),
    "noise shared by layers": (with_noise(LayersAlike), NOISE),
    "noise scaled wrongly": (with_gradient(quiet), NOISE),
    "shuffled, accounted as sampled": (with_order(shuffled), SAMPLER),
    "never sampled": (with_order(never_drawn), SAMPLER),
    "divided by the batch's own size": (with_gradient(lambda g, _: OwnSize(g.plan)), NOISE),
}
"""Each with what shows it."""
