"""`accord vault seal`: a file or a folder into its sealed form, complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import pyarrow as pa
import pyarrow.parquet as pq

from accord.agreement.assets import files_below, hashed
from accord.artifact import sync_path
from accord.data.convert import one_schema
from accord.data.saved import is_saved
from accord.disk import Told, told_when_full
from accord.errors import DataError, Location, RecipeError
from accord.permit import Asset
from accord.vault import faults, parquet
from accord.vault.dumps import forbid_dumps
from accord.vault.envelope import FOR_FILE, FOR_FOLDER, SEALED, Envelope, is_beside, new_envelope
from accord.vault.key_service import KeyService
from accord.vault.members import list_members
from accord.vault.ring import Unlocked
from accord.vault.stream import Sealing, is_sealed
from accord.vaulting.half import half_made
from accord.vaulting.links import require_no_link, require_own
from accord.vaulting.verify import same_content

Form = Literal["auto", "parquet", "file"]
"""`auto`: Parquet as encrypted Parquet, every other file as it is, in encrypted chunks. `parquet`:
CSV, JSON lines and Arrow become encrypted Parquet too. `file`: every file as it is."""
PARQUET = (".parquet", ".pq")
PIECE_BYTES = 4 << 20
SEALING = Told("write what is sealed", "nothing is left of it; the plain files are as they were")


@dataclass(frozen=True, slots=True)
class Binding:
    """What is sealed, for good.

    Args:
        agreement: Id of the agreement.
        dataset: Name of the data set; that of the file or folder by default.
        version: Of the data set.
    """

    agreement: str
    dataset: str | None = None
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What came of it.

    Args:
        path: Sealed file or folder.
        envelope: Where the wrapped key is.
        files: How many there are.
        plain_bytes, sealed_bytes: Before and after.
        removed: Whether the plain files were removed.
    """

    path: str
    envelope: str
    files: int
    plain_bytes: int
    sealed_bytes: int
    removed: bool


@dataclass(frozen=True, slots=True)
class _Sealer:
    """Writes sealed files of one data set."""

    service: KeyService
    envelope: Envelope
    key: bytes
    form: Form

    def place(self, plain: Path, target: Path) -> Path:
        """Where the sealed form of a file stands: `target` with the name its form calls for."""
        if self.form == "parquet" and plain.suffix.lower() not in PARQUET:
            return target.with_name(f"{target.stem}.parquet")
        return target if self._as_parquet(plain) else target.with_name(target.name + SEALED)

    def write(self, plain: Path, sink: Path, name: str) -> None:
        """Seal one file.

        Args:
            plain: The file.
            sink: Receives it.
            name: That it is bound to.
        """
        own = Unlocked(self.key, self.envelope.bound(name))
        if self._as_parquet(plain):
            _write_parquet(plain, sink, own)
            return
        with plain.open("rb") as source, _sealing(sink, self.envelope, own) as sealing:
            while piece := source.read(PIECE_BYTES):
                sealing.write(piece)

    def _as_parquet(self, plain: Path) -> bool:
        return self.form == "parquet" or (self.form == "auto" and plain.suffix.lower() in PARQUET)


def seal(
    path: Path,
    service: KeyService,
    binding: Binding,
    *,
    form: Form = "auto",
    output: Path | None = None,
    remove: bool = False,
) -> Sealed:
    """Seal a file, or all data files of a folder as one data set.

    Args:
        path: File or folder.
        service: Wraps the data key.
        binding: What is sealed.
        form: As what.
        output: Sealed file or folder; by default beside what is sealed.
        remove: Delete the plain files, once the sealed ones were read back and are the same.

    Raises:
        DataError: There is nothing to seal, or a row cannot be read for Parquet.
        RecipeError: It is sealed already, or the output is there.
    """
    forbid_dumps()
    if not path.exists():
        raise _nothing(path)
    scope = "folder" if path.is_dir() else "file"
    envelope, key = new_envelope(
        service,
        scope,
        binding.agreement,
        dataset=binding.dataset or path.absolute().name,
        version=binding.version,
    )
    sealer = _Sealer(service, envelope, key, form)
    with told_when_full((output or path).parent, SEALING):
        if path.is_dir():
            return _folder(path, sealer, output or path.with_name(path.name + SEALED), remove)
        return _file(path, sealer, output, remove)


def _file(plain: Path, sealer: _Sealer, output: Path | None, remove: bool) -> Sealed:
    _require_plain(plain)
    if remove:
        require_no_link(plain, "the link would be removed, and what it leads to stay in the open")
    target = output or sealer.place(plain, _beside(plain, sealer))
    _require_free(target)
    place = target.with_name(target.name + FOR_FILE)
    _require_free(place)
    name = target.name.removesuffix(SEALED)
    try:
        with half_made(target) as half:
            sealer.write(plain, half, name)
            if remove:
                same_content(plain, half, Unlocked(sealer.key, sealer.envelope.bound(name)))
            envelope = half.with_name(place.name)
            sealer.envelope.save(envelope)
            sync_path(half)
            envelope.replace(place)
    except BaseException:
        if not target.exists():
            place.unlink(missing_ok=True)
        raise
    before, after = plain.stat().st_size, target.stat().st_size
    if remove:
        plain.unlink()
    return Sealed(str(target), str(place), 1, before, after, remove)


