"""Each way past clipping and noise is refused, by its path and with a way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from accord.errors import AccordError, Problems
from accord.recipe.combinations_privacy import PRIVACY
from accord.recipe.load import recipe_from
from accord.recipe.support import smallest

TEXT, LANGUAGE, TABLE = "text-classification", "causal-lm", "table-classification"
Change = tuple[str, str, Mapping[str, Any]]

OUTLIERS = {"by": "mahalanobis", "columns": ["a", "b"]}
CHANGES: tuple[Change, ...] = (
    ("privacy.epsilon", TEXT, {"privacy.noise_multiplier": 1.0}),
    ("privacy.column", TEXT, {"privacy.unit": "user"}),
    ("privacy.rows_of_unit", TEXT, {"privacy.rows_of_unit": 2}),
    ("privacy.unit", LANGUAGE, {"privacy.unit": "user", "privacy.column": "who"}),
    ("privacy.public", TEXT, {"privacy.public": ["validation"], "data.validation": 0.1}),
    ("privacy.public", TEXT, {"privacy.public": ["test"], "data.test": 0.1}),
    ("evaluate.repeated", TEXT, {"evaluate.repeated": [10], "evaluate.canaries": 40}),
    ("train.precision", TEXT, {"train.precision": "fp16"}),
    ("train.early_stopping", TEXT, {"train.early_stopping": {}}),
    ("train.keep", TEXT, {"train.keep": "best"}),
    ("train.clip_each", TEXT, {"train.clip_each": 1.0}),
    ("train.clip_norm", TEXT, {"privacy.mechanism": "banded", "train.clip_norm": 1.0}),
    ("privacy.clipping", TEXT, {"privacy.mechanism": "banded", "privacy.clipping": "adaptive"}),
    ("privacy.secure_noise", TEXT, {"privacy.mechanism": "banded", "privacy.secure_noise": True}),
    ("train.robust", TEXT, {"train.robust": "trimmed"}),
    ("train.ensemble", TEXT, {"train.ensemble": "seeds"}),
    ("train.penalties", TEXT, {"train.penalties": ["l2-start"]}),
    ("train.distill", TEXT, {"train.distill": {"teacher": "runs/one"}}),
    ("train.tasks", TEXT, {"train.tasks": [{"label": "stars"}]}),
    ("model.head", TEXT, {"model.head": "prototypes"}),
    ("model.tokenizer", TEXT, {"model.base": None, "model.config": {"model_type": "bert"}}),
    ("data.pack", LANGUAGE, {"data.pack": True}),
    ("data.leakage", TEXT, {"data.leakage": {"action": "drop"}}),
    ("protect.anonymity", TEXT, {"protect.anonymity": {"quasi": {"age": "interval"}}}),
    ("augment.mix", TEXT, {"augment.mix": "mixup"}),
    ("augment.rows", TABLE, {"augment.rows": [{"by": "noise"}]}),
    ("balance.sampler", TEXT, {"balance.sampler": "class-balanced"}),
    ("balance.weights", TEXT, {"balance.weights": "inverse"}),
    ("balance.loss", TEXT, {"balance.loss": "ldam"}),
    ("balance.resample", TABLE, {"balance.resample": "smote"}),
    ("balance.cold_start", TEXT, {"balance.cold_start": {"rows": 20}}),
    ("balance.thresholds", TEXT, {"balance.thresholds": "f1"}),
    ("clean.text", TEXT, {"clean.text": {"boilerplate": True}}),
    ("clean.impute", TABLE, {"clean.impute": {"numeric": "median"}}),
    ("clean.duplicates", TEXT, {"clean.duplicates": {}}),
    ("clean.decontaminate", TEXT, {"clean.decontaminate": {"held_out": True}}),
    ("clean.outliers", TABLE, {"clean.outliers": [OUTLIERS]}),
    ("clean.labels", TEXT, {"clean.labels": {}}),
)
"""One for each rule, in its order."""


def recipe(task: str, changes: Mapping[str, Any], *, private: bool) -> dict[str, Any]:
    made = smallest(task)
    if private:
        made["privacy"] = {"epsilon": 8}
        if task == LANGUAGE:
            made["data"]["pack"] = False
        if task.startswith("table-"):
            made["privacy"]["ranges"] = {
                "x": [0, 1],
                **({} if task == TABLE else {"label": [0, 9]}),
            }
    for path, value in changes.items():
        section, _, name = path.partition(".")
        if section == "privacy" and not private:
            continue
        part = made.setdefault(section, {})
        if value is None:
            part.pop(name, None)
        else:
            part[name] = value
    return made


def problems(made: dict[str, Any]) -> list[AccordError]:
    try:
        recipe_from(made)
    except Problems as error:
        return list(error.problems)
    except AccordError as error:
        return [error]
    return []


@pytest.mark.parametrize("task", [TEXT, LANGUAGE, TABLE, "table-regression"])
def test_a_private_recipe_is_right_as_it_is(task: str) -> None:
    assert problems(recipe(task, {}, private=True)) == []


def test_copies_of_a_row_may_be_averaged() -> None:
    copies = {"augment.rows": [{"by": "typos", "rate": 3}], "privacy.rows_of_unit": 4}
    assert problems(recipe(TEXT, copies, private=True)) == []


@pytest.mark.parametrize("number", range(len(PRIVACY)), ids=lambda n: f"{n}-{CHANGES[n][0]}")
def test_each_way_past_the_noise_is_refused(number: int) -> None:
    rule, (first, task, changes) = PRIVACY[number], CHANGES[number]
    assert first == rule.fields[0]
    (found,) = [
        p for p in problems(recipe(task, changes, private=True)) if p.problem == rule.problem
        and p.why == rule.why
    ]  # fmt: skip
    assert (found.code, found.fix) == ("recipe-conflict", rule.fix)
    for field in rule.fields:
        assert field == "task" or field in (found.path or "")
    without = problems(recipe(task, changes, private=False))
    assert rule.why not in [p.why for p in without], "it is private training that excludes it"


def test_every_rule_has_a_case() -> None:
    assert len(CHANGES) == len(PRIVACY)


@pytest.mark.parametrize("mechanism", ["banded", {"kind": "banded", "bands": 4}])
def test_a_banded_mechanism_has_a_clipping_of_its_own(mechanism: object) -> None:
    for private, clipping in (({}, "adaptive"), ({"mechanism": mechanism}, "automatic")):
        given = {**smallest(TEXT), "privacy": {"epsilon": 8, **private}}
        assert recipe_from(given).recipe.privacy.clipping.kind == clipping


def test_columns_of_a_table_have_to_be_declared() -> None:
    made = recipe("table-regression", {"data.categorical": ["plan", "city"]}, private=True)
    made["privacy"] |= {"ranges": {"y": [0, 1]}, "categories": {"plan": ["basic", "pro"]}}
    unknown, lacking = problems(made)
    assert (unknown.code, unknown.path, unknown.got) == ("recipe-conflict", "privacy.ranges", "y")
    assert (lacking.code, lacking.path) == ("privacy-undeclared", "privacy")
    lines = [line.strip() for line in (lacking.fix or "").splitlines()]
    assert lines[1:] == [
        *("ranges:", "x: [LEAST, MOST]", "label: [LEAST, MOST]"),
        *("categories:", "city: [VALUE, VALUE]"),
    ]
    (wrong,) = problems(recipe(TABLE, {"privacy.ranges": {"x": [1, 1]}}, private=True))
    assert (wrong.code, wrong.path) == ("recipe-value", "privacy.ranges.x")
    (idle,) = problems(recipe(TEXT, {"privacy.ranges": {"x": [0, 1]}}, private=True))
    assert (idle.code, idle.path) == ("recipe-field-idle", "privacy.ranges")
