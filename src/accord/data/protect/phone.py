"""Telephone numbers: mainland China, North America, international, and others by their context."""

from __future__ import annotations

import re

import numpy as np

from accord.data.protect import native
from accord.data.protect.joined import Positions, table
from accord.data.protect.runs import Runs, among
from accord.data.protect.scan import Found, Scan, together
from accord.data.protect.shapes import LOOSE, TIGHT, Link

CONTEXT = tuple(
    word.encode()
    for word in (
        "phone", "tel:", "tel.", "tel ", "call", "mobile", "cell", "fax", "whatsapp", "contact",
        "reach", "sms", "dial", "hotline", "电话", "手机", "热线", "传真", "联系", "致电", "号码",
    )
)  # fmt: skip
_CARRIERS = np.zeros(1000, dtype=bool)
for _first, _last in (
    (130, 139), (145, 149), (150, 153), (155, 159), (162, 162), (165, 167), (170, 178), (180, 199),
):  # fmt: skip
    _CARRIERS[_first : _last + 1] = True
_INTERNATIONAL = re.compile(rb"(?:\+|00)\d{1,3}(?:[ \-.]?\(?\d{1,5}\)?){1,6}(?<=\d)(?!\d)")
_EXTENSION = re.compile(rb"[ ,]{0,2}(?:x|ext\.?|extension|#|\xe8\xbd\xac)[ .:]?\d{1,6}(?!\w)", re.I)
_CHAINED = np.zeros(256, dtype=np.uint8)
_CHAINED[list(LOOSE)] = 1
_SPACE, _EXTENDS = table(" ,"), table("xXeE#")
_EXTENDS["转".encode()[0]] = True
_CODES = frozenset(
    str(code)
    for code in (
        1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53,
        54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
        211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232,
        233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 248, 249, 250, 251,
        252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290,
        291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373,
        374, 375, 376, 377, 378, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501,
        502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599,
        670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689,
        690, 691, 692, 800, 808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888,
        960, 961, 962, 963, 964, 965, 966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979,
        992, 993, 994, 995, 996, 998,
    )
)  # fmt: skip
"""Country codes of ITU-T E.164."""


def phones(scan: Scan) -> Found:
    """Telephone numbers with their country code and extension."""
    runs = scan.runs
    found = together(_chinese(runs), _american(runs), _international(scan), _told_by_context(scan))
    return _with_extensions(scan, found)


def _chinese(runs: Runs) -> Found:
    parts: list[Found] = []
    for name, count in (("mobile", 1), ("mobile-3-4-4", 3), ("mobile-3-8", 2)):
        first = runs.shaped[name]
        first = first[_CARRIERS[runs.value(first, 3)]]
        # `2023-13912345678` is no telephone; after 86 it is.
        dashed = runs.previous[first] == Link.DASH
        first = first[~dashed | _coded(runs, first)]
        parts.append((_begun(runs, first), runs.end[first + count - 1]))
    first = runs.shaped["mobile-coded"]
    first = first[_prefixed(runs, first)]
    parts.append((runs.start[first] - (runs.codes[runs.start[first] - 1] == 43), runs.end[first]))
    parts.append(_landline(runs))
    return together(*parts)


def _prefixed(runs: Runs, first: Positions) -> np.ndarray:
    """Single runs such as `+8613812345678`, `008613812345678`, `8613812345678`."""
    size = runs.size[first]
    lead = np.where(size == 13, 2, np.where(size == 15, 4, 0))
    head = np.where(size == 13, runs.value(first, 2), runs.value(first, 4))
    at = runs.start[first] + lead
    carrier = sum(
        (runs.codes[at + place].astype(np.int64) - 48) * 10 ** (2 - place) for place in range(3)
    )
    return (head == 86) & (lead > 0) & _CARRIERS[np.clip(carrier, 0, 999)] & runs.after[first]


def _landline(runs: Runs) -> Found:
    parts: list[Found] = []
    for name, count in (("landline", 2), ("landline-grouped", 3)):
        parts.append(_dialled(runs, runs.shaped[name], count))
    free = runs.shaped["service"]
    free = free[np.isin(runs.value(free, 3), (400, 800))]
    return together(*parts, (runs.start[free], runs.end[free + 2]))


