from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.diagnose.estimate import Estimate, estimate, slow_half, total_steps
from accord.diagnose.machine import MachineFacts, measured_flops, this_machine
from accord.diagnose.shape import shape_of, stored_parameters
from accord.recipe.load import recipe_from
from accord.recipe.support import smallest
from accord.recipe.tree import Recipe

LAPTOP = MachineFacts("cpu", frozenset(), 4, 16 * 2**30, 8 * 2**30, None, 0)
SERVER = MachineFacts("cpu", frozenset(), 4, 2**36, 2**36, "NVIDIA H200", 140 * 2**30)


def recipe(**train: Any) -> Recipe:
    value = smallest("causal-lm")
    config = {"model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "num_hidden_layers": 2}
    value["model"] = {
        "config": config | {"intermediate_size": 176, "num_attention_heads": 4},
        "tokenizer": "t",
        **train.pop("model", {}),
    }
    value["train"] = {"batch_size": 8, "precision": "fp32", **train}
    return recipe_from(value).recipe


def estimated(changed: Recipe, machine: MachineFacts = LAPTOP, tokens: int = 100) -> Estimate:
    shape = shape_of(changed, Path())
    assert shape is not None
    return estimate(changed, shape, [tokens] * 10, 1000, machine=machine, flops=1e11)


def test_the_count_by_formula_is_that_of_the_real_models(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    found = {
        "causal-lm": transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                vocab_size=1000,
                hidden_size=64,
                intermediate_size=176,
                num_hidden_layers=2,
                num_attention_heads=4,
                tie_word_embeddings=True,
            )
        ),
        "text-classification": transformers.BertForSequenceClassification(
            transformers.BertConfig(
                vocab_size=1000,
                hidden_size=64,
                intermediate_size=176,
                num_hidden_layers=2,
                num_attention_heads=4,
            )
        ),
    }
    for task, model in found.items():
        real = sum(p.numel() for p in model.parameters())
        value = smallest(task)
        value["model"] = {"config": model.config.to_dict(), "tokenizer": "t"}
        shape = shape_of(recipe_from(value).recipe, Path())
        assert shape is not None
        # Biases, norms, positions and poolers are not counted: a third of so small a model.
        assert real * 0.6 <= shape.parameters <= real * 1.05


def test_stored_weights_are_counted_from_the_header_alone(tmp_path: Path) -> None:
    header = {"__metadata__": {}, "a": {"shape": [3, 4]}, "b": {"shape": [5]}, "c": {"shape": []}}
    text = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text)
    assert stored_parameters(tmp_path) == 18


def test_a_model_elsewhere_has_no_shape() -> None:
    assert shape_of(recipe_from(smallest("causal-lm")).recipe, Path()) is None


@pytest.mark.parametrize("change", ["precision", "optimizer", "model"])
def test_what_saves_memory_is_estimated_to(change: str) -> None:
    value = {"precision": "bf16", "optimizer": "adafactor", "model": {"dropout": 0.1}}[change]
    plain, saving = estimated(recipe()), estimated(recipe(**{change: value}))
    assert saving.memory.expected <= plain.memory.expected
    assert plain.memory.low < plain.memory.expected < plain.memory.high


def test_time_grows_with_epochs_and_length_and_shrinks_with_the_machine() -> None:
    once, thrice = estimated(recipe(epochs=1)), estimated(recipe(epochs=3))
    assert thrice.seconds.expected == pytest.approx(3 * once.seconds.expected)
    assert estimated(recipe(), tokens=200).seconds.expected > 1.5 * once.seconds.expected
    assert estimated(recipe(), SERVER).seconds.expected < once.seconds.expected
    assert (once.device, estimated(recipe(), SERVER).device) == ("cpu", "cuda")


def test_steps_are_those_of_the_recipe() -> None:
    assert total_steps(recipe(epochs=2), 1001) == 2 * 126
    assert total_steps(recipe(steps=7), 1001) == 7
    assert total_steps(recipe(epochs=0.5), 80) == 5


def test_this_machine_is_described() -> None:
    machine = this_machine()
    assert machine.threads >= 1
    assert 0 < machine.free <= machine.memory
    assert measured_flops() > 1e8


@pytest.mark.parametrize(
    ("flags", "slow"),
    [({"avx2"}, True), ({"avx2", "avx512f"}, False), ({"avx2", "avx512f", "avx512_bf16"}, False)],
)
def test_bf16_in_software_is_known_to_be_slow(flags: set[str], slow: bool) -> None:
    machine = replace(LAPTOP, flags=frozenset(flags))
    half, whole = recipe(precision="bf16"), recipe(precision="fp32")
    assert slow_half(half, machine) is slow
    assert not slow_half(whole, machine)
    longer = estimated(half, machine).seconds.expected > estimated(whole, machine).seconds.expected
    assert longer is slow
    assert not slow_half(half, replace(SERVER, flags=frozenset(flags)))


def test_rows_of_side_tasks_count_in_time_and_memory() -> None:
    def beside(**data: Any) -> Estimate:
        side = {"label": "stars", "data": {"train": "s.csv", "agreement": "own", **data}}
        value = smallest("text-classification")
        config = {"model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2}
        value["model"] = {"config": config, "tokenizer": "t"}
        value["train"] = {"batch_size": 8, "precision": "fp32", "steps": 10**6}
        value["train"] |= {"tasks": [side]} if data else {}
        changed = recipe_from(value).recipe
        shape = shape_of(changed, Path())
        assert shape is not None
        long = {"stars": [300] * 3} if data.get("share") == 0.5 else None
        given = {"machine": LAPTOP, "flops": 1e9, "beside": long}
        return estimate(changed, shape, [100] * 10, 1000, **given)

    alone, twice, half = beside(), beside(share=1.0), beside(share=0.5)
    assert twice.seconds.expected == pytest.approx(2 * alone.seconds.expected, rel=0.05)
    assert half.seconds.expected > 2.5 * alone.seconds.expected
    assert alone.memory.expected < twice.memory.expected < half.memory.expected
