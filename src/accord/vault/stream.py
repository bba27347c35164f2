"""A sealed file: a header, then chunks under AES-256-GCM.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar, 2015): the nonce of a chunk is its
number and whether it is the last, so that none can be left out, repeated, moved or appended. The
key is derived for this file alone, from a random salt, the rest of the header and all that the file
is bound to, and the header holds a commitment to it.

magic 8 | envelope 16 | salt 32 | bytes of a chunk 4 | commitment 32 | chunks, each with a tag of 16
"""

from __future__ import annotations

import hmac
import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accord.vault import faults

MAGIC = b"\x89ACCORD\x01"
CHUNK_BYTES = 1 << 18
MOST_CHUNK_BYTES = 1 << 24
TAG_BYTES = 16
_FIXED = struct.Struct(">8s16s32sI")
HEADER_BYTES = _FIXED.size + 32


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a sealed file.

    Args:
        envelope: Id of the envelope that holds the key.
        salt: Of this file's key.
        chunk_bytes: Of plaintext in each chunk but the last.
        commitment: To the key.
    """

    envelope: bytes
    salt: bytes
    chunk_bytes: int
    commitment: bytes

    def fixed(self) -> bytes:
        return _FIXED.pack(MAGIC, self.envelope, self.salt, self.chunk_bytes)

    def to_bytes(self) -> bytes:
        return self.fixed() + self.commitment


def is_sealed(path: Path) -> bool:
    """Whether a file is sealed, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def read_head(content: bytes, path: str) -> Head:
    """The header at the beginning of a file.

    Raises:
        IntegrityError: There is none.
    """
    if len(content) < HEADER_BYTES or not content.startswith(MAGIC):
        raise faults.changed(path, "it does not begin as a sealed file")
    _, envelope, salt, chunk = _FIXED.unpack_from(content)
    if not 0 < chunk <= MOST_CHUNK_BYTES:
        raise faults.changed(path, "its header is damaged")
    return Head(envelope, salt, chunk, content[_FIXED.size : HEADER_BYTES])


def file_key(head: Head, key: bytes, bound: bytes, path: str) -> bytes:
    """The key of a file.

    Args:
        key: Data key out of the envelope.
        bound: What the file must have been sealed as.
        path: Of the file, for messages.

    Raises:
        IntegrityError: It was sealed as something else, or its header was changed.
    """
    derived, commitment = _derived(head, key, bound)
    if not hmac.compare_digest(commitment, head.commitment):
        raise faults.changed(path, "it was sealed as something else, or its header was changed")
    return derived


def _derived(head: Head, key: bytes, bound: bytes) -> tuple[bytes, bytes]:
    info = b"accord vault file\0" + head.fixed() + bound
    found = HKDF(SHA256(), 64, head.salt, info).derive(key)
    return found[:32], found[32:]


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))


