"""Write a trained model as a plain Hugging Face directory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from accord.model.ensemble import write_ensemble
from accord.model.formats import ADAPTER_CONFIG
from accord.model.ft_transformer import FTTransformer
from accord.model.head.normalised import saved_plainly
from accord.model.load import loading_of
from accord.model.quiet import quiet
from accord.model.tokenizer import FILES

SCHEMA_FACTS = (
    "task", "problem", "labels", "max_tokens", "modality", "numeric", "categorical", "target",
    "image", "columns", "pad_id", "protect", "tidy", "tasks",
    "impute", "newcomers",
)  # fmt: skip


def save_model(
    model: nn.Module,
    folder: Path,
    *,
    schema: Mapping[str, Any],
    tokenizer_folder: Path,
    facts: Mapping[str, Any],
) -> None:
    """Save weights (safetensors), configuration, tokenizer or image settings, and `accord.json`.

    LoRA updates are merged into the weights unless the adapter says otherwise; then the folder
    holds PEFT's adapter files, which name their base. A head that compares directions is saved as
    a plain one that chooses the same classes, and `accord.json` says so.

    Guarantees:
        The same weights give the same bytes.
    """
    adapter = facts.get("adapter") or {"kind": "full"}
    with saved_plainly(model) as head:
        if isinstance(model, FTTransformer):
            model.save(folder)
        elif adapter["kind"] == "lora" and not adapter["merge"]:
            _save_adapter(model, folder)
        else:
            plain: Any = model
            with quiet():
                merged = plain.merge_and_unload() if adapter["kind"] == "lora" else plain
                merged.save_pretrained(folder)
    _save_meaning(folder, schema, tokenizer_folder, {**facts, **head})


def save_ensemble(
    folder: Path,
    names: Sequence[str],
    votes: Sequence[float],
    *,
    schema: Mapping[str, Any],
    tokenizer_folder: Path,
    facts: Mapping[str, Any],
) -> None:
    """Save what makes members that lie below `folder` one model.

    Args:
        names: Where the members lie, from `folder`.
        votes: Of each.
        schema, tokenizer_folder, facts: As of `save_model`.
    """
    write_ensemble(folder, names, votes)
    _save_meaning(folder, schema, tokenizer_folder, facts)


def add_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Put more into a model's `accord.json`."""
    known = json.loads((folder / "accord.json").read_text("utf-8"))
    write_json(folder / "accord.json", {**known, **facts})


def _save_meaning(
    folder: Path, schema: Mapping[str, Any], tokenizer_folder: Path, facts: Mapping[str, Any]
) -> None:
    """Tokenizer or image settings, and `accord.json`."""
    for name in FILES:
        if (tokenizer_folder / name).is_file():
            shutil.copyfile(tokenizer_folder / name, folder / name)
    if schema["modality"] == "image":
        write_json(folder / "preprocessor_config.json", _preprocessor(schema["image"]))
    known = {name: schema[name] for name in SCHEMA_FACTS if name in schema}
    write_json(folder / "accord.json", {"accord": version("accord"), **known, **facts})


def _save_adapter(model: Any, folder: Path) -> None:
    """PEFT's files, naming the base, and the configuration with the labels."""
    loading = loading_of(model)
    with quiet():
        model.save_pretrained(folder, save_embedding_layers=False)
        model.get_base_model().config.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    settings = json.loads((folder / ADAPTER_CONFIG).read_text("utf-8"))
    # PEFT writes sets in the order of their hashes.
    settings = {k: sorted(v) if isinstance(v, list) else v for k, v in settings.items()}
    settings |= {"base_model_name_or_path": loading.base, "revision": loading.revision}
    write_json(folder / ADAPTER_CONFIG, settings)


def _preprocessor(image: Mapping[str, Any]) -> dict[str, Any]:
    height, width = image["size"]
    return {
        "image_processor_type": "ViTImageProcessor",
        "do_resize": True,
        "size": {"height": height, "width": width},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(image["mean"]),
        "image_std": list(image["std"]),
        "do_convert_rgb": True,
    }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Indented UTF-8 JSON with a final newline."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
