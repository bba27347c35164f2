"""Whether a teacher goes with a recipe; read off its files, without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.directories import placed_model
from accord.errors import ModelError
from accord.model.facts import trained_facts
from accord.model.formats import model_folder
from accord.recipe.distill import Distill

FIELD = "train.distill.teacher"
Facts = Mapping[str, Any]


def teacher_folder(spec: Distill, base: Path) -> Path:
    """Where the teacher lies.

    Raises:
        ModelError: It is neither there nor to be had.
    """
    return model_folder(placed_model(spec.teacher, base), spec.revision, base, FIELD)


def teacher_facts(folder: Path, schema: Facts) -> Facts:
    """What the teacher's outputs mean.

    Args:
        folder: Of the teacher.
        schema: Of the data: `modality`, `problem`; `image`, `numeric`, `categorical`.

    Raises:
        ModelError: It does not say so, or reads or answers something else than the data ask.
    """
    facts = trained_facts(folder)
    if any(facts[name] != schema[name] for name in ("modality", "problem")):
        raise other_teacher(
            f"{facts['problem']} of {facts['modality']}",
            f"{schema['problem']} of {schema['modality']}",
        )
    if schema["modality"] == "image":
        own, theirs = _image(schema), _image(facts)
        if own != theirs:
            raise other_teacher(f"images of {theirs}", f"size, mean and std of {own}")
    if schema["modality"] == "table":
        for kind in ("numeric", "categorical"):
            own, theirs = ([c["name"] for c in f.get(kind) or ()] for f in (schema, facts))
            if own != theirs:
                raise other_teacher(f"{kind} columns {', '.join(theirs)}", ", ".join(own))
    return facts


def _image(facts: Facts) -> list[list[float]]:
    return [list(facts["image"][name]) for name in ("size", "mean", "std")]


def shared_classes(schema: Facts, facts: Facts) -> tuple[str, ...]:
    """Names of the classes that both know, in the order of the data.

    Raises:
        ModelError: They are too few to say anything.
    """
    own, theirs = list(schema["labels"]), list(facts["labels"])
    both = tuple(name for name in own if name in theirs)
    if len(both) < (1 if schema["problem"] == "multi-label" else 2):
        raise other_teacher(f"classes {', '.join(theirs[:10])}", f"some of {', '.join(own[:10])}")
    return both


def other_teacher(got: str, expected: str) -> ModelError:
    """The refusal of a teacher that does not go with a recipe."""
    return ModelError(
        "the teacher does not go with this recipe",
        code="distill-teacher",
        path=FIELD,
        got=got,
        expected=expected,
        why="its answers would be about something else",
        fix="name a model that was trained for the same task",
    )
