"""The env key service: a key in an environment variable."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from accord.part import Spec, part
from accord.secret_key import SEALS, read_secret
from accord.vault.key_service import KeyService, LocalKey


class EnvKey(Spec):
    """`env:NAME`: the value of a variable."""

    kind: Literal["env"] = "env"
    name: str
    """Of the variable."""


@part("key-service", EnvKey)
def env(spec: EnvKey, base: Path) -> KeyService:
    """A local key."""
    return LocalKey(read_secret(f"env:{spec.name}", base, "data.vault.key", why=SEALS))
