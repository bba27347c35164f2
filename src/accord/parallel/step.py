"""What keeps the processes of a team at the same step, and their dropout apart."""

from __future__ import annotations

import hashlib

import torch

from accord.batch.team import Team
from accord.errors import IntegrityError


def draw_apart(team: Team, seed: int, step: int) -> None:
    """Let the processes of a team drop out different units in a step.

    A function of seed, step and rank, so that a resumed run needs the lead's checkpoint alone.
    """
    if team.size > 1:
        found = hashlib.sha256(f"{seed} {step} {team.rank}".encode()).digest()
        torch.manual_seed(int.from_bytes(found[:8], "big"))


def require_same(team: Team, step: int | None) -> None:
    """All go on from one checkpoint.

    Raises:
        IntegrityError: This process has read another than the lead.
    """
    lead = team.told(step)
    if lead != step:
        raise IntegrityError(
            "the processes of this run do not see the same checkpoints",
            code="checkpoint-damaged",
            path="checkpoints",
            got=step,
            expected=lead,
            why="each reads them from the run directory",
            fix="put the run directory on a disk that all machines share",
        )
