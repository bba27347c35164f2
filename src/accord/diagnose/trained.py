"""How many weights a training moves, told by the headers of the base model's files: exact for the
usual families, without a tensor library and without the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.diagnose.shape import Extents, model_config, stored_tensors
from accord.model.layers import layer_of
from accord.recipe.tree import Recipe

EMBEDDINGS = ("embed", "wte", "wpe")
"""In the names of tables, which have two dimensions as linear layers do and are not adapted."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on the body of a model for a task.

    Args:
        pooled: The body's pooler is used; without, its weights in the file are not.
        inner: A linear layer of the model's width stands before the last one.
        bias: Of the last layer.
        vocabulary: The output is a vocabulary, part of the base and not trained beside adapters.
    """

    pooled: bool = False
    inner: bool = False
    bias: bool = True
    vocabulary: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture: the name of its body in files, and its heads by task."""

    body: str
    heads: Mapping[str, Head]


TEXT, TOKENS, WORDS = "text-classification", "token-classification", "causal-lm"
_DECODER = Family("model", {TEXT: Head(bias=False), WORDS: Head(vocabulary=True)})
_ROBERTA = Family("roberta", {TEXT: Head(inner=True), TOKENS: Head()})
FAMILIES: Mapping[str, Family] = {
    "bert": Family("bert", {TEXT: Head(pooled=True), TOKENS: Head()}),
    "distilbert": Family("distilbert", {TEXT: Head(inner=True), TOKENS: Head()}),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "gpt2": Family("transformer", {TEXT: Head(bias=False), WORDS: Head(vocabulary=True)}),
    "llama": _DECODER,
    "mistral": _DECODER,
    "qwen2": _DECODER,
    "qwen3": _DECODER,
    "vit": Family("vit", {"image-classification": Head()}),
}


def told_trained(recipe: Recipe, base: Path, classes: int) -> int | None:
    """Weights that get gradients: adapters, the head, or all.

    Args:
        recipe: Its `model` and `task`.
        base: Folder that relative paths start from.
        classes: That the head tells apart.

    Returns:
        None where the files do not tell: a new model, an unusual one, another adapter, or layers
        that are not there.
    """
    config = model_config(recipe, base) if recipe.model.base is not None else None
    family = FAMILIES.get(str((config or {}).get("model_type")))
    head = family.heads.get(recipe.task) if family is not None else None
    if config is None or family is None or head is None:
        return None
    stored = stored_tensors(base / str(recipe.model.base))
    used = _body(stored, family, head)
    width, layers = _first(config, "hidden_size", "n_embd", "dim"), _layers(used)
    if width is None or layers != _first(config, "num_hidden_layers", "n_layer", "n_layers"):
        return None
    pooler = [name for name in used if name.startswith("pooler.")]
    new = width * width + width if head.pooled and not pooler else 0
    if head.inner:
        new += width * width + width
    if not head.vocabulary:
        new += width * classes + (classes if head.bias else 0)
    if recipe.model.adapt.kind == "full":
        untied = head.vocabulary and not config.get("tie_word_embeddings", True)
        output = stored.get("lm_head.weight", ()) if untied else (0,)
        return sum(map(math.prod, used.values())) + new + math.prod(output) if output else None
    spec = recipe.model.adapt.model_dump()
    if spec["kind"] not in ADAPTED:
        return None
    if any(not -layers <= number < layers for number in spec["layers"] or ()):
        return None
    chosen = _in_layers(used, spec["layers"], layers)
    adapted = ADAPTED[spec["kind"]](spec, chosen)
    return None if adapted is None else adapted + new


def _body(stored: Mapping[str, Extents], family: Family, head: Head) -> dict[str, Extents]:
    """Weights of the body by their names in it, those that the task has a use for."""
    prefix = f"{family.body}."
    named = {n.removeprefix(prefix): size for n, size in stored.items() if n.startswith(prefix)}
    # A base that was stored without any head has no prefix either.
    body = named or dict(stored)
    return {n: size for n, size in body.items() if head.pooled or not n.startswith("pooler.")}


def _in_layers(
    used: Mapping[str, Extents], chosen: Sequence[int] | None, layers: int
) -> dict[str, Extents]:
    """The weights of some layers."""
    if chosen is None:
        return dict(used)
    numbers = {number % layers for number in chosen}
    return {name: size for name, size in used.items() if layer_of(name) in numbers}


def _low_rank(spec: Mapping[str, Any], used: Mapping[str, Extents]) -> int | None:
    """Weights of the low-rank matrices beside linear layers."""
    if spec["bias"] != "none":
        return None
    targets: Sequence[str] = () if spec["targets"] == "all-linear" else spec["targets"]
    found = 0
    for name, (rows, columns) in _linear(used):
        if not targets or any(f".{name}".endswith(f".{one}") for one in targets):
            found += spec["rank"] * (rows + columns)
    return found or None


def _biases(spec: Mapping[str, Any], used: Mapping[str, Extents]) -> int | None:
    """Biases, and scales of normalisation layers if they are asked for."""
    names = ("bias", "weight") if spec["norms"] else ("bias",)
    flat = {name: size for name, size in used.items() if len(size) == 1}
    found = [math.prod(n) for name, n in flat.items() if name.rpartition(".")[2] in names]
    return sum(found) or None


def _linear(used: Mapping[str, Extents]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Linear layers: names, and the two numbers their matrices have."""
    for name, extents in used.items():
        table = any(word in name for word in EMBEDDINGS)
        if name.endswith(".weight") and len(extents) == 2 and not table:
            yield name.removesuffix(".weight"), (extents[0], extents[1])


def _layers(used: Mapping[str, Extents]) -> int:
    return len({layer_of(name) for name in used} - {None})


def _first(config: Mapping[str, Any], *names: str) -> int | None:
    return next((int(config[name]) for name in names if isinstance(config.get(name), int)), None)


ADAPTED = {"lora": _low_rank, "bias": _biases}

__all__ = ["told_trained"]
