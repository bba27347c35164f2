"""The command key service: a program prints the key."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from accord.part import Spec, part
from accord.secret_key import SEALS, read_secret
from accord.vault.key_service import KeyService, LocalKey


class CommandKey(Spec):
    """`command:PROGRAM ARGUMENTS`: what a program prints; no shell reads its arguments."""

    kind: Literal["command"] = "command"
    run: str
    """Program and arguments."""


@part("key-service", CommandKey)
def command(spec: CommandKey, base: Path) -> KeyService:
    """A local key."""
    return LocalKey(read_secret(f"command:{spec.run}", base, "data.vault.key", why=SEALS))
