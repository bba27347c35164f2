"""Keys as `accord vault` is given them, and new ones."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from accord.errors import RecipeError
from accord.recipe.load import load_recipe
from accord.recipe.vault import Vault, key_spec
from accord.vault.env_key import EnvKey
from accord.vault.envelope import FOR_RUN
from accord.vault.file_key import FileKey
from accord.vault.key_service import KeyService, service_of
from accord.vault.ring import holding


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


@contextmanager
def key_of_runs(runs: Sequence[Path], key: str | None) -> Generator[None]:
    """The keys of sealed runs can be had within the block.

    Args:
        runs: Run directories; those that are not sealed need none.
        key: As `--key` has it; by default what each run's own recipe names, if that is a variable
            or a file. A run may come from elsewhere, so no command in it is run, and no plug-in.
    """
    sealed = [run for run in runs if (run / FOR_RUN).is_file()]
    with ExitStack() as stack:
        if sealed and key is not None:
            stack.enter_context(holding(service_named(key)))
        elif sealed:
            for run in sealed:
                stack.enter_context(holding(_named_by(run)))
        yield


def _named_by(run: Path) -> KeyService | None:
    recipe = run / "recipe.yaml"
    if not recipe.is_file():
        return None
    vault = load_recipe(recipe).recipe.data.vault
    if vault is None or not isinstance(vault.key, EnvKey | FileKey):
        return None
    return service_of(vault.key, run)
