"""Several processes that a launcher started for one run."""

from __future__ import annotations

import os
from collections.abc import Mapping

from accord.errors import RecipeError

COUNTS = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Variables in which launchers (torchrun, accelerate, mpirun) say how many there are."""


def refuse_several(environment: Mapping[str, str] = os.environ) -> None:
    """A run is one process: each of several would train the whole of it alone.

    Raises:
        RecipeError: A launcher started more than one.
    """
    for name in COUNTS:
        value = environment.get(name, "")
        if value.isdecimal() and int(value) > 1:
            raise RecipeError(
                "a run is one process, and a launcher started several",
                code="several-processes",
                path=name,
                got=value,
                expected="1",
                why="each would train the whole recipe by itself: gradients are not averaged over "
                "processes (DDP, FSDP), and a private run would draw and charge its steps in each",
                fix="start it once, without `torchrun`: `accord train RECIPE` uses all cores of "
                "the machine, or one GPU; lower `machine.micro_batch_tokens` or set "
                "`machine.gradient_checkpointing: true` where memory is short",
            )
