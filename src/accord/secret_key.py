"""A secret that pseudonyms are made with, or data sealed: from the environment, a file only its
owner reads, or a command. It is never printed, logged or stored."""

from __future__ import annotations

import hashlib
import os
import shlex
import stat
import subprocess
from pathlib import Path

from accord.errors import RecipeError

LEAST_BYTES = 16
MOST_BYTES = 64 * 1024
COMMAND_SECONDS = 60.0
PSEUDONYMS = "whoever guesses the key can tell who a pseudonym stands for"
SEALS = "whoever guesses the key can read what it seals"


def read_secret(source: str, base: Path, field: str, why: str = PSEUDONYMS) -> bytes:
    """The key that `env:NAME`, `file:PATH` or `command:PROGRAM ARGUMENTS` names, as 32 bytes.

    Args:
        source: As the recipe writes it.
        base: Folder that a relative path starts from.
        field: Recipe field, for messages.
        why: It has to be secret, for messages.

    Raises:
        RecipeError: There is no key, others can read its file, or it is too short to be secret.
    """
    try:
        content = _content(source, base, field).strip()
    except RecipeError as error:
        error.why = why
        raise
    if len(content) < LEAST_BYTES:
        got = "nothing" if not content else f"{len(content)} bytes"
        raise _fault(field, got, f"at least {LEAST_BYTES} bytes that nobody can guess", why)
    return hashlib.sha256(b"accord secret\0" + content).digest()


def _content(source: str, base: Path, field: str) -> bytes:
    kind, _, rest = source.partition(":")
    if kind == "env" and rest:
        return os.environ.get(rest, "").encode("utf-8", "surrogateescape")
    if kind == "file" and rest:
        return _from_file(base / rest, field)
    if kind == "command" and rest:
        return _from_command(rest, field)
    # What was written may be the key itself, so it is not repeated.
    raise _fault(field, "it names no source", "env:NAME, file:PATH or command:PROGRAM")


def _from_file(path: Path, field: str) -> bytes:
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _open_to_others(path, field)
            return stream.read(MOST_BYTES)
    except OSError as error:
        raise _fault(field, error.strerror or "unreadable", "a file that can be read") from None


def _from_command(text: str, field: str) -> bytes:
    try:
        done = subprocess.run(
            shlex.split(text), capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise _fault(field, type(error).__name__, "a program that prints the key") from None
    if done.returncode:
        raise _fault(field, f"exit status {done.returncode}", "a program that prints the key")
    return done.stdout


def _open_to_others(path: Path, field: str) -> RecipeError:
    """The key itself is a good one: it must not be thrown away for its permissions."""
    return RecipeError(
        "the key cannot be used",
        code="key-secret",
        path=field,
        got="a file that others may read",
        expected="a file of mode 0600",
        why=PSEUDONYMS,
        fix=f"chmod 600 {shlex.quote(str(path))}; keep the key: a new one opens nothing that this "
        "one sealed. If others have read it, change it then: `accord vault rotate`",
    )


def _fault(field: str, got: str, expected: str, why: str = PSEUDONYMS) -> RecipeError:
    return RecipeError(
        "the key cannot be used",
        code="key-secret",
        path=field,
        got=got,
        expected=expected,
        why=why,
        fix='make one with: python -c "import secrets; print(secrets.token_hex(32))"',
    )