def _beside(plain: Path, sealer: _Sealer) -> Path:
    """Encrypted Parquet cannot bear the name of what it was made of."""
    taken = plain.suffix.lower() in PARQUET and sealer.form != "file"
    return plain.with_name(f"{plain.stem}{SEALED}{plain.suffix}") if taken else plain


def _folder(plain: Path, sealer: _Sealer, target: Path, remove: bool) -> Sealed:
    found = [file for file in files_below(plain) if not is_beside(file.name)]
    if not found:
        raise _nothing(plain)
    if sealer.form == "parquet" and is_saved(str(plain)):
        raise _saved(plain)
    require_own(plain, found)
    for file in found:
        _require_plain(file)
    _require_free(target)
    before, names = 0, list[str]()
    with half_made(target) as folder:
        folder.mkdir(mode=0o700)
        for file in found:
            inner = file.relative_to(plain)
            place = sealer.place(file, folder / inner)
            if place.exists():
                raise _twice(place.relative_to(folder), inner)
            place.parent.mkdir(parents=True, exist_ok=True)
            names.append(place.relative_to(folder).as_posix())
            name = names[-1].removesuffix(SEALED)
            sealer.write(file, place, name)
            if remove:
                same_content(file, place, Unlocked(sealer.key, sealer.envelope.bound(name)))
            before += file.stat().st_size
        after = sum((folder / name).stat().st_size for name in names)
        members = replace(sealer.envelope, members=list_members(folder, names))
        members.rewrapped(sealer.key, sealer.service).save(folder / FOR_FOLDER)
    if remove:
        _remove(plain, found)
    return Sealed(str(target), str(target / FOR_FOLDER), len(found), before, after, remove)


def _remove(plain: Path, found: list[Path]) -> None:
    """The files that were sealed, and folders that are empty then. Others stay."""
    for file in found:
        file.unlink()
    for folder in sorted((p for p in plain.rglob("*") if p.is_dir()), reverse=True):
        with suppress(OSError):
            folder.rmdir()
    with suppress(OSError):
        plain.rmdir()


def _sealing(sink: Path, envelope: Envelope, own: Unlocked) -> Sealing:
    return Sealing(cast(BinaryIO, sink.open("wb")), bytes.fromhex(envelope.id), own.key, own.bound)


def _write_parquet(plain: Path, sink: Path, own: Unlocked) -> None:
    schema, batches, options = _rows_of(plain)
    encrypted = parquet.encryption(own)
    with pq.ParquetWriter(sink, schema, encryption_properties=encrypted, **options) as writer:
        for batch in batches:
            writer.write(batch)


def _rows_of(plain: Path) -> tuple[pa.Schema, Iterator[pa.Table], dict[str, Any]]:
    """Rows of a file for Parquet: row groups as they are, or rows in groups of some size."""
    if plain.suffix.lower() in PARQUET:
        try:
            content = pq.ParquetFile(plain)
        except (pa.ArrowInvalid, OSError) as error:
            raise _broken(plain, str(error)) from error
        groups = content.metadata.num_row_groups
        packed = {
            content.metadata.row_group(0).column(i).compression
            for i in range(content.metadata.num_columns if groups else 0)
        }
        named = next(iter(packed)) if len(packed) == 1 else "SNAPPY"
        options = {"compression": "NONE" if named == "UNCOMPRESSED" else named}
        tables = (content.read_row_group(i) for i in range(groups))
        return content.schema_arrow, tables, options
    file = hashed(plain.absolute())
    asset = Asset("own/train", "train", str(plain), str(plain.absolute()), (file,))
    schema, batches = one_schema(asset)
    return schema, _grouped(batches), {"compression": "ZSTD"}


def _grouped(batches: Iterator[pa.RecordBatch], rows: int = 1 << 16) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= rows:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _require_plain(path: Path) -> None:
    if parquet.is_parquet(path) or is_sealed(path):
        raise faults.sealed_already(str(path))


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise RecipeError(
            "the output is there already",
            code="output-exists",
            path=str(path),
            why="what is sealed is not overwritten: its key would go with it",
            fix="name another place with --output, or remove it first",
        )


def _twice(place: Path, file: Path) -> RecipeError:
    return RecipeError(
        "two files would become one",
        code="output-exists",
        path=str(place),
        got=str(file),
        fix="rename one of the two, or leave out `--form parquet`",
    )


def _saved(path: Path) -> RecipeError:
    return RecipeError(
        "a data set that `save_to_disk` wrote is sealed as it is",
        code="arguments-conflict",
        path="--form",
        got="parquet",
        why=f"the order of its shards and the names of its classes stand beside them: {path}",
        fix="leave out `--form`; or write it with `Dataset.to_parquet` and seal that",
    )


def _nothing(path: Path) -> DataError:
    return DataError(
        "there is nothing to seal",
        code="data-missing",
        location=Location(str(path)),
        expected="a file, or a folder with files",
        fix="check the path; names that begin with `.` or `_` are no data",
    )


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        "the file is no whole Parquet file",
        code="file-unreadable",
        location=Location(str(path)),
        got=reason,
        why="sealing it would keep what cannot be read",
        fix="check that the file is complete, or seal it as it is: `--form file`",
    )
