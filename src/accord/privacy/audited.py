"""The engine of private training as an auditor drives it: order and gradient, nothing replaced."""

from __future__ import annotations

import numpy as np

from accord.audit.worlds import Asked, Driven, Engine
from accord.part import Spec
from accord.privacy.members import Members, grouped
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from accord.privacy.sampling import Poisson


def engine(clipping: Spec, *, secure_noise: bool = False) -> Engine:
    """Accord's own engine with a clipping.

    Args:
        clipping: A spec of the slot `clipping`.
        secure_noise: As in the recipe.
    """

    def built(asked: Asked) -> Driven:
        plan = PrivacyPlan(
            noise_multiplier=asked.noise_multiplier,
            sampling_probability=asked.sampling_probability,
            expected_batch=asked.expected_batch,
            steps=1,
            clipping=clipping,
            rows_per_unit=asked.rows_per_unit,
            secure_noise=secure_noise,
            secret=asked.secret,
        )
        owners = np.repeat(np.arange(asked.units), asked.rows_per_unit)
        members = Members(*grouped(owners), asked.rows_per_unit, asked.secret)
        order = Poisson(members, asked.sampling_probability, asked.units)
        return Driven(order, PrivateGradient(plan))

    return built
