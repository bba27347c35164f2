"""Engines that are broken on purpose are caught; the right one passes."""

from __future__ import annotations

import pytest

from accord.audit.white_box import NOISE, SAMPLER, examined, lines
from accord.testing import PrivateEngineContract
from tests.audit.broken_engines import BROKEN, RIGHT


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


class TestTheRightEngine(PrivateEngineContract):
    engine = staticmethod(RIGHT)
    effort = 0.5


def test_what_would_have_been_noticed_is_told() -> None:
    found = examined(RIGHT, settings=(NOISE,), effort=0.4)
    assert all(one.found <= one.allowed for one in found.evidence)
    assert found.noticed is not None
    assert 0 < found.noticed < 0.7
    assert lines(found.to_json())[0].startswith("engine compatible: ")
