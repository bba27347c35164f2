"""Private training by two processes that divide the weights is that by one that holds them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from accord.agreement.ledger.account import Account
from accord.agreement.ledger.ledger import Ledger
from accord.batch.team import ALONE
from accord.train import releases
from accord.train.releases import OPENED, record_in
from tests.laws import private_runs
from tests.laws.private_runs import trained
from tests.parallel.both import both, once
from tests.parallel.lessons import DIVIDED, lay_out, learned
from tests.parallel.private_models import CASES, SLOW
from tests.parallel.private_worker import STOP, STOPPED

STEPS = 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have made together."""

    def make(folder: Path) -> None:
        lay_out(private_runs.lay_out(folder))
        made = private_runs.recipe(folder, "a.yaml", noise_multiplier=2.0)
        made["machine"]["shard"], made["train"]["steps"] = True, STEPS
        # What is dropped out is drawn by each process.
        made["model"]["config"] |= {"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}
        (folder / "recipe.json").write_text(json.dumps(made))
        for status, text in both(["-m", "tests.parallel.private_worker", str(folder)], folder):
            assert status == 0, text

    return once(tmp_path_factory, "private-sharded", make)


@pytest.mark.parametrize("name", CASES)
def test_a_step_is_that_of_whole_weights(place: Path, name: str) -> None:
    for rank in range(2):
        found = json.loads((place / f"steps-{rank}.json").read_text())[name]
        assert max(found["far"]) < 1e-6
        assert found["slow"] == (name in SLOW)


def test_a_refusal_by_one_process_is_that_of_all(place: Path) -> None:
    assert {(place / f"refused-{rank}").read_text() for rank in range(2)} == {"privacy-mixing"}


@pytest.mark.parametrize("name", DIVIDED)
def test_divided_weights_learn_what_whole_ones_do(place: Path, name: str) -> None:
    one = learned(name, ALONE, place, place / "alone")
    lead = load_file(place / f"{name}.safetensors")
    assert lead.keys() == one.keys()
    for key, value in one.items():
        torch.testing.assert_close(lead[key], value, rtol=1e-4, atol=2e-6, msg=key)


def test_a_stopped_training_goes_on_bit_for_bit(place: Path) -> None:
    straight = load_file(place / f"{STOPPED}.safetensors")
    again = load_file(place / "again.safetensors")
    again["losses"] = torch.cat([straight["losses"][:STOP], again["losses"]])
    assert straight.keys() == again.keys()
    for key, value in straight.items():
        assert torch.equal(again[key], value), key


def test_a_run_is_charged_once_and_ends_where_one_process_does(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_in(place / "divided")
    assert record is not None
    ((segment),) = record.segments
    assert (segment.steps, segment.mark) == (STEPS, STEPS + OPENED)
    with Ledger.open(place / "ledger.db") as ledger:
        assert sum(n for _, n in ledger.balance(Account("a", "a")).charged) == STEPS
    monkeypatch.setenv("ACCORD_LEDGER", str(place / "other.db"))
    monkeypatch.setattr(releases, "token_bytes", lambda size: b"\7" * size)
    trained(place, "whole", json.loads((place / "recipe.json").read_text()))
    one, two = (load_file(place / n / "model/model.safetensors") for n in ("whole", "divided"))
    assert one.keys() == two.keys()
    for key, value in one.items():
        torch.testing.assert_close(two[key], value, rtol=1e-4, atol=2e-5, msg=key)
