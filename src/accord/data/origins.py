"""Where the rows of a data set come from: asset, file and number; never what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from accord.data.split import NAMES
from accord.data.work import Piece, Rows
from accord.permit import Permit

EXAMPLES = 5


@dataclass(slots=True)
class _File:
    """Usable rows of one file: the numbers of the first and last one, and how many."""

    asset: str
    file: str
    first: int
    last: int
    rows: int


class Origins:
    """Is told of every block as it is read, and of every part of it that is used.

    Args:
        permit: Says where the assets lie; files are named from there, wherever that is.
        wanted: Positions, in reading order, of rows whose names are asked for later.
    """

    def __init__(self, permit: Permit, wanted: Iterable[int] = ()) -> None:
        self.assets: dict[str, dict[str, int]] = {}
        """Rows of each split, by asset."""
        self._roots = {asset.id: asset.root for asset in permit.assets}
        self._files: dict[tuple[str, str], _File] = {}
        self._wanted = np.unique(np.fromiter(wanted, dtype=np.int64))
        self._names: dict[int, dict[str, Any]] = {}
        self._seen = 0

    def name(self, asset: str, rows: Rows) -> None:
        """Take in the numbers of a block's rows, whatever becomes of them."""
        start, self._seen = self._seen, self._seen + len(rows)
        low, high = np.searchsorted(self._wanted, (start, self._seen))
        for position in self._wanted[low:high].tolist():
            self._names[position] = {"asset": asset, "row": int(rows[position - start])}

    def add(self, piece: Piece) -> None:
        """Take in rows that are used in a split; a row that was multiplied counts as often."""
        counts = self.assets.setdefault(piece.asset, dict.fromkeys(NAMES, 0))
        counts[NAMES[piece.split]] += len(piece.rows)
        first, last = int(piece.rows.min()), int(piece.rows.max())
        named = self._name(piece)
        found = self._files.setdefault(
            (piece.asset, named), _File(piece.asset, named, first, last, 0)
        )
        found.first, found.last = min(found.first, first), max(found.last, last)
        found.rows += len(piece.rows)

    def files(self) -> list[dict[str, Any]]:
        """One entry a file: `asset`, `file`, `first` and `last` row, usable `rows`."""
        return [asdict(file) for file in self._files.values()]

    def named(self, examples: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Leaks with `{asset, row}` in place of positions."""
        return [{**e, "rows": [self._names[at] for at in e["rows"]]} for e in examples]

    def _name(self, piece: Piece) -> str:
        root = self._roots.get(piece.asset, "")
        inner = piece.file.removeprefix(root).strip("/")
        return inner if inner != piece.file.strip("/") and inner else PurePath(piece.file).name


def told(example: Mapping[str, Any]) -> dict[str, Any]:
    """An example of a removed row, as `accounting.json` lists them, of a named leak."""
    earlier, later = example["rows"]
    places = [f"{place['asset']} row {place['row']}" for place in (earlier, later)]
    near = "" if example["kind"] == "exact" else f", nearly ({example['similarity']:.2f})"
    detail = f"{places[0]} also stands in {places[1]}{near}"
    return {"row": earlier["row"], "column": None, "detail": detail}
