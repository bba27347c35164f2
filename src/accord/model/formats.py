"""What a model directory may hold: safetensors and plain configuration, nothing that runs code."""

from __future__ import annotations

import difflib
import json
import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accord.errors import IntegrityError, ModelError

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5")
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
SIDE_HEADS = "side_heads.safetensors"
"""Heads of side tasks, beside the model."""
ADAPTER, ADAPTER_CONFIG = "adapter_model.safetensors", "adapter_config.json"


def model_folder(base: str, revision: str | None, root: Path, field: str = "model.base") -> Path:
    """The local folder of a base model: a directory, or a hub id's cached or fetched snapshot.

    Args:
        base: Directory (relative to `root`) or hub id.
        revision: Commit, tag or branch of a hub id.
        root: Folder of the recipe.
        field: Of the recipe, that names it.

    Raises:
        ModelError: It is neither there nor to be had.
    """
    folder = (root / Path(base).expanduser()).resolve()
    if folder.is_dir():
        return folder
    # A folder that exists where the first half of an id would lie: a path was meant.
    if base.startswith((".", "/", "~")) or base.count("/") != 1 or folder.parent.is_dir():
        near = difflib.get_close_matches(folder.name, _neighbours(folder), n=1)
        raise ModelError(
            "there is no such model directory",
            code="model-missing",
            path=field,
            got=base,
            expected="a Hugging Face model directory, or a hub id like `organisation/name`",
            fix=f"did you mean {near[0]!r}?" if near else "check the path",
        )
    return _snapshot(base, revision, field)


def check_base(folder: Path) -> None:
    """Refuse a base that is not one whole model in safetensors.

    Raises:
        ModelError, IntegrityError: As `check_weights`; or it is an adapter.
    """
    if (folder / ADAPTER_CONFIG).is_file():
        raise ModelError(
            "the base is an adapter, not a model",
            code="model-adapter",
            path="model.base",
            got=str(folder),
            expected="a folder with model.safetensors and no adapter_config.json",
            why="an adapter changes another model, which would be loaded unseen",
            fix="merge it first: with Accord `adapt: {kind: lora, merge: true}`, "
            "with PEFT `merge_and_unload()`",
        )
    check_weights(folder)


def check_adapter(folder: Path) -> None:
    """Refuse an adapter that is not whole safetensors.

    Raises:
        ModelError: Its weights are a pickle, or missing.
        IntegrityError: Its file is damaged.
    """
    if not (folder / ADAPTER).is_file():
        raise _no_weights(folder, ADAPTER)
    safetensors_header(folder / ADAPTER)


def check_weights(folder: Path) -> None:
    """Refuse anything but whole safetensors.

    Raises:
        ModelError: Only pickles are there, or no weights.
        IntegrityError: A file is cut off or its header is damaged.
    """
    if (folder / WEIGHTS).is_file():
        safetensors_header(folder / WEIGHTS)
        return
    index = folder / INDEX
    if not index.is_file():
        raise _no_weights(folder, WEIGHTS)
    with _readable(index, "the index cannot be read"):
        shards = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    for name in shards:
        if Path(name).name != name or not (folder / name).is_file():
            raise _damaged(folder / name, "it is named in the index but not there")
        safetensors_header(folder / name)


def safetensors_header(path: Path) -> dict[str, Any]:
    """Names, types and shapes of the tensors in a file, without reading them.

    Raises:
        IntegrityError: The header is damaged or the file is not as long as it says.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > min(size, 100_000_000):
            raise _damaged(path, "the header's length is impossible")
        with _readable(path, "the header cannot be read"):
            header: dict[str, Any] = json.loads(stream.read(length))
            tensors = {name: value for name, value in header.items() if name != "__metadata__"}
            spans = sorted(tuple(value["data_offsets"]) for value in tensors.values())
    # Tensors lie one after the other, without gaps, to the end of the file.
    ends = [0, *(end for _, end in spans)]
    if any(first != end for (first, _), end in zip(spans, ends, strict=False)):
        raise _damaged(path, "its tensors overlap or leave gaps")
    if 8 + length + ends[-1] != size:
        raise _damaged(path, "the file is cut off or too long")
    return tensors


def check_config(config: dict[str, Any], known: bool) -> None:
    """Refuse architectures that come as code.

    Raises:
        ModelError: `auto_map` is set and the installed Transformers does not know the type.
    """
    if "auto_map" in config and not known:
        raise ModelError(
            "the model needs code from its own repository",
            code="model-code",
            path="model.base",
            got=str(config.get("model_type")),
            expected="an architecture that the installed Transformers knows",
            why="Accord runs no code that comes with weights",
            fix="use a model whose architecture is part of Transformers",
        )


def _snapshot(base: str, revision: str | None, field: str) -> Path:
    from accord.part import require

    hub = require("huggingface_hub", "hub", "loading a model by its hub id")
    patterns = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    try:
        return Path(hub.snapshot_download(base, revision=revision, allow_patterns=patterns))
    except (OSError, ValueError) as error:
        offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
        raise ModelError(
            "the model is neither a local directory nor to be had from the hub",
            code="model-missing",
            path=field,
            got=base,
            why="HF_HUB_OFFLINE is set and it is not in the cache" if offline else str(error)[:200],
            fix="give a local directory, or fetch it once where there is a network",
        ) from error


def _neighbours(folder: Path) -> list[str]:
    parent = folder.parent
    return [path.name for path in parent.iterdir()] if parent.is_dir() else []


def _no_weights(folder: Path, expected: str) -> ModelError:
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if not pickles:
        return ModelError(
            "the model directory holds no weights",
            code="model-missing",
            path="model.base",
            got=str(folder),
            expected=expected,
            fix="check the path; `model.config` trains a new model. A hub repository that holds "
            "pickles only must be converted to safetensors first",
        )
    return ModelError(
        "the model's weights are a pickle",
        code="model-pickle",
        path="model.base",
        got=", ".join(pickles),
        expected=expected,
        why="loading a pickle runs whatever code its author put into it",
        fix="convert it where you trust it, with Transformers: "
        "AutoModel.from_pretrained(folder).save_pretrained(new_folder)",
    )


@contextmanager
def _readable(path: Path, reason: str) -> Generator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, reason) from error


def _damaged(path: Path, reason: str) -> IntegrityError:
    return IntegrityError(
        "the safetensors file is damaged",
        code="model-damaged",
        path=str(path),
        got=reason,
        fix="fetch or copy it again",
    )
