"""The one training loop; the only place where the axes meet.

What is minimised (objective), how a gradient comes about (gradient: a privacy plan replaces it)
and where tensors live (placement) are values handed in. The loop knows none of their kinds.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn

from accord.batch import Feed, Window
from accord.batch.team import ALONE, Team
from accord.errors import Interrupted
from accord.events import Log
from accord.meter.clock import Clock
from accord.meter.flops import Work, work_of
from accord.objective.gradient import Gradient, accumulate
from accord.objective.objective import Objective
from accord.optimizer.diverged import diverged
from accord.optimizer.schedule import total_steps, warmup_steps
from accord.optimizer.stopping import Rule, Standing
from accord.parallel.checkpoint import Checkpoints, Snapshot
from accord.parallel.held import Undivided, changing
from accord.parallel.learner import Learner, learner_of
from accord.parallel.memory import within_memory
from accord.parallel.placement import Placement
from accord.parallel.step import draw_apart, require_same
from accord.part import find
from accord.recipe.machine import Machine
from accord.recipe.train import Train

Validate = Callable[[nn.Module], Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop talks to; none of it changes what is learned.

    Args:
        validate: Metrics of the model on the validation split.
        checkpoints: Where to save and what to resume from.
        log: Takes the events.
        interrupted: True once the user asked to stop.
        clock: Measures; continues over resumptions.
        team: The processes that take the steps together.
    """

    validate: Validate
    checkpoints: Checkpoints
    log: Log
    interrupted: Callable[[], bool] = lambda: False
    clock: Clock = field(default_factory=Clock)
    team: Team = ALONE


@dataclass(slots=True)
class Progress:
    """How far a run is; saved with every checkpoint.

    `losses` are the mean losses of the steps since the last log line.
    """

    step: int = 0
    losses: list[float] = field(default_factory=list)
    bad_streak: int = 0
    bad_steps: int = 0
    standing: Standing = field(default_factory=Standing)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model and how it came about."""

    model: nn.Module
    steps: int
    best: Standing
    bad_steps: int


def fit(  # noqa: PLR0913 - the axes, each once
    model: nn.Module,
    objective: Objective,
    feed: Feed,
    spec: Train,
    *,
    machine: Machine,
    placement: Placement,
    around: Surroundings,
    rule: Rule,
    gradient: Gradient = accumulate,
) -> Fitted:
    """Train a model; goes on from the newest checkpoint if there is one.

    Args:
        model: On the placement's device; weights with `requires_grad` are trained.
        objective: The loss, as a sum over units.
        feed: Global batches in training order.
        spec, machine: What changes what is learned; what only changes speed.
        placement: Device and arithmetic.
        around: Validation, checkpoints, events, measurement.
        rule: What validation has to improve, and when to stop.
        gradient: How gradients come about.

    Guarantees:
        Bit for bit the same weights whether or not, and wherever, the run was interrupted, on
        the same machine with the same number of threads and processes. Any `machine`, and any
        number of processes, gives the same gradients up to rounding (and to the draw of dropout).

    Raises:
        Interrupted: The user stopped it; a checkpoint is saved.
        ModelError: Losses stay non-finite, or one row does not fit into memory.
    """
    torch.manual_seed(spec.seed)
    random.seed(spec.seed)
    around.team.share(list(changing(Undivided(model)).values()))
    work, held = work_of(model), placement.hold(model)
    loop = _Loop(
        learner=learner_of(held, spec, placement, gradient, feed.steps_per_epoch),
        objective=objective,
        feed=feed,
        spec=spec,
        machine=machine,
        placement=placement,
        around=around,
        rule=rule,
        gradient=gradient,
        work=work,
        max_tokens=machine.micro_batch_tokens or placement.micro_batch_tokens,
    )
    with held.watched():
        loop.resume()
        loop.run()
        return loop.finish()


@dataclass(slots=True)
class _Loop:
    learner: Learner
    objective: Objective
    feed: Feed
    spec: Train
    machine: Machine
    placement: Placement
    around: Surroundings
    rule: Rule
    gradient: Gradient
    work: Work
    max_tokens: int
    progress: Progress = field(default_factory=Progress)

    @property
    def total(self) -> int:
        return total_steps(self.spec, self.feed.steps_per_epoch)

    def resume(self) -> None:
        snapshot = self.around.checkpoints.load_latest()
        require_same(self.around.team, snapshot.step if snapshot else None)
        if snapshot is None:
            return
        self.learner.restore(snapshot)
        self.around.clock.load(snapshot.values["clock"])
        saved: dict[str, Any] = dict(snapshot.values["progress"])
        standing = Standing(**saved.pop("standing"))
        self.progress = Progress(**saved, standing=standing)
        self.around.log.emit("resume", step=snapshot.step)

    def run(self) -> None:
        spec, total = self.spec, self.total
        warmup = warmup_steps(spec.warmup, total)
        factor = find("schedule", spec.schedule.kind)(spec.schedule, total, warmup)
        validate_every = max(1, round(spec.evaluate_every * self.feed.steps_per_epoch))
        saved = time.monotonic()
        self.learner.model.train()
        while self.progress.step < total and not self.progress.stopped:
            max_tokens = self.max_tokens
            windows = self.feed.windows(self.progress.step, total, max_tokens)
            for window in self._timed(windows):
                began = time.perf_counter()
                norm = self._step(window, factor(self.progress.step))
                self._measure(window, time.perf_counter() - began)
                step = self.progress.step
                if step % self.machine.log_every == 0 or step == total:
                    self._report(norm)
                if step % validate_every == 0 or step == total:
                    self._validate()
                late = time.monotonic() - saved >= self.machine.checkpoint_every
                asked = (self.around.interrupted(), late and self.around.team.leads)
                stops, saves = self.around.team.add_numbers(*asked)
                if stops:
                    self._save(wait=True)
                    raise _interruption(step, total)
                if saves:
                    self._save(wait=False)
                    saved = time.monotonic()
                if self.progress.stopped or self.max_tokens < max_tokens:
                    break

    def finish(self) -> Fitted:
        self._save(wait=True)
        standing, weights = self.progress.standing, self.learner.weights()
        if self.spec.keep == "best" and standing.step is not None:
            weights = self.around.checkpoints.load_best().tensors["model"]
        model = self.learner.held.whole(weights)
        return Fitted(model, self.progress.step, standing, self.progress.bad_steps)

    def _step(self, window: Window, factor: float) -> float:
        """One optimizer step over a global batch; returns the gradient norm before clipping."""
        self.learner.set_rate(factor, self.progress.step)
        draw_apart(self.around.team, self.spec.seed, self.progress.step)
        divide = None if self.placement.divided else self.feed.divide
        loss, fitted = within_memory(window, self._gradient, divide)
        if fitted is not window:
            self._halved(max(fitted.padded))
        with self.around.clock.phase("optimizer"):
            norm = self.learner.update(loss, self.spec.clip_norm)
        for names in self.learner.movement.told():
            self.around.log.emit("idle_weights", step=self.progress.step, names=names)
        self.progress.step += 1
        if math.isfinite(loss) and math.isfinite(norm):
            self.progress.bad_streak = 0
            self.progress.losses.append(loss)
        else:
            self._skipped(loss, norm)
        return norm

    def _gradient(self, window: Window) -> float:
        seconds, began = self.around.clock.seconds, time.perf_counter()
        before = seconds["forward"]
        self.learner.held.forget()  # a failed attempt may have left some behind

        @contextmanager
        def arithmetic() -> Generator[None]:
            with self.around.clock.phase("forward"), self.placement.arithmetic():
                yield

        loss = self.gradient(
            self.learner.model,
            self.objective,
            [self.placement.batch(batch) for batch in window.batches],
            arithmetic=arithmetic,
            scale=self.learner.loss_scale(),
        )
        seconds["backward"] += time.perf_counter() - began - (seconds["forward"] - before)
        return loss

    def _halved(self, tokens: int) -> None:
        self.max_tokens = tokens
        self.around.log.emit("out_of_memory", step=self.progress.step, micro_batch_tokens=tokens)

    def _skipped(self, loss: float, norm: float) -> None:
        """Count a step whose loss or gradient is not finite; its update was left out."""
        progress = self.progress
        progress.bad_steps += 1
        # A loss scale that is still falling finds its level; it is no sign of divergence.
        searching = self.learner.scaler.is_enabled() and self.learner.scaler.get_scale() > 1
        progress.bad_streak += 0 if searching else 1
        self.around.log.emit("bad_step", step=progress.step, loss=loss, grad_norm=norm)
        if progress.bad_streak >= self.spec.max_bad_steps:
            raise diverged(progress.step, progress.bad_streak)

    def _report(self, norm: float) -> None:
        progress, clock = self.progress, self.around.clock
        rates = clock.recent()
        left = (self.total - progress.step) / rates["steps_per_second"]
        self.around.log.emit(
            "step",
            step=progress.step,
            steps=self.total,
            epoch=progress.step / self.feed.steps_per_epoch,
            loss=sum(progress.losses) / len(progress.losses) if progress.losses else math.nan,
            learning_rate=self.learner.optimizer.param_groups[-1]["lr"],
            grad_norm=norm,
            eta_seconds=left,
            **rates,
        )
        progress.losses.clear()

    def _validate(self) -> None:
        progress, around, learner = self.progress, self.around, self.learner
        averaged = learner.average.applied() if learner.average else nullcontext()
        with around.clock.phase("evaluation"), averaged:
            learner.model.eval()
            judges = around.team.leads or learner.held.divided
            metrics = around.validate(learner.model) if judges else {}
            learner.model.train()
        metrics = around.team.told(metrics)
        if not metrics:
            return
        epoch = progress.step / self.feed.steps_per_epoch
        around.log.emit("evaluate", step=progress.step, epoch=epoch, metrics=dict(metrics))
        progress.standing = progress.standing.judged(metrics, progress.step, self.rule)
        better = progress.standing.step == progress.step
        if better and self.spec.keep == "best" and judges:
            with around.clock.phase("checkpoint"):
                best = Snapshot(progress.step, {"model": learner.weights()}, {})
                if around.team.leads:
                    around.checkpoints.save_best(best)
        progress.stopped = self.rule.stops(progress.standing)
        if progress.stopped:
            around.log.emit("early_stop", step=progress.step, best=asdict(progress.standing))

    def _save(self, *, wait: bool) -> None:
        checkpoints, clock = self.around.checkpoints, self.around.clock
        if not (self.around.team.leads or self.learner.held.divided):
            return
        with clock.phase("checkpoint"):
            values = {"progress": asdict(self.progress), "clock": clock.state()}
            snapshot = self.learner.snapshot(self.progress.step, values)
            if not self.around.team.leads:
                return
            (checkpoints.save_now if wait else checkpoints.save)(snapshot)
        self.around.log.emit("checkpoint", step=self.progress.step)

    def _measure(self, window: Window, seconds: float) -> None:
        clock = self.around.clock
        clock.step(
            seconds,
            rows=window.whole[0],
            tokens=window.whole[1],
            # Of this process; those of a team have about as much each.
            padded_tokens=float(sum(window.padded)) * self.around.team.size,
            flops=self.work.flops(window.sequences) * self.around.team.size,
        )

    def _timed(self, windows: Iterator[Window]) -> Iterator[Window]:
        """The same windows; waiting for them counts as the data phase."""
        while True:
            with self.around.clock.phase("data"):
                window = next(windows, None)
            if window is None:
                return
            yield window


def _interruption(step: int, total: int) -> Interrupted:
    problem = f"stopped at step {step} of {total}; everything up to here is saved"
    return Interrupted(problem, code="interrupted", fix="run it again with --resume to go on")
