"""Small trainings with weights that are divided, or are not."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from accord.batch.team import Team
from accord.errors import Interrupted
from accord.model.lora import Lora, lora
from accord.objective.gradient import Accumulate, Gradient
from accord.objective.in_step import InStep
from accord.optimizer.stopping import Rule
from accord.parallel import learner
from accord.parallel.checkpoint import copies
from accord.parallel.held import Held, Undivided, changing
from accord.privacy.clipped import Clipped
from tests.laws.fitting import run_fit
from tests.laws.models import tiny_bert, tiny_gpt2
from tests.parallel.lessons import SLOWLY

ADAM: dict[str, Any] = {"optimizer": {"kind": "adamw"}, "learning_rate": 1e-4}
LESSONS: dict[str, dict[str, Any]] = {
    "few rows": {"batch_size": 1},
    "averaged": {**ADAM, "ema": 0.9, "clip_norm": 0.05},
    "language": {},
    "adapted": {"clip_norm": 0.05},
    "half": {"precision": "bf16"},
    "scaled": {"precision": "fp16", "learning_rate": 0.1},
    "cut": {"precision": "fp16", "learning_rate": 0.1},
    "kept": {**ADAM, "keep": "best", "evaluate_every": 0.4, "ema": 0.9},
}
"""What is trained by each beside `SLOWLY`."""


@dataclass
class Seen:
    """What a training left in this process: numbers held of weights, gradients and optimizer."""

    held: list[Held] = field(default_factory=list)
    optimizers: list[torch.optim.Optimizer] = field(default_factory=list)

    def numbers(self) -> dict[str, int]:
        (held,), (optimizer,) = self.held, self.optimizers
        state = [v for one in optimizer.state.values() for v in one.values()]
        tensors = [v for v in state if isinstance(v, torch.Tensor) and v.ndim]
        return {
            "weights": sum(p.numel() for p in held.trained.values()),
            "state": sum(v.numel() for v in tensors),
        }


def model_of(name: str) -> nn.Module:
    match name:
        case "language":
            return tiny_gpt2()
        case "adapted":
            model: Any = tiny_bert()
            # The base of a wrapped model says where its head came from.
            return lora(Lora(rank=2), model)
        case _:
            return tiny_bert()


def learned(
    name: str,
    team: Team,
    folder: Path,
    work: Path,
    *,
    shard: bool = True,
    stop: int | None = None,
    dies: int | None = None,
    seen: Seen | None = None,
) -> dict[str, torch.Tensor]:
    """The weights that a lesson ends with, whole in the lead; the steps' losses are among them.

    Args:
        stop: Asks to stop after this step; what was learned by then is saved under `work`.
        dies: After this step the last process is no more.
        seen: Takes what this process held.
    """
    texts = name == "language"
    divided = shard and team.size > 1
    steps, values = [0], [0.5, 0.2, 0.4, 0.3, 0.6]

    def stops() -> bool:
        steps[0] += 1
        if steps[0] == dies and not team.leads:
            os._exit(3)
        # One process alone is asked.
        return steps[0] == stop and team.rank == team.size - 1

    def validate(model: nn.Module) -> dict[str, float | None]:
        if name != "kept":
            return {}
        ids = torch.arange(5, 17)[None]
        with torch.no_grad():
            found: Any = model(input_ids=ids, attention_mask=torch.ones_like(ids))
        return {"loss": values.pop(0), "first": float(found.logits[0, 0])}

    with _watching(seen):
        fitted, events = run_fit(
            model_of(name),
            folder / ("language" if texts else "classes"),
            work,
            train={**SLOWLY, **LESSONS[name]},
            gradient=_gradient(name, team, divided=divided),
            team=team,
            machine={"micro_batch_tokens": 80, "shard": shard},
            interrupted=stops,
            validate=validate,
            rule=Rule("loss", lower_is_better=True),
        )
    told = {e["step"]: e["loss"] for e in events if e["event"] == "step"}
    first = [e["metrics"]["first"] for e in events if e["event"] == "evaluate"]
    beside = {"losses": torch.tensor([*told.values()]), "first": torch.tensor(first)}
    if divided and not team.leads:
        return beside
    return copies(changing(Undivided(fitted.model))) | beside


def _gradient(name: str, team: Team, *, divided: bool) -> Gradient:
    if name == "cut":
        return Clipped(0.05, team, divided=divided)
    return InStep(team) if divided else Accumulate(team)


def stopped(name: str, team: Team, folder: Path, work: Path, step: int) -> None:
    """Begin a lesson and stop after a step."""
    try:
        learned(name, team, folder, work, stop=step)
    except Interrupted:
        return
    raise AssertionError("it was not stopped")


@contextmanager
def _watching(seen: Seen | None) -> Generator[None]:
    made = learner.Learner

    def noted(*args: Any) -> learner.Learner:
        found = made(*args)
        if seen is not None:
            seen.held.append(found.held)
            seen.optimizers.append(found.optimizer)
        return found

    learner.Learner = noted  # type: ignore[misc,assignment]
    try:
        yield
    finally:
        learner.Learner = made  # type: ignore[misc]
