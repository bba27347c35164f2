"""Key services: whoever wraps and unwraps data keys. A local key does it here, a KMS elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accord.part import Spec, find

_NONCE_BYTES = 12


class Refused(Exception):  # noqa: N818 - callers tell it with the file's name
    """A key service does not unwrap this."""


class KeyService(Protocol):
    """Wraps and unwraps data keys; the key it does it with need not leave its place."""

    @property
    def key_id(self) -> str:
        """Name of the wrapping key: public, and the same whenever the same key is used."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """A data key, wrapped so that it is unwrapped with the same context only."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Undo `wrap`.

        Raises:
            Refused: It wrapped something else, or with another context.
        """
        ...


class LocalKey:
    """A key that is in this process: AES-256-GCM with the context as associated data.

    Args:
        secret: 32 bytes. Purposes are told apart by HKDF, so it may be the key of pseudonyms too.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(_derived(secret, b"accord vault wrap"))
        self.key_id = f"local:{_derived(secret, b'accord vault key id')[:8].hex()}"

    def __repr__(self) -> str:
        return f"LocalKey({self.key_id!r})"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise Refused("it was changed, or is another data set's") from None


def service_of(spec: Spec, base: Path) -> KeyService:
    """The key service that a recipe or an argument describes.

    Args:
        spec: Of a part of the slot `key-service`.
        base: Folder that relative paths start from.
    """
    return find("key-service", spec.kind)(spec, base)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(secret)
