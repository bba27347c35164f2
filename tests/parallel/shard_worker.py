"""One of the processes that `test_sharded.py` starts: the same work in each."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor

from accord.batch.team import Team
from accord.errors import ModelError
from accord.model.divided import give_gradient, rows_of, scattered, unmark
from accord.parallel.distributed import meet
from accord.parallel.shards import Shards
from accord.processes import processes
from tests.laws.models import tiny_bert
from tests.parallel.shard_lessons import LESSONS, Seen, learned, stopped

STOPPED = "averaged"
STEP = 3


def main(place: Path) -> None:
    """Every lesson; one of them in two sessions; at last one process dies in the middle."""
    team = meet(processes())
    for name in LESSONS:
        seen = Seen()
        found = learned(name, team, place, place / "runs" / name, seen=seen)
        save_file(found, place / f"{name}-{team.rank}.safetensors")
        (place / f"{name}-{team.rank}.json").write_text(json.dumps(seen.numbers()))
    work = place / "runs" / "again"
    stopped(STOPPED, team, place, work, STEP)
    if team.leads:
        shutil.copytree(work, place / "runs" / "elsewhere")
    team.wait()
    found = learned(STOPPED, team, place, work)
    if team.leads:
        save_file(found, place / "again.safetensors")
    sums(team)
    try:
        learned(STOPPED, team, place, place / "runs" / "gone", dies=STEP)
    except ModelError as error:
        (place / "gone").write_text(error.code)


def sums(team: Team) -> None:
    """What a gradient that is computed whole needs: its rows, and the sum of those of all."""
    laid = Shards(tiny_bert(), team, torch.device("cpu")).laid
    for weight in laid.values():
        whole = torch.arange(float(weight.numel())).view(weight.shape)
        (rows,) = scattered([whole * (1 + team.rank)], [weight])
        assert torch.equal(rows, 3 * whole[rows_of(weight)])
        give_gradient(weight, rows)
        assert isinstance(weight.grad, DTensor)
        assert torch.equal(weight.grad.full_tensor(), 3 * whole)
        assert unmark(weight)
        assert not unmark(weight)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
