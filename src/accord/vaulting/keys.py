"""Keys as `accord vault` is given them, and new ones."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from accord.errors import RecipeError
from accord.recipe.vault import Vault, key_spec
from accord.vault.key_service import KeyService, service_of

VARIABLE = "ACCORD_VAULT_KEY"
DEFAULT = f"env:{VARIABLE}"


def service_named(text: str) -> KeyService:
    """The key service of `--key`: `env:NAME`, `file:PATH`, `command:PROGRAM`, or a part's JSON.

    Raises:
        RecipeError: It names none, or there is no key.
    """
    written: Any = text
    if text.lstrip().startswith("{"):
        try:
            written = json.loads(text)
        except json.JSONDecodeError:
            written = text
    spec = TypeAdapter(Vault).validate_python({"key": key_spec(written)}).key
    return service_of(spec, Path())


def new_key(path: Path) -> str:
    """Write a new key into a file that only its owner may read; gives the key's id.

    Raises:
        RecipeError: The file is there already.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise RecipeError(
            "there is a file already",
            code="output-exists",
            path=str(path),
            why="a key that is overwritten takes with it all that it opened",
            fix="name another file",
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return service_named(f"file:{path.absolute()}").key_id
