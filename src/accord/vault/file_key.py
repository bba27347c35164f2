"""The file key service: a key in a file that only its owner reads."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from accord.part import Spec, part
from accord.secret_key import SEALS, read_secret
from accord.vault.key_service import KeyService, LocalKey


class FileKey(Spec):
    """`file:PATH`: the content of a file of mode 0600."""

    kind: Literal["file"] = "file"
    path: str
    """Relative to the recipe."""


@part("key-service", FileKey)
def file(spec: FileKey, base: Path) -> KeyService:
    """A local key."""
    where = str(Path(spec.path).expanduser())
    return LocalKey(read_secret(f"file:{where}", base, "data.vault.key", why=SEALS))
