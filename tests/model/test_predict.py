"""Predictions are what the model itself gives, in the order of the rows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from accord.errors import DataError, IntegrityError, ModelError
from accord.model.ensemble import Voting
from accord.model.image import decode_image
from accord.model.predict import Predictor
from accord.model.save import save_model
from tests.model.schemas import IMAGE, codec_for, inputs_for, new_model, saved, schema_for

WORDS = [
    "a",
    "warm",
    "and",
    "funny",
    "film",
    "with",
    "kind",
    "heart",
    "dull",
    "slow",
    "far",
    "too",
    "long",
]


def _texts(count: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 20))) for _ in range(count)]


def _predictor(task: str, folder: Path, **model: Any) -> Predictor:
    return Predictor(saved(task, folder / "m", new_model(task, seed=2, **model)))


def _png(seed: int, size: tuple[int, int] = (48, 40)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def test_texts_in_their_order(tmp_path: Path) -> None:
    predictor, texts = _predictor("text-classification", tmp_path), _texts(60)
    found = predictor.predict(texts)
    codec = codec_for("text-classification")
    for text, told in zip(texts, found, strict=True):
        ids = torch.tensor([codec.tokenizer.encode(text).ids[:32]])
        with torch.no_grad():
            chances = predictor.model(input_ids=ids).logits.softmax(-1)[0]
        np.testing.assert_allclose(list(told["scores"].values()), chances, atol=1e-5)
        assert told["label"] == ["bad", "good"][int(chances.argmax())]
        assert told["score"] == max(told["scores"].values())
    assert [r["scores"] for r in predictor.predict(texts[::-1])] != [r["scores"] for r in found]
    again = predictor.predict([{"text": text} for text in texts])
    assert again == found


def test_pairs_are_encoded_together(tmp_path: Path) -> None:
    task = "text-classification"
    schema = schema_for(task)
    schema["columns"] = {"text": "one", "text_pair": "two", "label": "label"}
    codec = codec_for(task)
    codec.save(tmp_path / "t")
    (tmp_path / "m").mkdir()
    facts = {"adapter": {"kind": "full"}}
    save_model(
        new_model(task, seed=2), tmp_path / "m", schema=schema, tokenizer_folder=tmp_path / "t",
        facts=facts,
    )  # fmt: skip
    predictor = Predictor(tmp_path / "m")
    pairs = list(zip(_texts(9, 1), _texts(9, 2), strict=True))
    found = predictor.predict(pairs)
    for (one, two), told in zip(pairs, found, strict=True):
        codec.tokenizer.enable_truncation(32, strategy="longest_first")
        encoded = codec.tokenizer.encode(one, two)
        codec.tokenizer.no_truncation()
        with torch.no_grad():
            logits = predictor.model(
                input_ids=torch.tensor([encoded.ids]),
                token_type_ids=torch.tensor([encoded.type_ids]),
            ).logits
        expected = logits.softmax(-1)[0]
        np.testing.assert_allclose(list(told["scores"].values()), expected, atol=1e-5)
    assert predictor.predict([{"one": a, "two": b} for a, b in pairs]) == found
    with pytest.raises(DataError, match="row 0"):
        predictor.predict(["only one"])


def test_a_tag_for_every_word(tmp_path: Path) -> None:
    predictor = _predictor("token-classification", tmp_path)
    rows = [text.split() for text in _texts(12)]
    found = predictor.predict(rows)
    assert [told["words"] for told in found] == rows
    codec = codec_for("token-classification")
    for words, told in zip(rows, found, strict=True):
        encoded = codec.tokenizer.encode(words, is_pretokenized=True)
        with torch.no_grad():
            logits = predictor.model(input_ids=torch.tensor([encoded.ids])).logits[0]
        first = {w: i for i, w in reversed(list(enumerate(encoded.word_ids))) if w is not None}
        best = [["O", "B-PER", "I-PER"][int(logits[first[i]].argmax())] for i in range(len(words))]
        assert told["tags"] == best


def test_images_as_paths_bytes_and_pictures(tmp_path: Path) -> None:
    predictor = _predictor("image-classification", tmp_path)
    content = [_png(i) for i in range(5)]
    found = predictor.predict(content)
    pixels = torch.stack([decode_image(each, IMAGE) for each in content])
    with torch.no_grad():
        expected = predictor.model(pixel_values=pixels).logits.softmax(-1)
    for told, chances in zip(found, expected, strict=True):
        np.testing.assert_allclose(list(told["scores"].values()), chances, atol=1e-5)
    (tmp_path / "x.png").write_bytes(content[3])
    path, picture = tmp_path / "x.png", Image.open(io.BytesIO(content[3]))
    for row in (path, str(path), picture, {"image": str(path)}):
        assert predictor.predict([row])[0]["label"] == found[3]["label"]


@pytest.mark.parametrize("size", [(48, 40), (32, 32), (17, 90)])
def test_pixels_are_those_of_the_image_processor(size: tuple[int, int]) -> None:
    from transformers import ViTImageProcessorPil as Processor

    content = _png(1, size)
    processor = Processor(
        size={"height": 32, "width": 32}, image_mean=IMAGE["mean"], image_std=IMAGE["std"]
    )
    image = Image.open(io.BytesIO(content)).convert("RGB")
    expected = processor(image, return_tensors="pt")["pixel_values"][0]
    torch.testing.assert_close(decode_image(content, IMAGE), expected, atol=1e-5, rtol=0)


def test_tables_with_missing_values(tmp_path: Path) -> None:
    predictor = _predictor("table-classification", tmp_path)
    rows = [
        {"age": 30, "size": 1.0, "city": "oslo"},
        {"age": None, "size": "-1", "city": "atlantis"},
        {"age": "", "size": -1.0, "city": None, "more": "is ignored"},
    ]
    found = predictor.predict(rows)
    with torch.no_grad():
        logits = predictor.model(**inputs_for("table-classification")).logits
    expected = logits.softmax(-1)[[0, 1, 1]]
    scores = [list(told["scores"].values()) for told in found]
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_regression_in_the_targets_own_unit(tmp_path: Path) -> None:
    predictor = _predictor("table-regression", tmp_path)
    found = predictor.predict([{"age": 30, "size": 1.0, "city": "oslo"}])
    with torch.no_grad():
        output = predictor.model(**inputs_for("table-regression")).logits[0, 0]
    assert found[0]["value"] == pytest.approx(float(output) * 20 + 100, rel=1e-5)


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("text-classification", {"wrong": "x"}),
        ("text-classification", 3),
        ("token-classification", [1, 2]),
        ("image-classification", b"no image"),
        ("image-classification", "nowhere.png"),
        ("table-classification", {"age": 1}),
        ("table-classification", {"age": "old", "size": 1, "city": "oslo"}),
    ],
)
def test_a_wrong_row_is_named(task: str, row: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        _predictor(task, tmp_path).predict([row])
    assert (caught.value.code, caught.value.path) == ("predict-row", "row 0")


def test_no_rows_give_no_predictions(tmp_path: Path) -> None:
    assert _predictor("text-classification", tmp_path).predict([]) == []


def test_text_is_a_function_of_the_seed(tmp_path: Path) -> None:
    predictor = _predictor("causal-lm", tmp_path)
    options: dict[str, Any] = {"max_new_tokens": 12, "temperature": 1.0, "top_p": 1.0}
    first = predictor.generate("a warm", seed=1, **options)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert predictor.generate("a warm", seed=1, **options) == first
    assert torch.equal(torch.get_rng_state(), before)
    assert predictor.generate("a warm", seed=2, **options) != first
    greedy = {predictor.generate("a warm", temperature=0, seed=s) for s in range(3)}
    assert len(greedy) == 1
    assert isinstance(predictor.generate("", seed=1, max_new_tokens=3), str)
    long = predictor.generate("warm and funny " * 100, seed=1, max_new_tokens=3)
    assert isinstance(long, str)


def test_models_that_vote_write_as_one_would(tmp_path: Path) -> None:
    predictor = _predictor("causal-lm", tmp_path)
    one, options = predictor.model, {"max_new_tokens": 12, "temperature": 0.7, "top_p": 0.8}
    alone = [predictor.generate("a warm", seed=seed, **options) for seed in (1, 2)]
    greedy = predictor.generate("a warm", temperature=0)
    predictor.model = Voting([one, one], (0.5, 0.5), "next-token").eval()
    assert [predictor.generate("a warm", seed=seed, **options) for seed in (1, 2)] == alone
    assert predictor.generate("a warm", temperature=0) == greedy
    other = new_model("causal-lm", seed=3)
    predictor.model = Voting([other, one], (0.0, 1.0), "next-token").eval()
    assert predictor.generate("a warm", temperature=0) == greedy, "who has no vote changes nothing"


def test_classifiers_write_no_text(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        _predictor("text-classification", tmp_path).generate("x")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Predictor(tmp_path)
    assert caught.value.code == "model-facts-missing"
    folder = saved("causal-lm", tmp_path / "m", new_model("causal-lm"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5])
    with pytest.raises(IntegrityError):
        Predictor(folder)
