"""Stage 3: chooses objective and placement and hands them to `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import numpy as np
import torch
from torch import nn

from accord.artifact import Artifact, open_artifact
from accord.batch import Division, Feed, PreparedSplit
from accord.errors import RecipeError
from accord.fit import Fitted, Surroundings, fit
from accord.meter.clock import Clock
from accord.meter.flops import measured_peak
from accord.meter.usage import Usage
from accord.metric.score import score
from accord.model.dropout import pack_dropout
from accord.model.embedding import keep_gradients
from accord.model.load import load_model, loading_of
from accord.model.save import save_model
from accord.model.unpadded import unpad
from accord.objective.balance.balanced import balanced
from accord.objective.collect import collect_scores
from accord.objective.objective import Objective
from accord.objective.penalised import Penalised
from accord.objective.regression import Regression
from accord.optimizer.stopping import Rule
from accord.parallel.checkpoint import Checkpoints
from accord.parallel.placement import DTYPES, Placement, place_on
from accord.part import find
from accord.permit import Permit, load_permit
from accord.recipe.context import Context
from accord.recipe.task import LOWER_IS_BETTER, TASKS
from accord.recipe.train import Train
from accord.recipe.tree import Recipe
from accord.train.gradient import gradient_of
from accord.train.head import start_head
from accord.train.order import order_of


def train(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Train the recipe's model on a prepared data set.

    Args:
        recipe: Sections `task`, `data`, `model`, `train` and `machine` are read.
        inputs: The `permit` and `dataset` artifacts.
        context: The run.

    Returns:
        A `model` artifact: a plain Hugging Face directory with `accord.json`.
    """
    dataset = inputs["dataset"]
    schema = dataset.read_json("schema.json")
    machine, spec = recipe.machine, recipe.train
    placement = place_on(machine, spec.precision)
    model = load_model(recipe.model, schema, task=recipe.task, seed=spec.seed, base=context.base)
    context.log.emit("loading", **_loading(model))
    model = placement.place(model)
    objective = find("objective", schema["problem"])(
        find("objective", schema["problem"]).spec(kind=schema["problem"]),
        label_smoothing=spec.label_smoothing,
        schema=schema,
    )
    split = PreparedSplit(dataset.path, "train")
    _start_head(model, recipe, split, placement, context, dataset)
    feed = Feed(
        split,
        spec.batch_size,
        seed=spec.seed,
        division=_lean(model, schema, recipe, placement) if machine.bucket else "ordered",
        workers=machine.workers,
        order=order_of(recipe, split),
    )
    clock = Clock()
    around = Surroundings(
        validate=_validation(dataset, schema, objective, placement),
        checkpoints=Checkpoints(
            context.run / "checkpoints", context.identity, keep=machine.checkpoints, log=context.log
        ),
        log=context.log,
        interrupted=_while_permitted(load_permit(inputs["permit"]), context.interrupted),
        clock=clock,
    )
    with Usage(placement.device, torch.get_num_threads()) as usage:
        fitted = fit(
            model,
            _penalised(_balanced(objective, recipe, dataset), spec, model),
            feed,
            spec,
            machine=machine,
            placement=placement,
            around=around,
            rule=_rule(recipe),
            gradient=gradient_of(recipe, split),
        )
    peak = measured_peak(placement.device, DTYPES[spec.precision])
    context.log.emit("efficiency", **_efficiency(clock, usage, peak))
    parents = [inputs["permit"], dataset]
    terms = inputs["permit"].manifest.terms.after("train")
    with context.store.create("model", context.identity, parents=parents, terms=terms) as folder:
        save_model(
            fitted.model,
            folder,
            schema=schema,
            tokenizer_folder=dataset.path / "tokenizer",
            facts=_facts(recipe, fitted),
        )
    return open_artifact(context.store.location("model", context.identity))


