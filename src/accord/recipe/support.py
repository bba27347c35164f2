"""The support matrix: task x technique x engine, found by asking the validators themselves.

`python -m accord.recipe.support docs/support-matrix.md` writes it again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.errors import AccordError, Problems
from accord.part import parts
from accord.recipe.load import recipe_from
from accord.recipe.task import TASKS

COMMAND = "python -m accord.recipe.support docs/support-matrix.md"
ENGINES: Mapping[str, str] = {"cpu": "one CPU process", "cuda": "one GPU", "mps": "Apple GPU"}
_PART_FIELDS: Mapping[str, str] = {
    "adapter": "model.adapt",
    "optimizer": "train.optimizer",
    "schedule": "train.schedule",
}


@dataclass(frozen=True, slots=True)
class Technique:
    """Something a recipe may ask for: a name and the fields that ask for it.

    A value of None removes the field.
    """

    group: str
    name: str
    fields: Mapping[str, Any]


def techniques() -> Iterator[Technique]:
    """Every technique: each installed part, then what single fields switch on."""
    from_config = {"model.base": None, "model.config": {}}
    yield Technique("Model", "pretrained base", {"model.base": "base"})
    yield Technique("Model", "new model from a configuration", from_config)
    for slot, path in _PART_FIELDS.items():
        for kind in parts(slot):
            yield Technique(slot.capitalize(), kind, {path: kind})
    for slot, path in (("class-loss", "balance.loss"), ("class-weights", "balance.weights")):
        for kind in parts(slot):
            yield Technique("Balance", kind, {path: kind})
    for kind in parts("ensemble"):
        yield Technique("Ensemble", kind, {"train.ensemble": kind})
    for kind in parts("threshold"):
        yield Technique("Thresholds", kind, {"balance.thresholds": _THRESHOLDS.get(kind, kind)})
    for kind in parts("regression-loss"):
        yield Technique("Robust", kind, {"train.loss": kind})
    yield Technique("Robust", "trimmed loss", {"train.robust": "trimmed"})
    yield Technique("Robust", "group DRO", {"train.robust": _GROUP_DRO})
    texts = {"kind": "descriptions", "texts": {"a": "of kind a"}}
    yield Technique("Model", "head from prototypes", {"model.head": "prototypes"})
    yield Technique("Model", "head from descriptions", {"model.head": texts})
    yield Technique("Balance", "cold start of classes", {"balance.cold_start": {"rows": 20}})
    by_source = {"rows": 20, "source": "source"}
    yield Technique("Balance", "cold start of sources", {"balance.cold_start": by_source})
    yield Technique("Robust", "clipping of each row", {"train.clip_each": 1.0})
    for kind in parts("mixer"):
        yield Technique("Augmentation", kind, {"augment.mix": kind})
    for kind in parts("penalty"):
        yield Technique("Penalty", kind, {"train.penalties": [kind]})
    for precision in ("fp32", "bf16", "fp16"):
        yield Technique("Arithmetic", precision, {"train.precision": precision})
    for name, fields in _SWITCHES.items():
        yield Technique("Learning", name, fields)
    for name, fields in _SHAPES.items():
        yield Technique("Data", name, fields)


_SWITCHES: Mapping[str, Mapping[str, Any]] = {
    "label smoothing": {"train.label_smoothing": 0.1},
    "layer-wise learning rate": {"train.layer_decay": 0.9},
    "average of weights (EMA)": {"train.ema": 0.99},
    "early stopping": {"train.early_stopping": {"patience": 2}},
    "dropout override": {"model.dropout": 0.1},
}
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "several labels in one column": {"data.label_separator": "|"},
    "several label columns": {"data.label": ["a", "b"]},
    "pairs of texts": {"data.text_pair": "second"},
    "prompt and completion": {
        "data.text": None,
        "data.prompt": "prompt",
        "data.completion": "completion",
    },
    "conversations": {"data.text": None, "data.messages": "messages"},
    "conversations with tools": {
        "data.text": None,
        "data.messages": "messages",
        "data.tools": "tools",
    },
    "packed sequences": {"data.pack": True},
    "stratified splits": {"data.stratify": True},
    "grouped splits": {"data.group": "group"},
    "metrics by slice": {"evaluate.slices": ["source"]},
}
_THRESHOLDS: Mapping[str, Any] = {"cost": {"kind": "cost", "of": [["a", "b", 5]]}}
_GROUP_DRO: Mapping[str, Any] = {"kind": "group-dro", "groups": "source"}
_COLUMNS: Mapping[str, Any] = {"numeric": ["x"], "tokens": "words"}


def smallest(task: str) -> dict[str, Any]:
    """The smallest valid recipe of a task, as a mapping."""
    facts = TASKS[task]
    columns = {names[0]: _COLUMNS.get(names[0], names[0]) for names in facts.needs}
    recipe: dict[str, Any] = {"task": task, "data": {"agreement": "own", "train": "x", **columns}}
    if facts.modality != "table":
        recipe["model"] = {"base": "base"}
    return recipe


def supported(task: str, technique: Technique, engine: str) -> bool:
    """Whether the validators accept a technique for a task on an engine."""
    recipe = smallest(task)
    _put(recipe, "machine.device", engine)
    for path, value in technique.fields.items():
        _put(recipe, path, value)
    try:
        recipe_from(recipe)
    except (AccordError, Problems):
        return False
    return True


def support_matrix() -> str:
    """The matrix as Markdown: one table an engine that differs from the first."""
    found = list(techniques())
    lines = [
        "# Support matrix",
        "",
        f"Generated from the validators by `{COMMAND}`; do not edit.",
        "",
        "`yes`: the recipe is accepted. A number names the engines that accept it:",
        ", ".join(f"{n} = {name}" for n, name in enumerate(ENGINES.values(), 1)) + ".",
        "`-`: it has no meaning for the task, and `accord check` says why.",
    ]
    for group in dict.fromkeys(t.group for t in found):
        lines += ["", f"## {group}", ""]
        lines += ["| | " + " | ".join(TASKS) + " |", "|---|" + "---|" * len(TASKS)]
        lines += [_row(technique) for technique in found if technique.group == group]
    return "\n".join(lines) + "\n"


def _row(technique: Technique) -> str:
    cells = (_cell(task, technique) for task in TASKS)
    return f"| {technique.name} | " + " | ".join(cells) + " |"


def _cell(task: str, technique: Technique) -> str:
    accepted = [n for n, e in enumerate(ENGINES, 1) if supported(task, technique, e)]
    if len(accepted) == len(ENGINES):
        return "yes"
    return ", ".join(str(n) for n in accepted) or "-"


def _put(recipe: dict[str, Any], path: str, value: Any) -> None:
    section, name = path.split(".")
    holder = recipe.setdefault(section, {})
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(support_matrix(), encoding="utf-8")
