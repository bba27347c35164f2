"""Several processes for one run: the first conducts it, the others take its steps of training."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from accord.agreement.sealing import key_held
from accord.errors import Interrupted
from accord.interruption import signals
from accord.parallel.distributed import meet, part
from accord.processes import Processes
from accord.recipe.tree import Recipe
from accord.train.stage import accompany


@contextmanager
def leading(those: Processes, output: Path) -> Generator[None]:
    """The others wait for what is to be done within the block, and hear how it has ended.

    Args:
        those: The processes that are to meet.
        output: The run directory.
    """
    team = meet(those)
    try:
        yield
    except Interrupted:
        team.told({"stopped": str(output.resolve())})
        raise
    except BaseException:
        part()  # some may be in the middle of a step
        raise
    team.told({"end": str(output.resolve())})


def follow(recipe: Recipe, base: Path, those: Processes) -> Path:
    """Take the lead's steps of training until the run is over.

    Args:
        recipe, base: As the lead has them.
        those: The processes that are to meet.

    Returns:
        The run directory.

    Raises:
        Interrupted: The user stopped the run; the lead has saved it.
        ModelError: The lead is gone.
    """
    with key_held(recipe, base), signals() as interrupted:
        team = meet(those)
        try:
            while "dataset" in (told := team.told(None)):
                with suppress(Interrupted):  # the lead has stopped too, and says so
                    accompany(recipe, told, base, interrupted)
        except BaseException:
            part()
            raise
    if "stopped" in told:
        raise Interrupted(
            "stopped with the process that leads",
            code="interrupted",
            fix="run the same command with --resume to go on",
        )
    return Path(told["end"])
