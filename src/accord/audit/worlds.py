"""Two worlds, with one crafted unit and without it, and what an engine releases in each.

The model is linear and the gradient of a row is the row itself, so that every coordinate of a
released sum has a known meaning. Its two layers stand side by side.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from accord.batch.order import Chosen, Order

WIDTH = 128
"""Of a layer."""
FIRST, SECOND = (0, 1, 2, 3), (4, 5, 6, 7)
OWN = (*FIRST, *(WIDTH + at for at in SECOND))
"""Coordinates of the crafted unit: others in each layer, so that noise which layers share cannot
hide it."""
TWINS = ((*SECOND,), (*(WIDTH + at for at in FIRST),), (10,), (WIDTH + 11,))
"""Coordinates that no unit has; the first two are the same places of the other layer."""
BACKGROUND = (8, WIDTH + 9)
"""Of the other units."""
LONG = 1e6
"""Length of the crafted unit's gradient: whatever is not cut shows."""
OTHERS = 3
"""Units that are in both worlds; their gradients have length 1."""
Floats = npt.NDArray[np.float64]


class Gradient(Protocol):
    """What fills `.grad` of a step: `accord.objective.gradient` says more."""

    def __call__(
        self,
        model: nn.Module,
        objective: Any,
        batches: Sequence[Any],
        *,
        arithmetic: Callable[[], AbstractContextManager[None]],
        scale: float,
    ) -> float: ...

    def state(self) -> Mapping[str, torch.Tensor]: ...

    def restore(self, state: Mapping[str, torch.Tensor]) -> None: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """How an engine is driven.

    Args:
        noise_multiplier, sampling_probability: That it is asked for.
        steps: Of a run.
        runs: Short runs, one after the other, under one secret; each with the unit or without it,
            by a coin.
        secrets: How many.
        opposed: Of the other units, so many pull against the crafted one: what is cut only as a
            whole turns round with it.
        rest: Steps between runs, without the unit: so far later noise may take back that of a run.
            Each unit takes part once in a run then, and the noise alone hides it.
    """

    noise_multiplier: float
    sampling_probability: float
    steps: int
    runs: int
    secrets: int
    opposed: int = 0
    rest: int = 0

    @property
    def hidden_by_noise(self) -> bool:
        """Whether no chance is accounted: who takes part may be known."""
        return self.sampling_probability == 1 or self.rest > 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in which arithmetic an engine computes."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    arithmetic: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, slots=True)
class Asked:
    """What an engine is to do.

    Args:
        noise_multiplier, sampling_probability: That are accounted.
        expected_batch: The public divisor.
        units: In the training rows.
        rows_per_unit: Of each unit, adjacent.
        secret: 32 bytes.
    """

    noise_multiplier: float
    sampling_probability: float
    expected_batch: float
    units: int
    rows_per_unit: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Driven:
    """An engine at work: which rows make a step, and what is released of them."""

    order: Order
    gradient: Gradient


Engine = Callable[[Asked], Driven]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was released.

    Args:
        sums: Of each run and step, the rests on both sides of it included; float64
            [runs, steps, 2 * WIDTH].
        present: How often the unit takes part in these steps where it is in. [runs, steps]
        learned: What else the engine's state holds at the end of a run, and before it.
            [runs, 2, values]
        before: Of the first steps under the secret, without the unit. [runs, steps, 2 * WIDTH]
        elsewhere: Of the same steps under another secret, without it. [runs, steps, 2 * WIDTH]
        within: Whether the unit was in. [runs]
        judging: Whether the run judges; else it helps to choose a threshold. [runs]
    """

    sums: Floats
    present: Floats
    learned: Floats
    before: Floats
    elsewhere: Floats
    within: npt.NDArray[np.bool_]
    judging: npt.NDArray[np.bool_]


def watched(
    engine: Engine, setting: Setting, units: int, rows_per_unit: int, place: Place, seed: int
) -> Seen:
    """Drive an engine through many short runs.

    The runs of a secret follow each other as the steps of one training do, and the coin of each
    is tossed when those before it are over: what they showed is known, as composition allows.

    Args:
        engine: Is asked for a new engine for each secret and world.
        setting: How.
        units: As the public is told; the worlds have fewer.
        rows_per_unit: Of every unit.
        place: Where the model is.
        seed: Of secrets and coins.
    """
    drive = _Drive(engine, setting, units, rows_per_unit, place)
    window = setting.steps + 2 * setting.rest
    stride = setting.steps + setting.rest
    away = drive.worlds(_secret(seed, 0))
    elsewhere = [drive.step(away[0], step) for step in range(window + setting.runs * stride)]
    found: dict[str, list[Any]] = {name: [] for name in Seen.__dataclass_fields__}
    for number in range(1, setting.secrets + 1):
        worlds = drive.worlds(_secret(seed, number))
        coins = np.random.default_rng((seed, number)).permutation(setting.runs) % 2 == 1
        # A run without the unit, its rests included, goes before the others.
        released = drive.steps(*worlds, range(window))
        for run, coin in enumerate(coins.tolist()):
            first = window + run * stride
            here, other = worlds[int(coin)], worlds[1 - int(coin)]
            known = [_learned(here)]
            released += drive.steps(here, other, range(first, first + setting.steps))
            known.append(_learned(here))
            # In the rest after it the unit is not.
            released += drive.steps(*worlds, range(first + setting.steps, first + stride))
            at = slice(first - setting.rest, first + stride)
            found["sums"].append(released[at])
            found["present"].append(drive.present(worlds[1], at, first))
            found["learned"].append(known)
            found["before"].append(released[:window])
            found["elsewhere"].append(elsewhere[at])
            found["within"].append(coin)
            found["judging"].append(number > setting.secrets // 2)
    return Seen(**{name: np.array(values) for name, values in found.items()})


class _Linear(nn.Module):
    """Two layers side by side."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng(()):
            self.first = nn.Linear(WIDTH, 1, bias=False)
            self.second = nn.Linear(WIDTH, 1, bias=False)
        nn.init.zeros_(self.first.weight)
        nn.init.zeros_(self.second.weight)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return (self.first(rows[:, :WIDTH]) + self.second(rows[:, WIDTH:])).squeeze(-1)


