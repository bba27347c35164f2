"""Temporary files that say nothing once the process is gone: their key is in its memory alone.

AES-256 in counter mode, by place in the file. Each file has a nonce of its own and is only appended
to, so that no part of the key stream is used twice. What is read back is not authenticated: such a
file lives as long as the process that wrote it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from accord.vault.files import run_envelope

_BLOCK_BYTES = 16


class Scratch:
    """A file to append to and to read from; encrypted where it lies below a sealed run.

    Args:
        path: Of the file; made anew.
    """

    def __init__(self, path: Path) -> None:
        sealed = run_envelope(path) is not None
        self._key = os.urandom(32) if sealed else None
        self._path, self._stream = path, path.open("wb+")
        self._cipher = self._keystream(0)

    def write(self, content: bytes) -> None:
        """Append."""
        self._stream.write(content if self._cipher is None else self._cipher.update(content))

    def read(self, size: int, at: int) -> bytes:
        """Bytes from a place on; call `flush` between writing and reading."""
        content = os.pread(self._stream.fileno(), size, at)
        if self._key is None:
            return content
        skipped = at % _BLOCK_BYTES
        cipher = self._keystream(at // _BLOCK_BYTES)
        assert cipher is not None
        cipher.update(bytes(skipped))
        return cipher.update(content)

    def pieces(self, kind: type[Any], count: int) -> Iterator[npt.NDArray[Any]]:
        """All of it as arrays of so many numbers each."""
        at, size = 0, np.dtype(kind).itemsize * count
        while content := self.read(size, at):
            at += len(content)
            yield np.frombuffer(content, dtype=kind)

    def whole(self, kind: type[Any]) -> npt.NDArray[Any]:
        """All of it as one array."""
        size = os.fstat(self._stream.fileno()).st_size
        return np.frombuffer(self.read(size, 0), dtype=kind)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()

    def remove(self) -> None:
        """Close and delete it."""
        self.close()
        self._path.unlink()

    def _keystream(self, block: int) -> Any:
        if self._key is None:
            return None
        # The key is of this file alone, so that the counter may begin at nought.
        return Cipher(AES(self._key), CTR(block.to_bytes(_BLOCK_BYTES, "big"))).encryptor()
