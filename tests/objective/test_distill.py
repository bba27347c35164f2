"""A teacher's answers mixed into the loss: the formula, its zero, its bounds, its resumption."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification

import accord
from accord.batch import collate
from accord.errors import AccordError, Interrupted
from accord.model.head.embeddings import last_layer
from accord.model.tokenizer import train_tokenizer
from accord.objective.distillation.answers import Answers
from accord.objective.distillation.distilled import Distilled, Teacher
from accord.objective.distillation.hidden import HiddenMatch
from accord.objective.distillation.logits import LogitMatch
from accord.objective.gradient import accumulate
from accord.part import find
from accord.testing.tiny import LABELS, PROBLEMS, tiny_model, tiny_rows, tiny_schema

WORDS = ("good fine nice great", "bad awful poor weak", "red blue green grey")
LOGITS = st.lists(st.floats(-8, 8), min_size=3, max_size=3)


@given(own=LOGITS, theirs=LOGITS, temperature=st.floats(0.5, 10))
def test_the_distance_is_that_of_hinton(
    own: list[float], theirs: list[float], temperature: float
) -> None:
    student, teacher = torch.tensor([own]), torch.tensor([theirs])
    batch = {"labels": torch.zeros(1, dtype=torch.long)}
    found = LogitMatch(temperature, "single-label")(Answers(student), Answers(teacher), batch)
    log_p = (student.double() / temperature).log_softmax(-1)
    q = (teacher.double() / temperature).softmax(-1)
    expected = temperature**2 * torch.nn.functional.kl_div(log_p, q, reduction="sum")
    torch.testing.assert_close(found[0].double(), expected, rtol=1e-3, atol=1e-3)


def plain(problem: str) -> Any:
    part = find("objective", problem)
    return part(part.spec(kind=problem), label_smoothing=0.0, schema=tiny_schema(problem))


def taught(problem: str, student: Any, weight: float, *, inside: bool = False) -> Distilled:
    outputs = {"next-token": 40, "regression": 1}.get(problem, len(LABELS[problem]))
    model = tiny_model(problem, seed=5).eval().requires_grad_(False)
    layers = [
        last_layer(m, outputs, trained=False)[1] if inside else None for m in (model, student)
    ]
    match = HiddenMatch(problem) if inside else LogitMatch(2.0, problem)
    return Distilled(plain(problem), Teacher(model, layers[0]), ((1.0, match),), weight, layers[1])


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_micro_batches_equal_one_batch(problem: str, inside: bool) -> None:
    table, schema = tiny_rows(problem), tiny_schema(problem)

    def gradients(groups: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        student = tiny_model(problem)
        objective = taught(problem, student, 0.7, inside=inside)
        batches = [collate(table.take(list(group)), schema) for group in groups]
        accumulate(student, objective, batches, arithmetic=torch.enable_grad, scale=1.0)
        return [p.grad for p in student.parameters() if p.grad is not None]

    whole = gradients([range(12)])
    for one, other in zip(whole, gradients([range(5), range(5, 6), range(6, 12)]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_ends_of_the_weight_are_the_labels_and_the_teacher(problem: str) -> None:
    student = tiny_model(problem)
    batch = collate(tiny_rows(problem), tiny_schema(problem))
    own = plain(problem).losses(student, batch)
    assert torch.equal(taught(problem, student, 0.0).losses(student, batch), own)
    teacher = tiny_model(problem, seed=5)
    alone = taught(problem, teacher, 1.0).losses(teacher, batch)
    torch.testing.assert_close(alone, torch.zeros_like(alone), atol=1e-5, rtol=0)


@settings(max_examples=10, deadline=None)
@given(weight=st.floats(0, 1))
def test_the_loss_lies_between_its_ends(weight: float) -> None:
    student = tiny_model()
    batch = collate(tiny_rows("single-label"), tiny_schema("single-label"))
    ends = [taught("single-label", student, end).losses(student, batch) for end in (0.0, 1.0)]
    found = taught("single-label", student, weight).losses(student, batch)
    torch.testing.assert_close(found, (1 - weight) * ends[0] + weight * ends[1])


def model(folder: Path, labels: Sequence[str], words: Sequence[str] = WORDS, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=300, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
        id2label=dict(enumerate(labels)), label2id={n: i for i, n in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    train_tokenizer([" ".join(words)] * 5, 300, "bert").save(folder)
    return folder


def rows(folder: Path, labels: Sequence[str]) -> str:
    with (folder / "a.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "label"))
        for i in range(60):
            words = WORDS[i % len(labels)].split()
            text = f"{words[i % 4]} {words[(i // 4) % 4]} {words[(i // 16) % 4]} {i}"
            writer.writerow((text, labels[i % len(labels)]))
    return str(folder / "a.csv")


def recipe(folder: Path, teacher: Path | None, /, **distill: Any) -> dict[str, Any]:
    base = folder / "student"
    if not base.exists():
        model(base, ("a", "b", "c"), seed=1)
    settings = {"steps": 12, "batch_size": 8, "precision": "fp32", "learning_rate": 1e-3}
    wanted = {"teacher": str(teacher), "agreement": "own"} | distill if teacher else None
    return {
        "task": "text-classification",
        "model": {"base": str(base), "agreement": "own"},
        "data": {
            "agreement": "own", "train": rows(folder, ("a", "b", "c")), "text": "text",
            "label": "label", "max_tokens": 16, "leakage": {"action": "off"},
        },
        "train": settings | {"distill": wanted},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip


def weights(run: accord.Run) -> dict[str, torch.Tensor]:
    return load_file(run.path / "model" / "model.safetensors")


def same(one: accord.Run, other: accord.Run) -> bool:
    left, right = weights(one), weights(other)
    return all(torch.equal(left[name], right[name]) for name in left)


def test_weight_0_is_training_without_a_teacher_bit_for_bit(tmp_path: Path) -> None:
    teacher = model(tmp_path / "teacher", ("c", "b", "a"), WORDS[:1])
    without = accord.train(recipe(tmp_path, None), output=tmp_path / "without")
    zero = accord.train(recipe(tmp_path, teacher, weight=0), output=tmp_path / "zero")
    half = accord.train(recipe(tmp_path, teacher), output=tmp_path / "half")
    assert same(without, zero) and not same(without, half)


def test_a_run_is_a_teacher_and_its_terms_and_digest_go_along(tmp_path: Path) -> None:
    large = accord.train(recipe(tmp_path, None), output=tmp_path / "large")
    small = accord.train(
        recipe(tmp_path, large.path, by=[{"kind": "logits", "temperature": 3}, "hidden"]),
        output=tmp_path / "small",
    )
    (permit,) = small.path.glob("artifacts/permit-*/permit.json")
    assets = json.loads(permit.read_text())["assets"]
    (teacher,) = [asset for asset in assets if asset["role"] == "teacher"]
    assert teacher["root"] == str(large.path / "model") and teacher["files"][0]["sha256"]
    assert any("teacher" in one["roles"] for one in small.summary["agreements"])


def test_a_run_that_was_stopped_ends_as_if_it_never_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = model(tmp_path / "teacher", ("a", "b", "c"))
    whole = accord.train(recipe(tmp_path, teacher), output=tmp_path / "whole")
    calls = iter(range(1000))
    from accord.train import lesson

    monkeypatch.setattr(lesson, "_while_permitted", lambda permit, asked: lambda: next(calls) == 5)
    with pytest.raises(Interrupted):
        accord.train(recipe(tmp_path, teacher), output=tmp_path / "parts")
    monkeypatch.undo()
    parts = accord.train(recipe(tmp_path, teacher), output=tmp_path / "parts", resume=True)
    assert same(whole, parts)


def test_asked_once_or_at_every_step_it_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.train import distill

    teacher = model(tmp_path / "teacher", ("c", "a", "b"), ["a b c d e f g"])
    asked: list[int] = []
    listens = Teacher.__call__

    def counting(self: Teacher, batch: Any) -> Answers:
        asked.append(len(batch["rows"]))
        return listens(self, batch)

    monkeypatch.setattr(Teacher, "__call__", counting)
    wanted = recipe(tmp_path, teacher, by=["logits", "hidden"], weight=0.9)
    once = accord.train(wanted, output=tmp_path / "once")
    rows = once.summary["data"]["kept"]["train"]
    assert sum(asked) == rows < 12 * 8
    monkeypatch.setattr(distill, "ANSWER_BYTES", 0)
    asked.clear()
    always = accord.train(wanted, output=tmp_path / "always")
    assert sum(asked) > rows
    left, right = weights(once), weights(always)
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-4, atol=1e-5)


def test_a_teacher_with_other_tokens_reads_them_and_knows_other_classes(tmp_path: Path) -> None:
    teacher = model(tmp_path / "teacher", ("x", "c", "a"), ["a b c d e f g"])
    run = accord.train(recipe(tmp_path, teacher), output=tmp_path / "run")
    (schema,) = run.path.glob("artifacts/dataset-*/schema.json")
    assert "teacher_pad_id" in json.loads(schema.read_text())
    assert not same(run, accord.train(recipe(tmp_path, None), output=tmp_path / "without"))


@pytest.mark.parametrize(
    ("labels", "change", "place"),
    [
        (("x", "y", "z"), {}, "train.distill.teacher"),
        (("a", "b", "c"), {"by": ["logit"]}, "one of hidden, logits"),
        (("a", "b", "c"), {"teacher": "nowhere/at/all"}, "train.distill.teacher"),
        (("a", "b", "c"), {"weight": 2}, "train.distill.weight"),
        (("a", "b", "c"), {"by": []}, "train.distill.by"),
        (("a", "b", "c"), {"agreement": "nothing.yaml"}, "train.distill.agreement"),
    ],
)
def test_what_does_not_go_is_said_at_its_place(
    labels: Sequence[str], change: dict[str, Any], place: str, tmp_path: Path
) -> None:
    teacher = model(tmp_path / "teacher", labels)
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, teacher, **change))
    assert place in str(error.value)


def test_a_teacher_whose_answers_must_not_be_learnt_from_is_refused(tmp_path: Path) -> None:
    teacher = model(tmp_path / "teacher", ("a", "b", "c"))
    (teacher / "agreement.yaml").write_text("id: big\nkind: model\nacts: [evaluate]\n")
    wrong = recipe(tmp_path, teacher)
    wrong["train"]["distill"]["agreement"] = None
    with pytest.raises(AccordError) as error:
        accord.check(wrong)
    assert error.value.code == "agreement-forbids"