class _Outputs:
    """The objective: what the model says of a row is its loss."""

    def losses(self, model: nn.Module, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return model(batch["inputs"]).float()

    def loss(self, model: nn.Module, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return (self.losses(model, batch) * batch.get("weight", torch.ones(()))).sum()

    def units(self, batch: Mapping[str, torch.Tensor]) -> float:
        return float(len(batch["rows"]))


class _Drive:
    """The model and its rows, for all runs."""

    def __init__(
        self, engine: Engine, setting: Setting, units: int, rows_per_unit: int, place: Place
    ) -> None:
        self.engine, self.setting, self.rows_per_unit = engine, setting, rows_per_unit
        self.place, self.model, self.objective = place, _Linear().to(place.device), _Outputs()
        self.expected = setting.sampling_probability * units
        rows = torch.zeros(OTHERS + 1, 2 * WIDTH)
        rows[setting.opposed : OTHERS, BACKGROUND] = len(BACKGROUND) ** -0.5
        rows[: setting.opposed, OWN] = -(len(OWN) ** -0.5)
        rows[OTHERS, OWN] = LONG * len(OWN) ** -0.5
        self.rows = rows.repeat_interleave(rows_per_unit, 0).to(place.device)

    def worlds(self, secret: bytes) -> tuple[Driven, Driven]:
        """Without the unit, and with it."""
        given = (self.setting.noise_multiplier, self.setting.sampling_probability, self.expected)
        without, within = (
            self.engine(Asked(*given, units, self.rows_per_unit, secret))
            for units in (OTHERS, OTHERS + 1)
        )
        return without, within

    def steps(self, here: Driven, other: Driven, steps: range) -> list[Floats]:
        """What some steps release; the other world then knows what this one learned."""
        found: list[Floats] = []
        for step in steps:
            found.append(self.step(here, step))
            if self.setting.rest:
                self.step(other, step)  # it need not draw the noise of these steps again, later
        if len(steps):
            other.gradient.restore(here.gradient.state())
        return found

    def step(self, world: Driven, step: int) -> Floats:
        """What a step releases. [2 * WIDTH]"""
        size = max(round(self.expected), 1)
        chosen = next(world.order.batches(0, size, step))
        batches = [self._batch(chosen)] if len(chosen.rows) else []
        arithmetic = self.place.arithmetic
        world.gradient(self.model, self.objective, batches, arithmetic=arithmetic, scale=1.0)
        layers = (self.model.first.weight, self.model.second.weight)
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in layers]
        self.model.zero_grad()
        return torch.cat(parts, dim=1)[0].double().cpu().numpy()

    def present(self, world: Driven, at: slice, first: int) -> list[float]:
        """How often the crafted unit takes part in each step of a run that begins at `first`; in
        the rests beside it never."""
        found: list[float] = []
        for step in range(at.start, at.stop):
            count = 0
            if first <= step < first + self.setting.steps:
                chosen = next(world.order.batches(0, max(round(self.expected), 1), step))
                count = int((chosen.rows >= OTHERS * self.rows_per_unit).sum())
            found.append(count / self.rows_per_unit)
        return found

    def _batch(self, chosen: Chosen) -> dict[str, torch.Tensor]:
        at = torch.from_numpy(chosen.rows).to(self.rows.device)
        batch = {"inputs": self.rows[at], "rows": at}
        if chosen.weight is not None:
            batch["weight"] = torch.from_numpy(chosen.weight).to(at.device)
        return batch


def _learned(world: Driven) -> list[float]:
    """What an engine learned over the steps, besides how many there were."""
    state = world.gradient.state()
    return [float(value) for name, value in sorted(state.items()) if name != "step"]


def _secret(seed: int, number: int) -> bytes:
    label = f"accord audit {seed} {number}".encode()
    return hmac.digest(b"of no training", label, hashlib.sha256)
