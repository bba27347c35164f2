"""A head that starts from prototypes or descriptions tells classes apart before any step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertForSequenceClassification

import accord
from accord.errors import AccordError, ModelError
from accord.model.head.embeddings import embedded, last_layer
from accord.model.head.fitted import fit_rows
from accord.model.head.start import add_rows, start_rows
from accord.model.tokenizer import train_tokenizer
from accord.testing import tiny_model

WORDS = {"fruit": "apple pear plum cherry", "tool": "hammer saw drill pliers", "bird": "owl hawk"}


def points(classes: int = 4, width: int = 8) -> torch.Tensor:
    return torch.randn(classes, width, generator=torch.Generator().manual_seed(3))


def test_a_new_head_is_the_classifier_of_the_nearest_point() -> None:
    means, layer = points(), nn.Linear(8, 4)
    start_rows(layer, means, means)
    rows = torch.randn(200, 8, generator=torch.Generator().manual_seed(4))
    assert torch.equal(layer(rows).argmax(1), torch.cdist(rows, means).argmin(1))


def test_rows_that_the_base_knows_stay_and_new_ones_are_as_long() -> None:
    means, layer = points(), nn.Linear(8, 4)
    known = {i: (torch.randn(8), torch.randn(())) for i in (0, 2)}
    add_rows(layer, means, means, known)
    for number, (weight, bias) in known.items():
        assert torch.equal(layer.weight[number], weight) and torch.equal(layer.bias[number], bias)
    common = torch.stack([w for w, _ in known.values()]).mean(0)
    length = torch.stack([w - common for w, _ in known.values()]).norm(dim=1).mean()
    new = (layer.weight.detach() - common)[[1, 3]]
    torch.testing.assert_close(new.norm(dim=1), length.expand(2))
    # At its own point a new class lies above the mean logit of the known ones.
    common_bias = torch.stack([b for _, b in known.values()]).mean()
    for number in (1, 3):
        assert layer(means[number])[number] > means[number] @ common + common_bias


@pytest.mark.parametrize(("scale", "bias"), [(0.01, True), (30.0, True), (30.0, False)])
def test_a_new_row_is_fitted_to_the_scale_that_learned_rows_have(scale: float, bias: bool) -> None:
    chance = torch.Generator().manual_seed(5)
    means = 10 * nn.functional.normalize(points())  # equally long: no bias is needed
    layer = nn.Linear(8, 4, bias=bias)
    classes = torch.tensor([0] * 40 + [1] * 40 + [2] * 40 + [3] * 5)
    rows = means[classes] + torch.randn(len(classes), 8, generator=chance)
    # Rows as a base has learned them, large or small: they tell their own classes apart.
    known = {i: (scale * means[i], -scale * means[i] @ means[i] / 2) for i in range(3)}
    add_rows(layer, means, means, known)
    before = layer.weight.detach().clone()
    fit_rows(layer, rows, classes, [3])
    assert torch.equal(layer.weight[:3], before[:3])
    assert (layer(rows[:120]).argmax(1) == classes[:120]).float().mean() > 0.9
    # Rows of the new class that the fit has not seen.
    unseen = means[3] + torch.randn(200, 8, generator=chance)
    assert (layer(unseen).argmax(1) == 3).float().mean() > 0.9


def test_embeddings_are_what_the_last_layer_is_given() -> None:
    model = tiny_model().eval()
    name, layer = last_layer(model, 3)
    assert name == "classifier"
    batch = {"rows": torch.arange(2), "input_ids": torch.tensor([[4, 5, 6], [7, 8, 9]])}
    found = embedded(model, layer, [batch])
    torch.testing.assert_close(layer(found), model(input_ids=batch["input_ids"]).logits)
    with pytest.raises(ModelError):
        last_layer(model, 17)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=300, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=32,
        id2label={0: "bird", 1: "fruit"}, label2id={"bird": 0, "fruit": 1},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    train_tokenizer([" ".join(WORDS.values())] * 5, 300, "bert").save(folder)
    return folder


def recipe(folder: Path, base: Path, head: Any, names: tuple[str, ...]) -> dict[str, Any]:
    lines = ["text,label\n"]
    for i in range(60):
        name = names[i % len(names)]
        words = WORDS[name].split()
        lines.append(f"{words[i % len(words)]} {words[(i // 3) % len(words)]} {i},{name}\n")
    (folder / "a.csv").write_text("".join(lines))
    data = {"agreement": "own", "train": str(folder / "a.csv"), "text": "text", "label": "label"}
    return {
        "task": "text-classification",
        "model": {"base": str(base), "agreement": "own", "head": head},
        "data": data | {"stratify": True, "max_tokens": 16},
        "train": {"steps": 1, "learning_rate": 1e-12, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


DESCRIBED = {"kind": "descriptions", "texts": {"fruit": "apple pear", "tool": "hammer saw"}}


@pytest.mark.parametrize("head", ["prototypes", DESCRIBED])
def test_in_a_run_it_is_right_before_anything_is_learned(
    head: Any, base: Path, tmp_path: Path
) -> None:
    run = accord.train(recipe(tmp_path, base, head, ("fruit", "tool")), output=tmp_path / "run")
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    # `fruit` is a class of the base, which knows its row already.
    assert next(e for e in events if e["event"] == "head")["started"] == ["tool"]
    made = load_file(run.path / "model" / "model.safetensors")
    before = load_file(base / "model.safetensors")
    torch.testing.assert_close(made["classifier.weight"][0], before["classifier.weight"][1])


def test_prototypes_of_classes_the_base_does_not_know(base: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for file in base.iterdir():
        (plain / file.name).write_bytes(file.read_bytes())
    config = json.loads((plain / "config.json").read_text())
    del config["id2label"], config["label2id"]
    (plain / "config.json").write_text(json.dumps(config))
    run = accord.train(
        recipe(tmp_path, plain, "prototypes", ("bird", "fruit", "tool")), output=tmp_path / "run"
    )
    assert run.summary["metrics"]["test"]["accuracy"] > 0.8


def test_a_class_without_description_is_named(base: Path, tmp_path: Path) -> None:
    wrong = recipe(tmp_path, base, DESCRIBED, ("bird", "fruit", "tool"))
    with pytest.raises(AccordError) as error:
        accord.train(wrong, output=tmp_path / "run")
    assert error.value.code == "head-descriptions" and "bird" in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"config": {"model_type": "bert"}, "head": "prototypes"}},
        {"model": {"base": "b", "head": {"kind": "descriptions", "texts": {}}}},
    ],
)
def test_what_has_no_meaning_is_refused(change: dict[str, Any], base: Path, tmp_path: Path) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, base, "prototypes", ("fruit", "tool")) | change)
    assert "model.head" in str(error.value)
