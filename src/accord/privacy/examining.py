"""The engine of a private run, looked at from inside: the part of its audit that needs no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.errors import IntegrityError
from accord.recipe.privacy import Privacy

EXAMINED = frozenset({"poisson", "banded"})
"""Mechanisms that are known how to be looked at."""


def engine_examined(privacy: Privacy) -> dict[str, Any]:
    """Drive the engine of a run, with its clipping, noise and units, through two worlds.

    Args:
        privacy: The section of the recipe.

    Returns:
        JSON value of an `Examined`.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    from accord.audit.white_box import BANDED, NOISE, SETTINGS, examined
    from accord.privacy.audited import engine

    banded = privacy.mechanism if privacy.mechanism.kind == "banded" else None
    made = engine(privacy.clipping, secure_noise=privacy.secure_noise, banded=banded)
    settings = SETTINGS if banded is None else (NOISE, BANDED)
    return examined(made, settings=settings, rows_per_unit=privacy.rows_of_unit).to_json()


def engine_broken(found: Mapping[str, Any]) -> IntegrityError:
    """The error that says so."""
    worst = found["evidence"][0]
    return IntegrityError(
        "the engine that trained the run is less private than is accounted",
        code="audit-contradicted",
        path="privacy",
        got=f"epsilon of at least {worst['epsilon']:.2f} in a test of the engine alone",
        expected=f"{worst['claimed']:.2f} at most",
        why=found["why"],
        fix="do not release the model; report the engine to the developers of Accord",
    )


def lines(found: Mapping[str, Any]) -> list[str]:
    """For people: the JSON value of an `Examined`."""
    from accord.audit.white_box import lines as told

    return told(found)
