"""Two processes learn what one does, stop together, and go on bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import accord
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.place import default_location
from accord.agreement.ledger.verify import verify
from accord.batch.dealt import Dealt
from accord.batch.order import Shuffled
from accord.batch.team import ALONE, Alone
from accord.errors import RecipeError
from accord.processes import Processes, processes
from accord.train.releases import OPENED, record_in
from tests.laws import private_runs
from tests.laws.private_runs import STEPS, weights
from tests.parallel.both import both, once
from tests.parallel.lessons import LESSONS, lay_out, learned


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have made."""

    def make(folder: Path) -> None:
        lay_out(private_runs.lay_out(folder))
        made = private_runs.recipe(folder, "a.yaml", noise_multiplier=2.0)
        (folder / "recipe.json").write_text(json.dumps(made))
        for status, text in both(["-m", "tests.parallel.worker", str(folder)], folder):
            assert status == 0, text

    return once(tmp_path_factory, "several", make)


@pytest.mark.parametrize("name", LESSONS)
def test_two_processes_learn_what_one_does(place: Path, name: str) -> None:
    one = learned(name, ALONE, place, place / "alone")
    lead, other = (load_file(place / f"{name}-{rank}.safetensors") for rank in range(2))
    for key, value in one.items():
        torch.testing.assert_close(lead[key], value, rtol=1e-4, atol=2e-6, msg=key)
        assert torch.equal(lead[key], other[key]), "the processes have drifted apart"


def test_a_stopped_run_of_two_goes_on_bit_for_bit(place: Path) -> None:
    assert weights(place, "stopped") == weights(place, "straight")


def test_only_the_lead_charges_and_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stopped", "straight"):
        record = record_in(place / name)
        assert record is not None
        ((segment),) = record.segments
        assert (segment.steps, segment.mark) == (STEPS, STEPS + OPENED)
    monkeypatch.setenv("ACCORD_LEDGER", str(place / "ledger.db"))
    with Ledger.open(default_location()) as ledger:
        verify(ledger.entries())
        found = ledger.balance(Account("a", "a"))
    assert sum(steps for _, steps in found.charged) == 2 * STEPS
    assert found.unprotected == 0


GONE = """
import sys, torch
from accord.errors import ModelError
from accord.parallel.distributed import meet
from accord.processes import processes
team = meet(processes())
team.wait()
if not team.leads:
    sys.exit(3)
try:
    team.add([torch.ones(4)])
except ModelError as error:
    print(error.code)
"""


def test_a_process_that_dies_is_missed_at_once(tmp_path: Path) -> None:
    (lead, said), (other, _) = both(["-c", GONE], tmp_path)
    assert (lead, other) == (0, 3)
    assert "process-gone" in said


class _Seat(Alone):
    """A place in a team that sends nothing."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size


@given(st.lists(st.integers(1, 90), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 3))
def test_every_row_of_a_batch_is_dealt_to_one_process(
    lengths: list[int], size: int, together: int
) -> None:
    widths = np.repeat(np.array(lengths, dtype=np.int64), together)
    whole = Shuffled(len(widths), together)
    batch = next(whole.batches(0, len(widths), 0))
    parts = [
        next(Dealt(whole, widths, _Seat(rank, size)).batches(0, len(widths), 0))
        for rank in range(size)
    ]
    dealt = np.concatenate([part.rows for part in parts])
    assert sorted(dealt.tolist()) == sorted(batch.rows.tolist())
    sizes = [len(part.rows) // together for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert all(part.whole == (len(widths), int(widths.sum())) for part in parts)
    # Those that belong together stay so.
    known = {tuple(unit) for unit in batch.rows.reshape(-1, together).tolist()}
    for part in parts:
        assert {tuple(unit) for unit in part.rows.reshape(-1, together).tolist()} <= known


def test_what_a_launcher_says() -> None:
    said = {"WORLD_SIZE": "4", "RANK": "3", "MASTER_ADDR": "a", "MASTER_PORT": "1"}
    assert processes({}) == processes({"WORLD_SIZE": "1"}) == Processes()
    found = processes(said | {"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"})
    assert (found, found.leads) == (Processes(3, 4, 1, 2), False)
    with pytest.raises(RecipeError) as refused:
        processes({"OMPI_COMM_WORLD_SIZE": "2"})
    assert (refused.value.code, refused.value.path) == ("several-processes", "RANK")
    with pytest.raises(RecipeError) as refused:
        processes(said | {"ACCELERATE_USE_FSDP": "true"})
    assert (refused.value.code, refused.value.path) == ("several-processes", "ACCELERATE_USE_FSDP")


@pytest.mark.parametrize(
    ("section", "content"),
    [
        ("augment", {"mix": {"kind": "mixup"}}),
        ("train", {"steps": 2, "robust": {"kind": "trimmed", "share": 0.1}}),
    ],
)
def test_what_needs_a_whole_batch_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, content: dict[str, Any]
) -> None:
    made = private_runs.recipe(private_runs.lay_out(tmp_path)) | {section: content}
    del made["privacy"]
    for name, value in {
        "WORLD_SIZE": "2",
        "RANK": "0",
        "MASTER_ADDR": "a",
        "MASTER_PORT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(RecipeError) as refused:
        accord.train(made, output=tmp_path / "run")
    assert refused.value.code == "several-processes"
    assert (refused.value.path or "").startswith(section)
    assert not (tmp_path / "run").exists()
