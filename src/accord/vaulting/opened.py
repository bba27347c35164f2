"""`accord vault open`, `verify`, `show` and `rotate`: what is sealed, for whoever has the key."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from accord.disk import Told, told_when_full
from accord.errors import AgreementError, RecipeError
from accord.permit import PERMIT, permit_from_json
from accord.vault import faults
from accord.vault.envelope import (
    FOR_FILE,
    FOR_FOLDER,
    FOR_RUN,
    SEALED,
    Envelope,
    is_envelope,
    read_envelope,
)
from accord.vault.key_service import KeyService
from accord.vault.members import Taken, missing, read_here, require_here, sealed_folders
from accord.vault.parquet import is_parquet
from accord.vault.ring import (
    Unlocked,
    find_envelope,
    holding,
    release_file,
    take_together,
    unlock,
)
from accord.vault.stream import HEADER_BYTES, TAG_BYTES, is_sealed, read_head
from accord.vaulting.half import half_made
from accord.vaulting.links import require_no_link

if TYPE_CHECKING:
    from accord.agreement.reading_right import Right

STDOUT = "-"
OPENING = Told("write the plaintext", "nothing is left of it; what is sealed is as it was")
PRINTING = Told("write the plaintext", "what went to standard output by then is not all of it")
ROTATING = Told(
    "write an envelope anew", "every envelope is whole, under the old key or under the new one"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sealed thing is, without its key.

    Args:
        path: Of it.
        form: `chunks`, `parquet`, `folder` or `run`.
        envelope: Where its wrapped key is.
        about: The envelope without the wrapped key.
        files: Sealed files.
        sealed_bytes: Of them.
        plain_bytes: Of their plaintext; None where only the key would tell.
        missing: Files that were sealed and are not there, as far as there is a list of them.
    """

    path: str
    form: str
    envelope: str
    about: dict[str, Any]
    files: int
    sealed_bytes: int
    plain_bytes: int | None
    missing: tuple[str, ...] = ()


def show(path: Path) -> Shown:
    """What a sealed file, folder or run is. No key is needed.

    Raises:
        RecipeError: It is not sealed.
        DataError: Its envelope is missing.
    """
    files = sealed_files(path)
    envelope, place = _envelope_of(path, files)
    about = {k: v for k, v in envelope.to_json().items() if k not in ("wrapped", "accord-vault")}
    plain = [_plain_bytes(file) for file in files]
    sizes = [size for size in plain if size is not None]
    form = envelope.scope if path.is_dir() else "parquet" if is_parquet(path) else "chunks"
    return Shown(
        str(path),
        form,
        place,
        about,
        len(files),
        sum(file.stat().st_size for file in files),
        sum(sizes) if len(sizes) == len(plain) else None,
        _missing(path, files),
    )


def verify(path: Path, service: KeyService) -> int:
    """Decrypt all of it in memory; how many files there are.

    Raises:
        IntegrityError: A byte is not what was sealed.
    """
    from accord.vaulting.verify import read_through

    files = sealed_files(path)
    with holding(service):
        _together(path, files)
        for file in files:
            read_through(file, _own(file, None))
    return len(files)


def open_to(path: Path, service: KeyService, agreement: str | None, output: str) -> int:
    """Write the plaintext of a sealed file or folder; how many files there are.

    Args:
        path: A sealed file, a sealed folder, or a sealed file of a run.
        service: Unwraps the key.
        agreement: File of the agreement, or `own`; of files of a run, the run's permit says.
        output: File or folder to write, which only its owner may read; `-` for standard output.

    Raises:
        AgreementError: The agreement does not let the data be read, or wants them encrypted.
        IntegrityError: A byte is not what was sealed. What was written by then is removed.
    """
    files = sealed_files(path)
    right = _right(path, files, agreement)
    if right.encrypted and output != STDOUT:
        raise _stays_sealed(right.agreement)
    with holding(service):
        _together(path, files)
        if output == STDOUT:
            _require_one(path, files)
            with told_when_full(Path(STDOUT), PRINTING):
                _write(files[0], _own(files[0], right), sys.stdout.buffer)
        else:
            with told_when_full(Path(output).parent, OPENING):
                if path.is_dir():
                    _open_folder(path, files, right, Path(output))
                else:
                    _open_file(path, right, Path(output))
    return len(files)


def rotate(paths: Sequence[Path], before: KeyService, after: KeyService) -> list[Path]:
    """Wrap data keys anew; no sealed file is touched. The envelopes that changed.

    Each envelope is replaced as a whole, so that at every moment one of both keys opens it. Those
    that have the new key already are passed over: called again, it goes on.

    Raises:
        RecipeError: An envelope has a third key, or is a link, or there is none; or there is no
            room left, and those that were written by then have the new key.
        IntegrityError: An envelope was changed.
    """
    places = list(dict.fromkeys(place for path in paths for place in _envelopes(path)))
    for place in places:
        require_no_link(place, "a file would take its place, and what it leads to keep the old key")
    # All of them are opened before the first is written: what is wrong with one is told in time.
    renewed = {place: new for place in places if (new := _renewed(place, before, after))}
    for place, envelope in renewed.items():
        with told_when_full(place.parent, ROTATING):
            envelope.save(place)
    return list(renewed)


def _renewed(place: Path, before: KeyService, after: KeyService) -> Envelope | None:
    envelope = read_envelope(place)
    if envelope.key_id == after.key_id:
        return None
    if envelope.key_id != before.key_id:
        raise faults.no_key(str(place), envelope.key_id, (before.key_id, after.key_id), "--key")
    return envelope.rewrapped(envelope.open(before, str(place)), after)


