"""The engine of private training as an auditor drives it: order and gradient, nothing replaced."""

from __future__ import annotations

import numpy as np

from accord.audit.worlds import Asked, Driven, Engine
from accord.part import Spec
from accord.privacy.mechanism.banded import Banded, BandedSpec
from accord.privacy.mechanism.poisson import Drawn
from accord.privacy.mechanism.steps import Steps
from accord.privacy.members import Members, grouped
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient

LONG = 1000
"""Steps of a run that the noise of steps is made for."""


def engine(clipping: Spec, *, secure_noise: bool = False, banded: Spec | None = None) -> Engine:
    """Accord's own engine with a clipping.

    Args:
        clipping: A spec of the slot `clipping`.
        secure_noise: As in the recipe.
        banded: A spec of the mechanism of this kind, with at most as many bands as an epoch has
            steps; None for Poisson sampling.
    """

    def built(asked: Asked) -> Driven:
        course = _course(banded, asked)
        plan = PrivacyPlan(
            noise_multiplier=asked.noise_multiplier,
            sampling_probability=asked.sampling_probability,
            expected_batch=asked.expected_batch,
            steps=1,
            clipping=clipping,
            rows_per_unit=asked.rows_per_unit,
            column=tuple(course.column()),
            secure_noise=secure_noise,
            secret=asked.secret,
        )
        owners = np.repeat(np.arange(asked.units), asked.rows_per_unit)
        members = Members(*grouped(owners), asked.rows_per_unit, asked.secret)
        return Driven(course.order(members), PrivateGradient(plan))

    return built


def _course(banded: Spec | None, asked: Asked) -> Steps:
    if banded is None:
        return Drawn(asked.units, asked.sampling_probability)
    assert isinstance(banded, BandedSpec)
    each = round(1 / asked.sampling_probability)
    return Banded(asked.units, each, LONG, min(banded.bands, each), banded.momentum)
