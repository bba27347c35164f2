"""One of the processes that `test_several.py` starts: the same work in each."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from accord.errors import Interrupted
from accord.parallel.distributed import meet
from accord.processes import processes
from accord.train import releases
from tests.laws.private_runs import trained
from tests.parallel.lessons import LESSONS, learned


def stopping_at(step: int) -> Callable[[Mapping[str, Any]], None]:
    """Asks this process alone to stop, as a scheduler may."""

    def hear(event: Mapping[str, Any]) -> None:
        if event["event"] == "step" and event["step"] == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return hear


def main(place: Path) -> None:
    """Every lesson; then a run in one session, and the same in two."""
    team = meet(processes())
    for name in LESSONS:
        # Nothing but the lead's weights is where both begin.
        found = learned(name, team, place, place / f"rank{team.rank}")
        save_file(found, place / f"{name}-{team.rank}.safetensors")
    releases.token_bytes = lambda size: b"\7" * size
    made = json.loads((place / "recipe.json").read_text())
    summary = trained(place, "straight", made)
    assert summary["efficiency"]["processes"] == team.size
    try:
        trained(place, "stopped", made, heard=stopping_at(6))
    except Interrupted:
        trained(place, "stopped", made, resume=True)
    else:
        raise AssertionError("it was not stopped")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
