"""Laws of ensembles and thresholds: one member is a plain run, a stopped run goes on bit for bit,
what is saved answers as its members do together, and thresholds see validation rows alone."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from torch import nn

import accord
from accord.errors import AccordError, Interrupted
from accord.train import lesson

ALONE = (
    {"kind": "seeds", "members": 1},
    {"kind": "snapshot", "members": 1},
    {"kind": "bagging", "members": 1, "replacement": False},
    {"kind": "balanced-bagging", "members": 1, "ratio": 100},
)


def rows(folder: Path, name: str, start: int, stop: int) -> str:
    chance = np.random.default_rng(start)
    lines = ["x,z,y"]
    for number in range(start, stop):
        rare = number % 8 == 0
        x, z = chance.normal(size=2) + (1.2 if rare else 0)
        lines.append(f"{x:.4f},{z:.4f},{'rare' if rare else 'often'}")
    (folder / name).write_text("\n".join(lines) + "\n")
    return str(folder / name)


def recipe(folder: Path, **sections: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            "agreement": "own",
            "train": rows(folder, "a.csv", 0, 240),
            "validation": rows(folder, "b.csv", 240, 400),
            "test": rows(folder, "c.csv", 400, 560),
            "numeric": ["x", "z"],
            "label": "y",
            "leakage": {"action": "off"},
        },
        "train": {"epochs": 2, "batch_size": 32, "precision": "fp32", "learning_rate": 0.01},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1, "workers": 0},
    }
    for name, section in sections.items():
        made[name] = {**made.get(name, {}), **section}
    return made


def weights_of(run: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((run / "model").rglob("model.safetensors"))]


def test_one_member_is_a_plain_run(tmp_path: Path) -> None:
    plain = accord.train(recipe(tmp_path), output=tmp_path / "plain")
    for number, ensemble in enumerate(ALONE):
        own = recipe(tmp_path, train={"ensemble": ensemble})
        run = accord.train(own, output=tmp_path / str(number))
        assert weights_of(run.path) == weights_of(plain.path), ensemble
        assert run.summary["metrics"] == plain.summary["metrics"]


def test_no_more_than_one_member_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[weakref.ref[nn.Module]] = []
    load = lesson.load_model

    def watched(*args: Any, **kwargs: Any) -> nn.Module:
        gc.collect()
        assert not [model for model in loaded if model() is not None]
        model = load(*args, **kwargs)
        loaded.append(weakref.ref(model))
        return model

    monkeypatch.setattr(lesson, "load_model", watched)
    own = recipe(tmp_path, train={"ensemble": {"kind": "seeds", "members": 3}, "epochs": 1})
    accord.train(own, output=tmp_path / "run")
    assert len(loaded) == 3


@pytest.mark.parametrize(
    "ensemble",
    [
        {"kind": "snapshot", "members": 3},
        {"kind": "easy-ensemble", "subsets": 2, "rounds": 2, "epochs": 6},
    ],
)
def test_a_stopped_run_goes_on_bit_for_bit(
    ensemble: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = recipe(tmp_path, train={"ensemble": ensemble, "epochs": 6})
    whole = accord.train(own, output=tmp_path / "whole")
    assert len(weights_of(whole.path)) > 2
    for steps in (9, 9, 1000):
        left = [steps]

        @contextmanager
        def stopping(left: list[int] = left) -> Generator[Any]:
            def asked() -> bool:
                left[0] -= 1
                return left[0] == 0

            yield asked

        monkeypatch.setattr("accord.run.signals", stopping)
        try:
            again = accord.train(own, output=tmp_path / "again", resume=True)
        except Interrupted:
            continue
        assert weights_of(again.path) == weights_of(whole.path)
        assert again.summary["metrics"] == whole.summary["metrics"]
        return
    pytest.fail("it never ended")


def test_an_ensemble_answers_as_its_members_do_together(tmp_path: Path) -> None:
    own = recipe(
        tmp_path,
        train={"ensemble": {"kind": "balanced-bagging", "members": 3, "epochs": 8}},
        balance={"thresholds": "f1"},
    )
    run = accord.train(own, output=tmp_path / "run")
    moved = (run.path / "model").rename(tmp_path / "moved")
    asked = [{"x": x, "z": 0.3} for x in (-1.0, 0.5, 2.0)]
    together = accord.load(moved).predict(asked)
    members = [accord.load(moved / "members" / f"{n:02d}").predict(asked) for n in (1, 2, 3)]
    facts = json.loads((moved / "accord.json").read_text("utf-8"))
    threshold = facts["thresholds"]["thresholds"]["rare"]
    for number, found in enumerate(together):
        mean = np.mean([own[number]["scores"]["rare"] for own in members])
        assert found["scores"]["rare"] == pytest.approx(mean, abs=1e-6)
        assert found["label"] == ("rare" if mean > threshold else "often")
    judged = json.loads((tmp_path / "run/summary.json").read_text("utf-8"))["metrics"]["test"]
    again = accord.evaluate(moved, recipe=run.path / "recipe.yaml")
    assert again["metrics"]["f1_macro"] == pytest.approx(judged["f1_macro"])
    assert len(again["members"]) == 3 and 0 <= again["diversity"]["disagreement"] <= 1
    table = pq.read_table(run.path / "predictions.parquet").to_pylist()
    for row in table:
        assert row["prediction"] == ("rare" if row["score_rare"] > threshold else "often")


def test_thresholds_see_validation_rows_alone_and_change_no_weights(tmp_path: Path) -> None:
    plain = accord.train(recipe(tmp_path), output=tmp_path / "plain")
    tuned = accord.train(
        recipe(tmp_path, balance={"thresholds": "balanced-accuracy"}), output=tmp_path / "tuned"
    )
    assert weights_of(tuned.path) == weights_of(plain.path)
    before, after = (run.summary["metrics"]["test"] for run in (plain, tuned))
    assert after["roc_auc"] == before["roc_auc"] and after["ece"] == before["ece"]
    assert after["balanced_accuracy"] > before["balanced_accuracy"]
    artifacts = list((tuned.path / "artifacts").glob("evaluation-*/metrics.json"))
    undecided = json.loads(artifacts[0].read_text("utf-8"))["test"]["undecided"]
    assert undecided["metrics"] == before

    other = recipe(tmp_path, balance={"thresholds": "balanced-accuracy"})
    other["data"]["test"] = rows(tmp_path, "d.csv", 900, 960)
    again = accord.train(other, output=tmp_path / "other")
    found = [
        json.loads((run.path / "model/accord.json").read_text("utf-8")) for run in (tuned, again)
    ]
    assert found[0] == found[1], "other test rows, the same model and thresholds"


@pytest.mark.parametrize(
    ("sections", "word"),
    [
        ({"balance": {"thresholds": "f1"}, "data": {"validation": 0}}, "data.validation"),
        ({"balance": {"thresholds": "logit-adjustment", "weights": "inverse"}}, "twice"),
        ({"train": {"ensemble": "baging"}}, "bagging"),
        ({"train": {"ensemble": {"kind": "bagging", "members": 0}}}, "members"),
    ],
)
def test_what_has_no_meaning_is_refused(
    sections: dict[str, Any], word: str, tmp_path: Path
) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, **sections))
    assert word in str(error.value)
