"""Two processes that divide a model's weights learn what one learns that holds them all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from accord.batch import Window
from accord.batch.team import ALONE
from accord.errors import AccordError, ModelError
from accord.model.layers import alike_layers
from accord.parallel.distributed import GONE
from accord.parallel.memory import within_memory
from accord.recipe.load import recipe_from
from tests.laws import private_runs
from tests.laws.models import tiny_bert, tiny_gpt2
from tests.parallel.both import both, once
from tests.parallel.lessons import lay_out
from tests.parallel.shard_lessons import ADAM, LESSONS, learned, model_of
from tests.parallel.shard_worker import STEP, STOPPED

ROUNDING = {"half": (2e-2, 2e-3), "scaled": (2e-2, 2e-3)}
"""Of half precision; the order of additions is another."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have made together."""

    def make(folder: Path) -> None:
        lay_out(folder)
        worker = ["-m", "tests.parallel.shard_worker", str(folder)]
        (lead, said), (other, also) = both(worker, folder)
        assert (lead, other) == (0, 3), said + also

    return once(tmp_path_factory, "sharded", make)


@pytest.mark.parametrize("name", LESSONS)
def test_divided_weights_learn_what_whole_ones_do(place: Path, name: str) -> None:
    one = learned(name, ALONE, place, place / "alone" / name)
    lead = load_file(place / f"{name}-0.safetensors")
    assert lead.keys() == one.keys()
    relative, absolute = ROUNDING.get(name, (1e-4, 2e-6))
    for key, value in one.items():
        torch.testing.assert_close(lead[key], value, rtol=relative, atol=absolute, msg=key)


@pytest.mark.parametrize("name", LESSONS)
def test_weights_and_optimizer_state_are_divided(place: Path, name: str) -> None:
    first, second = (json.loads((place / f"{name}-{r}.json").read_text()) for r in range(2))
    whole = sum(p.numel() for p in model_of(name).parameters() if p.requires_grad)
    assert first["weights"] + second["weights"] == whole
    assert min(first["weights"], second["weights"]) >= 0.45 * whole
    moments = 2 if LESSONS[name].get("optimizer") == ADAM["optimizer"] else 1
    assert [part["state"] for part in (first, second)] == [
        moments * part["weights"] for part in (first, second)
    ]


def test_a_stopped_training_goes_on_bit_for_bit(place: Path) -> None:
    straight = load_file(place / f"{STOPPED}-0.safetensors")
    again = load_file(place / "again.safetensors")
    again["losses"] = torch.cat([straight["losses"][:STEP], again["losses"]])
    assert straight.keys() == again.keys()
    for key, value in straight.items():
        assert torch.equal(again[key], value), key


def test_one_process_goes_on_from_what_two_have_saved(place: Path) -> None:
    work = place / "runs" / "elsewhere"
    assert [p.name for p in (work / "checkpoints").iterdir()] == [f"step-{STEP:08d}"]
    found = learned(STOPPED, ALONE, place, work)
    for key, value in load_file(place / f"{STOPPED}-0.safetensors").items():
        if key != "losses":
            torch.testing.assert_close(found[key], value, rtol=1e-4, atol=2e-6, msg=key)


def test_a_process_that_dies_among_layers_is_missed(place: Path) -> None:
    assert (place / "gone").read_text() == GONE


def test_no_process_halves_its_batch_alone() -> None:
    def compute(window: Window) -> float:
        raise RuntimeError("not enough memory: you tried to allocate 8 bytes")

    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(ModelError) as ended:
        within_memory(Window(pa.table({}), nothing, (), (), nothing, (0, 0)), compute, None)
    assert (ended.value.code, ended.value.path) == ("out-of-memory", "machine.micro_batch_tokens")


@pytest.mark.parametrize(
    ("section", "content"),
    [
        ("train", {"penalties": ["l2"]}),
        ("train", {"ensemble": "seeds"}),
        ("train", {"optimizer": "adafactor"}),
    ],
)
def test_what_cannot_be_divided_is_refused(
    tmp_path: Path, section: str, content: dict[str, Any]
) -> None:
    made = private_runs.recipe(private_runs.lay_out(tmp_path))
    del made["privacy"]
    made[section] = {**made.get(section, {}), **content}
    recipe_from(made, tmp_path)
    made["machine"]["shard"] = True
    with pytest.raises(AccordError) as refused:
        recipe_from(made, tmp_path)
    assert refused.value.code == "recipe-conflict"
    assert "machine.shard" in (refused.value.path or "")


def test_layers_tables_and_the_rest_are_divided_apart() -> None:
    bert, gpt2 = tiny_bert(), tiny_gpt2()
    assert alike_layers(bert) == list(bert.bert.encoder.layer)
    assert alike_layers(gpt2) == list(gpt2.transformer.h)
    experts = nn.ModuleList(nn.ModuleList(_expert() for _ in range(2)) for _ in range(2))
    nested = nn.Sequential(experts, nn.ModuleList([nn.Embedding(2, 2)]))
    assert alike_layers(nested) == list(experts)


def _expert() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 2))
