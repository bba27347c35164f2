"""Opening permitted files: local or by URL, sealed or not, compressed or not, as bytes or for
random access. Sealed ones are decrypted in memory, with a key that a permit has released."""

from __future__ import annotations

import hashlib
import io
import lzma
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
import pyarrow as pa
from fsspec.compression import compr

from accord.errors import DataError, IntegrityError, Location
from accord.permit import AssetFile, Permit, Role
from accord.vault import parquet
from accord.vault.envelope import SEALED, plain_name
from accord.vault.files import random_reader, stream_reader
from accord.vault.ring import Lent, lend, release, unlock
from accord.vault.stream import HEADER_BYTES, read_head

AHEAD = 1 << 20
_COMPARED: set[tuple[object, ...]] = set()
"""States of files that were compared with a permit in this process."""
PARQUET = (".parquet", ".pq")
MARKS = {
    b"\x1f\x8b\x08": ("gzip", "call it `.gz` after its own suffix"),
    b"\x28\xb5\x2f\xfd": ("zstd", "call it `.zst` after its own suffix"),
    b"\xfd7zXZ\x00": ("xz", "call it `.xz` after its own suffix"),
    b"BZh91AY&SY": ("bzip2", "call it `.bz2` after its own suffix"),
    b"PK\x03\x04": ("a zip archive, or a spreadsheet", "unpack it, or save it as CSV"),
    b"PAR1": ("Parquet", "call it `.parquet`"),
    b"ARROW1": ("Arrow", "call it `.arrow`"),
    b"SQLite format 3": ("a database", "save its table as CSV or Parquet"),
}
"""How files begin that are no text whatever they are called; what they are, and what helps."""
PACKED = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zst": "zstd"}


def is_local(path: str) -> bool:
    """Whether a permit's path is a file of this machine."""
    return "://" not in path


def suffix(path: str) -> str:
    """Lower-case suffix of a file name, those of compression and sealing left out: `.csv` of
    `a.csv.gz.sealed`."""
    name = Path(plain_name(path.rpartition("/")[2]))
    if name.suffix.lower() in PACKED:
        name = Path(name.stem)
    return name.suffix.lower()


def packing(path: str) -> str | None:
    """Name of the compression of a file, as fsspec calls it."""
    return PACKED.get(Path(plain_name(path)).suffix.lower())


@contextmanager
def open_bytes(file: AssetFile) -> Generator[BinaryIO]:
    """A file as a stream of bytes, decrypted and decompressed; a local one is hashed as it is read.

    Raises:
        DataError: It cannot be opened, or its compression is broken.
        IntegrityError: It is not the file the permit was granted for: by its size at once, by its
            content when the last byte has been read.
    """
    check_unchanged(file)
    try:
        with _raw(file) as raw, _unpacked(_unsealed(raw, file), file) as stream:
            yield stream
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, ValueError) and "ompression" not in str(error):
            raise
        raise broken(file, "the file cannot be read", str(error)) from error


@contextmanager
def open_random(file: AssetFile) -> Generator[pa.NativeFile]:
    """A file for random access: local, or through fsspec; a sealed one is
    decrypted piece by piece. Encrypted Parquet is given as it is (`parquet_keys`)."""
    check_unchanged(file)
    if packing(file.path) is not None:
        raise broken(file, "this format cannot be read compressed", packing(file.path))
    try:
        if is_local(file.path):
            _compare(file)
            with _local(file) as opened:
                try:
                    yield opened
                finally:
                    _compare(
                        file
                    )  # whatever else went wrong with a file that was changed meanwhile
        elif file.path.endswith(SEALED):
            with fsspec.open(file.path, "rb") as stream:
                yield pa.PythonFile(random_reader(cast(BinaryIO, stream), file.path, _fetch), "r")
        else:
            with fsspec.open(file.path, "rb") as stream:
                yield pa.PythonFile(stream, mode="r")
    except OSError as error:
        raise broken(file, "the file cannot be read", str(error)) from error


class _Hashing(io.RawIOBase):
    """A file that is compared with the permit when its last byte is read."""

    def __init__(self, file: AssetFile) -> None:
        self._file, self._digest, self._left = file, hashlib.sha256(), file.size or 0
        self._stream = Path(file.path).open("rb", buffering=0)  # noqa: SIM115 - `close` does

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        count = self._stream.readinto(view) or 0
        self._digest.update(view[:count])
        self._left -= count
        if count and self._left <= 0:
            self._check()
        return count

    def _check(self) -> None:
        found = self._digest.hexdigest()
        if self._left < 0 or found != self._file.sha256:
            raise _changed(self._file, f"sha256 {found}", f"sha256 {self._file.sha256}")

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextmanager
def _raw(file: AssetFile) -> Generator[BinaryIO]:
    """The bytes as they lie there; of a local file all of them are read and compared."""
    if file.sha256 is None:
        with fsspec.open(file.path, "rb") as stream:
            yield cast(BinaryIO, stream)
        return
    with io.BufferedReader(_Hashing(file), AHEAD) as raw:
        yield cast(BinaryIO, raw)
        if packing(file.path):
            raw.read()  # what stands behind the compressed data is part of the file, too


def _unsealed(raw: BinaryIO, file: AssetFile) -> BinaryIO:
    if not file.path.endswith(SEALED):
        return raw
    fetch = None if is_local(file.path) else _fetch
    return cast(BinaryIO, io.BufferedReader(stream_reader(raw, file.path, fetch), AHEAD))


