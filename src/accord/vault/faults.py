"""What can be wrong with sealed files and their keys, each with its fix. No key is ever shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accord.errors import (
    AgreementError,
    DataError,
    IntegrityError,
    Location,
    RecipeError,
)

FEW = 5
"""Of many files so many are named."""


def changed(path: str, reason: str) -> IntegrityError:
    """The bytes are not those that were sealed, or not in this place."""
    return IntegrityError(
        "a sealed file is not what was sealed",
        code="vault-changed",
        location=Location(path),
        got=reason,
        expected="the bytes, the name and the envelope that `accord vault seal` wrote",
        why="it was changed, cut, renamed or exchanged for another, and nothing of it is used",
        fix="take it from where it was sealed, under its own name and with its own envelope",
    )


def incomplete(folder: str, gone: Sequence[str]) -> IntegrityError:
    """Files of a sealed folder are not there."""
    more = len(gone) - FEW
    count = "a file is" if len(gone) == 1 else f"{len(gone)} files are"
    return IntegrityError(
        f"{count} missing from a sealed folder",
        code="vault-incomplete",
        location=Location(folder),
        got=f"no {', '.join(gone[:FEW])}{f' and {more} more' if more > 0 else ''}",
        expected="every file that `accord vault seal` wrote there",
        why="what is learned, or opened, would not be the data set that was sealed",
        fix="copy the folder anew from where it was sealed; to use a part of it, name the files",
    )


def no_envelope(path: str) -> DataError:
    """The wrapped key of a sealed file is not beside it."""
    return DataError(
        "the envelope of a sealed file is missing",
        code="vault-envelope",
        location=Location(path),
        expected="FILE.envelope beside it, or vault.envelope or run.envelope in a folder above",
        why="the key of the file is in it, wrapped by yours",
        fix="copy the envelope along with what was sealed",
    )


def envelope_gone(path: str) -> DataError:
    """The envelope of a run was taken away while it goes on."""
    return DataError(
        "the envelope of a sealed run is gone",
        code="vault-envelope",
        location=Location(path),
        expected="the file that was here when the run began",
        why="what the run writes next would stand there unsealed, and what it wrote cannot be read",
        fix="put it back, or start the run anew in another folder",
    )


def no_key(path: str, wanted: str, tried: tuple[str, ...], field: str | None) -> RecipeError:
    """None of the keys at hand opens an envelope."""
    return RecipeError(
        "this is sealed, and its key is not here",
        code="vault-key",
        path=field,
        location=Location(path),
        got=f"key {', '.join(tried)}" if tried else "no key",
        expected=f"key {wanted}",
        why="without the key it was sealed with, nobody can read it",
        fix="name the key: `data.vault.key` in the recipe, or `--key` (env:NAME, file:PATH, "
        "command:PROGRAM)",
    )


def not_released(path: str, got: str, expected: str, fix: str) -> AgreementError:
    """No live permit says that this file may be opened."""
    return AgreementError(
        "the key of a sealed file is not released",
        code="vault-agreement",
        location=Location(path),
        got=got,
        expected=expected,
        why="keys are released for what a live permit opens, and for nothing else",
        fix=fix,
    )


def another_version(path: str, got: str, expected: str) -> IntegrityError:
    """Sealed data are of another version than the recipe asks for."""
    return IntegrityError(
        "this is another version of the sealed data",
        code="vault-changed",
        location=Location(path),
        path="data.vault.version",
        got=got,
        expected=expected,
        why="an older version could have been put in the place of the newer",
        fix="name the version that is meant, or take the file of that version",
    )


def ended(path: str, until: date, on: date) -> AgreementError:
    """The agreements that a key was bound to ended."""
    return not_released(
        path,
        str(on),
        f"a day up to {until}",
        "renew the agreement and run the recipe again: its permit binds the key anew",
    )


def not_sealed(path: str) -> RecipeError:
    """A file that is asked to be opened is no sealed one."""
    return RecipeError(
        "this is not sealed",
        code="vault-plain",
        location=Location(path),
        expected="a file or folder that `accord vault seal` wrote, or a file of a sealed run",
        fix="seal it first: accord vault seal PATH --agreement FILE --key env:NAME",
    )


def sealed_already(path: str) -> RecipeError:
    """A file that is asked to be sealed is sealed."""
    return RecipeError(
        "this is sealed already",
        code="vault-plain",
        location=Location(path),
        expected="plain data",
        fix="for another key: accord vault rotate; for another agreement: open it, then seal it",
    )
