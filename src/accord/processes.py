"""Several processes that a launcher started for one run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.errors import RecipeError

COUNTS = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
"""Variables in which launchers (torchrun, accelerate, mpirun) say how many there are."""
HERE = ("LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")
"""The same of those on this machine."""
MEETING = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What processes need to meet: `torchrun` sets it."""
SHARDED = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED", "ACCELERATE_USE_MEGATRON_LM")
"""Variables in which `accelerate launch` asks for weights that are divided over processes."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Those of one run, and which of them this is.

    Args:
        rank: Of this process; the first leads.
        size: How many there are.
        local_rank, local_size: The same among those on this machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the one that prepares, writes, evaluates and reports."""
        return self.rank == 0


def processes(environment: Mapping[str, str] = os.environ) -> Processes:
    """What `torchrun`, or another launcher that sets the same variables, says of this process.

    Raises:
        RecipeError: A launcher started several and does not say where they meet, or wants weights
            divided in a way of its own.
    """
    for name in SHARDED:
        if environment.get(name, "").lower() in ("true", "1"):
            raise _undivided(name)
    if _count(environment) == 1:
        return Processes()
    missing = [name for name in MEETING if not environment.get(name)]
    if missing:
        raise RecipeError(
            "a launcher started several processes that cannot meet",
            code="several-processes",
            path=missing[0],
            got="not set",
            expected=" ".join(MEETING),
            why="each would train the whole recipe by itself",
            fix="start them with `torchrun --nproc-per-node N -m accord train RECIPE`",
        )
    size = int(environment["WORLD_SIZE"])
    return Processes(
        rank=int(environment["RANK"]),
        size=size,
        local_rank=int(environment.get("LOCAL_RANK", "0")),
        local_size=int(environment.get("LOCAL_WORLD_SIZE", str(size))),
    )


def processes_here(environment: Mapping[str, str] = os.environ) -> int:
    """How many processes share the cores of this machine, whatever they do and whether they can
    meet or not."""
    return _count(environment, HERE if any(environment.get(name) for name in HERE) else COUNTS)


def refuse_several(verb: str, environment: Mapping[str, str] = os.environ) -> None:
    """Only training is done by several processes.

    Args:
        verb: What is being done.

    Raises:
        RecipeError: A launcher started more than one.
    """
    count = _count(environment)
    if count == 1:
        return
    name = next(name for name in COUNTS if _count(environment, (name,)) == count)
    raise RecipeError(
        f"`accord {verb}` is one process, and a launcher started several",
        code="several-processes",
        path=name,
        got=count,
        expected="1",
        why="each would do the whole of it by itself, and write over what the others wrote",
        fix=f"run `accord {verb}` without the launcher (only `accord train` takes several); where "
        f"each has work of its own, `env -u {name} accord {verb} ...`",
    )


def _undivided(name: str) -> RecipeError:
    return RecipeError(
        "`accelerate launch` has no say over weights here (FSDP, DeepSpeed, Megatron)",
        code="several-processes",
        path=name,
        got="true",
        expected="machine.shard: true",
        why="its settings would be read by nobody: an ordinary run would divide nothing, silently",
        fix="set `machine.shard: true` in the recipe, which divides weights, gradients and "
        "optimizer state, and start it with `torchrun --nproc-per-node N --no-python accord train "
        "RECIPE`",
    )


def _count(environment: Mapping[str, str], names: Sequence[str] = COUNTS) -> int:
    found = [environment.get(name, "") for name in names]
    return max((int(value) for value in found if value.isdecimal()), default=1)
