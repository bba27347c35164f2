"""The one door to raw data: a permit's files as Arrow blocks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from accord.data.opening import suffix
from accord.data.reject import Reject
from accord.data.saved import is_saved
from accord.data.source import BATCH_ROWS, Block, ReaderSpec, Sink, Source
from accord.errors import DataError
from accord.part import Part, Spec, find, parts
from accord.permit import Asset, AssetFile, Permit, Role
from accord.vault.ring import release

ROWS = ("csv", "jsonl", "parquet", "arrow")
"""Readers of files that hold rows: none of them describes the data in another format."""


def open_source(
    permit: Permit,
    role: Role,
    format: Spec | None = None,
    *,
    sink: Sink,
    columns: tuple[str, ...] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[Block]:
    """Stream the data of a role; memory does not grow with their size.

    Args:
        permit: Names the files; no other file is opened.
        role: `train`, `validation` or `test`.
        format: Reader spec; by default chosen by the files' names.
        sink: Receives rows that cannot be parsed.
        columns: Columns to read; None for all.
        batch_rows: Most rows of a block.

    Raises:
        DataError: No file, an unknown format, a file that is broken as a whole.
        MissingExtra: The format or URL scheme needs a package that is not installed.
        IntegrityError: A file changed after the permit was granted.
        AgreementError: The permit has ended, or is not for this role.
    """
    release(permit, role, date.today())
    start = 0
    for asset in permit.sources(role):
        spec, chosen = reading(asset, format)
        reader: Part = find("reader", spec.kind)
        first, seen = start, 0

        def passed_on(reject: Reject, first: int = first) -> None:
            nonlocal seen
            seen = max(seen, reject.row + 1)
            sink(replace(reject, row=first + reject.row))

        for block in reader(spec, Source(chosen, batch_rows, columns), passed_on):
            if len(block.rows):
                seen = max(seen, int(block.rows[-1]) + 1)
            yield replace(block, rows=block.rows + first)
        start = first + seen


def reading(asset: Asset, format: Spec | None) -> tuple[Spec, Asset]:
    """How an asset is read, and the asset with the files that are.

    Args:
        format: Reader spec; None to choose by the files' names.

    Raises:
        DataError: No reader is known for them.
    """
    spec = format or _spec_for(asset)
    return spec, replace(asset, files=_readable(asset, find("reader", spec.kind)))


def _readable(asset: Asset, reader: Part) -> tuple[AssetFile, ...]:
    """Of a folder, the files the reader is for; a file that is named is taken as it is."""
    suffixes = _suffixes(reader)
    if len(asset.files) == 1 or not suffixes:
        return asset.files
    chosen = tuple(file for file in asset.files if suffix(file.path) in suffixes)
    return chosen or asset.files


def _spec_for(asset: Asset) -> Spec:
    """The reader whose suffixes most of the files have."""
    if asset.location.startswith("hf://") or is_saved(asset.root):
        return find("reader", "huggingface").spec(kind="huggingface")
    ends = [suffix(file.path) for file in asset.files]
    fits = {
        kind: sum(end in _suffixes(reader) for end in ends)
        for kind, reader in parts("reader").items()
    }
    best = max(fits, key=lambda kind: fits[kind])
    rows = [kind for kind in ROWS if fits.get(kind)]
    if best in ROWS and len(rows) > 1:
        raise _mixed(asset, {kind: fits[kind] for kind in rows})
    if not fits[best]:
        known = sorted(end for reader in parts("reader").values() for end in _suffixes(reader))
        raise DataError(
            "no reader is known for this kind of file",
            code="format-unknown",
            path=f"data.{asset.role}",
            got=asset.location,
            expected=", ".join(known),
            fix="name the reader with `data.format`",
        )
    return find("reader", best).spec(kind=best)


def _mixed(asset: Asset, found: dict[str, int]) -> DataError:
    return DataError(
        "the files are of several formats",
        code="format-mixed",
        path=f"data.{asset.role}",
        got=", ".join(f"{count} {kind}" for kind, count in found.items()),
        expected="files that one reader reads",
        why="only those of one reader would be read, and the others' rows would be lost",
        fix="name files of one format (`folder/*.csv`), list several such sources, or name the "
        "reader with `data.format` to take its files alone",
    )


def _suffixes(reader: Part) -> tuple[str, ...]:
    return reader.spec.suffixes if issubclass(reader.spec, ReaderSpec) else ()
