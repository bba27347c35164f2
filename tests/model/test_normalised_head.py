"""A head that compares directions: its formula, and every way by which it is saved and loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModelForImageClassification, AutoModelForSequenceClassification

import accord
from accord.errors import AccordError
from accord.model.head.normalised import NormalisedHead, normalise_head
from accord.model.load import load_model, load_trained
from accord.part import find
from accord.privacy.layer.rules import ruled
from accord.privacy.layer.spread import whole
from accord.recipe.model import Model
from accord.testing import tiny_model
from tests.model.schemas import CONFIGS, config_for, inputs_for, saved, schema_for

COUNTS = torch.tensor([900.0, 90.0, 10.0])
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
DISTIL = {"model_type": "distilbert", "dim": 32, "hidden_dim": 64, "n_heads": 4, "n_layers": 1}
LLAMA = {"model_type": "llama", "num_hidden_layers": 1, "num_key_value_heads": 2, **SMALL}
ROBERTA = {"model_type": "roberta", "num_hidden_layers": 1, **SMALL}


def made(task: str, scale: float = 30.0, **model: Any) -> nn.Module:
    """A new model with such a head, moved from where it started."""
    spec = Model.model_validate({"config": config_for(task), **model})
    schema, here = schema_for(task), Path.cwd()
    found = load_model(spec, schema, task=task, seed=0, base=here, head_scale=scale)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in found.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return found.eval()


def said(model: nn.Module, task: str) -> torch.Tensor:
    with torch.no_grad():
        return model(**inputs_for(task)).logits


def test_logits_are_cosines_times_the_scale() -> None:
    plain, rows = nn.Linear(8, 3), torch.randn(5, 8)
    cosines = functional.cosine_similarity(rows[:, None], plain.weight[None], dim=-1)
    torch.testing.assert_close(NormalisedHead(plain, 30.0)(rows), 30 * cosines)


def test_the_loss_is_that_of_the_paper() -> None:
    """As its authors' code has it: `s (cos - m_y)`, `m` 0.5 for the rarest class."""
    chance = torch.Generator().manual_seed(0)
    cosines = torch.rand(64, 3, generator=chance) * 2 - 1
    labels = torch.arange(64) % 3
    margins = 1 / COUNTS.sqrt().sqrt()
    margins = margins * (0.5 / margins.max())
    own = functional.one_hot(labels, 3).bool()
    expected = functional.cross_entropy(
        30 * torch.where(own, cosines - margins, cosines), labels, reduction="none"
    )
    loss = find("class-loss", "ldam")
    spec = loss.spec(kind="ldam")
    assert spec.head_scale == 30
    torch.testing.assert_close(loss(spec, COUNTS)(30 * cosines, labels), expected)
    ten = loss.spec(kind="ldam", scale=10)
    assert ten.head_scale == 10
    plain = loss.spec(kind="ldam", normalised=False, scale=30)
    assert plain.head_scale is None
    torch.testing.assert_close(loss(plain, COUNTS)(cosines, labels), expected)


