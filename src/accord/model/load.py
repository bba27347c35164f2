"""Build the model a recipe describes, and load one that was trained."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from accord.errors import IntegrityError, ModelError
from accord.model.configuration import config_values, model_config, set_padding
from accord.model.ensemble import MODEL_TYPE, load_ensemble
from accord.model.facts import trained_facts
from accord.model.formats import (
    ADAPTER,
    ADAPTER_CONFIG,
    check_adapter,
    check_base,
    check_weights,
    model_folder,
)
from accord.model.ft_transformer import FTTransformer, FTTransformerConfig
from accord.model.head.normalised import normalise_head, restore_head
from accord.model.quiet import quiet
from accord.part import find, require
from accord.recipe.model import Model

AUTO = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "causal-lm": "AutoModelForCausalLM",
    "image-classification": "AutoModelForImageClassification",
}


@dataclass(frozen=True, slots=True)
class Loading:
    """What became of a base model's weights.

    Args:
        new: Names of weights that the base lacks and that start from the seed: the head.
        unused: Names of weights of the base that this task has no place for.
        base: Where the weights came from: an absolute folder or a hub id; None for a new model.
        revision: Commit of a hub id.
    """

    new: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    base: str | None = None
    revision: str | None = None


def load_model(
    spec: Model,
    schema: Mapping[str, Any],
    *,
    task: str,
    seed: int,
    base: Path,
    head_scale: float | None = None,
) -> nn.Module:
    """The model to train: base or new weights, the task's head, the adapter; fp32, on the CPU.

    `loading_of(model)` tells which of its weights are new.

    Args:
        spec: The recipe's `model` section.
        schema: The prepared data's `schema.json`.
        task: The recipe's task.
        seed: New weights are drawn from it, whatever was drawn before.
        base: Folder that relative paths start from.
        head_scale: Of a head that compares directions; None for a plain one.

    Raises:
        ModelError: The model cannot be used for this task, or holds pickles or code.
        IntegrityError: Its weights are damaged.
    """
    with _seeded(seed):
        if task.startswith("table-"):
            given = config_values(spec, None, base)
            model: nn.Module = FTTransformer(FTTransformerConfig.of(given, schema, spec.dropout))
        else:
            model = _transformers_model(spec, schema, task, base)
        if head_scale is not None:
            normalise_head(model, len(schema["labels"]), head_scale)
        return find("adapter", spec.adapt.kind)(spec.adapt, model)


def load_trained(folder: Path) -> nn.Module:
    """A model or an ensemble, as a train stage saved it; fp32, on the CPU, in eval mode.

    Raises:
        ModelError, IntegrityError: It cannot be read.
    """
    if (folder / ADAPTER_CONFIG).is_file():
        return restore_head(_adapted(folder), folder).eval()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if config.get("model_type") == MODEL_TYPE:
        problem = trained_facts(folder)["problem"]
        return load_ensemble(folder, config, problem, load_trained).eval()
    check_weights(folder)
    if config.get("model_type") == FTTransformerConfig.model_type:
        return restore_head(FTTransformer.load(folder), folder).eval()
    task = trained_facts(folder)["task"]
    model, found = _weighted(folder, _plain_config(folder), task)
    lacking = sorted({*found["missing_keys"], *_resized(found)})
    if lacking:
        raise IntegrityError(
            "the model's weights do not fit its configuration",
            code="model-weights",
            path=str(folder),
            got=", ".join(lacking[:3]),
            why="it would answer with random weights",
            fix="copy the whole folder again, config.json and weights together",
        )
    return restore_head(model, folder).eval()


def loading_of(model: nn.Module) -> Loading:
    """How a model that `load_model` made was put together."""
    inner: Any = getattr(model, "get_base_model", lambda: model)()
    return inner.__dict__.get("loading", Loading())


def _transformers_model(spec: Model, schema: Mapping[str, Any], task: str, base: Path) -> nn.Module:
    folder = None
    if spec.base is not None:
        folder = model_folder(spec.base, spec.revision, base)
        check_base(folder)
    config = model_config(spec, schema, task, folder, base)
    if folder is None:
        model, loading = _new(config, task), Loading()
    else:
        model, found = _weighted(folder, config, task)
        loading = _loading(model, found, spec, folder)
    set_padding(model, schema)
    _check_positions(model, schema)
    model.loading = loading
    return model


def _new(config: Any, task: str) -> Any:
    with quiet(), _explained(config):
        return _class_for(config, task)._from_config(config, dtype=torch.float32)


def _weighted(folder: Path, config: Any, task: str) -> tuple[Any, Mapping[str, Any]]:
    """The model with the folder's weights, and what Transformers says of loading them."""
    with quiet(), _explained(config):
        return _class_for(config, task).from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            # Another number of labels needs another head; a language model keeps its own.
            ignore_mismatched_sizes=task != "causal-lm",
            output_loading_info=True,
        )


