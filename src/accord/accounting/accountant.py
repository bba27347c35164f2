"""dp-accounting, imported when the first figure is asked for: it takes two seconds."""

from __future__ import annotations

import importlib.util
import logging
from typing import TYPE_CHECKING, Any

from accord.accounting.mechanism import Mechanism
from accord.errors import MissingExtra

if TYPE_CHECKING:
    from dp_accounting import DpEvent


def accountants() -> Any:
    """The package `dp_accounting`.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        import dp_accounting
    except ImportError as error:
        raise _missing(str(error)) from error
    # An order that does not converge is left out, which is safe; nobody can do anything about it.
    logging.getLogger("absl").setLevel(logging.ERROR)
    return dp_accounting


def expect_accountants() -> None:
    """As `accountants`, without the two seconds that the import takes."""
    if importlib.util.find_spec("dp_accounting") is None:
        raise _missing("no package of this name")


def dp_event(mechanism: Mechanism, noise_multiplier: float) -> DpEvent:
    """One step in the words of dp-accounting."""
    dp = accountants()
    gaussian = dp.GaussianDpEvent(noise_multiplier)
    if mechanism.sampling_probability == 1:
        return gaussian
    return dp.PoissonSampledDpEvent(mechanism.sampling_probability, gaussian)


def _missing(told: str) -> MissingExtra:
    return MissingExtra(
        "privacy loss is computed with dp-accounting, which is not installed",
        code="extra-missing",
        path="privacy",
        got=told,
        fix='pip install "accord[privacy]"',
    )
