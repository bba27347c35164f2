"""Build the model a recipe describes, and load one that was trained."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from accord.errors import ModelError
from accord.model.formats import check_config, check_weights, model_folder
from accord.model.ft_transformer import FTTransformer, FTTransformerConfig
from accord.part import find
from accord.recipe.model import Model

AUTO = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "causal-lm": "AutoModelForCausalLM",
    "image-classification": "AutoModelForImageClassification",
}
PROBLEM_TYPES = {
    "single-label": "single_label_classification",
    "multi-label": "multi_label_classification",
}


def load_model(
    spec: Model, schema: Mapping[str, Any], *, task: str, seed: int, base: Path
) -> nn.Module:
    """The model to train: base or new weights, the task's head, the adapter; fp32, on the CPU.

    Args:
        spec: The recipe's `model` section.
        schema: The prepared data's `schema.json`.
        task: The recipe's task.
        seed: New weights are drawn from it, whatever was drawn before.
        base: Folder that relative paths start from.

    Raises:
        ModelError: The model cannot be used for this task, or holds pickles or code.
        IntegrityError: Its weights are damaged.
    """
    with _seeded(seed):
        if task.startswith("table-"):
            model: nn.Module = FTTransformer(FTTransformerConfig.of(spec.config, schema))
        else:
            model = _transformers_model(spec, schema, task, base)
        return find("adapter", spec.adapt.kind)(spec.adapt, model)


def load_trained(folder: Path) -> nn.Module:
    """A model as a train stage saved it; fp32, on the CPU, in eval mode.

    Raises:
        ModelError, IntegrityError: It cannot be read.
    """
    check_weights(folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if config.get("model_type") == FTTransformerConfig.model_type:
        return FTTransformer.load(folder).eval()
    facts = json.loads((folder / "accord.json").read_text("utf-8"))
    with quiet():
        return _auto(facts["task"]).from_pretrained(folder, dtype=torch.float32).eval()


def _transformers_model(spec: Model, schema: Mapping[str, Any], task: str, base: Path) -> nn.Module:
    auto, folder = _auto(task), None
    if spec.base is not None:
        folder = model_folder(spec.base, spec.revision, base)
        check_weights(folder)
    config = _config(spec, schema, task, folder, base)
    with quiet():
        if folder is None:
            return auto.from_config(config, dtype=torch.float32)
        return auto.from_pretrained(
            folder, config=config, dtype=torch.float32, ignore_mismatched_sizes=True
        )


def _config(
    spec: Model, schema: Mapping[str, Any], task: str, folder: Path | None, base: Path
) -> Any:
    from transformers import CONFIG_MAPPING, AutoConfig

    values = _config_values(spec, folder, base)
    kind = values.pop("model_type", None)
    check_config(values, known=kind in CONFIG_MAPPING)
    if kind not in CONFIG_MAPPING:
        raise ModelError(
            "the installed Transformers does not know this architecture",
            code="model-unknown",
            path="model",
            got=kind,
            expected="a `model_type` such as bert, llama, gpt2, vit",
            fix="set `model_type` in the configuration, or upgrade transformers",
        )
    if folder is None:
        values = _fitted(values, schema)
    config = AutoConfig.for_model(kind, **values)
    if task != "causal-lm":
        names = [str(label) for label in schema["labels"]]
        config.id2label = dict(enumerate(names))
        config.label2id = {name: i for i, name in enumerate(names)}
        config.problem_type = PROBLEM_TYPES.get(schema["problem"])
    if schema.get("pad_id") is not None and config.get_text_config().pad_token_id is None:
        config.pad_token_id = int(schema["pad_id"])
    if spec.dropout is not None:
        _set_dropout(config, spec.dropout)
    config._attn_implementation = spec.attention or "sdpa"
    return config


def _config_values(spec: Model, folder: Path | None, base: Path) -> dict[str, Any]:
    if folder is not None:
        path = folder / "config.json"
    elif isinstance(spec.config, str):
        path = base / spec.config
    else:
        return dict(spec.config or {})
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            "the model's configuration cannot be read",
            code="model-config",
            path="model.config",
            got=str(path),
            expected="a JSON file with `model_type`",
            fix="check the path and the file",
        ) from error


def _fitted(values: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes that the data decide, where a new model's configuration leaves them open."""
    fitted = dict(values)
    if schema["modality"] == "text":
        fitted.setdefault("vocab_size", schema["vocab_size"])
        for name in ("pad", "bos", "eos"):
            if schema.get(f"{name}_id") is not None:
                fitted.setdefault(f"{name}_token_id", schema[f"{name}_id"])
    elif "image_size" not in fitted:
        height, width = schema["image"]["size"]
        fitted["image_size"] = height if height == width else [height, width]
    return fitted


def _set_dropout(config: Any, dropout: float) -> None:
    """Every probability in a configuration whose name says dropout (or `*_pdrop`)."""
    for name, value in vars(config).items():
        if isinstance(value, float) and ("dropout" in name or name.endswith("_pdrop")):
            setattr(config, name, dropout)


def _auto(task: str) -> Any:
    import transformers

    return getattr(transformers, AUTO[task])


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """New weights from `seed`, leaving the caller's random state as it was."""
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(state)


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and load reports of Transformers on the terminal."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
