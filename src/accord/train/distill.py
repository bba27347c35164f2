"""The teacher that a recipe names, opened under its permit; the objective that listens to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from accord.batch import PreparedSplit
from accord.batch.answered import Answered
from accord.batch.beside import Rows
from accord.metric.scorer import Columns
from accord.model.head.embeddings import last_layer
from accord.model.load import load_trained
from accord.model.teacher import (
    Facts,
    other_teacher,
    shared_classes,
    teacher_facts,
    teacher_folder,
)
from accord.model.tokenizer import alike, load_tokenizer
from accord.model.unpadded import unpad
from accord.objective.distillation.answers import MatchSpec
from accord.objective.distillation.distilled import Distilled, Questions, Remembered, Teacher
from accord.objective.objective import Objective
from accord.parallel.placement import Placement
from accord.part import find
from accord.permit import Permit
from accord.recipe.distill import Distill

OF_TOKENS = {"token-label", "next-token"}
"""Problems in which a row has many answers."""
ANSWER_BYTES = 1 << 30
"""Most that is kept of answers."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a teacher adds: to the rows its answers, if they are asked for once; to an objective
    what it makes of them."""

    rows: Rows
    over: Callable[[Objective], Objective]


@dataclass(frozen=True, slots=True)
class Class:
    """Whom a teacher teaches.

    Args:
        model: The student.
        split: The rows.
        visits: How often a row is learned from in all of the training, over all rows.
        plain: The objective of the problem.
        collect: Runs a model over a split for an objective.
    """

    model: nn.Module
    split: PreparedSplit
    visits: int
    plain: Objective
    collect: Callable[[nn.Module, Objective, PreparedSplit], Columns]


def teaching(
    spec: Distill | None,
    taught: Class,
    dataset: Path,
    *,
    permit: Permit,
    placement: Placement,
    base: Path,
) -> Teaching:
    """The teacher of a recipe, who adds nothing where there is none.

    Rows with one answer each that come more than once are asked once, before training begins: rows
    do not change while a model learns. Tokens are asked in every step, for their answers would not
    fit into memory.

    Args:
        spec: The recipe's `train.distill`.
        taught: The student and its rows.
        dataset: Folder of the prepared data.
        permit: Opens the teacher.
        placement: Where both compute.
        base: Folder that relative paths start from.

    Raises:
        ModelError: The teacher does not go with the data or the student.
        AgreementError: Its agreement has ended.
        Interrupted: The user stopped it.
    """
    if spec is None or spec.weight == 0:
        return Teaching(taught.split, lambda objective: objective)
    permit.admit("teacher", date.today())
    folder = teacher_folder(spec, base)
    schema: Facts = json.loads((dataset / "schema.json").read_text("utf-8"))
    facts = teacher_facts(folder, schema)
    if schema["modality"] == "text":
        _check_texts(schema, folder, dataset)
    own, _ = _shared(schema, facts)
    matches = tuple(
        (cast("MatchSpec", by).weight, find("distillation", by.kind)(by, schema["problem"]))
        for by in spec.by
    )
    inside = any(match.looks_inside for _, match in matches)
    teacher = _teacher(folder, facts, schema, inside, placement)
    columns = None if own is None else own.to(placement.device)
    layer = _last(taught.model, schema, schema) if inside else None
    rows, asked = taught.split, teacher
    if _asked_once(taught, teacher, schema):
        said = taught.collect(teacher.model, Questions(teacher, taught.plain), taught.split)
        answers = {name: values for name, values in said.items() if name != "row"}
        rows, asked = Answered(taught.split, answers), Remembered()
        del teacher
    weight = spec.weight
    return Teaching(
        rows, lambda objective: Distilled(objective, asked, matches, weight, layer, columns)
    )


def _teacher(
    folder: Path, facts: Facts, schema: Facts, inside: bool, placement: Placement
) -> Teacher:
    """The teacher, ready to be asked.

    Args:
        folder: Of its weights.
        facts, schema: What its outputs mean, and the student's.
        inside: Whether what its last layer is given is compared.
        placement: Where it computes.
    """
    model = placement.place(load_trained(folder)).requires_grad_(False)
    encoder = schema["modality"] == "text" and schema["problem"] != "next-token"
    if placement.device.type == "cpu" and encoder:
        unpad(model)
    _, theirs = _shared(schema, facts)
    return Teacher(
        model,
        _last(model, facts, schema) if inside else None,
        None if theirs is None else theirs.to(placement.device),
        _scale(schema, facts),
        tuple(ids.to(placement.device) for ids in _categories(schema, facts)),
    )


def _asked_once(taught: Class, teacher: Teacher, schema: Facts) -> bool:
    """Whether the answers of all rows are fewer to compute than those of all steps, and fit."""
    if schema["problem"] in OF_TOKENS or taught.visits <= taught.split.rows:
        return False
    width = len(schema["labels"]) or 1
    if teacher.layer is not None:
        width += teacher.layer.in_features
    return taught.split.rows * width * 4 <= ANSWER_BYTES


def _check_texts(schema: Facts, folder: Path, dataset: Path) -> None:
    """Texts are read with the teacher's own tokenizer where the data stage prepared them so."""
    if "teacher_pad_id" in schema:
        return
    if not alike(load_tokenizer(folder), load_tokenizer(dataset / "tokenizer")):
        raise other_teacher(
            "a tokenizer of its own",
            "the tokenizer of the model: tokens are compared one by one",
        )


def _shared(schema: Facts, facts: Facts) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Ids of the classes that both know, as the student and as the teacher counts them; None
    where both know the same in the same order, or answers are no classes."""
    own, theirs = list(schema["labels"]), list(facts["labels"])
    if schema["problem"] == "next-token":
        size = min(schema["vocab_size"], facts.get("vocab_size") or schema["vocab_size"])
        return torch.arange(size), torch.arange(size)
    if own == theirs:
        return None, None
    both = shared_classes(schema, facts)
    return (
        torch.tensor([own.index(name) for name in both]),
        torch.tensor([theirs.index(name) for name in both]),
    )


def _scale(schema: Facts, facts: Facts) -> tuple[float, float]:
    """From the teacher's standard deviations to the student's."""
    if schema["problem"] != "regression":
        return 1.0, 0.0
    own, theirs = schema["target"], facts["target"]
    spread = float(own["std"]) or 1.0
    shift = (float(theirs["mean"]) - float(own["mean"])) / spread
    return float(theirs["std"]) / spread, shift


def _categories(schema: Facts, facts: Facts) -> Sequence[torch.Tensor]:
    """The teacher's id of each id of a category; 0 for what it does not know."""
    found: list[torch.Tensor] = []
    columns: list[list[Facts]] = [list(f.get("categorical") or ()) for f in (schema, facts)]
    for own, theirs in zip(*columns, strict=True):
        ids = {value: number for number, value in enumerate(theirs["values"], 1)}
        found.append(torch.tensor([0, *(ids.get(value, 0) for value in own["values"])]))
    return found


def _last(model: nn.Module, facts: Facts, schema: Facts) -> nn.Linear:
    outputs = {"regression": 1, "next-token": 0}.get(schema["problem"], len(facts["labels"]))
    if not outputs:
        plain: Any = model
        outputs = plain.get_output_embeddings().out_features
    return last_layer(model, outputs, trained=False, field="train.distill.by")[1]
