"""The configuration of a Transformers model, fitted to the task and the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.errors import ModelError
from accord.model.formats import check_config
from accord.recipe.model import Model

PROBLEM_TYPES = {
    "single-label": "single_label_classification",
    "multi-label": "multi_label_classification",
}


def model_config(
    spec: Model, schema: Mapping[str, Any], task: str, folder: Path | None, base: Path
) -> Any:
    """A `PreTrainedConfig`.

    Args:
        spec: The recipe's `model` section.
        schema: The prepared data's `schema.json`.
        task: The recipe's task.
        folder: The base model; None for a new one.
        base: Folder that relative paths start from.

    Raises:
        ModelError: It cannot be read, needs code of its own, or does not fit the data.
    """
    from transformers import CONFIG_MAPPING, AutoConfig

    kind, values = _known(config_values(spec, folder, base))
    if folder is None:
        values = _fitted(values, schema, CONFIG_MAPPING[kind])
    config: Any = AutoConfig.for_model(kind, **values)
    if task != "causal-lm":
        names = [str(label) for label in schema["labels"]]
        config.id2label = dict(enumerate(names))
        config.label2id = {name: i for i, name in enumerate(names)}
        config.problem_type = PROBLEM_TYPES.get(schema["problem"])
    if spec.dropout is not None:
        set_dropout(config, spec.dropout)
    if spec.attention is not None:
        # Else Transformers takes `sdpa`, or `eager` where an architecture has nothing else.
        config._attn_implementation = spec.attention
    _check_fit(config, schema)
    return config


def base_config(folder: Path) -> Any:
    """The configuration of a base model as it stands.

    Raises:
        ModelError: It cannot be read, or needs code of its own.
    """
    from transformers import AutoConfig

    kind, values = _known(config_values(Model(), folder, folder))
    return AutoConfig.for_model(kind, **values)


def _known(values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The architecture and its other values, none of which names code."""
    from transformers import CONFIG_MAPPING

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
    # Built-in architectures need no code of the repository: the result does not name it.
    values.pop("auto_map", None)
    values.pop("_name_or_path", None)
    return kind, values


def config_values(spec: Model, folder: Path | None, base: Path) -> dict[str, Any]:
    """The content of `config.json`: of the base, of the named file, or as the recipe gives it.

    Raises:
        ModelError: The file cannot be read.
    """
    if folder is not None:
        path = folder / "config.json"
    elif isinstance(spec.config, str):
        path = base / spec.config
    else:
        return dict(spec.config or {})
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(values, dict):
        raise _unreadable(path, "it holds no mapping")
    return values


def set_dropout(config: Any, dropout: float) -> None:
    """Every probability whose name says dropout (or `*_pdrop`), in nested parts too."""
    from transformers import PreTrainedConfig

    for name, value in list(vars(config).items()):
        if isinstance(value, PreTrainedConfig):
            set_dropout(value, dropout)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and ("dropout" in name or name.endswith("_pdrop")):
            setattr(config, name, dropout)


def set_padding(model: Any, schema: Mapping[str, Any]) -> None:
    """Tell a model without a pad token which id pads its rows.

    Decoders find the last token of a row by it. Done after the model is built: the embedding of
    a padding id gets no gradient, and here it is mostly that of the end token.
    """
    if schema.get("pad_id") is None:
        return
    for config in (model.config, model.config.get_text_config()):
        if config.pad_token_id is None:
            config.pad_token_id = int(schema["pad_id"])


def _fitted(values: dict[str, Any], schema: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Sizes that the data decide, where a new model's configuration leaves them open."""
    fitted = dict(values)
    if schema["modality"] == "text":
        fitted.setdefault("vocab_size", schema["vocab_size"])
        for name in ("bos", "eos"):
            if schema.get(f"{name}_id") is not None:
                fitted.setdefault(f"{name}_token_id", schema[f"{name}_id"])
        if kind().pad_token_id is not None and schema.get("pad_id") is not None:
            fitted.setdefault("pad_token_id", schema["pad_id"])
    elif "image_size" not in fitted:
        height, width = schema["image"]["size"]
        fitted["image_size"] = height if height == width else [height, width]
    return fitted


def _check_fit(config: Any, schema: Mapping[str, Any]) -> None:
    needed = schema.get("vocab_size") or 0
    there = getattr(config.get_text_config(), "vocab_size", needed)
    if schema["modality"] == "text" and needed > there:
        raise ModelError(
            "the tokenizer has more tokens than the model has embeddings",
            code="model-vocabulary",
            path="model.tokenizer",
            got=f"{needed} tokens",
            expected=f"at most {there}",
            why="ids past the last embedding cannot be looked up",
            fix="use the tokenizer of the base model, or a larger `vocab_size`",
        )
    channels = getattr(config, "num_channels", 3)
    if schema["modality"] == "image" and channels != 3:
        raise ModelError(
            "the model does not read colour images",
            code="model-channels",
            path="model",
            got=f"num_channels: {channels}",
            expected="num_channels: 3",
            why="images are read as red, green and blue, grey ones too",
            fix="use a model with three channels",
        )


def _unreadable(path: Path, why: str) -> ModelError:
    return ModelError(
        "the model's configuration cannot be read",
        code="model-config",
        path="model.config",
        got=str(path),
        expected="a JSON file with `model_type`",
        why=why[:200],
        fix="check the path and the file",
    )