def _dialled(runs: Runs, first: Positions, count: int) -> Found:
    area, size = runs.value(first, 4), runs.size[first]
    # Three digits: 010 and 02x; four: 03xx to 09xx. They begin with the zero of long distance.
    zero = runs.codes[runs.start[first]] == 48
    right = ((size == 3) & ((area == 10) | (area // 10 == 2))) | ((size == 4) & (area >= 300))
    first = first[zero & right]
    enclosed = (runs.link[first] == Link.PAREN) & (runs.codes[runs.start[first] - 1] == 40)
    start = runs.start[first] - enclosed
    coded = _coded(runs, first)
    begun = np.where(coded, _begun(runs, first), start)
    return begun, runs.end[first + count - 1]


def _american(runs: Runs) -> Found:
    first = runs.shaped["american"]
    first = first[runs.after[first + 2] | (runs.codes[runs.end[first + 2]] == 120)]
    # North American plan: neither area code nor exchange begins with 0 or 1.
    first = first[(runs.value(first, 3) >= 200) & (runs.value(first + 1, 3) >= 200)]
    previous = runs.previous[first]
    one = (previous != Link.NONE) & np.isin(runs.value(np.maximum(first - 1, 0), 4), (1,))
    first = first[one | ~among(previous, {Link.DOT, Link.DASH, Link.SLASH})]
    one = (runs.previous[first] != Link.NONE) & (runs.value(np.maximum(first - 1, 0), 4) == 1)
    start = np.where(one, runs.start[np.maximum(first - 1, 0)], runs.start[first])
    enclosed = ~one & (runs.link[first] == Link.PAREN)
    start = start - (enclosed & (runs.codes[start - 1] == 40))
    start = start - (runs.codes[start - 1] == 43)
    return start, runs.end[first + 2]


def _international(scan: Scan) -> Found:
    runs = scan.runs
    plus = runs.touching["signed"]
    zeros = np.flatnonzero(runs.codes[runs.start] == 48)
    zeros = zeros[(runs.codes[runs.start[zeros] + 1] == 48) & runs.before[zeros]]
    zeros = zeros[(runs.size[zeros] <= 5) | (runs.size[zeros] >= 11)]
    raw = scan.joined.raw
    found: list[tuple[int, int]] = []
    for start, minus in ((runs.start[plus], 1), (runs.start[zeros], 0)):
        for at in (start - minus).tolist():
            match = _INTERNATIONAL.match(raw, at)
            if match is None or raw[at - 1 : at].isalnum():
                continue
            digits = re.sub(rb"\D", b"", match.group().removeprefix(b"00")).decode()
            coded = any(digits[:size] in _CODES for size in (1, 2, 3))
            if coded and (8 if minus else 10) <= len(digits) <= 15:
                found.append(match.span())
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _told_by_context(scan: Scan) -> Found:
    """Chains of 7 to 12 digits after a word such as `phone`; dates are none."""
    runs = scan.runs
    first, last = native.chains(
        runs.start, runs.end, runs.link, _CHAINED, most=5, digits=range(7, 13)
    )
    good = runs.before[first] & runs.after[last] & ~_dated(runs, first, last, last - first + 1)
    first, last = first[good], last[good]
    told = scan.near(runs.start[first], CONTEXT, back=32)
    first, last = first[told], last[told]
    enclosed = (runs.link[first] == Link.PAREN) & (runs.codes[runs.start[first] - 1] == 40)
    return runs.start[first] - enclosed, runs.end[last]


def _dated(runs: Runs, first: Positions, last: Positions, parts: np.ndarray) -> np.ndarray:
    """Chains that are a date, years from to, or an address of the network."""
    year = (runs.size[first] == 4) & (runs.value(first, 4) > 1900) & (runs.value(first, 4) < 2100)
    date = (parts == 3) & ((year & (runs.size[last] <= 2)) | (runs.size[last] == 4))
    date &= runs.size[first] != 3
    span = (parts == 2) & year & (runs.size[last] == 4)
    return date | span | ((parts == 4) & (runs.link[first] == Link.DOT))


def _coded(runs: Runs, first: Positions) -> np.ndarray:
    """Whether 86, +86 or 0086 stands before."""
    before = np.maximum(first - 1, 0)
    linked = among(runs.previous[first], TIGHT | {Link.PAREN}) & (first > 0)
    return linked & (runs.value(before, 4) == 86) & (runs.size[before] <= 4)


def _begun(runs: Runs, first: Positions) -> Positions:
    """Where the number begins, its country code included."""
    before = np.maximum(first - 1, 0)
    start = np.where(_coded(runs, first), runs.start[before], runs.start[first])
    start = start - (runs.codes[start - 1] == 43)
    enclosed = _coded(runs, first) & (runs.previous[first] == Link.PAREN)
    return start - (enclosed & (runs.codes[start - 1] == 40))


def _with_extensions(scan: Scan, found: Found) -> Found:
    start, end = found
    codes, raw = scan.joined.codes, scan.joined.raw
    # `x`, `ext`, `#` and the Chinese word begin with few bytes; most numbers end here.
    at = end + _SPACE[codes[end]]
    at += _SPACE[codes[at]]
    candidates = np.flatnonzero(_EXTENDS[codes[at]])
    end = end.copy()
    for at in candidates.tolist():
        match = _EXTENSION.match(raw, int(end[at]))
        if match:
            end[at] = match.end()
    return start, end