@pytest.mark.parametrize(
    ("task", "model"),
    [
        ("text-classification", {}),
        ("text-classification", {"config": DISTIL}),
        ("text-classification", {"config": ROBERTA}),
        ("text-classification", {"config": LLAMA}),
        ("token-classification", {}),
        ("image-classification", {}),
        ("image-classification", {"config": CONFIGS["convnext"]}),
        ("table-classification", {}),
    ],
)
def test_what_was_saved_answers_as_before(task: str, model: dict[str, Any], tmp_path: Path) -> None:
    one = made(task, **model)
    expected = said(one, task)
    assert expected.abs().max() <= 30.001
    folder = saved(task, tmp_path / "m", one)
    assert any(isinstance(module, NormalisedHead) for module in one.modules())
    told = json.loads((folder / "accord.json").read_text("utf-8"))
    assert told["head"] == {"kind": "normalised", "scale": 30.0}
    torch.testing.assert_close(said(load_trained(folder), task), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("merge", [True, False])
def test_adapters_stand_beside_it(merge: bool, tmp_path: Path) -> None:
    task, base = "text-classification", tmp_path / "base"
    plain = load_model(
        Model(config=config_for(task)), schema_for(task), task=task, seed=0, base=Path.cwd()
    )
    saved(task, base, plain)
    adapt = {"kind": "lora", "rank": 2, "merge": merge}
    one = made(task, config=None, base=str(base), adapt=adapt)
    expected = said(one, task)
    folder = saved(task, tmp_path / "m", one, {**adapt, "alpha": 16})
    torch.testing.assert_close(said(load_trained(folder), task), expected, rtol=1e-4, atol=1e-4)


def test_biases_alone_train_the_head_in_full() -> None:
    one = made("text-classification", adapt="bias")
    trained = {name for name, p in one.named_parameters() if p.requires_grad}
    assert "classifier.weight" in trained and "classifier.bias" not in trained


@pytest.mark.parametrize(
    ("task", "auto"),
    [
        ("text-classification", AutoModelForSequenceClassification),
        ("image-classification", AutoModelForImageClassification),
    ],
)
def test_a_program_that_knows_no_such_head_chooses_the_same(
    task: str, auto: Any, tmp_path: Path
) -> None:
    one = made(task)
    folder = saved(task, tmp_path / "m", one)
    plain, found = auto.from_pretrained(folder, output_loading_info=True)
    assert not found["missing_keys"] and not found["unexpected_keys"]
    assert torch.equal(said(plain.eval(), task).argmax(-1), said(one, task).argmax(-1))


def test_lengths_change_nothing_and_mixed_precision_is_left_out() -> None:
    head, rows = NormalisedHead(nn.Linear(8, 3), 30.0), torch.randn(5, 8)
    torch.testing.assert_close(head(rows * torch.rand(5, 1)), head(rows))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = head(rows)
    assert found.dtype == torch.float32 and torch.equal(found, head(rows))


def test_private_gradients_of_it_go_by_the_rule_for_any_layer() -> None:
    model = tiny_model()
    normalise_head(model, 3, 30.0)
    rules: Any = ruled(model)
    assert {rule for module, rule in rules.rules.items() if isinstance(module, NormalisedHead)} == {
        whole
    }


def recipe(folder: Path, **more: Any) -> dict[str, Any]:
    words = {"fruit": "apple pear plum", "tool": "hammer saw drill"}
    kinds = ["tool" if i % 6 == 0 else "fruit" for i in range(120)]
    rows = [f"{words[k].split()[i % 3]} {i % 11} {words[k]},{k}\n" for i, k in enumerate(kinds)]
    (folder / "a.csv").write_text("text,label\n" + "".join(rows))
    return {
        "task": "text-classification",
        "model": {"config": CONFIGS["text"]},
        "data": {
            **{"agreement": "own", "train": str(folder / "a.csv"), "test": 0.3, "validation": 0.2},
            **{"text": "text", "label": "label", "max_tokens": 16},
        },
        "balance": {"loss": "ldam"},
        "train": {"steps": 2, "batch_size": 16, "learning_rate": 1e-3, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    } | more


@pytest.mark.parametrize("members", [1, 2])
def test_a_run_predicts_as_it_was_judged(members: int, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    made = recipe(tmp_path)
    if members > 1:
        made["train"]["ensemble"] = {"kind": "seeds", "members": members}
    run = accord.train(made, output=tmp_path / "run")
    heads = list((run.path / "model").rglob("accord.json"))
    told = [json.loads(file.read_text("utf-8")).get("head") for file in heads]
    assert sum(one is not None for one in told) == members
    report = (run.path / "report.html").read_text("utf-8")
    assert ("compares\ndirections" in report) == (members == 1)
    table = pq.read_table(run.path / "predictions.parquet").to_pylist()
    texts = (tmp_path / "a.csv").read_text("utf-8").splitlines()[1:]
    some = [row for row in table if row["split"] == "test"][:10]
    again = accord.load(run.path).predict([texts[row["row"]].partition(",")[0] for row in some])
    for row, now in zip(some, again, strict=True):
        judged = {name: row[f"score_{name}"] for name in now["scores"]}
        assert now["label"] == row["prediction"]
        assert now["scores"] == pytest.approx(judged, abs=1e-5, rel=1e-3)


@pytest.mark.parametrize(
    ("section", "change", "path"),
    [
        ("model", {"base": "b", "head": "prototypes", "config": None}, "model.head"),
        ("data", {"label_separator": ";"}, "balance.loss"),
    ],
)
def test_what_does_not_go_with_it_is_refused(
    section: str, change: dict[str, Any], path: str, tmp_path: Path
) -> None:
    made = recipe(tmp_path)
    made[section] |= change
    with pytest.raises(AccordError, match="directions") as error:
        accord.check(made)
    assert path in str(error.value)


def test_rows_with_several_labels_are_refused_where_the_data_show_them(tmp_path: Path) -> None:
    made = recipe(tmp_path)
    rows = [json.dumps({"text": f"pear {i}", "label": ["a", "b"][: 1 + i % 2]}) for i in range(40)]
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    made["data"] |= {"train": str(tmp_path / "a.jsonl")}
    with pytest.raises(AccordError, match="several labels"):
        accord.train(made, output=tmp_path / "run")


def test_a_teacher_with_such_a_head_is_asked_as_it_answers(tmp_path: Path) -> None:
    teacher = accord.train(recipe(tmp_path), output=tmp_path / "teacher")
    pupil = recipe(tmp_path, balance={})
    pupil["train"]["distill"] = {"teacher": str(teacher.path), "agreement": "own"}
    assert accord.train(pupil, output=tmp_path / "pupil").summary["status"] == "complete"
