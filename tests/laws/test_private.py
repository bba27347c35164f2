"""Private runs end to end: charged before they happen, never twice, and never too little."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord import check
from accord.accounting.odometer import epsilon
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.ledger.place import default_location
from accord.agreement.ledger.verify import verify
from accord.artifact import open_artifact
from accord.errors import BudgetError
from accord.recipe.load import recipe_from
from accord.run import run
from accord.train import releases
from accord.train.releases import record_in

WORDS = ("good", "fine", "bad", "poor", *(f"w{i}" for i in range(12)))
AGREEMENT = "acts: [train, evaluate, use]\nbudget: {epsilon: 1.2, delta: 1.0e-4}\n"


class Crash(BaseException):
    """The process dies."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setattr(releases, "token_bytes", lambda size: b"\7" * size)
    chance = np.random.default_rng(0)
    for name, rows in (("a", 160), ("v", 40), ("t", 40)):
        lines = ["text,label,who"]
        for _ in range(rows):
            kind = int(chance.integers(2))
            words = [WORDS[2 * kind + int(chance.integers(2))], *chance.choice(WORDS[4:], 4)]
            lines.append(f"{' '.join(words)},{('pos', 'neg')[kind]},u{chance.integers(40)}")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "a.yaml").write_text(AGREEMENT)
    tokens = ["[PAD]", "[UNK]", *WORDS]
    (tmp_path / "tokenizer").mkdir()
    kept: dict[str, Any] = {"single_word": False, "lstrip": False, "rstrip": False}
    kept |= {"normalized": False, "special": True}
    vocabulary = {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(tokens)}}
    tokenizer = {
        "version": "1.0",
        "model": vocabulary | {"unk_token": "[UNK]"},
        "pre_tokenizer": {"type": "Whitespace"},
        "added_tokens": [{"id": i, "content": w, **kept} for i, w in enumerate(tokens[:2])],
    }
    (tmp_path / "tokenizer/tokenizer.json").write_text(json.dumps(tokenizer))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    (tmp_path / "tokenizer/tokenizer_config.json").write_text(json.dumps(special))
    return tmp_path


def recipe(place: Path, agreement: str = "own", **privacy: Any) -> dict[str, Any]:
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = {"model_type": "bert", **size, "intermediate_size": 32, "max_position_embeddings": 16}
    own = {str(place / f"{name}.csv"): "own" for name in "vt"}
    return {
        "task": "text-classification",
        "model": {"config": {**config, "vocab_size": 40}, "tokenizer": str(place / "tokenizer")},
        "data": {
            "agreement": {str(place / "a.csv"): agreement, **own},
            "train": str(place / "a.csv"),
            "validation": str(place / "v.csv"),
            "test": str(place / "t.csv"),
            "text": "text",
            "label": "label",
            "max_tokens": 8,
            "leakage": {"action": "off"},
        },
        "train": {"steps": 40, "batch_size": 8, "precision": "fp32", "learning_rate": 0.01},
        "privacy": privacy,
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1, "checkpoint_every": 1e-9, "log_every": 1, "workers": 0},
    }


def trained(
    place: Path,
    output: str,
    made: Mapping[str, Any],
    *,
    resume: bool = False,
    heard: Callable[[Mapping[str, Any]], None] = lambda event: None,
) -> dict[str, Any]:
    loaded = recipe_from(made, place)
    return run(loaded.recipe, place, place / output, resume=resume, sinks=[heard]).summary


def dying_at(step: int) -> Callable[[Mapping[str, Any]], None]:
    def hear(event: Mapping[str, Any]) -> None:
        if event["event"] == "step" and event["step"] == step:
            raise Crash

    return hear


def weights(place: Path, output: str) -> bytes:
    return (place / output / "model/model.safetensors").read_bytes()


def stands() -> Balance:
    with Ledger.open(default_location()) as ledger:
        verify(ledger.entries())
        return ledger.balance(Account("a", "a"))


