from __future__ import annotations

from typing import Any

import pytest

from accord.errors import AccordError, Problems
from accord.recipe.combinations import EXCLUSIONS
from accord.recipe.consistency import METRICS
from accord.recipe.load import recipe_from
from accord.recipe.support import smallest
from accord.recipe.task import TASKS


def changed(task: str, **fields: Any) -> dict[str, Any]:
    recipe = smallest(task)
    for path, value in fields.items():
        section, _, name = path.partition("__")
        recipe.setdefault(section, {})[name] = value
    return {
        k: {n: v for n, v in s.items() if v is not ...} if isinstance(s, dict) else s
        for k, s in recipe.items()
    }


def codes(recipe: dict[str, Any]) -> list[tuple[str, str | None]]:
    try:
        recipe_from(recipe)
    except Problems as error:
        return [(p.code, p.path) for p in error.problems]
    except AccordError as error:
        return [(error.code, error.path)]
    return []


@pytest.mark.parametrize("task", TASKS)
def test_the_smallest_recipe_of_each_task_is_right(task: str) -> None:
    assert codes(smallest(task)) == []


@pytest.mark.parametrize("task", TASKS)
def test_each_task_needs_what_it_reads(task: str) -> None:
    for names in TASKS[task].needs:
        found = codes(changed(task, **{f"data__{name}": ... for name in names}))
        assert ("recipe-column-missing", f"data.{names[0]}") in found


@pytest.mark.parametrize(
    ("task", "fields", "path"),
    [
        ("table-regression", {"data__messages": "m"}, "data.messages"),
        ("table-classification", {"data__max_tokens": 32}, "data.max_tokens"),
        ("image-classification", {"data__text": "t"}, "data.text"),
        ("text-classification", {"data__pack": True}, "data.pack"),
        ("causal-lm", {"data__label": "l"}, "data.label"),
    ],
)
def test_fields_without_meaning_for_the_task_are_errors(
    task: str, fields: dict[str, Any], path: str
) -> None:
    assert ("recipe-field-idle", path) in codes(changed(task, **fields))


@pytest.mark.parametrize(
    ("task", "fields", "path"),
    [
        ("text-classification", {"model__config": {}}, "model.base and model.config"),
        ("text-classification", {"train__epochs": 1, "train__steps": 2},
         "train.epochs and train.steps"),
        ("causal-lm", {"data__messages": "m"}, "data.text and data.messages"),
        ("causal-lm", {"data__prompt": "p", "data__text": "t"}, "data.text and data.prompt"),
        ("causal-lm", {"data__prompt": "p", "data__text": ...}, "data.completion and data.prompt"),
        ("table-regression", {"train__label_smoothing": 0.1}, "train.label_smoothing"),
        ("table-regression", {"model__adapt": "lora"}, "model.adapt"),
        ("table-classification", {"model__base": "x"}, "model.base"),
        ("table-regression", {"data__label": ["a", "b"]}, "data.label"),
        ("token-classification", {"data__stratify": True}, "data.stratify"),
        ("text-classification", {"data__label": ["a"], "data__label_separator": "|"},
         "data.label_separator and data.label"),
        ("text-classification", {"data__validation": 0.5, "data__test": 0.5},
         "data.validation and data.test"),
        ("text-classification", {"train__precision": "fp16", "machine__device": "cpu"},
         "train.precision and machine.device"),
        ("text-classification", {"train__optimizer": "adamw-8bit", "machine__device": "cpu"},
         "train.optimizer and machine.device"),
        ("text-classification", {"train__steps": 10, "train__warmup": 10},
         "train.warmup and train.steps"),
        ("image-classification", {"model__base": ..., "model__config": {}, "model__adapt": "lora"},
         "model.adapt and model.config"),
        ("image-classification", {"model__base": ...}, "model.base and model.config"),
    ],
)  # fmt: skip
def test_contradictions_are_named_in_pairs(task: str, fields: dict[str, Any], path: str) -> None:
    found = codes(changed(task, **fields))
    assert ("recipe-conflict", path) in found


def test_a_new_text_model_needs_no_tokenizer() -> None:
    config = {"model_type": "bert"}
    assert codes(changed("text-classification", model__base=..., model__config=config)) == []


def test_a_table_model_may_have_a_configuration_of_its_own() -> None:
    assert codes(changed("table-regression", model__config={"hidden_size": 32})) == []


@pytest.mark.parametrize("task", TASKS)
def test_early_stopping_watches_only_metrics_of_the_task(task: str) -> None:
    known = METRICS[TASKS[task].problems[0]]
    assert TASKS[task].metric in known
    good = changed(task, train__early_stopping={"metric": known[-1]})
    assert codes(good) == []
    bad = changed(task, train__early_stopping={"metric": "bleu"})
    assert codes(bad) == [("recipe-metric", "train.early_stopping.metric")]


@pytest.mark.parametrize(
    ("protect", "path", "fix"),
    [
        ({"entities": "all", "columns": ["remrks"]}, "protect.columns", "`remarks`"),
        ({"values": {"phone": "phone"}}, "protect.values", "remove it"),
        ({"entities": "all", "columns": ["age"]}, "protect.columns", "anonymity"),
    ],
)
def test_what_is_protected_is_text_that_is_read(
    protect: dict[str, Any], path: str, fix: str
) -> None:
    table = {"data__numeric": ["age"], "data__categorical": ["remarks"]}
    with pytest.raises(AccordError) as caught:
        recipe_from(changed("table-classification", **table) | {"protect": protect})
    assert (caught.value.code, caught.value.path) == ("recipe-conflict", path)
    assert fix in (caught.value.fix or "")
    known = {"entities": "all", "columns": ["remarks"], "values": {"city": "name"}}
    slices = changed("table-classification", **table, evaluate__slices=["city"])
    assert codes(slices | {"protect": known}) == []


def test_exclusions_speak_of_fields_that_exist() -> None:
    from accord.recipe.names import all_fields

    named = {name for rule in EXCLUSIONS for name in (rule.first, rule.second)}
    assert named <= set(all_fields())