def _start_head(
    model: nn.Module,
    recipe: Recipe,
    split: PreparedSplit,
    placement: Placement,
    context: Context,
    dataset: Artifact,
) -> None:
    tokenizer = dataset.path / "tokenizer"
    started = start_head(
        model, recipe.model, split, placement, base=context.base, tokenizer=tokenizer
    )
    if started:
        context.log.emit("head", started=list(started))


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


def _lean(
    model: nn.Module, schema: Mapping[str, Any], recipe: Recipe, placement: Placement
) -> Division:
    """Leave out of the computing what changes no result; says how batches are then divided."""
    if placement.device.type != "cpu":
        return "bucketed"
    pack_dropout(model)
    if not recipe.train.penalties:
        keep_gradients(model)
    encoder = schema["modality"] == "text" and schema["problem"] != "next-token"
    return "unpadded" if encoder and unpad(model) else "bucketed"


def _validation(
    dataset: Artifact,
    schema: Mapping[str, Any],
    objective: Objective,
    placement: Placement,
) -> Callable[[nn.Module], Mapping[str, float | None]]:
    split = PreparedSplit(dataset.path, "validation")
    if not split.rows:
        return lambda model: {}

    def validate(model: nn.Module) -> Mapping[str, float | None]:
        columns = collect_scores(
            model,
            objective,
            split,
            schema,
            device=placement.device,
            autocast=placement.arithmetic,
            batch_tokens=placement.micro_batch_tokens,
            # An interruption waits for the loop, which saves before it stops.
            interrupted=lambda: False,
        )
        return score(schema["problem"], schema["labels"], columns)

    return validate


def _balanced(objective: Objective, recipe: Recipe, dataset: Artifact) -> Objective:
    """The objective that is minimised; validation goes on with the plain one."""
    balance, schema, loss = recipe.balance, dataset.read_json("schema.json"), recipe.train.loss
    if loss is not None and isinstance(objective, Regression):
        return replace(objective, rows=find("regression-loss", loss.kind)(loss))
    if balance.loss is None and balance.weights is None:
        return objective
    if schema["problem"] != "single-label":
        raise RecipeError(
            "`balance` has no meaning for rows with several labels",
            code="recipe-conflict",
            path="balance",
            got=schema["problem"],
            expected="one label a row",
            fix="remove `balance`",
        )
    labels = PreparedSplit(dataset.path, "train").table["label"].to_numpy()
    counts = torch.from_numpy(np.bincount(labels, minlength=len(schema["labels"]))).float()
    return balanced(objective, balance, counts, recipe.train.label_smoothing)


def _penalised(objective: Objective, spec: Train, model: nn.Module) -> Objective:
    for penalty in spec.penalties:
        objective = Penalised(objective, find("penalty", penalty.kind)(penalty, model))
    return objective


def _rule(recipe: Recipe) -> Rule:
    stopping = recipe.train.early_stopping
    metric = (stopping.metric if stopping else None) or TASKS[recipe.task].metric
    lower = metric in LOWER_IS_BETTER
    if stopping is None:
        return Rule(metric, lower)
    return Rule(metric, lower, stopping.min_delta, stopping.patience)


def _efficiency(clock: Clock, usage: Usage, peak: float) -> dict[str, Any]:
    """The `efficiency` block of summary.json."""
    block = clock.summary() | usage.summary()
    # The peak is measured too and may be measured low; nothing runs above the hardware.
    reached = max(peak, block["flops_per_second"])
    return block | {
        "peak_flops_per_second": reached,
        "utilisation": block["flops_per_second"] / reached,
    }


def _facts(recipe: Recipe, fitted: Fitted) -> dict[str, Any]:
    best = fitted.best
    found = {"step": best.step, "metric": _rule(recipe).metric, "value": best.value}
    return {
        "task": recipe.task,
        "base": recipe.model.base,
        "adapter": recipe.model.adapt.model_dump(mode="json"),
        "precision": recipe.train.precision,
        "seed": recipe.train.seed,
        "steps": fitted.steps,
        "best": None if best.step is None else found,
    }
