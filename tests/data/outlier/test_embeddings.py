"""Outliers among texts and images, by what the base model makes of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from accord.data.vectors import reduced
from accord.errors import RecipeError
from accord.model.tokenizer import train_tokenizer
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, csv_text, prepared

FILM = "the film was {} and the cast was {}"
GOOD = ("good", "fine", "dull", "bad", "long", "warm")
FOREIGN = "boil water add salt stir flour into butter until brown serve hot"
WILD = (7, 23, 38)


def write(folder: Path) -> None:
    """A folder with a tiny base model, and texts of which three are of another kind."""
    from transformers import BertConfig, BertModel

    texts = [FILM.format(GOOD[i % 6], GOOD[i // 6 % 6]) for i in range(60)]
    for row in WILD:
        texts[row] = FOREIGN
    codec = train_tokenizer([*texts, *texts], 120, "bert")
    codec.save(folder / "base")
    config = BertConfig(
        vocab_size=codec.vocabulary, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=40,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "base")
    rows: list[list[object]] = [[text, "ab"[i % 2]] for i, text in enumerate(texts)]
    for name in ("train", "test"):
        (folder / f"{name}.csv").write_text(csv_text([["text", "label"], *rows]), "utf-8")


def recipe(clean: Any, task: str = "text-classification", **more: Any) -> Any:
    value: dict[str, Any] = {
        "task": task,
        "model": {"base": "base"},
        "data": {
            "agreement": "own", "train": "train.csv", "validation": 0, "test": "test.csv",
            "text": "text", "label": "label", "leakage": {"action": "off"},
        },
        "clean": clean,
        "train": {"steps": 1},
        "machine": {"threads": 1},
    }  # fmt: skip
    return recipe_from(value | more).recipe


def kept(dataset: Any) -> list[int]:
    table = pa.ipc.open_file(dataset.path / "train.arrow").read_all()
    return table["row"].to_pylist()


def test_texts_of_another_kind(tmp_path: Path) -> None:
    write(tmp_path)
    by = {"kind": "isolation-forest", "share": 0.05, "trees": 20}
    spec = {"by": by, "on": "embeddings", "components": 1}
    dataset = prepared(tmp_path, recipe({"outliers": [spec]}))
    assert set(kept(dataset)) == set(range(60)) - set(WILD)
    assert accounting(dataset)["removed"][0]["rows"] == 3
    again = prepared(tmp_path, recipe({"outliers": [spec]}), "again")
    assert kept(again) == kept(dataset)
    test = pa.ipc.open_file(dataset.path / "test.arrow").read_all()
    assert test.num_rows == 60


def test_rows_are_embedded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two searches and a look at the labels share what was computed."""
    from accord.model.pooled import Pooled

    write(tmp_path)
    seen: list[int] = []
    plain = Pooled.texts

    def counted(self: Pooled, texts: Any) -> Any:
        seen.append(len(texts))
        return plain(self, texts)

    monkeypatch.setattr(Pooled, "texts", counted)
    spec = {"by": {"kind": "lof", "share": 0.05}, "on": "embeddings", "components": 1}
    prepared(tmp_path, recipe({"outliers": [spec, spec], "labels": {"folds": 2}}))
    assert seen == [60]


def test_a_text_is_the_same_beside_others(tmp_path: Path) -> None:
    import torch

    from accord.model.pooled import Pooled

    write(tmp_path)
    pooled = Pooled(tmp_path / "base", "text", torch.device("cpu"), 32)
    texts = ["a film", FOREIGN, FILM.format("good", "bad"), ""]
    together = pooled.texts(texts)
    alone = np.concatenate([pooled.texts([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_images_of_another_kind(tmp_path: Path) -> None:
    from PIL import Image
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        image_size=16, patch_size=8,
    )  # fmt: skip
    ViTModel(config).save_pretrained(tmp_path / "base")
    chance = np.random.default_rng(0)
    for name in ("train", "test"):
        for i in range(40):
            grid = np.full((16, 16, 3), 200) + chance.integers(-9, 9, (16, 16, 3))
            if i in (3, 30):
                grid = chance.integers(0, 90, (16, 16, 3))
            stream = io.BytesIO()
            Image.fromarray(grid.astype(np.uint8)).save(stream, "PNG")
            place = tmp_path / name / "ab"[i % 2]
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{i:02}.png").write_bytes(stream.getvalue())
    spec = {
        "by": {"kind": "isolation-forest", "share": 0.05, "trees": 20},
        "on": "embeddings",
        "components": 1,
    }
    data = {
        "agreement": "own", "train": "train", "validation": 0, "test": "test", "image": "image",
        "label": "label", "leakage": {"action": "off"},
    }  # fmt: skip
    dataset = prepared(tmp_path, recipe({"outliers": [spec]}, "image-classification", data=data))
    bright = pa.ipc.open_file(dataset.path / "train.arrow").read_all()["image"].to_pylist()
    means = [np.asarray(Image.open(io.BytesIO(content))).mean() for content in bright]
    assert len(means) == 38
    assert min(means) > 150


def test_directions_are_fixed() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 6)) * [5, 3, 1, 1, 1, 0]
    found = reduced(vectors, 9)
    assert found.shape == (50, 5)
    assert np.allclose(found @ found.T, (vectors - vectors.mean(0)) @ (vectors - vectors.mean(0)).T)
    assert reduced(vectors[::-1], 2)[::-1] == pytest.approx(reduced(vectors, 2))


@pytest.mark.parametrize(
    ("spec", "more", "said"),
    [
        ({}, {"model": {"config": {"model_type": "bert"}}}, "no embeddings"),
        ({"by": "mad"}, {}, "whole rows"),
        ({"handle": "clip"}, {}, "whole rows"),
        ({"order_by": "day"}, {}, "whole rows"),
    ],
)
def test_what_has_no_meaning(spec: Any, more: Any, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        recipe({"outliers": [{"by": "lof", "on": "embeddings", **spec}]}, **more)
