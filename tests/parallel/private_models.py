"""Models whose private gradient two processes compute that divide them, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from accord.batch.team import Team
from accord.errors import ModelError
from accord.parallel.shards import Shards
from accord.part import find
from accord.privacy.private import PrivateGradient
from tests.privacy.models import ROWS, WIDTH, Batch, Curved, build, vectors
from tests.privacy.test_gradient import gradient_of, plan

Parts = tuple[list[list[int]], list[list[int]]]
"""Rows of each micro-batch of each of two processes; a process without any takes one of none."""

STEPS: dict[str, tuple[Parts, ...]] = {
    "even": (([[0, 1, 2]], [[3, 4]]),) * 2,
    "uneven": (([[0, 1], [2]], [[3, 4]]), ([[0]], [[1], [2], [3, 4]])),
    "one has none": (([[0, 1], [2, 3, 4]], []),) * 2,
    "last row late": (([[0, 1]], [[2, 3]]), ([[0, 1]], [[2, 3, 4]])),
    "few at first": (([[0]], [[1]]), ([[0, 1]], [[2]]), ([[3]], [[4]])),
}
"""Of each step."""


class Queries(nn.Module):
    """Layers that read weights as they are: trained ones, and frozen ones."""

    def __init__(self) -> None:
        super().__init__()
        self.trained = nn.Parameter(torch.rand(1, 4, WIDTH))
        self.frozen = nn.Parameter(torch.rand(1, 4, WIDTH), requires_grad=False)
        self.first, self.second = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        trained, frozen = (one.expand(len(x), -1, -1) for one in (self.trained, self.frozen))
        return (self.first(trained) + self.second(frozen)) * x[:, :4]


class Prompted(nn.Module):
    """Trained weights before layers that are not, which are divided apart."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.rand(WIDTH))
        layer = [nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh()) for _ in range(2)]
        self.layers = nn.ModuleList(layer).requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.shift
        for layer in self.layers:
            x = layer(x)
        return x


class Odd(nn.Module):
    """Takes twice as many rows through a layer where it is shown something large."""

    def __init__(self) -> None:
        super().__init__()
        layer = [nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh()) for _ in range(2)]
        self.layers = nn.ModuleList(layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            large = bool((x > 100).any())
            x = layer(torch.cat([x, x]))[: len(x)] if large else layer(x)
        return x


class Whispering(Odd):
    """Lets rows see each other where it is shown something large."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        large = bool((x > 100).any())
        for layer in self.layers:
            x = layer(x)
        return x + x.mean(0) if large else x


def odd() -> tuple[nn.Module, Batch]:
    """No rule can follow the last row."""
    x = torch.randn(ROWS, 6, WIDTH)
    x[ROWS - 1, 0, 0] = 200.0
    return Odd(), {"x": x, "rows": torch.arange(ROWS)}


def spoiled() -> tuple[nn.Module, Batch]:
    """A row of nonsense."""
    model, batch = build("linear")
    batch["x"][3] = torch.nan
    return model, batch


OWN: dict[str, Callable[[], tuple[nn.Module, Batch]]] = {
    "queries": lambda: (Queries(), vectors()),
    "prompted": lambda: (Prompted(), vectors()),
    "odd": odd,
    "odd later": odd,
    "spoiled": spoiled,
}
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("uneven", "adaptive", {}),
    "gpt2": ("one has none", "per-layer", {"column": (1.0, 0.5, 0.2)}),
    "checkpointed": ("even", "automatic", {}),
    "lora": ("even", "per-layer", {}),
    "tied-embedding": ("even", "flat", {}),
    "attention": ("uneven", "flat", {}),
    "used-twice": ("few at first", "adaptive", {"secure_noise": True}),
    "unknown": ("one has none", "adaptive", {}),
    "past-its-module": ("uneven", "adaptive", {}),
    "queries": ("uneven", "flat", {}),
    "prompted": ("uneven", "flat", {}),
    "odd": ("uneven", "adaptive", {}),
    "odd later": ("last row late", "adaptive", {}),
    "spoiled": ("even", "adaptive", {}),
}
"""How rows lie, how they are cut, and what else is asked for."""
SLOW = {"past-its-module", "prompted", "odd", "odd later"}
"""Those whose rows go one at a time."""


def built(name: str) -> tuple[nn.Module, Batch]:
    """A model and its rows, the same every time."""
    if name not in OWN:
        return build(name)
    torch.manual_seed(0)
    return OWN[name]()


def compared(name: str, team: Team) -> dict[str, Any]:
    """What divided weights are given beside whole ones: the largest difference over the length of
    the gradient, by step; and whether rows went one at a time."""
    how, kind, more = CASES[name]
    given = plan(noise_multiplier=0.01, clipping=find("clipping", kind).spec(norm=0.5), **more)
    model, batch = built(name)
    held = Shards(model, team, torch.device("cpu"))
    private = PrivateGradient(given, team=team, divided=True)
    whole, alone = PrivateGradient(given), built(name)[0]
    far = list[float]()
    for parts in STEPS[how]:
        rows = [row for those in parts for part in those for row in part]
        expected = gradient_of(whole, alone, [_taken(batch, rows)])
        own = [_taken(batch, part) for part in parts[team.rank]]
        none = {**_taken(batch, [0]), "weight": torch.zeros(1)}
        private(model, Curved(), own or [none], arithmetic=nullcontext, scale=1.0)
        far.append(max(_differences(held, expected)))
        held.forget()
    assert private.state().keys() == whole.state().keys()
    for key, value in whole.state().items():
        torch.testing.assert_close(private.state()[key], value, rtol=1e-6, atol=0)
    return {"far": far, "slow": private.slow is not None}


def refused(team: Team) -> str:
    """The code of the refusal, by every process, of a model of which one sees rows mixed."""
    torch.manual_seed(0)
    model, batch = Whispering(), vectors()
    batch["x"][ROWS - 2 :, 0, 0] = 200.0
    Shards(model, team, torch.device("cpu"))
    private = PrivateGradient(plan(noise_multiplier=0.01), team=team, divided=True)
    own = [_taken(batch, [0, 1] if team.leads else [ROWS - 2, ROWS - 1])]
    try:
        private(model, Curved(), own, arithmetic=nullcontext, scale=1.0)
    except ModelError as error:
        return error.code
    return "none"


def _taken(batch: Batch, rows: list[int]) -> Batch:
    return {name: value[rows] for name, value in batch.items()}


def _differences(held: Shards, expected: dict[str, torch.Tensor]) -> Iterator[float]:
    size = float(torch.cat([value.flatten() for value in expected.values()]).norm())
    given = {name: laid.grad for name, laid in held.laid.items() if laid.grad is not None}
    assert given.keys() == expected.keys()
    for name, gradient in given.items():
        whole: Any = gradient
        yield float((whole.full_tensor() - expected[name]).norm()) / size
