"""Run the loop on a small prepared data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from accord.batch import Feed, PreparedSplit
from accord.batch.dealt import Dealt
from accord.batch.order import Order, Shuffled
from accord.batch.team import ALONE, Team
from accord.events import Log
from accord.fit import Fitted, Surroundings, fit
from accord.objective.gradient import Accumulate, Gradient, accumulate
from accord.optimizer.stopping import Rule
from accord.parallel.checkpoint import Checkpoints
from accord.parallel.placement import place_on
from accord.part import find
from accord.recipe.machine import Machine
from accord.recipe.train import Train
from accord.train.mixing import Mixing


class Computed(Accumulate):
    """A gradient by a function of one's own, which remembers nothing."""

    def __init__(self, compute: Callable[..., float]) -> None:
        self.compute = compute

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        return self.compute(*args, **kwargs)


NOTHING_MIXED = Mixing()
BY_LOSS = Rule("loss", lower_is_better=True)


def run_fit(
    model: nn.Module,
    data: Path,
    work: Path,
    *,
    train: dict[str, Any],
    machine: dict[str, Any] | None = None,
    gradient: Gradient = accumulate,
    interrupted: Callable[[], bool] = lambda: False,
    validate: Callable[[nn.Module], dict[str, float | None]] = lambda _: {},
    rule: Rule = BY_LOSS,
    mixing: Mixing = NOTHING_MIXED,
    order: Order | None = None,
    team: Team = ALONE,
) -> tuple[Fitted, list[dict[str, Any]]]:
    """The fitted model and all events."""
    spec = Train(**{"precision": "fp32", "batch_size": 8, **train})
    settings = Machine(**{"log_every": 1, "threads": 1, **(machine or {})})
    split = PreparedSplit(data, "train")
    problem = split.schema["problem"]
    part = find("objective", problem)
    objective = part(part.spec(kind=problem), label_smoothing=0.0, schema=split.schema)
    events: list[dict[str, Any]] = []
    log = Log(None, [lambda event: events.append(dict(event))])
    if team.size > 1:
        whole = order or Shuffled(split.rows)
        order = Dealt(whole, split.lengths, team, filled=settings.shard)
    feed = Feed(
        split,
        spec.batch_size,
        seed=spec.seed,
        division="bucketed" if settings.bucket else "ordered",
        workers=settings.workers,
        pairing=mixing.pairing,
        order=order,
    )
    around = Surroundings(
        validate=validate,
        checkpoints=Checkpoints(work / "checkpoints", "law", keep=2, log=log),
        log=log,
        interrupted=interrupted,
        team=team,
    )
    fitted = fit(
        model,
        mixing.over(objective),
        feed,
        spec,
        machine=settings,
        placement=place_on(settings, spec.precision).over(settings, team),
        around=around,
        rule=rule,
        gradient=gradient,
    )
    return fitted, events


def losses(events: list[dict[str, Any]]) -> list[float]:
    return [event["loss"] for event in events if event["event"] == "step"]