def _adapted(folder: Path) -> nn.Module:
    """A base model with the adapter beside it, from PEFT's files."""
    check_adapter(folder)
    peft: Any = require("peft", "train", "LoRA")
    named = json.loads((folder / ADAPTER_CONFIG).read_text("utf-8"))
    base = model_folder(named["base_model_name_or_path"], named.get("revision"), folder)
    check_base(base)
    model = _weighted(base, _plain_config(folder), trained_facts(folder)["task"])[0]
    with quiet():
        return peft.PeftModel.from_pretrained(model, folder, use_safetensors=True)


def _plain_config(folder: Path) -> Any:
    from transformers import AutoConfig

    values = json.loads((folder / "config.json").read_text("utf-8"))
    return AutoConfig.for_model(values.pop("model_type"), **values)


def _class_for(config: Any, task: str) -> Any:
    """The Transformers class of an architecture with the head of a task."""
    import transformers

    mapping = getattr(transformers, AUTO[task])._model_mapping
    if type(config) not in mapping:
        raise ModelError(
            "this architecture cannot do this task",
            code="model-task",
            path="model",
            got=config.model_type,
            expected=f"an architecture that Transformers has as {AUTO[task]}",
            fix="choose another base model, or another task",
        )
    found = mapping[type(config)]
    return found[0] if isinstance(found, tuple) else found


def _loading(model: Any, found: Mapping[str, Any], spec: Model, folder: Path) -> Loading:
    """Which weights are new; none below the head may be, but for whole missing modules.

    Raises:
        ModelError: The base's weights are those of another model.
    """
    resized = _resized(found)
    new = set(found["missing_keys"]) | resized
    body = f"{model.base_model_prefix}."
    below = {name for name, _ in model.named_parameters() if name.startswith(body)}
    wrong = sorted(resized & below)
    if wrong or (below and below <= new):
        raise ModelError(
            "the base's weights do not fit its configuration",
            code="model-weights",
            path="model.base",
            got=", ".join(wrong[:3]) or "none of the weights that the architecture names",
            why="training would silently start from random weights",
            fix="check that config.json and the weights belong together",
        )
    hub = folder.parent.name == "snapshots"
    return Loading(
        tuple(sorted(new)),
        tuple(sorted(found["unexpected_keys"])),
        spec.base if hub else str(folder),
        folder.name if hub else None,
    )


def _resized(found: Mapping[str, Any]) -> set[str]:
    """Weights whose shape in the file is another."""
    return {item if isinstance(item, str) else item[0] for item in found["mismatched_keys"]}


def _check_positions(model: nn.Module, schema: Mapping[str, Any]) -> None:
    """Refuse rows longer than a learned table of positions."""
    longest = schema.get("max_tokens")
    if schema["modality"] != "text" or longest is None:
        return
    for name, module in model.named_modules():
        last = name.rpartition(".")[2]
        if isinstance(module, nn.Embedding) and ("position" in last or last == "wpe"):
            offset = 0 if module.padding_idx is None else module.padding_idx + 1
            if longest > module.num_embeddings - offset:
                raise ModelError(
                    "rows may be longer than the model has positions",
                    code="model-positions",
                    path="data.max_tokens",
                    got=longest,
                    expected=f"at most {module.num_embeddings - offset}",
                    why="positions past the last one cannot be looked up",
                    fix=f"set `max_tokens: {module.num_embeddings - offset}` or less",
                )


@contextmanager
def _explained(config: Any) -> Generator[None]:
    """What Transformers refuses, as an error of the recipe's model."""
    try:
        yield
    except (ImportError, KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            "Transformers cannot build this model",
            code="model-build",
            path="model",
            got=config.model_type,
            why=str(error).strip().partition("\n")[0][:300],
            fix="check the sizes in its configuration, `model.attention`, and that config.json "
            "and the weights belong together",
        ) from error


@contextmanager
def _seeded(seed: int) -> Generator[None]:
    """New weights from `seed`, leaving the caller's random state as it was."""
    state = torch.get_rng_state()
    # Models are built on the CPU: other devices' generators are left alone.
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(state)


__all__ = [
    "ADAPTER",
    "Loading",
    "load_model",
    "load_trained",
    "loading_of",
    "trained_facts",
]
