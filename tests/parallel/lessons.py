"""Small trainings that any team of processes takes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from accord.batch.order import Shuffled
from accord.batch.team import Team
from accord.objective.gradient import Accumulate, Arithmetic, Gradient
from accord.objective.objective import Batch, Objective
from accord.parallel.checkpoint import copies
from accord.parallel.held import Undivided, changing
from accord.privacy.clipped import Clipped
from accord.privacy.clipping.adaptive import AdaptiveSpec
from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from tests.laws.fitting import run_fit
from tests.laws.models import tiny_bert, tiny_gpt2
from tests.laws.prepared import classification, language

ROWS = 60
LESSONS = (
    "plain", "few rows", "averaged", "language", "scarce", "cut", "private", "users", "secure",
)  # fmt: skip
DIVIDED = ("private few", "users", "stopped")
"""Those that are private, for processes that divide the weights."""
SLOWLY = {"optimizer": {"kind": "sgd"}, "learning_rate": 0.3, "steps": 8, "batch_size": 12}
"""With Adam rounding in a gradient near zero becomes a step of full length."""


def lay_out(folder: Path) -> None:
    """The prepared rows that `learned` reads."""
    classification(folder / "classes", ROWS)
    documents = [list(range(5, 5 + size)) for size in (3, 9, 17, 4, 6)]
    packs = [[0, 1], [2], [3, 4], [1, 0, 3], [4]] * 6
    language(folder / "language", documents, packs)


def learned(
    name: str,
    team: Team,
    folder: Path,
    work: Path,
    *,
    shard: bool = False,
    interrupted: Callable[[], bool] = lambda: False,
) -> dict[str, torch.Tensor]:
    """The weights that a lesson ends with; the step's mean loss is among them. Where weights are
    divided, only the lead has them."""
    divided = shard and team.size > 1
    data, model = folder / "classes", nn.Module()
    train: dict[str, Any] = dict(SLOWLY)
    if name in DIVIDED:
        train |= {"steps": 4}
    if name in ("few rows", "private few"):
        train |= {"batch_size": 1}
    if name == "averaged":
        train |= {"ema": 0.9, "optimizer": {"kind": "adamw"}, "learning_rate": 1e-4}
    if name == "language":
        data, model = folder / "language", tiny_gpt2()
    else:
        model = tiny_bert()
    order = Shuffled(ROWS, 3) if name == "users" else None
    fitted, events = run_fit(
        model, data, work / name, train=train, gradient=_gradient(name, team, divided=divided),
        order=order, team=team, machine={"micro_batch_tokens": 80, "shard": shard},
        interrupted=interrupted,
    )  # fmt: skip
    halved = [event for event in events if event["event"] == "out_of_memory"]
    assert len(halved) == (name == "scarce" and team.rank == 1)
    losses = [event["loss"] for event in events if event["event"] == "step"]
    weights = {} if divided and not team.leads else copies(changing(Undivided(fitted.model)))
    return weights | {"losses": torch.tensor(losses)}


class _Scarce(Accumulate):
    """One of two processes runs out of memory in its third step, half-way."""

    calls = 0

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        self.calls += 1
        if self.team.rank == 1 and self.calls == 3:
            objective.loss(model, batches[0]).backward()
            raise RuntimeError("not enough memory")
        return super().__call__(model, objective, batches, arithmetic=arithmetic, scale=scale)


def _gradient(name: str, team: Team, *, divided: bool) -> Gradient:
    match name:
        case "scarce":
            return _Scarce(team)
        case "cut":
            return Clipped(0.05, team)
        case _ if name in PLANS:
            return PrivateGradient(_plan(**PLANS[name]), team=team, divided=divided)
        case _:
            return Accumulate(team)


PLANS: dict[str, dict[str, Any]] = {
    "private": {"clipping": AdaptiveSpec()},
    "private few": {"clipping": AdaptiveSpec(), "expected_batch": 1.0, "noise_multiplier": 0.05},
    "users": {"rows_per_unit": 3},
    "secure": {"secure_noise": True},
    "stopped": {"clipping": AdaptiveSpec(), "column": (1.0, 0.6)},
}


def _plan(**changed: Any) -> PrivacyPlan:
    given = {
        "noise_multiplier": 0.5, "sampling_probability": 0.2, "expected_batch": 12.0, "steps": 8,
        "clipping": FlatSpec(norm=0.2), "secret": b"s" * 32,
    }  # fmt: skip
    return PrivacyPlan(**(given | changed))
