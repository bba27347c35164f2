"""One of the processes that `test_private_sharded.py` starts: the same work in each."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file

from accord.batch.team import Team
from accord.errors import Interrupted
from accord.parallel.distributed import meet
from accord.processes import processes
from accord.train import releases
from tests.laws.private_runs import trained
from tests.parallel.lessons import DIVIDED, learned
from tests.parallel.private_models import CASES, compared, refused

STOP = 2
STOPPED = "stopped"


def main(place: Path) -> None:
    """Gradients of single steps; every lesson, one of them in two sessions; a run from a recipe."""
    team = meet(processes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: compared(name, team) for name in CASES}
    (place / f"refused-{team.rank}").write_text(refused(team))
    (place / f"steps-{team.rank}.json").write_text(json.dumps(found))
    for name in DIVIDED:
        _keep(place, team, name, learned(name, team, place, place / "runs" / name, shard=True))
    work, steps = place / "runs" / "again", [0]

    def stops() -> bool:
        steps[0] += 1
        return steps[0] == STOP and not team.leads

    try:
        learned(STOPPED, team, place, work, shard=True, interrupted=stops)
    except Interrupted:
        _keep(place, team, "again", learned(STOPPED, team, place, work, shard=True))
    else:
        raise AssertionError("it was not stopped")
    releases.token_bytes = lambda size: b"\7" * size
    trained(place, "divided", json.loads((place / "recipe.json").read_text()))


def _keep(place: Path, team: Team, name: str, found: dict[str, torch.Tensor]) -> None:
    if team.leads:
        save_file(found, place / f"{name}.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
