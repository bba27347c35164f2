"""What `privacy:` comes to on so many units: noise, sampling and steps. Loads no tensor library."""

from __future__ import annotations

from dataclasses import dataclass

from accord.accounting.calibrate import delta_for, noise_for
from accord.accounting.mechanism import Composition, Mechanism
from accord.accounting.unit import invalid
from accord.optimizer.schedule import total_steps
from accord.part import find
from accord.privacy.mechanism.steps import Figures, Steps
from accord.privacy.plan import PrivacyPlan
from accord.recipe.privacy import Privacy
from accord.recipe.train import Train


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures of a run that is to be private.

    Args:
        units: Records, users or sources, as the public is told.
        steps: Of the whole training.
        course: Who takes part in them, and how their noise hangs together.
        mechanism: Of a charge, which is for `course.each` steps.
        charges: How many there are.
        delta: The loss is told at.
    """

    units: int
    steps: int
    course: Steps
    mechanism: Mechanism
    charges: int
    delta: float

    @property
    def composition(self) -> Composition:
        """All that is charged."""
        return ((self.mechanism, self.charges),)


def terms_of(
    privacy: Privacy,
    spec: Train,
    units: int,
    delta: float | None = None,
    noise: float | None = None,
    *,
    proven: bool = True,
) -> Terms:
    """What a recipe comes to on so many units.

    Args:
        privacy, spec: Of the recipe.
        units: In the training split; `privacy.units` stands above it.
        delta: The smallest that an agreement asks for.
        noise: That was found before; None to find it.
        proven: Whether dp-accounting confirms the noise; a plan does without.

    Raises:
        RecipeError: Delta would let a record be published, or no noise suffices.
        MissingExtra: dp-accounting is not installed.
    """
    units = privacy.units or units
    delta = privacy.delta or min(delta_for(units), delta or 1.0)
    if delta >= 1 / units:
        raise invalid(
            "privacy.delta", delta, f"less than 1/{units}: a delta of 1/N may publish one"
        )
    steps = total_steps(spec, -(-units // spec.batch_size))
    figures = Figures(units, spec.batch_size, steps)
    course: Steps = find("mechanism", privacy.mechanism.kind)(privacy.mechanism, figures)
    charges = -(-steps // course.each)

    def mechanism(sigma: float) -> Mechanism:
        rate = course.probability if course.sampling == "poisson" else 1.0
        kind, unit = course.sampling, privacy.unit
        return Mechanism(sigma, rate, kind, unit=unit, version=course.version)

    sigma = noise or privacy.noise_multiplier
    if sigma is None:
        assert privacy.epsilon is not None
        sigma = noise_for(
            privacy.epsilon,
            delta,
            lambda s: ((mechanism(s), charges),),
            privacy.accountant,
            proven=proven,
        )
    return Terms(units, steps, course, mechanism(sigma), charges, delta)


def refuse_clipping(privacy: Privacy, terms: Terms) -> None:
    """Raises: RecipeError: The clipping cannot go with so much noise."""
    plan = PrivacyPlan(
        noise_multiplier=terms.mechanism.noise_multiplier,
        sampling_probability=terms.course.probability,
        expected_batch=terms.course.probability * terms.units,
        steps=terms.steps,
        clipping=privacy.clipping,
        rows_per_unit=privacy.rows_of_unit,
    )
    find("clipping", privacy.clipping.kind)(privacy.clipping, plan)
