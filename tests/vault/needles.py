"""What is looked for in files: pieces of rows, in every form that they might be written in."""

from __future__ import annotations

import base64
import gzip
import io
import os
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MOST_BYTES = 64 << 20
SHARED = ("/tmp", "/dev/shm", "/var/tmp")


def of_text(text: str) -> Iterator[bytes]:
    """A text in UTF-8 and UTF-16, in base64 at each of three places, and as JSON escapes it."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield "".join(f"\\u{ord(c):04x}" for c in text).encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + plain).rstrip(b"=")
        yield coded[4:-2]


def of_tokens(ids: Sequence[int]) -> Iterator[bytes]:
    """A run of token ids as the numbers that tensors and Arrow hold."""
    for kind in ("<i4", "<i8", "<u2", "<i2"):
        yield np.asarray(ids).astype(kind).tobytes()


def of_numbers(values: Iterable[float]) -> Iterator[bytes]:
    """Numbers as text, and as floats in memory."""
    for value in values:
        yield repr(value).encode()
        yield np.float64(value).tobytes()
        yield np.float32(value).tobytes()


def found_in(
    folders: Iterable[Path], since: float, needles: Sequence[bytes], more: Iterable[Path] = ()
) -> dict[str, bytes]:
    """Files written since then, and some more, that hold a needle, and which."""
    found: dict[str, bytes] = {}
    for path in (*files_since(folders, since), *more):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        for form in forms(content):
            hit = next((needle for needle in needles if needle in form), None)
            if hit is not None:
                found[str(path)] = hit
                break
    return found


def files_since(folders: Iterable[Path], since: float) -> Iterator[Path]:
    """Files below folders that were written or made since then; links are not followed."""
    for root in folders:
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder, name)
                try:
                    state = path.lstat()
                except OSError:
                    continue
                recent = max(state.st_mtime, state.st_ctime) >= since
                small = state.st_size <= MOST_BYTES
                if recent and small and path.is_file() and not path.is_symlink():
                    yield path


def forms(content: bytes) -> Iterator[bytes]:
    """A file's bytes, and what is in it where it is packed."""
    yield content
    for unpack in (gzip.decompress, zlib.decompress):
        with suppress(OSError, EOFError, zlib.error):
            yield unpack(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if content.startswith(b"PAR1"):
        with suppress(pa.ArrowInvalid, OSError):
            yield repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()


def now() -> float:
    """A moment that files written from now on are not older than."""
    time.sleep(0.02)
    return time.time() - 0.01
