"""The rows of a sealed file, for a model that is asked about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from accord.data.read import reading
from accord.data.reject import Reject
from accord.data.source import Source
from accord.errors import DataError
from accord.part import find
from accord.permit import Asset, AssetFile
from accord.vault.ring import release_file

ROWS = 256
"""Decrypted at a time."""


def sealed_rows(file: AssetFile, agreement: str, until: date | None) -> Iterator[dict[str, Any]]:
    """Rows as dictionaries, decrypted in memory; the key is held by the caller.

    Args:
        file: With its digest.
        agreement: Id of the agreement that lets them be read.
        until: Last day on which it does.

    Raises:
        DataError: No reader is known for the file, or a row cannot be parsed.
        IntegrityError: A byte is not what was sealed.
        AgreementError: The file is sealed under another agreement.
    """
    path = str(Path(file.path).absolute())
    release_file(path, agreement, until)
    named = AssetFile(path, file.size, file.sha256)
    spec, asset = reading(Asset("own/test", "test", path, path, (named,), agreement), None)
    for block in find("reader", spec.kind)(spec, Source(asset, ROWS, None), _refused):
        yield from block.batch.to_pylist()


def _refused(reject: Reject) -> None:
    raise DataError(
        "a row cannot be read",
        code="bad-row",
        path=f"row {reject.row}",
        why=reject.reason,  # never what it says
        fix="mend the row before the file is sealed",
    )
