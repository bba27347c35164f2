"""What a private run has let out, step by step: written down and charged before it happens.

Where a unit takes part once in several steps, these are one step here (`each`).

A step that is computed again, after a crash, from the same secret has the same batch and the same
noise: it tells nothing new and is charged once. Without the secret, or for another model, the steps
are others, and a further segment of them is charged.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from secrets import token_bytes
from typing import Any

import torch
from torch import nn

from accord.accounting.mechanism import (
    Composition,
    Mechanism,
    composed,
    mechanism_from_json,
    mechanism_json,
)
from accord.artifact import write_atomic
from accord.batch.team import ALONE, Team
from accord.objective.gradient import Arithmetic
from accord.objective.objective import Batch, Objective
from accord.privacy.noise import DRAWN
from accord.privacy.private import PrivateGradient
from accord.recipe.context import Charges

RELEASES = "privacy.json"
"""In the run directory: the segments, which outlive the checkpoints."""
SECRET = "secret"
"""Beside the checkpoints, until the last is written."""
BYTES = 32
OPENED = 1
"""Number of the first step to be charged: 0 is the opening of the data."""
CHUNKS = 50
"""How often the mark moves in a run: a crash over-charges at most a fiftieth of it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps that one secret gives to one model.

    Args:
        key: Of the secret and the model; tells nothing of either.
        begin: Step of the training with which it begins.
        first: Number of that step over all that was ever charged for the run.
        steps: How many are reserved.
        mark: Steps below it may have happened.
        mechanism: Of each step.
    """

    key: str
    begin: int
    first: int
    steps: int
    mark: int
    mechanism: Mechanism

    @property
    def end(self) -> int:
        return self.first + self.steps


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a run directory.

    Args:
        segments: Oldest first.
        units: Of the training split, as the public is told.
        delta: The loss is told at.
        each: Steps of the training that one charge is for.
    """

    segments: tuple[Segment, ...]
    units: int
    delta: float
    each: int = 1


def record_in(folder: Path) -> Record | None:
    """What the run in a folder has released; None before it has reserved a step."""
    path = folder / RELEASES
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    segments = tuple(
        Segment(**(one | {"mechanism": mechanism_from_json(one["mechanism"])}))
        for one in found["segments"]
    )
    return Record(segments, found["units"], found["delta"], found.get("each", 1))


def released(segments: Sequence[Segment]) -> Composition:
    """All that may have happened, whatever was done with it afterwards."""
    return composed((one.mechanism, one.mark - one.first) for one in segments)


def secret_of(folder: Path) -> bytes:
    """The run's secret, made where there is none; only its owner may read it."""
    path = folder / SECRET
    if path.is_file() and len(found := path.read_bytes()) == BYTES:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(made := token_bytes(BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    return made


def forget(folder: Path) -> None:
    """Nobody needs the secret any more, and who finds it could take the noise off."""
    path = folder / SECRET
    if path.is_file():
        path.write_bytes(bytes(BYTES))
        path.unlink()


def key_of(identity: str, secret: bytes) -> str:
    """What tells segments apart: another model, or other noise of a later version, under one secret
    would bare the gradients."""
    own = hashlib.sha256(secret + bytes([DRAWN])).digest()
    return hashlib.sha256(identity.encode() + own).hexdigest()


@dataclass(slots=True)
class Releases:
    """The segments of a run, of which the last grows.

    Args:
        folder: The run directory.
        key: Of the secret and model at hand.
        mechanism: Of a step.
        total: Charges of the whole training.
        facts: Units, delta and `each`, which are recorded beside.
        charges: Told before anything happens.
    """

    folder: Path
    key: str
    mechanism: Mechanism
    total: int
    facts: tuple[int, float, int]
    charges: Charges
    _segments: list[Segment] = field(init=False)

    def __post_init__(self) -> None:
        known = record_in(self.folder)
        self._segments = list(known.segments) if known else []
        last = self._last
        if last is not None and last.key == self.key:
            self.charges.reserve(last.mechanism, last.first, last.steps)
        elif last is None:
            self._open(0)

    @property
    def _last(self) -> Segment | None:
        return self._segments[-1] if self._segments else None

    def ahead_of(self, step: int) -> None:
        """Make sure that a step of the training is charged before it happens."""
        step //= self.facts[2]
        last = self._last
        if last is None or last.key != self.key or step < last.begin:
            last = self._open(step)
        number = last.first + step - last.begin
        if number < last.mark:
            return
        mark = min(number + max(1, self.total // CHUNKS), last.end)
        self.charges.spend(mark)
        self._segments[-1] = replace(last, mark=mark)
        self._save()

    def _open(self, begin: int) -> Segment:
        """Charge the steps from `begin` on, as others than all before."""
        first = OPENED
        if (last := self._last) is not None:
            self.charges.reserve(last.mechanism, last.first, last.steps)
            self.charges.give_back()
            first = last.end
        made = Segment(self.key, begin, first, self.total - begin, first, self.mechanism)
        self.charges.reserve(made.mechanism, made.first, made.steps)
        self._segments.append(made)
        self._save()
        return made

    def _save(self) -> None:
        units, delta, each = self.facts
        found = {
            "units": units,
            "delta": delta,
            "each": each,
            "segments": [
                asdict(one) | {"mechanism": mechanism_json(one.mechanism)} for one in self._segments
            ],
        }
        write_atomic(self.folder / RELEASES, json.dumps(found, indent=1))


@dataclass(slots=True)
class Charged:
    """A private gradient of which no step happens before it is charged.

    Args:
        inner: The gradient.
        releases: Where its steps are written down; None in a process that waits for the lead's.
        team: The processes that compute it.
    """

    inner: PrivateGradient
    releases: Releases | None
    team: Team = ALONE
    _reached: int = field(default=-1, init=False)

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        # A step whose memory did not suffice is begun again: it is charged, and others are told.
        if self.inner.step > self._reached:
            if self.releases is not None:
                self.releases.ahead_of(self.inner.step)
            self.team.wait()
            self._reached = self.inner.step
        return self.inner(model, objective, batches, arithmetic=arithmetic, scale=scale)

    def state(self) -> Mapping[str, torch.Tensor]:
        return self.inner.state()

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.inner.restore(state)
