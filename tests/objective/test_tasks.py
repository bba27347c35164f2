"""Side tasks: heads beside the task's own, rows without an answer, metrics, zero, resumption."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

import accord
from accord.batch import collate
from accord.errors import AccordError, Interrupted
from accord.model.head.embeddings import last_layer
from accord.model.side_heads import add_heads
from accord.objective.gradient import accumulate
from accord.objective.shared import Shared, sides_of
from accord.part import find
from accord.testing.tiny import tiny_model, tiny_rows, tiny_schema
from tests.objective.test_distill import WORDS, model, same

TASKS = [
    {"name": "shade", "problem": "single-label", "labels": ["dark", "light"]},
    {"name": "size", "problem": "regression", "labels": [], "target": {"mean": 2.0, "std": 0.5}},
]
SHADES, SIZES = [None, "dark", "light", "unheard-of"] * 3, [1.0, 2.0, float("nan"), 4.0] * 3


def batch_of(rows: Sequence[int]) -> dict[str, torch.Tensor]:
    table = tiny_rows("single-label")
    table = table.append_column("task:shade", pa.array(SHADES, pa.string()))
    table = table.append_column("task:size", pa.array(SIZES, pa.float64()))
    return collate(table.take(list(rows)), tiny_schema("single-label") | {"tasks": TASKS})


def objective(student: Any) -> Shared:
    part = find("objective", "single-label")
    schema = tiny_schema("single-label")
    layer = last_layer(student, 3)[1]
    sides = sides_of(TASKS, add_heads(student, TASKS, layer.in_features), (0.5, 2.0))
    return Shared(part(part.spec(), label_smoothing=0.0, schema=schema), layer, sides)


def test_losses_add_up_and_rows_without_an_answer_count_nothing() -> None:
    student = tiny_model()
    whole = objective(student)
    batch = batch_of(range(12))
    found = whole.losses(student, batch).detach()
    own = whole.objective.losses(student, batch).detach()
    hidden = student.bert(
        **{"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    )
    shade, size = (side.head(hidden.pooler_output).detach() for side in whole.sides)
    for row, (name, number) in enumerate(zip(SHADES, SIZES, strict=True)):
        expected = own[row]
        if name in ("dark", "light"):
            expected = expected - 0.5 * shade[row].log_softmax(0)[["dark", "light"].index(name)]
        if number == number:
            expected = expected + 2.0 * (size[row, 0] - (number - 2.0) / 0.5) ** 2
        torch.testing.assert_close(found[row], expected, rtol=1e-4, atol=1e-5)


def test_micro_batches_equal_one_batch() -> None:
    def gradients(groups: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        student = tiny_model()
        batches = [batch_of(group) for group in groups]
        accumulate(student, objective(student), batches, arithmetic=torch.enable_grad, scale=1.0)
        return [p.grad for p in student.parameters() if p.grad is not None]

    whole = gradients([range(12)])
    for one, other in zip(whole, gradients([range(5), range(5, 6), range(6, 12)]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def recipe(folder: Path, tasks: list[dict[str, Any]], **train: Any) -> dict[str, Any]:
    base = folder / "student"
    if not base.exists():
        model(base, ("a", "b", "c"), seed=1)
    with (folder / "a.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "label", "shade", "size"))
        for i in range(60):
            words = WORDS[i % 3].split()
            text = f"{words[i % 4]} {words[(i // 4) % 4]} {words[(i // 16) % 4]} {i}"
            shade = "" if i % 7 == 0 else ("dark", "light")[i % 3 == 1]
            writer.writerow((text, "abc"[i % 3], shade, "" if i % 5 == 0 else i % 3))
    settings = {"steps": 12, "batch_size": 8, "precision": "fp32", "learning_rate": 3e-3}
    return {
        "task": "text-classification",
        "model": {"base": str(base), "agreement": "own"},
        "data": {
            "agreement": "own", "train": str(folder / "a.csv"), "text": "text", "label": "label",
            "max_tokens": 16, "leakage": {"action": "off"}, "test": 0.4,
        },
        "train": settings | {"tasks": tasks} | train,
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip


BOTH = [{"label": "shade"}, {"label": "size", "kind": "number", "weight": 0.2}]


def test_metrics_of_every_task_and_a_plain_model_beside_its_heads(tmp_path: Path) -> None:
    run = accord.train(
        recipe(tmp_path, BOTH, steps=100, learning_rate=1e-2), output=tmp_path / "run"
    )
    for split in ("validation", "test"):
        assert set(run.summary["tasks"][split]) == {"shade", "size"}
    assert run.summary["tasks"]["test"]["shade"]["accuracy"] > 0.7
    assert run.summary["tasks"]["test"]["size"]["r2"] > 0.3
    names = set(load_file(run.path / "model" / "model.safetensors"))
    assert not any("side_heads" in name for name in names)
    assert (run.path / "model" / "side_heads.safetensors").is_file()


def test_weight_0_is_training_without_it_bit_for_bit(tmp_path: Path) -> None:
    without = accord.train(recipe(tmp_path, []), output=tmp_path / "without")
    zeros = [task | {"weight": 0} for task in BOTH]
    assert same(without, accord.train(recipe(tmp_path, zeros), output=tmp_path / "zero"))


def test_a_run_that_was_stopped_ends_as_if_it_never_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = accord.train(recipe(tmp_path, BOTH), output=tmp_path / "whole")
    calls = iter(range(1000))
    from accord.train import lesson

    monkeypatch.setattr(lesson, "_while_permitted", lambda permit, asked: lambda: next(calls) == 5)
    with pytest.raises(Interrupted):
        accord.train(recipe(tmp_path, BOTH), output=tmp_path / "parts")
    monkeypatch.undo()
    parts = accord.train(recipe(tmp_path, BOTH), output=tmp_path / "parts", resume=True)
    assert same(whole, parts)
    heads = [load_file(r.path / "model" / "side_heads.safetensors") for r in (whole, parts)]
    assert all(torch.equal(heads[0][name], heads[1][name]) for name in heads[0])


@pytest.mark.parametrize(
    ("tasks", "place"),
    [
        ([{"label": "label"}], "train.tasks"),
        ([{"label": "text"}], "train.tasks"),
        ([{"label": "shade"}, {"label": "shade"}], "train.tasks"),
        ([{"label": "shape"}], "train.tasks"),
        ([{"label": "shade", "kind": "number"}], "train.tasks"),
    ],
)
def test_mistakes_are_told_at_their_place(
    tasks: list[dict[str, Any]], place: str, tmp_path: Path
) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, tasks))
    assert place in str(error.value) and json.dumps(str(error.value))
