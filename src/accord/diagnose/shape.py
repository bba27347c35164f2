"""How large a model is, read from its files alone: no weights are loaded."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accord.diagnose.pyramid import stages_of
from accord.recipe.tree import Recipe

GATED = frozenset(("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3"))
TABLE_DEFAULTS: Mapping[str, int] = {
    "hidden_size": 96,
    "num_hidden_layers": 3,
    "intermediate_size": 128,
}
MOST_HEADER = 100 * 2**20
FLOATS = ("F", "BF")
"""How the names of real numbers begin."""
Extents = tuple[int, ...]
"""Of a tensor: rows, columns, ..."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model.

    Args:
        parameters: All weights.
        matrix: Weights that every token is multiplied with (all but embeddings).
        layers: Transformer layers.
        hidden: Width between the layers.
        intermediate: Width inside the feed-forward blocks.
        gated: Feed-forward blocks have three matrices.
        outputs: Logits per token: the vocabulary for language models, else 0.
        row_tokens: Tokens of a row where that is fixed (patches of an image), else 0.
        trained: Weights that are trained, where that is known.
        attention: Whether every token looks at all others.
    """

    parameters: int
    matrix: int
    layers: int
    hidden: int
    intermediate: int
    gated: bool
    outputs: int
    row_tokens: int = 0
    trained: int | None = None
    attention: bool = True


def shape_of(recipe: Recipe, base: Path) -> Shape | None:
    """The shape of the model a recipe trains; None where its files are not on this machine."""
    config = model_config(recipe, base)
    if config is None:
        return None
    counted = _pyramid(config) or _count(config, recipe.task)
    folder = base / recipe.model.base if recipe.model.base else None
    total = stored_parameters(folder) if folder is not None and folder.is_dir() else None
    if total is None:
        return counted
    if not counted.attention:
        scale = total / counted.parameters
        return replace(counted, parameters=total, matrix=round(counted.matrix * scale))
    embeddings = counted.parameters - counted.matrix
    return replace(counted, parameters=total, matrix=max(total - embeddings, 0) or counted.matrix)


def model_config(recipe: Recipe, base: Path) -> Mapping[str, Any] | None:
    """The content of `config.json`: of the base, of a file, or as written in the recipe."""
    model = recipe.model
    if isinstance(model.config, dict):
        return model.config
    path = base / model.config if model.config else base / (model.base or "") / "config.json"
    if model.base is None and model.config is None:
        return {"model_type": "accord-ft-transformer"}
    if path.is_dir():
        path = path / "config.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else None


def stored_parameters(folder: Path) -> int | None:
    """Numbers stored in a folder's safetensors files, from their headers; None without any."""
    if not any(folder.glob("*.safetensors")):
        return None
    return sum(map(math.prod, stored_tensors(folder, whole=True).values()))


def stored_tensors(folder: Path, *, whole: bool = False) -> dict[str, Extents]:
    """Extents of each tensor in a folder's safetensors files, by name.

    Args:
        folder: Of a model.
        whole: Tables of whole numbers too, which are no weights.
    """
    found: dict[str, Extents] = {}
    for file in sorted(folder.glob("*.safetensors")):
        for name, tensor in _header(file).items():
            if name != "__metadata__" and (whole or str(tensor["dtype"]).startswith(FLOATS)):
                found[name] = tuple(tensor["shape"])
    return found


def _header(file: Path) -> Mapping[str, Any]:
    """8 bytes of length, then JSON (safetensors format)."""
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        return {} if length > MOST_HEADER else json.loads(stream.read(length))


def _pyramid(config: Mapping[str, Any]) -> Shape | None:
    """Of a model whose stages see ever fewer and wider places: as if all stood at the first stage's
    places, with the same work and memory. None for others."""
    stages = stages_of(config)
    if stages is None:
        return None
    places = stages[0].places
    share = [stage.places / places for stage in stages]
    layers = sum(stage.blocks for stage in stages)
    width = sum(s.blocks * s.width * part for s, part in zip(stages, share, strict=True))
    hidden = max(1, round(width / layers))
    return Shape(
        parameters=sum(stage.weights for stage in stages),
        matrix=round(sum(s.weights * part for s, part in zip(stages, share, strict=True))),
        layers=layers,
        hidden=hidden,
        intermediate=4 * hidden,
        gated=False,
        outputs=0,
        row_tokens=places,
        attention=False,
    )


def _count(config: Mapping[str, Any], task: str) -> Shape:
    """Weights by formula, for the usual encoder and decoder layers."""

    def first(*names: str, default: int) -> int:
        found = (config.get(name) for name in names)
        return next((int(value) for value in found if isinstance(value, int)), default)

    table = task.startswith("table")
    usual = TABLE_DEFAULTS if table else {"hidden_size": 768, "num_hidden_layers": 12}
    hidden = first("hidden_size", "d_model", "n_embd", "dim", default=usual["hidden_size"])
    layers = first("num_hidden_layers", "n_layer", "n_layers", default=usual["num_hidden_layers"])
    inner_default = usual.get("intermediate_size", 4 * hidden)
    inner = first("intermediate_size", "n_inner", "ffn_dim", "hidden_dim", default=inner_default)
    heads = first("num_attention_heads", "n_head", "n_heads", default=max(1, hidden // 64))
    keys = first("num_key_value_heads", default=heads)
    gated = str(config.get("model_type")) in GATED
    attention = 2 * hidden * hidden + 2 * hidden * hidden * keys // max(heads, 1)
    matrix = layers * (attention + (3 if gated else 2) * hidden * inner)
    vocabulary = first("vocab_size", default=0 if table or task.startswith("image") else 30522)
    outputs = vocabulary if task == "causal-lm" else 0
    tied = bool(config.get("tie_word_embeddings", True))
    embeddings = vocabulary * hidden
    if outputs:
        matrix += outputs * hidden
        embeddings = 0 if tied else embeddings
    patches = first("image_size", default=0) // max(1, first("patch_size", default=16))
    tokens = 1 + patches * patches if patches else 0
    return Shape(matrix + embeddings, matrix, layers, hidden, inner, gated, outputs, tokens)
