"""Faults of trained models that would not show: random heads, frozen tokens, turned pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from accord.errors import AccordError, ModelError
from accord.model.image import decode_image
from accord.model.load import load_trained, loading_of
from accord.model.predict import Predictor
from tests.model.schemas import IMAGE, TEXTS, config_for, new_model, saved

LLAMA = {
    "model_type": "llama",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
}


def test_weights_that_lost_their_head_are_refused(tmp_path: Path) -> None:
    task = "text-classification"
    folder = saved(task, tmp_path / "m", new_model(task))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    names = [*config["label2id"], "a third"]
    config |= {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(AccordError) as caught:
        load_trained(folder)
    assert caught.value.code == "model-weights"


def test_a_pickle_beside_a_stray_safetensors_is_not_read(tmp_path: Path) -> None:
    folder = saved("text-classification", tmp_path / "m", new_model("text-classification"))
    (folder / "model.safetensors").rename(folder / "model.fp16.safetensors")
    (folder / "accord.json").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(ModelError) as caught:
        new_model("text-classification", base=str(folder))
    assert caught.value.code == "model-pickle"


def test_the_end_token_of_a_decoder_is_learned() -> None:
    model = new_model("causal-lm", config=LLAMA)
    end = model.config.pad_token_id
    assert end == model.config.eos_token_id
    assert model.get_input_embeddings().padding_idx is None
    model(input_ids=torch.tensor([[end, 5, 6]])).logits.sum().backward()
    assert model.get_input_embeddings().weight.grad[end].any()


def test_a_decoder_classifies_padded_rows_as_alone() -> None:
    model = new_model("text-classification", config=LLAMA).eval()
    pad = model.config.pad_token_id
    with torch.no_grad():
        alone = model(input_ids=torch.tensor([[7, 8, 9]])).logits
        ids = torch.tensor([[7, 8, 9, pad, pad]])
        mask = torch.tensor([[1, 1, 1, 0, 0]])
        padded = model(input_ids=ids, attention_mask=mask).logits
    torch.testing.assert_close(padded, alone, rtol=0, atol=1e-5)


def test_it_is_told_which_weights_are_new(tmp_path: Path) -> None:
    task = "text-classification"
    folder = saved(task, tmp_path / "m", new_model(task))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    tokens = new_model("token-classification", base=str(folder))
    assert config["model_type"] == "bert"
    # The token head has the classifier's name but three tags, so it starts anew; no pooler is used.
    assert loading_of(tokens).new == ("classifier.bias", "classifier.weight")
    assert all("pooler" in name for name in loading_of(tokens).unused)


def test_a_prompt_longer_than_the_context_keeps_its_end(tmp_path: Path) -> None:
    folder = saved("causal-lm", tmp_path / "m", new_model("causal-lm"))
    predictor = Predictor(folder)
    prompt = " ".join(TEXTS * 4)
    assert (
        len(predictor.codec.tokenizer.encode(prompt).ids) > config_for("causal-lm")["n_positions"]
    )
    assert predictor.generate(prompt, max_new_tokens=8) == predictor.generate(
        prompt, max_new_tokens=8
    )
    assert isinstance(predictor.generate("a", max_new_tokens=500), str)


def test_a_photo_is_turned_upright() -> None:
    picture = Image.new("RGB", (32, 32), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down

    def png(**options: Image.Exif) -> bytes:
        stream = io.BytesIO()
        picture.save(stream, format="PNG", **options)
        return stream.getvalue()

    upright, turned = decode_image(png(), IMAGE), decode_image(png(exif=exif), IMAGE)
    torch.testing.assert_close(turned, upright.flip(1, 2))
    assert not torch.equal(turned, upright)
