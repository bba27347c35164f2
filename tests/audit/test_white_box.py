"""Engines that are broken on purpose are caught; the right one passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accord.audit.white_box import (
    BANDED,
    HERE,
    NOISE,
    SAMPLER,
    UNITS,
    examined,
    lines,
    noise_figures,
)
from accord.audit.worlds import Engine, watched
from accord.testing import PrivateEngineContract
from tests.audit.broken_engines import BROKEN, RIGHT, RIGHT_BANDED, in_every_step, one_noise


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_engine_is_caught(name: str) -> None:
    engine, setting = BROKEN[name]
    # Shuffling betrays little: all runs are needed to show it, for the others fewer are enough.
    effort = 1.0 if setting is SAMPLER or "cut" in name else 0.5
    found = examined(engine, settings=(setting,), effort=effort)
    assert found.answer == "broken"
    strongest = found.evidence[0]
    assert strongest.found > strongest.allowed
    assert strongest.epsilon > strongest.claimed
    assert "it cannot be what is accounted" in found.why


def test_noise_over_steps_that_is_no_such_noise_is_caught() -> None:
    assert examined(one_noise, settings=(BANDED,), effort=0.5).answer == "broken"


def test_a_unit_shows_as_far_as_its_noise_over_steps_lets_it() -> None:
    """Who knows when it takes part and how noise is taken back sees what one Gaussian mechanism
    shows, and much more where it takes part in each step."""

    def shift(engine: Engine) -> float:
        seen = watched(engine, replace(BANDED, secrets=10), UNITS, 1, HERE, 0)
        own = noise_figures(seen)["own, over steps"]
        without = own[~seen.within]
        return float((own[seen.within].mean() - without.mean()) / without.std())

    due = 1 / BANDED.noise_multiplier
    assert shift(RIGHT_BANDED) == pytest.approx(due, rel=0.35)
    assert shift(in_every_step) > 1.7 * due


class TestTheRightEngine(PrivateEngineContract):
    engine = staticmethod(RIGHT)
    effort = 0.5


def test_what_would_have_been_noticed_is_told() -> None:
    found = examined(RIGHT, settings=(NOISE,), effort=0.4)
    assert all(one.found <= one.allowed for one in found.evidence)
    assert found.noticed is not None
    assert 0 < found.noticed < 0.7
    assert lines(found.to_json())[0].startswith("engine compatible: ")
