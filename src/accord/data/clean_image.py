"""A column of images: bytes, or the names of permitted files; bytes that decode out."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from accord.data.opening import is_local, read_whole
from accord.permit import AssetFile
from accord.vault.envelope import SEALED

ADDRESS = re.compile(r" <\S+ object at 0x[0-9a-f]+>")
Wrong = dict[int, tuple[str, str]]


def images(
    column: pa.Array, file: str, permitted: Mapping[str, AssetFile]
) -> tuple[pa.Array, Wrong]:
    """Encoded images; see `accord.data.clean.Cleaner`.

    Args:
        file: The table; names start from its folder and do not leave it.
        permitted: The files that may be opened, by path.

    Raises:
        IntegrityError: An image is not the one the permit was granted for.
    """
    wrong: Wrong = {}
    contents: list[bytes] = []
    root = Path(file).parent.resolve()
    for at, value in enumerate(column.to_pylist()):
        content: bytes | None = None
        if isinstance(value, dict):
            value = value.get("bytes") or value.get("path")
        if isinstance(value, bytes):
            content = value
        elif value is None or not is_local(file):
            wrong[at] = ("broken-image", "the image is missing")
        else:
            found = _named(str(value), root, permitted)
            if isinstance(found, AssetFile):
                content = read_whole(found)
            else:
                wrong[at] = found
        problem = None if content is None else _undecodable(content)
        if problem:
            wrong[at] = ("broken-image", problem)
        contents.append(content or b"")
    return pa.array(contents, pa.binary()), wrong


def _named(
    name: str, root: Path, permitted: Mapping[str, AssetFile]
) -> AssetFile | tuple[str, str]:
    """The permitted file of a name, or what is wrong with it."""
    shown = repr(name[:60])
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            return "image-outside", f"{shown} lies outside the folder of the data"
        if not path.is_file():
            path = path.with_name(path.name + SEALED)
        if not path.is_file():
            return "broken-image", f"the image file {shown} is missing"
    except (OSError, ValueError):  # no file name at all: too long, or with a NUL in it
        return "broken-image", f"{shown} is no file name"
    if str(path) not in permitted:
        return "image-unpermitted", f"{shown} is hidden, or by its name no image"
    return permitted[str(path)]


def _undecodable(content: bytes) -> str | None:
    from accord.part import require

    image: Any = require("PIL.Image", "image", "reading images")
    try:
        with image.open(io.BytesIO(content)) as opened:
            opened.load()
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        told = ADDRESS.sub("", str(error))  # another one each time it is tried
        return f"the image cannot be decoded: {told[:60]}"
    return None
