"""Files that a run derives from rows: sealed where the run has an envelope, else plain.

Whoever writes or reads rows of a run does it through these functions, and need not know which.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from accord.vault import faults
from accord.vault.envelope import FOR_RUN, new_envelope, read_envelope
from accord.vault.key_service import KeyService
from accord.vault.ring import Fetch, unlock
from accord.vault.stream import (
    HEADER_BYTES,
    Opening,
    Random,
    Sealing,
    file_key,
    is_sealed,
    read_head,
)

DEPTH = 5
"""Folders above a file of a run that the run's envelope is looked for in."""


_KNOWN: set[Path] = set()
"""Envelopes of runs that this process has seen: where one goes, nothing is written in the open."""


def run_envelope(path: Path) -> Path | None:
    """The envelope of the run that a file lies in, or will; None where the run is not sealed.

    Raises:
        DataError: It was there, and is gone, though the run is not.
    """
    for folder in list(path.absolute().parents)[:DEPTH]:
        place = folder / FOR_RUN
        if place.is_file():
            _KNOWN.add(place)
            return place
        if place in _KNOWN:
            if folder.is_dir():
                raise faults.envelope_gone(str(place))
            _KNOWN.discard(place)
    return None


def seal_run(folder: Path, agreement: str, until: date | None, service: KeyService) -> None:
    """Give a run its envelope under a live permit, or bind the one it has to the permit as it is.

    Args:
        folder: Of the run.
        agreement: Ids of the agreements of its permit.
        until: Last day of the first of them to end, if one ends.
        service: Wraps the run's key.
    """
    place = folder / FOR_RUN
    if not place.is_file():
        new_envelope(service, "run", agreement, dataset="", version="", until=until)[0].save(place)
        return
    before = read_envelope(place)
    if before.agreement != agreement:
        # What is there already came under the earlier terms, and stays under both.
        several = {*before.agreement.split(", "), *agreement.split(", ")}
        agreement = ", ".join(sorted(several))
        until = min((day for day in (before.until, until) if day is not None), default=None)
    if before.key_id != service.key_id:
        raise faults.no_key(str(place), before.key_id, (service.key_id,), "data.vault.key")
    if (before.agreement, before.until) != (agreement, until):
        key = before.open(service, str(place))
        replace(before, agreement=agreement, until=until).rewrapped(key, service).save(place)


@contextmanager
def writing(path: Path) -> Generator[BinaryIO]:
    """A file to write; where the block fails, what is left of a sealed one cannot be opened."""
    with open_to_write(path) as stream:
        yield stream


def open_to_write(path: Path) -> BinaryIO:
    """As `writing`, for those who close it themselves."""
    place = run_envelope(path)
    if place is None:
        return path.open("wb")
    found = read_envelope(place)
    own = unlock(str(path.absolute()), bytes.fromhex(found.id))
    sealing = Sealing(path.open("wb"), bytes.fromhex(found.id), own.key, own.bound)
    return cast(BinaryIO, sealing)


def open_to_read(path: Path) -> BinaryIO:
    """A file to read in any order.

    Raises:
        RecipeError: It is sealed, and its key is not here.
        IntegrityError: It is not what was sealed.
    """
    if not is_sealed(path):
        return path.open("rb")
    return cast(BinaryIO, random_reader(path.open("rb"), str(path.absolute())))


def open_arrow(path: Path) -> pa.NativeFile:
    """A file for Arrow: mapped where it is plain, decrypted piece by piece where it is sealed."""
    if not is_sealed(path):
        return pa.memory_map(str(path))
    return pa.PythonFile(open_to_read(path), mode="r")


def random_reader(source: BinaryIO, path: str, fetch: Fetch | None = None) -> Random:
    """A sealed file for reading in any order.

    Args:
        source: The file; closed with the reader.
        path: Of it, for its envelope and for messages.
        fetch: Reads small files, where it is not on this machine.
    """
    try:
        head = read_head(source.read(HEADER_BYTES), path)
        own = unlock(path, head.envelope, fetch)
        return Random(source, head, file_key(head, own.key, own.bound, path), path)
    except BaseException:
        source.close()
        raise


def stream_reader(source: BinaryIO, path: str, fetch: Fetch | None = None) -> Opening:
    """A sealed file for reading from front to back; arguments as of `random_reader`."""
    head = read_head(source.read(HEADER_BYTES), path)
    own = unlock(path, head.envelope, fetch)
    return Opening(source, head, file_key(head, own.key, own.bound, path), path)


class Lines:
    """JSON lines written one after the other; the file appears with the first.

    Args:
        path: Of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._stream = path, None

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()

    def add(self, content: Mapping[str, Any]) -> None:
        """Append a line."""
        self.write(json.dumps(content, ensure_ascii=False, default=str))

    def write(self, line: str) -> None:
        """Append a line that is JSON already."""
        if self._stream is None:
            self._stream = open_to_write(self._path)
        self._stream.write(f"{line}\n".encode())

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
