"""Stage 5: what the model is worth on validation and test, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from accord.artifact import Artifact, open_artifact
from accord.batch import PreparedSplit
from accord.errors import ModelError
from accord.evaluate.baseline import baseline_of
from accord.evaluate.judge import empty, judge, undecided
from accord.evaluate.members import Overheard, apart, members_judged
from accord.evaluate.predictions import predictions_of, write_predictions
from accord.evaluate.sides import side_metrics
from accord.metric.decision import decided, undecided_of
from accord.metric.score import finite, scorer_of
from accord.metric.scorer import Columns
from accord.model.decision import decision_of
from accord.model.load import load_trained
from accord.objective.collect import collect_scores
from accord.objective.objective import Objective
from accord.objective.token_label import TokenLabel
from accord.parallel.placement import Placement, place_on
from accord.part import find
from accord.recipe.context import Context
from accord.recipe.tree import Recipe

SPLITS = ("validation", "test")


def evaluate(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Judge a model on the validation and test split of a prepared data set.

    Args:
        recipe: Sections `evaluate`, `train` (precision, seed) and `machine` are read.
        inputs: The `dataset` and `model` artifacts.
        context: The run.

    Returns:
        An `evaluation` artifact: metrics.json, curves.json, predictions.parquet, baseline.json.

    Raises:
        ModelError: The model's outputs are not finite.
        Interrupted: The user stopped it; the finished training stays.
    """
    dataset, model = inputs["dataset"], inputs["model"]
    schema = dataset.read_json("schema.json")
    placement = place_on(recipe.machine, recipe.train.precision)
    collected, sides = _collected(dataset, model, schema, placement, recipe, context)
    scorer = scorer_of(schema["problem"], schema["labels"], recipe.evaluate.calibration_bins)
    metrics: dict[str, Any] = {}
    curves: dict[str, Any] = {}
    tables: list[Any] = []
    decision = decision_of(model.read_json("accord.json"))
    for name, columns in collected.items():
        table = PreparedSplit(dataset.path, name).table
        cuts = {
            column.removeprefix("slice:"): table[column].to_pylist()
            for column in table.column_names
            if column.startswith("slice:")
        }
        rows = table.num_rows
        whole, members = apart(columns)
        plain = {key: values for key, values in whole.items() if key != "row"}
        scored, likeliest = decided(plain, decision), undecided_of(plain)
        metrics[name] = (
            judge(scorer, scored, cuts, recipe.evaluate, recipe.train.seed) if rows else empty()
        )
        curves[name] = scorer.curves(scored) if rows else {}
        if rows:
            metrics[name] |= members_judged(scorer, [decided(own, decision) for own in members])
            metrics[name] |= sides[name]
            if decision is not None:
                metrics[name]["undecided"] = undecided(scorer, likeliest)
            tables.append(predictions_of(name, scorer, decided(whole, decision), table))
    parents = [dataset, model]
    with context.store.create("evaluation", context.identity, parents=parents) as folder:
        _write(folder / "metrics.json", metrics)
        _write(folder / "curves.json", curves)
        write_predictions(
            folder / "predictions.parquet", tables, schema["problem"], schema["labels"]
        )
        if recipe.evaluate.baseline:
            found = baseline_of(dataset.path, schema, recipe.train.seed)
            if found is not None:
                _write(folder / "baseline.json", found)
    return open_artifact(context.store.location("evaluation", context.identity))


def _collected(
    dataset: Artifact,
    model: Artifact,
    schema: Mapping[str, Any],
    placement: Placement,
    recipe: Recipe,
    context: Context,
) -> tuple[dict[str, Columns], dict[str, Any]]:
    """What scorers read of each split, and the metrics of side tasks on it."""
    part = find("objective", schema["problem"])
    objective = part(part.spec(kind=schema["problem"]), label_smoothing=0.0, schema=schema)
    decision = decision_of(model.read_json("accord.json"))
    if decision is not None and isinstance(objective, TokenLabel):
        objective = replace(objective, factors=decision.factors)
    trained = placement.place(load_trained(model.path))

    def collect(asked: Objective, split: PreparedSplit) -> Columns:
        return collect_scores(
            trained,
            asked,
            split,
            schema,
            device=placement.device,
            autocast=placement.arithmetic,
            batch_tokens=recipe.machine.micro_batch_tokens or placement.micro_batch_tokens,
            interrupted=context.interrupted,
        )

    found: dict[str, Columns] = {}
    sides: dict[str, Any] = {}
    for name in SPLITS:
        split = PreparedSplit(dataset.path, name)
        found[name] = collect(Overheard(objective), split)
        if not finite(found[name]):
            raise _not_finite(name)
        tasks = side_metrics(trained, model, schema, split, collect)
        for task in schema.get("tasks") or () if name == "test" else ():
            if "split" in task:
                own = PreparedSplit(dataset.path, f"{task['split']}-test")
                tasks |= side_metrics(trained, model, schema, own, collect)
        sides[name] = {"tasks": tasks} if tasks else {}
    return found, sides


def _not_finite(split: str) -> ModelError:
    return ModelError(
        f"the model's outputs on the {split} split are not finite",
        code="scores-not-finite",
        path="train",
        why="no metric can be computed from them",
        fix="lower `train.learning_rate`, or use `precision: fp32`, and train again",
    )


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")
