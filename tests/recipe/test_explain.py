from __future__ import annotations

from pathlib import Path

import pytest

from accord.errors import AccordError, Problems
from accord.recipe.load import load_recipe, recipe_from
from accord.recipe.names import KNOWN_ELSEWHERE, all_fields
from tests.recipe.recipes import SMALLEST, written


def problems_of(path: Path, *overrides: str) -> list[AccordError]:
    with pytest.raises(AccordError) as caught:
        load_recipe(path, overrides, env={})
    error = caught.value
    return list(error.problems) if isinstance(error, Problems) else [error]


def only(folder: Path, line: str) -> AccordError:
    (problem,) = problems_of(written(folder, SMALLEST + line + "\n"))
    return problem


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("train: {epoch: 1}", "here it is called `epochs`"),
        ("train: {eppochs: 1}", "did you mean `epochs`?"),
        ("train: {batch-size: 1}", "write `batch_size`"),
        ("train: {num_train_epochs: 1}", "here it is called `epochs`"),
        ("train: {lr: 1}", "here it is called `learning_rate`"),
        ("train: {bf16: true}", "choose by `train.precision`: fp32, bf16 or fp16"),
        ("train: {optimizer: {kind: adamw, beta: 1}}", "did you mean `betas`?"),
        ("train: {max_tokens: 1}", "`max_tokens` belongs under `data:`"),
        (
            "evaluate: {max_length: 1}",
            "here it is called `data.max_tokens`: write `max_tokens` under `data:`",
        ),
        ("epochs: 3", "`epochs` belongs under `train:`"),
        ("trian: {}", "did you mean `train`?"),
        ("zzzzzz: 3", "remove it; `accord schema` lists every field"),
    ],
)
def test_unknown_keys_lead_to_the_right_name(tmp_path: Path, line: str, fix: str) -> None:
    problem = only(tmp_path, line)
    assert problem.code == "recipe-unknown-key"
    assert problem.fix == fix


def test_every_field_that_other_names_lead_to_exists() -> None:
    fixed = {name for name in KNOWN_ELSEWHERE.values() if name.count(".") < 2}
    assert fixed <= set(all_fields())


@pytest.mark.parametrize(
    ("line", "got", "expected", "column"),
    [
        ("train: {epochs: many}", "many", "a number", 17),
        ("train: {epochs: -1}", -1, "a number above 0", 17),
        ("train: {epochs: .inf}", float("inf"), "a finite number", 17),
        ("train: {epochs: true}", True, "a number", 17),
        ("train: {batch_size: 2.5}", 2.5, "a whole number", 21),
        ("train: {precision: bf61}", "bf61", "one of fp32, bf16, fp16", 20),
        ("train: {penalties: l2}", "l2", "a list", 20),
        ("train: [1]", [1], "a mapping", 8),
        ("evaluate: {slices: [[1]]}", [1], "text", 21),
    ],
)
def test_wrong_values_are_shown_with_what_is_expected(
    tmp_path: Path, line: str, got: object, expected: str, column: int
) -> None:
    problem = only(tmp_path, line)
    assert problem.code == "recipe-value"
    assert problem.got == got
    assert expected in (problem.expected or "")
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (9, column)


def test_a_choice_suggests_the_nearest(tmp_path: Path) -> None:
    assert only(tmp_path, "train: {precision: bf61}").fix == "did you mean `bf16`?"
    assert only(tmp_path, "train: {schedule: cosin}").fix == "did you mean `cosine`?"


def test_a_part_without_kind_says_so(tmp_path: Path) -> None:
    problem = only(tmp_path, "train: {optimizer: {eps: 1}}")
    assert (problem.code, problem.path) == ("recipe-unknown-part", "train.optimizer")
    assert "adamw" in (problem.expected or "")


def test_both_branches_of_a_choice_make_one_error(tmp_path: Path) -> None:
    text = SMALLEST + "  validation: 1.5\n  test: [1]\n"
    found = problems_of(written(tmp_path, text))
    assert [p.path for p in found] == ["data.validation", "data.test"]
    assert "a number below 1, or text" in (found[0].expected or "")


def test_all_mistakes_come_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALLEST.replace("text-classification", "text-clasification")
    text = text.replace("text: text", "txt: text") + "train: {epochs: x, lr: 1}\nextra: 1\n"
    found = problems_of(written(tmp_path, text), "machine.thread=2")
    assert [p.path for p in found] == [
        *("machine.thread", "task", "data.txt", "train.epochs", "train.lr", "extra"),
    ]
    assert found[1].fix == "did you mean `text-classification`?"


def test_contradictions_are_found_in_the_sections_that_are_right(tmp_path: Path) -> None:
    text = SMALLEST + "  text_pare: x\ntrain: {epochs: 1, steps: 2}\n"
    found = problems_of(written(tmp_path, text))
    assert [p.code for p in found] == ["recipe-unknown-key", "recipe-conflict"]


def test_a_missing_section_and_a_missing_key(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, "task: causal-lm\nmodel: {base: x}\n"))
    assert (problem.code, problem.path) == ("recipe-missing-key", "data")
    text = SMALLEST.replace("  agreement: own\n", "")
    (problem,) = problems_of(written(tmp_path, text))
    assert problem.path == "data.agreement"
    assert str(problem.location).endswith("recipe.yaml:4:1")


def test_an_empty_file_and_an_empty_section(tmp_path: Path) -> None:
    assert {p.path for p in problems_of(written(tmp_path, ""))} == {"task", "data"}
    assert load_recipe(written(tmp_path, SMALLEST + "machine:\n")).recipe.machine.workers == 1


def test_python_mappings_are_explained_alike() -> None:
    with pytest.raises(AccordError) as caught:
        recipe_from({"task": "causal-lm", "data": {"agreement": "own", "train": "x", "txt": "t"}})
    assert "did you mean `text`?" in str(caught.value)
