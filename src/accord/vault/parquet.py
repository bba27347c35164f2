"""Parquet modular encryption: one key for footer and columns, AES_GCM_V1 and no other algorithm.

AES_GCM_CTR_V1 gives back changed data without a word. The prefix of the associated data binds a
file to agreement, data set, version and name, and is not stored in it: who reads must know it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accord.vault import faults
from accord.vault.ring import Unlocked

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PARE"
ALGORITHM = "AES_GCM_V1"


def _key(own: Unlocked) -> bytes:
    """Each file of a data set has its own: its name is in what it is bound to."""
    return HKDF(SHA256(), 32, None, b"accord vault parquet\0" + own.bound).derive(own.key)


def encryption(own: Unlocked) -> Any:
    """Properties to write one file with."""
    import pyarrow.parquet.encryption as parquet

    return parquet.create_encryption_properties(
        _key(own),
        aad_prefix=own.bound,
        store_aad_prefix=False,
        encryption_algorithm=ALGORITHM,
        plaintext_footer=False,
    )


def decryption(own: Unlocked) -> Any:
    """Properties to read one file with."""
    import pyarrow.parquet.encryption as parquet

    return parquet.create_decryption_properties(
        _key(own), aad_prefix=own.bound, check_footer_integrity=True, allow_plaintext_files=False
    )


def is_encrypted(stream: pa.NativeFile) -> bool:
    """Whether a Parquet file, open for reading in any order, is encrypted with its footer."""
    stream.seek(0)
    found = stream.read(len(MAGIC))
    stream.seek(0)
    return found == MAGIC


def require_gcm(stream: pa.NativeFile, path: str) -> None:
    """Refuse an encrypted Parquet file whose pages are not authenticated.

    The algorithm stands in clear before the footer, as a Thrift union in compact form: its first
    member is AES_GCM_V1.

    Raises:
        IntegrityError: It is another one, or the end is missing.
    """
    size = stream.size()
    stream.seek(max(0, size - 8))
    tail = stream.read(8)
    length = int.from_bytes(tail[:4], "little")
    stream.seek(max(0, size - 8 - length))
    algorithm = stream.read(2)
    stream.seek(0)
    if tail[4:] != MAGIC or algorithm != b"\x1c\x1c":
        raise faults.changed(path, f"it is not whole, or not encrypted by {ALGORITHM}")


def is_parquet(path: Path) -> bool:
    """Whether a file is encrypted Parquet, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC
