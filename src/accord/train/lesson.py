"""One member's training: its model, rows, objective and checkpoints, put together for `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from torch import nn

from accord.artifact import Artifact
from accord.batch import Division, Feed, PreparedSplit
from accord.batch.dealt import Dealt
from accord.batch.team import ALONE, Team
from accord.ensemble.setting import Member
from accord.events import Log
from accord.fit import Fitted, Surroundings, fit
from accord.meter.clock import Clock
from accord.metric.score import score
from accord.metric.scorer import Columns
from accord.model.checkpointing import keep_layer_inputs
from accord.model.dropout import pack_dropout
from accord.model.embedding import keep_gradients
from accord.model.load import load_model, loading_of
from accord.model.unpadded import unpad
from accord.objective.averaged import Averaged
from accord.objective.collect import collect_scores
from accord.objective.gradient import Gradient
from accord.objective.objective import Objective
from accord.objective.penalised import Penalised
from accord.objective.regression import Regression
from accord.optimizer.schedule import total_steps
from accord.optimizer.stopping import Rule
from accord.parallel.checkpoint import Checkpoints, Tensors
from accord.parallel.held import Undivided, load
from accord.parallel.placement import Placement
from accord.part import find
from accord.permit import Permit, load_permit
from accord.privacy.layer.rules import refuse_mixing
from accord.recipe.context import Context
from accord.recipe.task import LOWER_IS_BETTER, TASKS
from accord.recipe.train import Train
from accord.recipe.tree import Recipe
from accord.train.balance import balanced_by, deferred_by
from accord.train.distill import Class, Teaching, teaching
from accord.train.gradient import gradient_of
from accord.train.head import head_scale, start_head
from accord.train.mixing import Mixing, mixing_of
from accord.train.order import order_of
from accord.train.place import Place
from accord.train.private import private_training
from accord.train.sharing import accompanied, sharing

Whole = Callable[[Objective], Objective]
"""Adds to an objective what a recipe wants beside it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What all members of a run share, in each of the processes that train it."""

    recipe: Recipe
    dataset: Artifact
    permit: Artifact
    context: Context
    placement: Placement
    clock: Clock
    team: Team = ALONE

    @property
    def schema(self) -> dict[str, Any]:
        return self.dataset.read_json("schema.json")

    def split(self, name: str) -> PreparedSplit:
        """All rows of a split."""
        return PreparedSplit(self.dataset.path, name)

    def rows_of(self, member: Member) -> PreparedSplit:
        """The training rows of a member."""
        path, weight = self.dataset.path, member.weight
        return PreparedSplit(path, "train", chosen=member.rows, weight=weight)

    @property
    def objective(self) -> Objective:
        """The plain objective of the problem."""
        schema = self.schema
        part = find("objective", schema["problem"])
        smoothing = self.recipe.train.label_smoothing
        return part(part.spec(kind=schema["problem"]), label_smoothing=smoothing, schema=schema)

    def scores(self, model: nn.Module, split: PreparedSplit) -> Columns:
        """What the model says of a split."""
        return self.collect(model, self.objective, split)

    def collect(self, model: nn.Module, objective: Objective, split: PreparedSplit) -> Columns:
        """What an objective scores of what the model says of a split."""
        return collect_scores(
            model,
            objective,
            split,
            self.schema,
            device=self.placement.device,
            autocast=self.placement.arithmetic,
            batch_tokens=self.placement.micro_batch_tokens,
            # An interruption waits for the loop, which saves before it stops.
            interrupted=lambda: False,
        )

    def fit(self, member: Member, place: Place, start: Tensors | None) -> Fitted:
        """Train a member; goes on from its newest checkpoint if there is one.

        Args:
            member: Its rows, seed and share of the training.
            place: Where its checkpoints and events go.
            start: Weights it starts from instead of the recipe's.
        """
        recipe, placement, machine = self.recipe, self.placement, self.recipe.machine
        spec, schema, split = _spec(recipe.train, member), self.schema, self.rows_of(member)
        base = self.context.base
        model = load_model(
            recipe.model,
            schema,
            task=recipe.task,
            seed=spec.seed,
            base=base,
            head_scale=head_scale(recipe, schema),
        )
        place.log.emit("loading", **_loading(model))
        if not placement.divided or recipe.model.head is not None:
            model = placement.place(model)  # else it goes there layer by layer, divided
        if machine.gradient_checkpointing:
            keep_layer_inputs(model)
        self._start(model, split, place.log, start)
        mixing = mixing_of(recipe, schema, spec.seed)
        if recipe.privacy is not None:
            refuse_mixing(model)  # before anything is charged
        divided = placement.divided
        private = private_training(
            recipe, split, spec, self.context, place, self.team, divided=divided
        )
        order = private.order if private else order_of(recipe, split)
        steps = total_steps(spec, -(-order.rows // spec.batch_size))
        taught = self._taught(spec, model, split, spec.batch_size * steps)
        rows, order = accompanied(spec, taught.rows, order, self.dataset.path)
        if self.team.size > 1:
            order = Dealt(order, rows.lengths, self.team, filled=divided)
        feed = Feed(
            rows,
            spec.batch_size,
            seed=spec.seed,
            division=self._lean(model, mixing) if machine.bucket else "ordered",
            workers=machine.workers,
            order=order,
            pairing=mixing.pairing,
        )
        whole = self._whole(model, spec, mixing, taught)
        objective = whole(balanced_by(self._own(), recipe, split))
        return fit(
            model,
            Averaged(objective) if private else objective,
            feed,
            spec,
            machine=machine,
            placement=placement,
            around=self._around(place),
            rule=rule_of(recipe),
            gradient=private.gradient if private else self._gradient(split, whole, steps),
        )

    def _lean(self, model: nn.Module, mixing: Mixing) -> Division:
        """Leave out of the computing what changes no result; says how batches are then divided."""
        if self.placement.device.type != "cpu":
            return "bucketed"
        pack_dropout(model)
        if self.recipe.privacy is not None or self.recipe.train.clip_each is not None:
            return "bucketed"  # rows side by side are told apart by their place in the batch
        if not self.recipe.train.penalties and self.team.size == 1:
            keep_gradients(model)
        schema = self.schema
        encoder = schema["modality"] == "text" and schema["problem"] != "next-token"
        # Mixed texts are padded: the longer of two goes on where the other has ended.
        lean = encoder and mixing.pairing is None
        return "unpadded" if lean and unpad(model) else "bucketed"

    def _own(self) -> Objective:
        """The objective, of numbers under the loss of one's choice; validation keeps the plain."""
        objective, loss = self.objective, self.recipe.train.loss
        if loss is not None and isinstance(objective, Regression):
            return replace(objective, rows=find("regression-loss", loss.kind)(loss))
        return objective

    def _taught(self, spec: Train, model: nn.Module, split: PreparedSplit, visits: int) -> Teaching:
        """The teacher's part; `visits`: how many rows all steps take together."""
        return teaching(
            spec.distill,
            Class(model, split, visits, self.objective, self.collect),
            self.dataset.path,
            permit=load_permit(self.permit),
            placement=self.placement,
            base=self.context.base,
        )

    def _whole(self, model: nn.Module, spec: Train, mixing: Mixing, taught: Teaching) -> Whole:
        """What is added to an objective: mixing, a teacher's answers, side tasks, penalties."""
        share = sharing(spec, model, self.schema)
        return lambda objective: _penalised(share(taught.over(mixing.over(objective))), spec, model)

    def _gradient(self, split: PreparedSplit, whole: Whole, steps: int) -> Gradient:
        inner = gradient_of(self.recipe, split, self.team, divided=self.placement.divided)
        later = deferred_by(self._own(), self.recipe, split)
        if later is None:
            return inner
        from accord.objective.deferred import Deferred

        objective, share = later
        return Deferred(inner, whole(objective), start=round(share * steps))

    def _start(
        self, model: nn.Module, split: PreparedSplit, log: Log, start: Tensors | None
    ) -> None:
        if start is not None:
            load(Undivided(model), start)
            return
        tokenizer, base = self.dataset.path / "tokenizer", self.context.base
        started = start_head(
            model, self.recipe.model, split, self.placement, base=base, tokenizer=tokenizer
        )
        if started:
            log.emit("head", started=list(started))

    def _around(self, place: Place) -> Surroundings:
        keep = self.recipe.machine.checkpoints
        return Surroundings(
            validate=self._validation(),
            checkpoints=Checkpoints(place.folder, place.identity, keep=keep, log=place.log),
            log=place.log,
            interrupted=_while_permitted(load_permit(self.permit), self.context.interrupted),
            clock=self.clock,
            team=self.team,
        )

    def _validation(self) -> Callable[[nn.Module], Mapping[str, float | None]]:
        split, schema = self.split("validation"), self.schema
        if not split.rows:
            return lambda model: {}

        def validate(model: nn.Module) -> Mapping[str, float | None]:
            return score(schema["problem"], schema["labels"], self.scores(model, split))

        return validate


def rule_of(recipe: Recipe) -> Rule:
    """What validation has to improve, and when to stop."""
    stopping = recipe.train.early_stopping
    metric = (stopping.metric if stopping else None) or TASKS[recipe.task].metric
    lower = metric in LOWER_IS_BETTER
    if stopping is None:
        return Rule(metric, lower)
    return Rule(metric, lower, stopping.min_delta, stopping.patience)


def _spec(spec: Train, member: Member) -> Train:
    """The recipe's training as the member goes through it."""
    changed: dict[str, Any] = {}
    if member.seed != spec.seed:
        changed["seed"] = member.seed
    if member.epochs is not None:
        changed |= {"epochs": member.epochs, "steps": None}
    if member.share != 1 and spec.steps is not None:
        changed["steps"] = max(1, round(spec.steps * member.share))
    elif member.share != 1:
        changed["epochs"] = (spec.epochs or 1.0) * member.share
    return spec.model_copy(update=changed) if changed else spec


def _while_permitted(permit: Permit, interrupted: Callable[[], bool]) -> Callable[[], bool]:
    """Asked at every step, and so in every epoch: an agreement may end while a run goes on."""
    permit.admit("train", date.today())

    def stops() -> bool:
        permit.admit("train", date.today())
        return interrupted()

    return stops


def _loading(model: nn.Module) -> dict[str, Any]:
    """Which weights are new or unused, how many there are (numbers), how many are trained."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return asdict(loading_of(model)) | {
        "parameters": sum(size for size, _ in sizes),
        "trained": sum(size for size, due in sizes if due),
    }


def _penalised(objective: Objective, spec: Train, model: nn.Module) -> Objective:
    for penalty in spec.penalties:
        objective = Penalised(objective, find("penalty", penalty.kind)(penalty, model))
    return objective
