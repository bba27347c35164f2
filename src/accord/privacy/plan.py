"""What is protected and how: everything a private gradient depends on, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from accord.part import Spec


@dataclass(frozen=True, slots=True)
class PrivacyPlan:
    """Sampling, clipping and noise of a run.

    Args:
        noise_multiplier: Standard deviation of a step's noise over the clipping norm. 0 gives no
            privacy at all: it is there for the law that the zero changes nothing.
        sampling_probability: Share of the units that a step is expected to draw.
        expected_batch: Units a step is expected to draw. The divisor of every step: the size of
            the batch that was drawn is private, this is not.
        steps: Of the whole run.
        clipping: How a unit's gradient is cut (a spec of the slot `clipping`).
        rows_per_unit: Adjacent rows of a batch that are one unit's; all units have as many, those
            with fewer are filled with rows of weight 0.
        column: How the noise of steps hangs together: the first column of C (see `Correlated`).
        secure_noise: Noise from a cryptographic keystream, on a lattice.
        secret: 32 bytes of this run alone, from which batches and noise are drawn. Who knows them
            can take the noise off: they appear in no recipe, log or manifest.
    """

    noise_multiplier: float
    sampling_probability: float
    expected_batch: float
    steps: int
    clipping: Spec
    rows_per_unit: int = 1
    column: tuple[float, ...] = (1.0,)
    secure_noise: bool = False
    secret: bytes = field(default=b"", repr=False)
