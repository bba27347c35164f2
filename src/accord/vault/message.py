"""Messages between processes that help with sealed data, and how these are given the key of them.

What carries a message may keep it, spill it to a disk or log it: it is ciphertext. The key of the
messages reaches a process by HPKE (RFC 9180), encrypted to a key pair that this process made for
itself and whose private half it never tells. So nothing that is carried opens anything.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from accord.artifact import canonical_json
from accord.errors import IntegrityError
from accord.vault import faults
from accord.vault.stream import HEADER_BYTES, Opening, Sealing, file_key, read_head

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PLACE = "data.engine"


@dataclass(frozen=True, slots=True)
class Secret:
    """A key made for one exchange of messages, in memory alone.

    Args:
        id: 16 random bytes that messages name.
        key: 32 random bytes.
    """

    id: bytes
    key: bytes = field(repr=False)

    def seal(self, content: bytes, *about: Any) -> bytes:
        """A message.

        Args:
            content: Of it.
            about: What it is: it is opened as that alone.
        """
        sink = _Kept()
        with Sealing(cast(BinaryIO, sink), self.id, self.key, _bound(about)) as sealing:
            sealing.write(content)
        return sink.getvalue()

    def open(self, message: bytes, *about: Any) -> bytes:
        """The content of a message.

        Raises:
            IntegrityError: It was changed, or is another one.
        """
        source = cast(BinaryIO, io.BytesIO(message))
        head = read_head(source.read(HEADER_BYTES), _PLACE)
        key = file_key(head, self.key, _bound(about), _PLACE)
        return Opening(source, head, key, _PLACE).read()

    def given_to(self, public: bytes) -> bytes:
        """This, for the one process that has the private half of a public key."""
        return _SUITE.encrypt(self.key, X25519PublicKey.from_public_bytes(public), info=self.id)


def new_secret() -> Secret:
    """A secret that nobody else has."""
    return Secret(os.urandom(16), os.urandom(32))


def public_key() -> bytes:
    """This process's own: what is encrypted to it, no other process opens."""
    return _pair(os.getpid()).public_key().public_bytes_raw()


def secret_among(given: Mapping[bytes, bytes], id: bytes) -> Secret | None:
    """The secret, if it was given to this process.

    Args:
        given: What `Secret.given_to` made, by public key.
        id: Of the secret.

    Raises:
        IntegrityError: It was changed on its way.
    """
    sealed = given.get(public_key())
    if sealed is None:
        return None
    try:
        return Secret(id, _SUITE.decrypt(sealed, _pair(os.getpid()), info=id))
    except InvalidTag:
        raise _changed() from None


@cache
def _pair(pid: int) -> X25519PrivateKey:
    return X25519PrivateKey.generate()


def _bound(about: tuple[Any, ...]) -> bytes:
    return b"accord message\0" + canonical_json(list(about))


def _changed() -> IntegrityError:
    return faults.changed(_PLACE, "the key of the messages was changed on its way")


class _Kept(io.BytesIO):
    def close(self) -> None:
        """Closing the message is not the end of it."""