def _together(path: Path, files: Sequence[Path]) -> None:
    """Files of a folder are opened together or not at all."""
    if path.is_dir():
        require_here(take_together(str(path.absolute()), (str(f.absolute()) for f in files)))


def _missing(path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    if not path.is_dir():
        return ()
    wanted = Taken(str(path.absolute()), frozenset(str(file.absolute()) for file in files))
    return tuple(
        name
        for folder in sealed_folders(wanted)
        for name in missing(read_envelope(folder / FOR_FOLDER), str(folder), wanted, read_here)
    )


def sealed_files(path: Path) -> list[Path]:
    """The sealed files at a path, by name.

    Raises:
        RecipeError: There are none.
    """
    below = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    if not path.exists():
        raise RecipeError(
            "there is nothing here",
            code="file-missing",
            path=str(path),
            fix="check the path",
        )
    found = [file for file in below if is_sealed(file) or is_parquet(file)]
    if not found:
        require_here(Taken(str(path.absolute()), frozenset()))
        raise faults.not_sealed(str(path))
    return found


def _envelopes(path: Path) -> list[Path]:
    if path.is_file() and is_envelope(path.name):
        return [path]
    if path.is_file():
        return [Path(find_envelope(str(path.absolute()), _id_of(path), read_here)[1])]
    found = sorted(p for p in path.rglob(f"*{FOR_FILE}") if p.is_file())
    if not found:
        raise faults.no_envelope(str(path / FOR_FOLDER))
    return found


def _envelope_of(path: Path, files: Sequence[Path]) -> tuple[Envelope, str]:
    for name in (FOR_FOLDER, FOR_RUN):
        if (path / name).is_file():
            return read_envelope(path / name), str(path / name)
    return find_envelope(str(files[0].absolute()), _id_of(files[0]), read_here)


def _id_of(path: Path) -> bytes | None:
    if not is_sealed(path):
        return None
    with path.open("rb") as stream:
        return read_head(stream.read(HEADER_BYTES), str(path)).envelope


def _own(file: Path, right: Right | None) -> Unlocked:
    """What opens a file; without a right, as far as it takes to look whether it is whole."""
    path, found = str(file.absolute()), _id_of(file)
    agreement = right.agreement if right else find_envelope(path, found, read_here)[0].agreement
    release_file(path, agreement, right.until if right else None)
    return unlock(path, found)


def _right(path: Path, files: Sequence[Path], agreement: str | None) -> Right:
    from accord.agreement.reading_right import Right, right_to_read

    envelope, place = _envelope_of(path, files)
    if agreement is not None:
        return right_to_read(agreement, date.today())
    permits = sorted(Path(place).parent.glob(f"artifacts/permit-*/{PERMIT}"))
    if envelope.scope != "run" or not permits:
        raise RecipeError(
            "nothing says that this may be read in the open",
            code="arguments-missing",
            path="--agreement",
            expected=f"the agreement {envelope.agreement!r}",
            why="what an agreement does not allow, is not done",
            fix="name its file: --agreement FILE, or `own`",
        )
    asked = [permit_from_json(json.loads(p.read_text("utf-8"))) for p in permits]
    owed = [one for permit in asked for one in permit.judged.get("obligations", ())]
    return Right(envelope.agreement, None, any(one["duty"] == "encrypt" for one in owed))


def _open_folder(path: Path, files: Sequence[Path], right: Right, output: Path) -> None:
    _require_free(output)
    with half_made(output) as folder:
        folder.mkdir(mode=0o700)
        for file in files:
            place = folder / file.relative_to(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place = place.with_name(place.name.removesuffix(SEALED))
            with _private(place) as sink:
                _write(file, _own(file, right), sink)


def _open_file(path: Path, right: Right, output: Path) -> None:
    _require_free(output)
    own = _own(path, right)
    with half_made(output) as half, _private(half) as sink:
        _write(path, own, sink)


def _write(file: Path, own: Unlocked, sink: BinaryIO) -> None:
    import pyarrow.parquet as pq

    from accord.vaulting.verify import pieces, row_groups

    if not is_parquet(file):
        for piece in pieces(file, own):
            sink.write(piece)
        return
    tables = row_groups(file, own)
    first = next(tables)
    with pq.ParquetWriter(sink, first.schema) as writer:
        for table in tables:
            writer.write_table(table)


def _private(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def _plain_bytes(path: Path) -> int | None:
    if is_parquet(path):
        return None
    with path.open("rb") as stream:
        head = read_head(stream.read(HEADER_BYTES), str(path))
    sealed = path.stat().st_size - HEADER_BYTES
    return sealed - max(1, -(-sealed // (head.chunk_bytes + TAG_BYTES))) * TAG_BYTES


def _require_one(path: Path, files: Sequence[Path]) -> None:
    if path.is_dir():
        raise RecipeError(
            "standard output takes one file",
            code="arguments-conflict",
            path="--output",
            got=f"{len(files)} files",
            fix="name one of them",
        )


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise RecipeError(
            "the output is there already",
            code="output-exists",
            path=str(path),
            fix="name another place with --output",
        )


def _stays_sealed(agreement: str) -> AgreementError:
    return AgreementError(
        f"the agreement {agreement!r} wants every copy encrypted at rest",
        code="vault-agreement",
        path="--output",
        expected="--output - (standard output), read by a program that writes nothing",
        why="a file in the open is a copy that is not encrypted",
        fix="work on the sealed form: recipes read it as it is",
    )
