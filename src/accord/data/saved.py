"""Data sets of Hugging Face in a folder that `save_to_disk` wrote, above all those that were sealed
as they were.

Their shards are Arrow streams. What orders them and names the classes stands in small files beside
them, which are sealed too and decrypted in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from accord.data.opening import broken, read_whole
from accord.data.source import Source
from accord.errors import DataError
from accord.permit import AssetFile
from accord.vault.envelope import SEALED

STATE, INFO, SPLITS = "state.json", "dataset_info.json", "dataset_dict.json"


def is_saved(root: str) -> bool:
    """Whether a folder was written by `Dataset.save_to_disk`, sealed or not."""
    return any((Path(root) / name).is_file() for name in (STATE, SPLITS)) or is_saved_sealed(root)


def is_saved_sealed(root: str) -> bool:
    """Whether a folder is a sealed data set that `save_to_disk` wrote."""
    return any((Path(root) / f"{name}{SEALED}").is_file() for name in (STATE, SPLITS))


def sealed_shards(
    source: Source, choose: Callable[[list[str]], str]
) -> tuple[Source, dict[str, list[str]]]:
    """The Arrow files of a sealed data set in their order, and the names of its classes by column.

    Args:
        source: The folder; no file is opened that it does not name.
        choose: Picks one of several splits.

    Raises:
        DataError: The data set is not whole, or has no such split.
        IntegrityError: A byte is not what was sealed.
    """
    folder = ""
    if (place := _named(source, SPLITS)) is not None:
        folder = f"{choose([str(name) for name in _content(place)['splits']])}/"
    state, info = (_content(_wanted(source, f"{folder}{name}")) for name in (STATE, INFO))
    files = tuple(_wanted(source, f"{folder}{one['filename']}") for one in state["_data_files"])
    classes = {
        str(column): [str(name) for name in feature["names"]]
        for column, feature in (info.get("features") or {}).items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }
    return replace(source, asset=replace(source.asset, files=files)), classes


def _named(source: Source, name: str) -> AssetFile | None:
    path = str(Path(source.asset.root, f"{name}{SEALED}"))
    return next((file for file in source.asset.files if file.path == path), None)


def _wanted(source: Source, name: str) -> AssetFile:
    found = _named(source, name)
    if found is None:
        raise DataError(
            "a file of the data set is missing",
            code="dataset-missing",
            path=f"data.{source.asset.role}",
            got=source.asset.location,
            expected=f"{name}{SEALED}",
            fix="copy the sealed folder again, whole and with the names it was sealed under",
        )
    return found


def _content(file: AssetFile) -> dict[str, Any]:
    try:
        return json.loads(read_whole(file))
    except ValueError as error:
        raise broken(file, "the file is no JSON", type(error).__name__) from None
