"""The data in pieces that can be worked on apart: small files together, large ones block by block.

How the data are divided depends on the files alone, so every pass and every engine divides alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from accord.data.opening import packing
from accord.data.read import reading
from accord.data.reject import Reject
from accord.data.source import BATCH_ROWS, Block, ReaderSpec, Sink, Source
from accord.part import Spec, find
from accord.permit import Asset, AssetFile, Permit, Role
from accord.vault.ring import release

SMALL_BYTES = 4 << 20
"""Files up to this size are read where they are worked on, several of them together."""
PACKED = 8
"""How much larger than on disk a compressed file is taken to be."""
COLUMNAR = {"parquet", "arrow"}
IMAGE_ROWS = 256
"""Most rows of a block of images, which are large."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of the rows of a role.

    Args:
        role: Of the asset.
        run: Which of the files, or groups of files, that are numbered together.
        asset: With the files that are to be read; none if `block` was read already.
        format: How they are read.
        batch_rows: Most rows of a block.
        block: Rows of a large file, numbered from 0 in it.
        rejects: Rows that could not be parsed before them, numbered likewise.
        first: Number of the run's first row over all files of the role, once that is known.
        splits: The split of each usable row, once that is known.
    """

    role: Role
    run: int
    asset: Asset
    format: Spec
    batch_rows: int = BATCH_ROWS
    block: Block | None = None
    rejects: tuple[Reject, ...] = ()
    first: int = 0
    splits: npt.NDArray[np.int8] | None = None

    def read(self, permit: Permit, sink: Sink) -> Iterator[Block]:
        """The raw rows, numbered from 0 in the run; rows that cannot be parsed go to `sink`.

        Raises:
            AgreementError: The permit has ended, or is not for this role.
            IntegrityError: A file is not the one that the permit was granted for.
        """
        permit.admit(self.role, date.today())
        for reject in self.rejects:
            sink(reject)
        if self.block is not None:
            yield self.block
        if self.asset.files:
            reader = find("reader", self.format.kind)
            yield from reader(self.format, Source(self.asset, self.batch_rows), sink)


def units(
    permit: Permit, role: Role, format: Spec | None = None, *, batch_rows: int = BATCH_ROWS
) -> Iterator[Unit]:
    """The data of a role in pieces, in order; large files are read as the pieces are taken.

    Raises:
        DataError, MissingExtra, IntegrityError, AgreementError: As `open_source`.
    """
    release(permit, role, date.today())
    run = 0
    for asset in permit.sources(role):
        spec, chosen = reading(asset, format)
        for files, together in _runs(chosen, spec):
            piece = Unit(role, run, replace(chosen, files=files), spec, batch_rows)
            run += 1
            if together:
                yield piece
            else:
                yield from _blocks(piece, permit)


def _runs(asset: Asset, spec: Spec) -> Iterator[tuple[tuple[AssetFile, ...], bool]]:
    """Files that are read at once, and whether they are small."""
    if not (isinstance(spec, ReaderSpec) and spec.apart):
        yield asset.files, False
        return
    held: list[AssetFile] = []
    size = 0
    for file in asset.files:
        own = _size(file, spec)
        if held and (own is None or size + own > SMALL_BYTES):
            yield tuple(held), True
            held, size = [], 0
        if own is None or own > SMALL_BYTES:
            yield (file,), False
        else:
            held.append(file)
            size += own
    if held:
        yield tuple(held), True


def _size(file: AssetFile, spec: Spec) -> int | None:
    """Bytes that a file takes once it is read, roughly; None where that is not known."""
    if file.size is None:
        return None
    packed = packing(file.path) is not None or spec.kind in COLUMNAR
    return file.size * (PACKED if packed else 1)


def _blocks(piece: Unit, permit: Permit) -> Iterator[Unit]:
    """A large file as units of one block, each with the bad rows before it."""
    bad: list[Reject] = []
    for block in piece.read(permit, bad.append):
        yield _read(piece, block, bad)
        bad.clear()
    if bad:
        yield _read(piece, None, bad)


def _read(piece: Unit, block: Block | None, bad: list[Reject]) -> Unit:
    return replace(piece, asset=replace(piece.asset, files=()), block=block, rejects=tuple(bad))
