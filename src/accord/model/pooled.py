"""A base model as it stands, without a head: one vector for each text or image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from accord.errors import ModelError
from accord.model.configuration import base_config
from accord.model.facts import image_facts
from accord.model.formats import check_base
from accord.model.inputs import model_inputs
from accord.model.quiet import quiet
from accord.model.tokenizer import load_tokenizer

Vectors = npt.NDArray[np.float32]
BATCH_TOKENS = 8192
"""Of a batch, padding included."""
BATCH_IMAGES = 32
LONGEST = 512
"""Tokens of a text that are looked at: enough to tell what it is about."""


class Pooled:
    """Mean of the last hidden states of a text; pooled features of an image.

    Args:
        folder: The base model.
        modality: `text` or `image`.
        device: Where it computes.
        max_tokens: Longer texts are cut.

    Raises:
        ModelError, IntegrityError: It cannot be loaded.
    """

    def __init__(self, folder: Path, modality: str, device: torch.device, max_tokens: int) -> None:
        check_base(folder)
        self.device = device
        self._model = _body(folder, modality).to(device).eval()
        config: Any = self._model.config
        if modality == "image":
            self._image = image_facts(config.to_dict(), _processor(folder))
            return
        self._codec = load_tokenizer(folder)
        positions = int(getattr(config, "max_position_embeddings", LONGEST) or LONGEST)
        # Some models number positions from 2 on.
        self._codec.cut_at(min(max_tokens, LONGEST, positions - 2 if positions > 4 else positions))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order. [n, D]; D stands in the first answer's shape."""
        found = self._codec.tokenizer.encode_batch_fast(
            [self._codec.before_the_cut(text) for text in texts]
        )
        rows = [row.ids or [self._codec.pad_id] for row in found]
        vectors: list[Any] = [None] * len(rows)
        for group in _groups([len(row) for row in rows]):
            batch = self._padded([rows[i] for i in group])
            states = self._computed(batch).last_hidden_state.float()
            mask = batch["attention_mask"].to(states)[..., None]
            means = (states * mask).sum(1) / mask.sum(1)
            for i, mean in zip(group, means.cpu().numpy(), strict=True):
                vectors[i] = mean
        return np.stack(vectors).astype(np.float32)

    def images(self, contents: Sequence[bytes]) -> Vectors:
        """One vector an image file, in order. [n, D]"""
        from accord.model.image import decode_image

        found: list[npt.NDArray[np.float32]] = []
        for start in range(0, len(contents), BATCH_IMAGES):
            some = contents[start : start + BATCH_IMAGES]
            pixels = torch.stack([decode_image(content, self._image) for content in some])
            output = self._computed({"pixel_values": pixels.to(self.device)})
            found.append(_pooled(output).float().cpu().numpy())
        return np.concatenate(found).astype(np.float32)

    def _padded(self, rows: list[list[int]]) -> dict[str, torch.Tensor]:
        width = max(map(len, rows))
        pad = self._codec.pad_id
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        return {"input_ids": ids.to(self.device), "attention_mask": mask.to(self.device)}

    def _computed(self, batch: dict[str, torch.Tensor]) -> Any:
        with torch.no_grad():
            return self._model(**model_inputs(self._model, batch))


def _body(folder: Path, modality: str) -> nn.Module:
    """The model below any head: of two towers the one for images, of two halves the encoder."""
    from transformers import AutoModel

    config = base_config(folder)
    try:
        with quiet():
            model: Any = AutoModel.from_pretrained(
                folder, config=config, dtype=torch.float32, use_safetensors=True
            )
    except (KeyError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(
            "the base model cannot be loaded to compare rows with",
            code="model-build",
            path="model.base",
            got=config.model_type,
            why=str(error).strip().partition("\n")[0][:300],
            fix="choose another base, or look at columns of numbers instead",
        ) from error
    if config.is_encoder_decoder:
        return model.get_encoder()
    return getattr(model, "vision_model", model) if modality == "image" else model


def _processor(folder: Path) -> dict[str, Any]:
    path = folder / "preprocessor_config.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _pooled(output: Any) -> torch.Tensor:
    """Mean over patches [B, T, D], or over places of a feature map [B, D, H, W]."""
    states = output.last_hidden_state
    return states.mean((2, 3)) if states.ndim == 4 else states.mean(1)


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    """Places of texts of like length, so that little is padded."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        longest = lengths[groups[-1][0]] if groups else 0
        if groups and longest * (len(groups[-1]) + 1) <= BATCH_TOKENS:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups
