"""Records that were withdrawn are left out before anything else sees them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow.compute import SetLookupOptions, call_function

from accord.data.reject import Notes
from accord.data.source import Block
from accord.errors import DataError, IntegrityError
from accord.permit import Permit, Withdrawn


def without_withdrawn(block: Block, permit: Permit, rejects: Notes) -> Block:
    """The rows that may be used; how many were left out is told to `rejects`.

    Raises:
        DataError: The data lack the column that tells records apart.
        IntegrityError: The list changed after the permit was granted.
    """
    gone = permit.withdrawn(block.asset)
    if gone is None:
        return block
    if gone.column not in block.batch.schema.names:
        raise DataError(
            f"the data have no column {gone.column!r}",
            code="column-missing",
            path="data.agreement",
            got=block.file,
            expected=", ".join(block.batch.schema.names),
            why="records that were withdrawn could not be left out",
            fix="correct `withdrawn.column` in the agreement, or add the column to the data",
        )
    values = block.batch[gone.column].cast(pa.string())
    found = call_function("is_in", [values], SetLookupOptions(_values(gone)))
    found = found.to_numpy(zero_copy_only=False)
    if not found.any():
        return block
    rejects.leave_out("withdrawn", int(found.sum()))
    return block.keep(~np.asarray(found, dtype=bool))


@lru_cache(maxsize=8)
def _values(gone: Withdrawn) -> pa.Array:
    content = Path(gone.path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != gone.sha256:
        raise IntegrityError(
            "the list of withdrawn records changed after its permit was granted",
            code="data-changed",
            path=gone.path,
            got=f"sha256 {digest}",
            expected=f"sha256 {gone.sha256}",
            fix="run the recipe again; a new permit is granted for the list as it is now",
        )
    lines = (line.strip() for line in content.decode("utf-8").splitlines())
    return pa.array([line for line in lines if line], pa.string())
