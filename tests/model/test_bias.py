"""Biases alone: what is trained, what is refused, what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from accord.errors import ModelError
from accord.model.load import load_trained
from tests.laws.fitting import run_fit
from tests.laws.prepared import classification
from tests.model.schemas import inputs_for, new_model, saved

TASK = "text-classification"


def _trained(model: Any) -> set[str]:
    return {name for name, weight in model.named_parameters() if weight.requires_grad}


def test_biases_and_the_head_are_trained() -> None:
    trained = _trained(new_model(TASK, adapt={"kind": "bias"}))
    assert all(name.endswith(".bias") or name.startswith("classifier.") for name in trained)
    assert {"classifier.weight", "bert.encoder.layer.0.output.LayerNorm.bias"} <= trained
    more = _trained(new_model(TASK, adapt={"kind": "bias", "norms": True})) - trained
    assert more
    assert all(name.endswith("LayerNorm.weight") for name in more)


def test_biases_of_some_layers() -> None:
    trained = _trained(new_model(TASK, adapt={"kind": "bias", "layers": [-1]}))
    inside = {name for name in trained if ".layer." in name}
    assert inside
    assert all(".layer.1." in name for name in inside)
    assert "bert.embeddings.LayerNorm.bias" not in trained
    with pytest.raises(ModelError) as caught:
        new_model(TASK, adapt={"kind": "bias", "layers": [2]})
    assert caught.value.code == "adapt-layers"


def test_a_model_without_biases_is_told_what_it_has() -> None:
    llama = {"model_type": "llama", "hidden_size": 8, "intermediate_size": 8,
             "num_hidden_layers": 1, "num_attention_heads": 2}  # fmt: skip
    with pytest.raises(ModelError) as caught:
        new_model("causal-lm", config=llama, adapt={"kind": "bias"})
    assert caught.value.code == "bias-none"
    assert "norms: true" in str(caught.value.fix)
    with pytest.raises(ModelError) as caught:
        new_model("causal-lm", config=llama, adapt={"kind": "bias", "layers": [0]})
    assert caught.value.code == "bias-none", "it has this layer, and no biases in it"
    assert "in these layers" in str(caught.value)
    with pytest.raises(ModelError) as caught:
        new_model("causal-lm", config=llama, adapt={"kind": "bias", "layers": [1]})
    assert caught.value.code == "adapt-layers"
    trained = _trained(new_model("causal-lm", config=llama, adapt={"kind": "bias", "norms": True}))
    assert trained
    assert all(name.endswith("norm.weight") for name in trained)


def test_a_plain_model_is_saved(tmp_path: Path) -> None:
    model = new_model(TASK, adapt={"kind": "bias"}).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.add_(0.1)
    again = load_trained(saved(TASK, tmp_path / "m", model, {"kind": "bias", "norms": False}))
    inputs = inputs_for(TASK)
    with torch.no_grad():
        assert torch.equal(again(**inputs).logits, model(**inputs).logits)


def test_a_step_moves_every_trained_weight_and_no_other(tmp_path: Path) -> None:
    model = new_model(TASK, adapt={"kind": "bias", "norms": True}, dropout=0.0)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    train = {"steps": 1, "warmup": 0, "learning_rate": 1e-2, "weight_decay": 0.0}
    run_fit(model, classification(tmp_path / "data", 16), tmp_path, train=train)
    moved = {n for n, w in model.named_parameters() if not torch.equal(w, before[n])}
    # The bias of keys adds the same to all scores of a query: its gradient is zero.
    still = {name for name in _trained(model) - moved if not name.endswith("key.bias")}
    assert moved <= _trained(model)
    assert not still
