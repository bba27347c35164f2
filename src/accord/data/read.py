"""The one door to raw data: a permit's files as Arrow blocks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator

from accord.agreement.permit import Permit, Role
from accord.data.source import BATCH_ROWS, Block, Sink
from accord.part import Spec


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
    """
    raise NotImplementedError
