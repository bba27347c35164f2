"""The privacy loss that lets a release through, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest

from accord.accounting.guarantee import facts
from accord.accounting.mechanism import Mechanism, mechanism_json
from accord.accounting.odometer import epsilon
from accord.releasing import _epsilon_at  # pyright: ignore[reportPrivateUsage]
from accord.report.privacy import privacy_block

STEP = Mechanism(1.5, 0.04, version="accord")
MODEL: dict[str, Any] = {
    "epsilon": epsilon(((STEP, 300),), 1e-5),
    "delta": 1e-5,
    "accountant": "pld",
    "unit": "record",
    "units": 5000,
    "relation": "add-or-remove-one",
    "noise_multiplier": 1.5,
    "sampling_probability": 0.04,
    "steps": 300,
    "clipping": {"kind": "automatic", "norm": 1.0, "stability": 0.01},
    "secure_noise": False,
    "mechanisms": [
        {**mechanism_json(STEP), "steps": 200},
        {**mechanism_json(STEP), "steps": 100},
    ],
    "covered": ["what the weights tell of one record of the training rows"],
    "not_covered": ["the metrics on validation rows"],
}
CHARGES: dict[str, Any] = {
    "accounts": [["clinic", "record"]],
    "private": ["clinic"],
    "budgets": {
        "clinic": {
            "unit": "record",
            "given": {"epsilon": 4.0, "delta": 1e-6},
            "before": {"epsilon": 0.5},
            "after": {"epsilon": 2.7},
        }
    },
}


def test_the_gate_asks_for_the_loss_at_the_agreements_delta() -> None:
    at = _epsilon_at(privacy_block(MODEL, None))
    assert at(None) == at(1e-5) == MODEL["epsilon"]
    # All segments count, and a smaller delta costs more.
    assert at(1e-7) == pytest.approx(epsilon(((STEP, 300),), 1e-7))
    assert (at(1e-7) or 0) > MODEL["epsilon"]


def test_the_gate_is_told_of_no_loss_without_noise() -> None:
    at = _epsilon_at(privacy_block(None, None))
    assert at(None) is None and at(1e-6) is None


def test_every_part_of_the_guarantee_is_told() -> None:
    told = dict(facts(privacy_block(MODEL, CHARGES)))
    assert told["privacy loss"] == f"epsilon {MODEL['epsilon']:.4g} at delta 1e-05"
    assert told["hidden"] == "one record more or less, of 5,000 that are learned from"
    assert "1.5 (200 steps) and 1.5 (100 steps)" in told["mechanism"]
    assert "probability 0.04" in told["sampling"] and "automatic" in told["clipping"]
    assert "300 steps" in told["accountant"] and "validation" in told["not covered"]
    assert told["charged to clinic"].startswith("0.5 before, 2.7 with this run, of epsilon 4")
    assert facts(privacy_block(None, None)) == []
