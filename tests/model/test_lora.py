"""LoRA: what is trained, what merging changes, what is saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from accord.errors import ModelError
from accord.model.load import load_trained
from tests.laws.fitting import run_fit
from tests.laws.prepared import classification
from tests.model.schemas import inputs_for, new_model, saved

TASK = "text-classification"
LORA = {"kind": "lora", "rank": 4, "alpha": 8.0}


def _disturbed(model: nn.Module) -> nn.Module:
    """As after training: B, which starts at zero, is no longer zero."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


@pytest.mark.parametrize("task", [TASK, "causal-lm"])
def test_merged_equals_unmerged(task: str, tmp_path: Path) -> None:
    model = _disturbed(new_model(task, adapt=LORA))
    inputs = inputs_for(task)
    with torch.no_grad():
        expected = model(**inputs).logits
        plain = new_model(task).eval()(**inputs).logits
        folder = saved(task, tmp_path / "m", model, {**LORA, "merge": True})
        merged = load_trained(folder)
        torch.testing.assert_close(merged(**inputs).logits, expected, rtol=0, atol=1e-5)
    assert not torch.allclose(expected, plain, atol=1e-3)
    assert not [n for n, _ in merged.named_parameters() if "lora" in n]


def test_only_adapters_and_the_head_are_trained() -> None:
    model = new_model(TASK, adapt=LORA)
    trained = {n for n, p in model.named_parameters() if p.requires_grad}
    assert all("lora_" in n or "classifier" in n for n in trained), trained
    assert any("classifier" in n for n in trained)
    assert any("lora_A" in n for n in trained)
    assert {p.shape[0] for n, p in model.named_parameters() if "lora_A" in n} == {4}


def test_a_language_model_trains_adapters_only() -> None:
    model = new_model("causal-lm", adapt=LORA)
    trained = [n for n, p in model.named_parameters() if p.requires_grad]
    assert trained
    assert all("lora_" in n for n in trained)


def test_targets_are_named_or_refused() -> None:
    model = new_model(TASK, adapt={**LORA, "targets": ["query"]})
    adapted = {n for n, _ in model.named_parameters() if "lora_" in n}
    assert adapted
    assert all(".query." in n for n in adapted)
    with pytest.raises(ModelError) as caught:
        new_model(TASK, adapt={**LORA, "targets": ["wombat"]})
    assert caught.value.code == "lora-targets"


@pytest.mark.parametrize("layers", [None, [0]])
def test_a_model_without_linear_modules_is_told_so(layers: list[int] | None) -> None:
    resnet = {"model_type": "resnet", "embedding_size": 8, "hidden_sizes": [8, 16],
              "depths": [1, 1], "layer_type": "basic"}  # fmt: skip
    with pytest.raises(ModelError) as caught:
        new_model("image-classification", config=resnet, adapt={**LORA, "layers": layers})
    assert caught.value.code == "lora-targets"
    assert ("in these layers" in str(caught.value)) == (layers is not None)


@pytest.mark.parametrize(("layers", "kept"), [([-1], {1}), ([0], {0}), ([0, 1], {0, 1})])
def test_layers_are_counted_from_either_end(layers: list[int], kept: set[int]) -> None:
    model = new_model(TASK, adapt={**LORA, "layers": layers})
    adapted = [n for n, _ in model.named_parameters() if "lora_" in n]
    assert {int(n.split(".layer.")[1].split(".")[0]) for n in adapted} == kept


@pytest.mark.parametrize("layers", [[2], [-3], [0, 9]])
def test_layers_that_are_not_there_are_refused(layers: list[int]) -> None:
    with pytest.raises(ModelError) as caught:
        new_model(TASK, adapt={**LORA, "layers": layers})
    assert caught.value.code == "adapt-layers" and "0 to 1" in str(caught.value)


def test_one_step_moves_the_trained_weights_and_no_other(tmp_path: Path) -> None:
    model = new_model(TASK, adapt=LORA, dropout=0.0)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    data = classification(tmp_path / "data", 16)
    train = {"steps": 1, "warmup": 0, "learning_rate": 1e-2, "schedule": "constant"}
    train |= {"weight_decay": 0.0}
    run_fit(model, data, tmp_path, train=train)
    moved = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert all("lora_B" in n or "classifier" in n for n in moved), moved
    # A gets no gradient while B is zero.
    assert {n for n in before if "lora_B" in n} <= moved
    assert any("classifier" in n for n in moved)


def test_an_unmerged_adapter_is_saved_beside_its_base(tmp_path: Path) -> None:
    base = saved(TASK, tmp_path / "base", new_model(TASK, seed=4))
    model = _disturbed(new_model(TASK, base=str(base), adapt=LORA))
    folder = saved(TASK, tmp_path / "m", model, {**LORA, "merge": False})
    names = {path.name for path in folder.iterdir()}
    assert {"adapter_model.safetensors", "adapter_config.json", "accord.json"} <= names
    assert "model.safetensors" not in names
    assert json.loads((folder / "adapter_config.json").read_text("utf-8"))[
        "base_model_name_or_path"
    ] == str(base)
    inputs = inputs_for(TASK)
    with torch.no_grad():
        again: Any = load_trained(folder)
        torch.testing.assert_close(again(**inputs).logits, model(**inputs).logits)


def test_an_adapter_is_no_base(tmp_path: Path) -> None:
    base = saved(TASK, tmp_path / "base", new_model(TASK, seed=4))
    model = new_model(TASK, base=str(base), adapt=LORA)
    folder = saved(TASK, tmp_path / "m", model, {**LORA, "merge": False})
    with pytest.raises(ModelError) as caught:
        new_model(TASK, base=str(folder))
    assert caught.value.code == "model-adapter"
