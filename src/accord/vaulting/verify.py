"""Reading back what was sealed: all of it is decrypted in memory and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from accord.vault import faults, parquet
from accord.vault.parquet import is_parquet
from accord.vault.ring import Unlocked
from accord.vault.stream import HEADER_BYTES, Opening, file_key, read_head


def pieces(path: Path, own: Unlocked) -> Iterator[bytes]:
    """The plaintext of a file in chunks.

    Raises:
        IntegrityError: It is not what was sealed.
    """
    with path.open("rb") as source:
        head = read_head(source.read(HEADER_BYTES), str(path))
        key = file_key(head, own.key, own.bound, str(path))
        yield from Opening(cast(BinaryIO, source), head, key, str(path)).chunks()


def row_groups(path: Path, own: Unlocked) -> Iterator[pa.Table]:
    """The rows of encrypted Parquet; one empty table where there are none.

    Raises:
        IntegrityError: It is not what was sealed.
    """
    with pa.memory_map(str(path)) as stream:
        parquet.require_gcm(stream, str(path))
        try:
            content = pq.ParquetFile(stream, decryption_properties=parquet.decryption(own))
            yield content.schema_arrow.empty_table()
            for number in range(content.metadata.num_row_groups):
                yield content.read_row_group(number)
        except (pa.ArrowInvalid, OSError):
            raise faults.changed(str(path), "a part of it does not decrypt") from None


def read_through(path: Path, own: Unlocked) -> int:
    """Decrypt a whole file; bytes of it, or of its rows in memory.

    Raises:
        IntegrityError: It is not what was sealed.
    """
    if is_parquet(path):
        return sum(table.nbytes for table in row_groups(path, own))
    return sum(len(piece) for piece in pieces(path, own))


def same_content(plain: Path, sealed: Path, own: Unlocked) -> None:
    """Hold a sealed file against the plain one, before that goes.

    Raises:
        IntegrityError: They differ.
    """
    if not is_parquet(sealed):
        with plain.open("rb") as source:
            same = all(source.read(len(piece)) == piece for piece in pieces(sealed, own))
            same = same and not source.read(1)
    elif plain.suffix.lower() in (".parquet", ".pq"):
        with pq.ParquetFile(plain) as content:
            groups = (content.read_row_group(i) for i in range(content.metadata.num_row_groups))
            written = (table for table in row_groups(sealed, own) if table.num_rows)
            same = all(
                one.equals(other)
                for one, other in zip((g for g in groups if g.num_rows), written, strict=True)
            )
    else:
        same = read_through(sealed, own) >= 0
    if not same:
        raise faults.changed(str(sealed), "it is not the same when it is read back")