@contextmanager
def _unpacked(stream: BinaryIO, file: AssetFile) -> Generator[BinaryIO]:
    kind = packing(file.path)
    if kind is None:
        yield _plain(stream, file)
    elif kind == "zstd":
        with pa.CompressedInputStream(pa.PythonFile(_Lent(stream), "r"), kind) as inner:
            yield cast(BinaryIO, io.BufferedReader(cast(Any, inner), AHEAD))
    else:
        opened: Any = cast(Any, compr)[kind]
        with opened(stream, mode="rb") as inner:
            yield inner


class _Lent(io.RawIOBase):
    """A stream that is not closed with what reads it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        content = self._stream.read(len(view))
        view[: len(content)] = content
        return len(content)


def _plain(stream: BinaryIO, file: AssetFile) -> BinaryIO:
    """The stream, unless it begins as no text does: packed files under another name."""
    ahead = (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(Any, stream))
    )
    begin = ahead.peek(max(map(len, MARKS)))
    found = next((said for mark, said in MARKS.items() if begin.startswith(mark)), None)
    if found is not None:
        raise broken(
            file,
            "the file is not what its name says",
            found[0],
            f"{found[1]}, and name the new file in the recipe",
        )
    return ahead


@contextmanager
def _local(file: AssetFile) -> Generator[pa.NativeFile]:
    if file.path.endswith(SEALED):
        with pa.PythonFile(random_reader(Path(file.path).open("rb"), file.path), "r") as opened:
            yield opened
    else:
        # Not mapped: a file that is cut while it is mapped ends the process.
        with pa.OSFile(file.path) as opened:
            yield opened


def parquet_keys(file: AssetFile, stream: pa.NativeFile) -> Any:
    """What `pyarrow.parquet` needs to decrypt a file; None for one that is not encrypted.

    Raises:
        IntegrityError: It is encrypted so that changes would not be noticed.
    """
    if not parquet.is_encrypted(stream):
        return None
    own = unlock(file.path, None, None if is_local(file.path) else _fetch)
    parquet.require_gcm(stream, file.path)
    return parquet.decryption(own)


def lent_keys(permit: Permit, roles: Iterable[Role]) -> Lent:
    """The keys of the sealed files of a permit, for processes that help to read them.

    Raises:
        AgreementError: The permit does not open them.
        RecipeError, DataError, IntegrityError: Their key cannot be had.
    """
    wanted: list[Role] = [role for role in roles if permit.sources(role)]
    for role in wanted:
        release(permit, role, date.today())
    roles_read: tuple[Role, ...] = (*wanted, "files")
    return lend(_sealed(file for role in roles_read for file in permit.files(role)), _fetch)


def _sealed(files: Iterable[AssetFile]) -> Iterator[tuple[str, bytes | None]]:
    """The sealed ones, and the envelope each names; of those in one folder under one, the first."""
    seen: set[tuple[str, bytes]] = set()
    for file in files:
        if file.path.endswith(SEALED):
            with fsspec.open(file.path, "rb") as stream:
                head = read_head(cast(BinaryIO, stream).read(HEADER_BYTES), file.path)
            place = (file.path.rpartition("/")[0], head.envelope)
            if place not in seen:
                seen.add(place)
                yield file.path, head.envelope
        elif is_local(file.path) or suffix(file.path) in PARQUET:
            with fsspec.open(file.path, "rb") as stream:
                if cast(BinaryIO, stream).read(len(parquet.MAGIC)) == parquet.MAGIC:
                    yield file.path, None


def _fetch(path: str) -> bytes | None:
    try:
        if is_local(path):
            return Path(path).read_bytes()
        with fsspec.open(path, "rb") as stream:
            return cast(BinaryIO, stream).read()
    except OSError:
        return None


def _compare(file: AssetFile) -> None:
    """Hash a file that will be read in any order, once for each state it is seen in."""
    seen = Path(file.path).stat()
    state = (file.path, file.sha256, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    if state not in _COMPARED:
        with Path(file.path).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file.sha256:
            raise _changed(file, f"sha256 {found}", f"sha256 {file.sha256}")
        _COMPARED.add(state)


def check_unchanged(file: AssetFile) -> None:
    """Compare a local file's size with the permit's.

    Raises:
        DataError: The file is gone.
        IntegrityError: It has another size.
    """
    if not is_local(file.path):
        return
    path = Path(file.path)
    if not path.is_file():
        raise broken(file, "the file is gone since the permit was granted", None)
    if path.stat().st_size != file.size:
        raise _changed(file, f"{path.stat().st_size} bytes", f"{file.size} bytes")


def read_whole(file: AssetFile) -> bytes:
    """A small local file, compared with the permit byte for byte, and decrypted.

    Raises:
        DataError: It is gone or cannot be read.
        IntegrityError: It is not the file the permit was granted for.
    """
    check_unchanged(file)
    try:
        content = Path(file.path).read_bytes()
    except OSError as error:
        raise broken(file, "the file cannot be read", str(error)) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        raise _changed(file, f"sha256 {digest}", f"sha256 {file.sha256}")
    return _unsealed(io.BytesIO(content), file).read()


def _changed(file: AssetFile, got: str, expected: str) -> IntegrityError:
    return IntegrityError(
        "a data file changed after its permit was granted",
        code="data-changed",
        location=Location(file.path),
        got=got,
        expected=expected,
        why="what the model learned from could no longer be proven",
        fix="run the recipe again; a new permit is granted for the file as it is now",
    )


def broken(file: AssetFile, problem: str, got: object, fix: str | None = None) -> DataError:
    """The error for a file that cannot be read as a whole."""
    return DataError(
        problem,
        code="file-unreadable",
        location=Location(file.path),
        got=got,
        why="no row of it can be trusted",
        fix=fix or "check that the file is complete, and name its format with `data.format`",
    )
