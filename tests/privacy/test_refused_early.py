"""What private training would refuse, `accord check` refuses, and a run before it reserves."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from accord.checking import check_recipe
from accord.errors import AccordError
from accord.recipe.load import recipe_from
from accord.run import run
from tests.laws.private_runs import lay_out, recipe

IMAGES = {
    "model_type": "resnet",
    "image_size": 8,
    "embedding_size": 8,
    "hidden_sizes": [8],
    "depths": [1],
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    return lay_out(tmp_path)


def refused(made: dict[str, Any], place: Path) -> str:
    with pytest.raises(AccordError) as told:
        check_recipe(recipe_from(made, place))
    return told.value.code


def test_noise_on_the_count_that_is_too_small(place: Path) -> None:
    made = recipe(place, epsilon=0.5, units=160, clipping={"kind": "adaptive", "count_noise": 0.1})
    assert refused(made, place) == "privacy-count-noise"


def test_layers_that_cannot_be_computed_again(place: Path) -> None:
    made = recipe(place, epsilon=8.0)
    made["machine"] = {"gradient_checkpointing": True}
    check_recipe(recipe_from(made, place))
    made["model"]["config"] |= {"model_type": "albert", "embedding_size": 16}
    assert refused(made, place) == "model-checkpointing"


def test_the_accountant_is_lacking(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    assert refused(recipe(place, epsilon=8.0), place) == "extra-missing"


def test_batch_normalisation_by_the_weights_of_a_base(place: Path) -> None:
    made = recipe(place, epsilon=8.0)
    tokens = {p.name: p.read_bytes() for p in (place / "tokenizer").iterdir()}
    for name, content in tokens.items():
        base = place / "base"
        base.mkdir(exist_ok=True)
        (base / name).write_bytes(content)
    (place / "base/config.json").write_text(json.dumps(made["model"]["config"]))
    save_file({"bn.running_mean": torch.zeros(3)}, place / "base/model.safetensors")
    made["model"] = {"base": "base", "agreement": "own"}
    assert refused(made, place) == "privacy-mixing"
    del made["privacy"]
    check_recipe(recipe_from(made, place))


def test_batch_normalisation_of_a_new_model_is_doubted_and_costs_nothing(place: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for split, rows in (("train", 30), ("held", 8)):
        for i in range(rows):
            kind = place / split / ("light" if i % 2 else "dark")
            kind.mkdir(parents=True, exist_ok=True)
            image.new("RGB", (8, 8), (200 * (i % 2), i, 0)).save(kind / f"{i}.png")
    (place / "train.yaml").write_text(
        "acts: [train, evaluate, use]\nbudget: {epsilon: 9, delta: 1.0e-3}\n"
    )
    held = str(place / "held")
    made = {
        "task": "image-classification",
        "model": {"config": IMAGES},
        "data": {
            "agreement": {str(place / "train"): str(place / "train.yaml"), held: "own"},
            "train": str(place / "train"), "validation": held, "test": held,
            "image": "image", "label": "label",
        },
        "train": {"steps": 2, "batch_size": 8, "precision": "fp32"},
        "privacy": {"epsilon": 8.0},
    }  # fmt: skip
    loaded = recipe_from(made, place)
    assert any("batch normalisation" in told for told in check_recipe(loaded).warnings)
    with pytest.raises(AccordError) as told:
        run(loaded.recipe, place, place / "run")
    assert told.value.code == "privacy-mixing"
    assert not (place / "run/privacy.json").exists(), "nothing was reserved"
