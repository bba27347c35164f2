"""The envelope: a data key, wrapped by the key of whoever may open what was sealed with it.

A small JSON file beside the data. Rotation writes it anew, whole or not at all, and touches nothing
else, whatever the size of the data.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from accord.artifact import canonical_json, write_atomic
from accord.vault import faults
from accord.vault.dumps import forbid_dumps
from accord.vault.key_service import KeyService, Refused

Scope = Literal["file", "folder", "run"]
"""What an envelope is for: a file, a data set in a folder, or all that a run derives from rows."""
FOR_FILE = ".envelope"
FOR_FOLDER = "vault.envelope"
FOR_RUN = "run.envelope"
MEMBERS = "vault.members"
"""The list of a folder's files, beside its envelope."""
SEALED = ".sealed"
KEY_BYTES = 32
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Envelope:
    """A wrapped data key and what it is bound to.

    Args:
        id: 16 random bytes, in hex; sealed files name it.
        scope: What it is for.
        agreement: Id of the agreement that the data came with; of a run, all of them.
        dataset: Name of the data set.
        version: Of the data set.
        until: Of a run: last day on which its key may be used.
        key_id: Which key wrapped it.
        wrapped: The wrapped data key.
        members: SHA-256 of the list of a folder's files, in hex; None where there is no such list.
    """

    id: str
    scope: Scope
    agreement: str
    dataset: str
    version: str
    until: date | None
    key_id: str
    wrapped: bytes
    members: str | None = None

    def context(self) -> bytes:
        """What the wrapping authenticates: all but the wrapped key itself."""
        return b"accord vault envelope\0" + canonical_json(self._plain())

    def bound(self, name: str) -> bytes:
        """What a file of this name is bound to."""
        content = {
            "agreement": self.agreement,
            "dataset": self.dataset,
            "version": self.version,
            "name": name,
        }
        # A run may go on under a renewed agreement; its files do not change with it.
        bound = {"run": self.id, "name": name} if self.scope == "run" else content
        return canonical_json(bound)

    def open(self, service: KeyService, path: str) -> bytes:
        """The data key.

        Raises:
            IntegrityError: The envelope was changed.
        """
        forbid_dumps()
        try:
            return service.unwrap(self.wrapped, self.context())
        except Refused as error:
            raise faults.changed(path, f"the wrapped key: {error}") from None

    def rewrapped(self, key: bytes, service: KeyService) -> Envelope:
        """The same key in the same binding, wrapped by another."""
        named = replace(self, key_id=service.key_id)
        return replace(named, wrapped=service.wrap(key, named.context()))

    def to_json(self) -> dict[str, Any]:
        """JSON value; the key in it is wrapped."""
        wrapped = base64.b64encode(self.wrapped).decode()
        return self._plain() | {"wrapped": wrapped}

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        write_atomic(path, json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n")

    def _plain(self) -> dict[str, Any]:
        plain = {
            "accord-vault": _VERSION,
            "id": self.id,
            "scope": self.scope,
            "agreement": self.agreement,
            "dataset": self.dataset,
            "version": self.version,
            "until": None if self.until is None else self.until.isoformat(),
            "key": self.key_id,
        }
        return plain if self.members is None else plain | {"members": self.members}


def new_envelope(
    service: KeyService,
    scope: Scope,
    agreement: str,
    *,
    dataset: str,
    version: str,
    until: date | None = None,
) -> tuple[Envelope, bytes]:
    """An envelope around a new random key, and that key."""
    key = os.urandom(KEY_BYTES)
    empty = Envelope(
        os.urandom(16).hex(), scope, agreement, dataset, version, until, service.key_id, b""
    )
    return empty.rewrapped(key, service), key


def envelope_from(content: bytes, path: str) -> Envelope:
    """The envelope that `Envelope.save` wrote.

    Raises:
        IntegrityError: It wrote something else.
    """
    try:
        value = json.loads(content)
        scopes: dict[str, Scope] = {name: name for name in get_args(Scope)}
        found = Envelope(
            id=str(value["id"]),
            scope=scopes[value["scope"]],
            agreement=str(value["agreement"]),
            dataset=str(value["dataset"]),
            version=str(value["version"]),
            until=None if value["until"] is None else date.fromisoformat(value["until"]),
            key_id=str(value["key"]),
            wrapped=base64.b64decode(value["wrapped"], validate=True),
            members=None if value.get("members") is None else str(value["members"]),
        )
        if value["accord-vault"] != _VERSION or len(bytes.fromhex(found.id)) != 16:
            raise ValueError("another version")
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise faults.changed(path, "this is no envelope") from None
    return found


def read_envelope(path: Path) -> Envelope:
    """The envelope in a file.

    Raises:
        DataError: There is none.
        IntegrityError: It is none.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise faults.no_envelope(str(path)) from None
    return envelope_from(content, str(path))


def is_envelope(name: str) -> bool:
    """Whether a file of this name holds a wrapped key, and no data."""
    return name.endswith(FOR_FILE)


def is_beside(name: str) -> bool:
    """Whether a file of this name goes with sealed data, and holds none."""
    return is_envelope(name) or name == MEMBERS


def plain_name(name: str) -> str:
    """A file's name before it was sealed: `reviews.csv` of `reviews.csv.sealed`."""
    return name.removesuffix(SEALED)


def name_in(scope: Scope, path: str, folder: str) -> str:
    """The name that a file is bound to.

    Args:
        scope: Of its envelope.
        path: Of the file.
        folder: Where the envelope lies.
    """
    if scope == "folder":
        return plain_name(path.removeprefix(folder).strip("/"))
    return plain_name(PurePosixPath(path).name)