def test_a_run_is_charged_what_it_costs_and_the_next_is_refused_with_prices(place: Path) -> None:
    asked = recipe(place, "a.yaml", noise_multiplier=3)
    assert check(recipe_from(asked, place)).agreement["budgets"][0]["cost"]["accesses"] == 1
    privacy = trained(place, "one", asked)["privacy"]
    assert 0 < privacy["epsilon"] < 1
    assert (privacy["delta"], privacy["unit"], privacy["units"]) == (1e-4, "record", 160)
    assert (privacy["steps"], privacy["sampling_probability"]) == (40, 0.05)
    assert any("validation" in told for told in privacy["not_covered"])
    found = stands()
    ((mechanism, steps),) = found.charged
    assert (steps, mechanism.noise_multiplier) == (40, privacy["noise_multiplier"])
    assert (found.accesses, found.runs, found.unprotected) == (1, 1, 0)
    assert found.spent == found.charged
    assert epsilon(found.charged, 1e-4) == pytest.approx(privacy["epsilon"], abs=1e-6)
    model = open_artifact(place / "one/model")
    assert json.loads(model.file("privacy.json").read_text("utf-8"))["epsilon"] < 1
    assert not (place / "one/checkpoints/secret").exists()
    charges = json.loads((place / "one/charges.json").read_text("utf-8"))
    assert charges["budgets"]["a"]["after"]["epsilon"] == pytest.approx(privacy["epsilon"])

    with pytest.raises(BudgetError) as refused:
        trained(place, "two", recipe(place, "a.yaml", noise_multiplier=1.3))
    assert refused.value.code == "budget-epsilon"
    assert "cost epsilon" in str(refused.value.got)
    for way in ("train: {steps: ", "noise_multiplier: ", "a budget of epsilon "):
        assert way in (refused.value.fix or "")
    assert stands().charged == found.charged


def test_a_run_that_dies_goes_on_with_the_same_noise_and_no_further_charge(place: Path) -> None:
    made = recipe(
        place, "a.yaml", noise_multiplier=4, clipping={"kind": "adaptive", "count_noise": 3}
    )
    trained(place, "whole", made)
    once = stands().charged
    with pytest.raises(Crash):
        trained(place, "dying", made, heard=dying_at(12))
    with Ledger.open(default_location()) as ledger:
        (mine,) = [r for r in ledger.reservations() if r.state == "open" and r.purpose != "prepare"]
    assert mine.mark > 12  # the mark runs ahead of the steps
    for _ in range(2):
        with pytest.raises(Crash):
            trained(place, "dying", made, resume=True, heard=dying_at(20))
    trained(place, "dying", made, resume=True)
    assert weights(place, "dying") == weights(place, "whole")
    assert [steps for _, steps in stands().charged] == [2 * steps for _, steps in once]


def test_without_its_secret_a_run_goes_on_as_another_and_pays_for_it(place: Path) -> None:
    made = recipe(place, "a.yaml", noise_multiplier=3)
    with pytest.raises(Crash):
        trained(place, "run", made, heard=dying_at(20))
    (place / "run/checkpoints/secret").unlink()
    releases.token_bytes = lambda size: b"\x09" * size  # put back by the fixture
    privacy = trained(place, "run", made, resume=True)["privacy"]
    record = record_in(place / "run")
    assert record is not None
    first, second = record.segments
    assert (second.first, second.steps) == (first.end, 40 - second.begin)
    assert privacy["steps"] == (first.mark - 1) + second.steps > 40
    assert privacy["epsilon"] > epsilon(((first.mechanism, 40),), 1e-4)
    assert [steps for _, steps in stands().charged] == [privacy["steps"]]


def test_users_are_hidden_whole_and_a_public_split_may_choose(place: Path) -> None:
    made = recipe(
        place,
        epsilon=8,
        accountant="rdp",
        unit="user",
        column="who",
        rows_of_unit=3,
        public=["validation"],
    )
    made["train"] |= {"early_stopping": {"patience": 2}, "steps": 12, "ema": 0.9}
    made["machine"]["micro_batch_tokens"] = 30
    privacy = trained(place, "run", made)["privacy"]
    assert 7.9 < privacy["epsilon"] <= 8 or privacy["steps"] < 12
    assert privacy["units"] <= 40 and privacy["unit"] == "user"
    assert privacy["sampling_probability"] == pytest.approx(8 / privacy["units"])
    assert not any("validation" in told for told in privacy["not_covered"])
