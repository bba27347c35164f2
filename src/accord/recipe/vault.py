"""`data.vault:` where the key of sealed data is; what a run derives from rows is sealed too."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from accord.errors import RecipeError
from accord.part import Spec, SpecOf
from accord.recipe.section import Section

SOURCES = {"env": "name", "file": "path", "command": "run"}
"""Kinds that are written as one text, and their only field."""


def key_spec(value: Any) -> Any:
    """`env:NAME` as the mapping it stands for; mappings as they are.

    Raises:
        RecipeError: A text names no source. It may be the key itself and is not repeated.
    """
    if not isinstance(value, str):
        return value
    kind, _, rest = value.partition(":")
    if kind not in SOURCES or not rest:
        raise RecipeError(
            "a key is named, never written out",
            code="key-inline",
            path="data.vault.key",
            expected="env:NAME, file:PATH, command:PROGRAM, or {kind: ...} of a key service",
            why="recipes are stored, shown and shared; a key in one is no secret any more",
            fix="put the key into a variable or a file of mode 0600, and name that; if this was "
            "the key, make a new one",
        )
    return {"kind": kind, SOURCES[kind]: rest}


class Vault(Section):
    """Encryption at rest. Of the identity is that there is one, not where its key is."""

    key: Annotated[Spec, SpecOf("key-service"), BeforeValidator(key_spec)]
    """`env:NAME`, `file:PATH`, `command:PROGRAM`, or a key service of a plug-in."""
    version: str | None = Field(None, min_length=1)
    """Of the sealed data; another one is refused."""
