"""What the prepared data rest on beside the recipe and the data: keys and files that it names.

Part of the identity, so that a run that is gone on with does not mix pseudonyms of two keys.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

from accord.errors import RecipeError
from accord.recipe.protect import Protect
from accord.recipe.recogniser import RecogniserSpec
from accord.recipe.tree import Recipe
from accord.secret_key import read_secret

FIELD = "protect"


def premise(recipe: Recipe, base: Path) -> dict[str, str]:
    """A digest of each key and file by the field that names it; empty where none is named.

    A key's is made with the key itself (HMAC), which says nothing of it but that it is the same.

    Raises:
        RecipeError: A key or file cannot be read.
    """
    protect = recipe.protect
    found = {path: digest(base / file, path) for path, file in _files(recipe)}
    for path, place in _places(recipe):
        found[path] = digest(base / Path(place).expanduser(), path)
    if protect.keyed and protect.key is not None:
        key = read_secret(protect.key, base, f"{FIELD}.key")
        found[f"{FIELD}.key"] = hmac.digest(key, b"accord: which key", "sha256").hex()[:32]
    return found


def _places(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Files and folders that augmentation reads."""
    for number, rows in enumerate(recipe.augment.rows):
        for field, place in rows.by.reads_files.items():
            yield f"augment.rows.{number}.by.{field}", place


def _files(recipe: Recipe) -> Iterator[tuple[str, str]]:
    protect = recipe.protect
    yield from recogniser_files(protect)
    for name, file in protect.lists.items():
        yield f"{FIELD}.lists.{name}", file
    if protect.anonymity is not None:
        for name, spec in protect.anonymity.quasi.items():
            file = getattr(spec, "file", None)
            if file is not None:
                yield f"{FIELD}.anonymity.quasi.{name}.file", file


def recogniser_files(protect: Protect) -> Iterator[tuple[str, str]]:
    """Fields and paths of the models and files that recognisers rest on."""
    for number, spec in enumerate(protect.recognisers):
        if isinstance(spec, RecogniserSpec):
            for name, file in spec.files.items():
                yield f"{FIELD}.recognisers[{number}].{name}", file


def digest(path: Path, field: str) -> str:
    """SHA-256 of a file; of a folder, of the names and digests of all that is in it.

    Raises:
        RecipeError: It cannot be read.
    """
    try:
        if not path.is_dir():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        inner = sorted(file for file in path.rglob("*") if file.is_file())
        named = [f"{file.relative_to(path).as_posix()} {digest(file, field)}" for file in inner]
        return hashlib.sha256("\n".join(named).encode()).hexdigest()
    except OSError as error:
        raise RecipeError(
            "a file that the recipe names cannot be read",
            code="file-missing",
            path=field,
            got=f"{path}: {error.strerror}",
            fix="check the path",
        ) from None
