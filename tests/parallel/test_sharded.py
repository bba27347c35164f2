"""Two processes that divide a model's weights learn what one learns that holds them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from accord.batch.team import ALONE
from tests.parallel.both import both
from tests.parallel.lessons import lay_out
from tests.parallel.shard_lessons import ADAM, LESSONS, learned, model_of
from tests.parallel.shard_worker import STEP, STOPPED

ROUNDING = {"half": (2e-2, 2e-3), "scaled": (2e-2, 2e-3)}
"""Of half precision; the order of additions is another."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have made together."""
    folder = tmp_path_factory.mktemp("sharded")
    lay_out(folder)
    for status, text in both(["-m", "tests.parallel.shard_worker", str(folder)], folder):
        assert status == 0, text
    return folder


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
