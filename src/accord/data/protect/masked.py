"""What was already put in the place of an identifier, and is none itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from accord.data.protect.joined import side_by_side
from accord.data.protect.spans import Spans

_COARSE = {
    "date_of_birth": rb"\d{4}", "ip": rb"\d+\.\d+\.x\.x", "card": rb"\d{4}", "iban": rb"[A-Z]{2}",
    "resident_id": rb"\d\dxxxx(?: \d{4})?", "credit_code": rb"\w\wxxxx", "phone": rb"\d{3}xxxx",
    "coordinates": rb"-?\d+(?:, -?\d+)*", "plate": rb"[\x80-\xff]{3}",
}  # fmt: skip
"""What `generalise` leaves of a kind."""

_EDGES = b" \t\n\r\x0b\x0c,;:"


def masks(kinds: Iterable[str]) -> re.Pattern[bytes]:
    """Matches `[EMAIL]`, `[EMAIL fdebmaclhibo]` and `[DATE_OF_BIRTH 1985]`, of these kinds."""
    forms: list[bytes] = []
    for kind in sorted(set(kinds)):
        coarse = b"|" + _COARSE[kind] if kind in _COARSE else b""
        forms.append(kind.upper().encode() + rb"(?: (?:[a-p]{12}" + coarse + rb"))?")
    return re.compile(rb"\[(?:" + b"|".join(forms) + rb")\]")


def outside(texts: pa.StringArray, spans: Spans, masked: re.Pattern[bytes]) -> Spans:
    """Spans without what is part of a mask: a recogniser may take `[NAME]` for a name."""
    if not len(spans):
        return spans
    content, starts = side_by_side(texts)
    found = [match.span() for match in masked.finditer(content)]
    if not found:
        return spans
    low, high = np.array(found, dtype=np.int64).T
    base = starts[spans.row]
    start, end = spans.start + base, spans.end + base
    # Of masks in order, the first that ends behind a span's start is the first to touch it.
    first = np.searchsorted(high, start, side="right")
    touched = (first < len(low)) & (low[np.minimum(first, len(low) - 1)] < end)
    if not touched.any():
        return spans
    pieces: list[tuple[int, int, int, int]] = []
    for at in np.flatnonzero(touched).tolist():
        begin, stop, mask = int(start[at]), int(end[at]), int(first[at])
        while mask < len(low) and low[mask] < stop:
            pieces.append((at, begin, int(low[mask]), 0))
            begin = int(high[mask])
            mask += 1
        pieces.append((at, begin, stop, 0))
    kept = np.flatnonzero(~touched)
    rows = [(int(i), int(start[i]), int(end[i])) for i in kept]
    rows += [(at, *_trimmed(content, a, b)) for at, a, b, _ in pieces]
    rows = sorted((r for r in rows if r[1] < r[2]), key=lambda r: r[1])
    of, begins, ends = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    base = base[of]
    return Spans(spans.row[of], begins - base, ends - base, spans.entity[of], spans.names)


def _trimmed(content: bytes, start: int, end: int) -> tuple[int, int]:
    """A piece without blanks and commas at its ends; nothing if no letter or digit is left."""
    piece = content[start:end]
    if not any(sign.isalnum() for sign in piece.decode(errors="replace")):
        return start, start
    start += len(piece) - len(piece.lstrip(_EDGES))
    return start, end - (len(piece) - len(piece.rstrip(_EDGES)))
