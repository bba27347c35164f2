"""Every identifier that has a form: found in many texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.protect import name, network, secret
from accord.data.protect.address import addresses
from accord.data.protect.birth import births
from accord.data.protect.documents import credit_codes, ibans, passports, plates
from accord.data.protect.joined import join
from accord.data.protect.name import announced_names
from accord.data.protect.network import emails, ip6, macs, urls
from accord.data.protect.numbers import cards, coordinates, ip4, residents, social_security
from accord.data.protect.phone import phones
from accord.data.protect.scan import Found, Scan, Signs, together
from accord.data.protect.secret import secrets
from accord.data.protect.spans import Spans, disjoint

PATTERNS: Mapping[str, Callable[[Scan], Found]] = {
    "secret": secrets,
    "email": emails,
    "url": urls,
    "iban": ibans,
    "credit_code": credit_codes,
    "resident_id": residents,
    "card": cards,
    "ssn": social_security,
    "mac": macs,
    "ip": lambda scan: together(ip4(scan), ip6(scan)),
    "coordinates": coordinates,
    "passport": passports,
    "plate": plates,
    "date_of_birth": births,
    "phone": phones,
    "address": addresses,
    "name": announced_names,
}
"""Kinds of identifier. Where two overlap, the one named first keeps its whole."""
SIGNS = Signs((*secret.SIGNS, *network.SIGNS, *name.SIGNS))
"""What some of them start from."""
CHUNK = 1 << 21
"""Bytes looked at together: the arrays then stay in the processor's cache."""


def recognise(texts: pa.StringArray, entities: Sequence[str] = tuple(PATTERNS)) -> Spans:
    """Identifiers in texts, by their form, check digits and the words before them.

    Full-width digits and letters count as their ASCII forms; a Chinese character may touch an
    identifier on either side.

    Args:
        texts: UTF-8; nulls hold nothing. Shape [rows].
        entities: Kinds to look for, of `PATTERNS`.

    Returns:
        Spans with byte positions in each text.
    """
    names = tuple(name for name in PATTERNS if name in set(entities))
    parts: list[tuple[np.ndarray, ...]] = []
    for first, chunk in _chunks(texts):
        row, *rest = _found(chunk, names)
        parts.append((row + first, *rest))
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Spans(empty, empty, empty, empty, names)
    row, start, end, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Spans(row, start, end, kind, names)


def _found(texts: pa.StringArray, names: Sequence[str]) -> tuple[np.ndarray, ...]:
    """Row, start, end and kind of each identifier. What is made on the way is gone when it
    returns, so that the next texts find memory that is warm."""
    scan = Scan(join(texts), SIGNS)
    start, end, kind = disjoint({name: PATTERNS[name](scan) for name in names}, names)
    row, start, end = scan.joined.located(start, end)
    return row, start, end, kind


def _chunks(texts: pa.StringArray) -> Iterator[tuple[int, pa.StringArray]]:
    """Slices of at least one row and, if they have more, at most `CHUNK` bytes."""
    sizes = pc.call_function("binary_length", [texts]).fill_null(0).to_numpy(zero_copy_only=False)
    total = np.cumsum(sizes.astype(np.int64))
    first = 0
    while first < len(texts):
        before = total[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(total, before + CHUNK, side="right")))
        yield first, texts.slice(first, last - first)
        first = last