class Sealing(io.RawIOBase):
    """Takes plaintext and writes a sealed file.

    Where a `with` block fails it leaves an unfinished file, which cannot be opened.

    Args:
        sink: Receives the file; closed with this.
        envelope: Id of the envelope that holds `key`.
        key: Data key.
        bound: What the file is bound to.
    """

    def __init__(
        self,
        sink: BinaryIO,
        envelope: bytes,
        key: bytes,
        bound: bytes,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        head = Head(envelope, os.urandom(32), chunk_bytes, b"")
        own, commitment = _derived(head, key, bound)
        self._sink, self._cipher, self._chunk = sink, AESGCM(own), chunk_bytes
        self._held, self._number = bytearray(), 0
        sink.write(Head(envelope, head.salt, chunk_bytes, commitment).to_bytes())

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        view = memoryview(content).cast("B")
        at = self._fill(view)
        # One byte at least is kept back: the last chunk is known when the file is closed.
        while len(view) - at > self._chunk - len(self._held):
            if self._held:
                self._put(self._held, last=False)
                self._held.clear()
            else:
                self._put(view[at : at + self._chunk], last=False)
                at += self._chunk
        self._held += view[at:]
        return len(view)

    def _fill(self, view: memoryview) -> int:
        """Make what is held a whole chunk, if something is; bytes that were taken."""
        taken = min(len(view), self._chunk - len(self._held)) if self._held else 0
        self._held += view[:taken]
        return taken

    def _put(self, chunk: Any, *, last: bool) -> None:
        self._sink.write(self._cipher.encrypt(_nonce(self._number, last), chunk, None))
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            try:
                self._put(bytes(self._held), last=True)
            finally:
                self.abandon()

    def abandon(self) -> None:
        """Close without the last chunk."""
        self._held = bytearray()
        try:
            self._sink.close()
        finally:
            super().close()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        elif not self.closed:
            self.abandon()

    def __del__(self) -> None:
        if not self.closed:
            self.abandon()


class Opening(io.RawIOBase):
    """Reads a sealed file from front to back.

    Args:
        source: The file, its header already read.
        key: Of this file, by `file_key`.
        path: Of the file, for messages.

    Raises:
        IntegrityError: When read: a chunk was changed or moved, or the end is missing.
    """

    def __init__(self, source: BinaryIO, head: Head, key: bytes, path: str) -> None:
        self._path = path
        self._source, self._cipher = source, AESGCM(key)
        self._size = head.chunk_bytes + TAG_BYTES
        self._ahead: bytes | None = _read(source, self._size)
        self._number, self._held, self._at = 0, b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while self._at == len(self._held) and self._ahead is not None:
            self._next()
        count = min(len(view), len(self._held) - self._at)
        view[:count] = self._held[self._at : self._at + count]
        self._at += count
        return count

    def chunks(self) -> Iterator[bytes]:
        """The plaintext chunk by chunk; what was read already is not among it."""
        if rest := self._held[self._at :]:
            yield rest
        while self._ahead is not None:
            self._next()
            yield self._held
        self._at = len(self._held)

    def _next(self) -> None:
        sealed = self._ahead
        assert sealed is not None
        following = _read(self._source, self._size) if len(sealed) == self._size else b""
        self._held = _opened(self._cipher, self._number, sealed, not following, self._path)
        self._at, self._number = 0, self._number + 1
        self._ahead = following or None


class Random(io.RawIOBase):
    """Reads a sealed file in any order; a chunk at a time is held.

    Args:
        source: The whole file; closed with this.
        key: Of this file, by `file_key`.
        path: Of the file, for messages.

    Raises:
        IntegrityError: As of `Opening`; the end is looked at first.
    """

    def __init__(self, source: BinaryIO, head: Head, key: bytes, path: str) -> None:
        self._path = path
        self._source, self._cipher = source, AESGCM(key)
        self._chunk = head.chunk_bytes
        sealed = source.seek(0, io.SEEK_END) - HEADER_BYTES
        chunks = max(1, -(-sealed // (self._chunk + TAG_BYTES)))
        self._last, self.size = chunks - 1, sealed - chunks * TAG_BYTES
        if self.size < 0 or (chunks > 1 and self.size <= self._last * self._chunk):
            raise faults.changed(path, "its end is missing")
        self._at, self._held, self._number = 0, b"", -1
        self._load(self._last)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        done, wanted = 0, max(0, min(len(view), self.size - self._at))
        while done < wanted:
            number, start = divmod(self._at, self._chunk)
            self._load(number)
            count = min(wanted - done, len(self._held) - start)
            view[done : done + count] = self._held[start : start + count]
            done, self._at = done + count, self._at + count
        return done

    def read(self, size: int = -1, /) -> bytes:
        """Whole, not in part: what reads here does not ask again."""
        wanted = self.size - self._at if size < 0 else min(size, self.size - self._at)
        found = bytearray(max(0, wanted))
        self.readinto(found)
        return bytes(found)

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        place = number * (self._chunk + TAG_BYTES) + HEADER_BYTES
        self._source.seek(place)
        sealed = _read(self._source, self._chunk + TAG_BYTES)
        self._held = _opened(self._cipher, number, sealed, number == self._last, self._path)
        self._number = number

    def close(self) -> None:
        self._source.close()
        super().close()


def _read(source: BinaryIO, size: int) -> bytes:
    """So many bytes, or what is left; raw streams may give fewer at a time."""
    content = source.read(size)
    while 0 < len(content) < size and (more := source.read(size - len(content))):
        content += more
    return content


def _opened(cipher: AESGCM, number: int, sealed: bytes, last: bool, path: str) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last), sealed, None)
    except (InvalidTag, ValueError):
        where = "its last chunk" if last else f"chunk {number + 1}"
        raise faults.changed(path, f"{where} was changed, moved or cut") from None
