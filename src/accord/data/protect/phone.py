"""Telephone numbers: mainland China, North America, international, and others by their context."""

from __future__ import annotations

import re

import numpy as np

from accord.data.protect import native
from accord.data.protect.joined import Positions, table
from accord.data.protect.runs import Mask, Runs, links
from accord.data.protect.scan import Found, Scan, spans, together
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
_CODED, _LONGER = links(TIGHT | {Link.PAREN}), links({Link.DOT, Link.DASH, Link.SLASH})
_OPEN, _PLUS, _ZERO, _X = b"(+0x"
_SPACE, _EXTENDS = table(" ,"), table("xXeE#")
_EXTENDS["转".encode()[0]] = True
_TURNS = np.arange(256) == "转".encode()[1]
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
        if not len(first):
            continue
        # Of eleven digits or of three.
        carrier = runs.head[first] // 10 if count == 1 else runs.head[first]
        first = first[_CARRIERS[carrier]]
        coded = _coded(runs, first)
        # `2023-13912345678` is no telephone; after 86 it is.
        good = (runs.previous(first) != Link.DASH) | coded
        first, coded = first[good], coded[good]
        parts.append((_begun(runs, first, coded), runs.end[first + count - 1]))
    first = _prefixed(runs, runs.shaped["mobile-coded"])
    parts.append((_signed(runs, runs.start[first]), runs.end[first]))
    parts.append(_landline(runs))
    return together(*parts)


def _prefixed(runs: Runs, first: Positions) -> Positions:
    """Single runs such as `+8613812345678`, `008613812345678`, `8613812345678`."""
    size, head = runs.size[first], runs.head[first]
    short, long = (size == 13) & (head // 100 == 86), (size == 15) & (head == 86)
    coded = (short | long) & runs.after(first)
    first, size = first[coded], size[coded]
    at = runs.start[first] + (size - 11)
    return first[_CARRIERS[native.numbers(runs.joined.raw, at, np.full(len(at), 3))]]


def _landline(runs: Runs) -> Found:
    parts = [
        _dialled(runs, runs.shaped[name], count)
        for name, count in (("landline", 2), ("landline-grouped", 3))
        if len(runs.shaped[name])
    ]
    free = runs.shaped["service"]
    free = free[(runs.head[free] == 400) | (runs.head[free] == 800)]
    return together(*parts, (runs.start[free], runs.end[free + 2]))


def _dialled(runs: Runs, first: Positions, count: int) -> Found:
    area, size = runs.head[first], runs.size[first]
    # Three digits: 010 and 02x; four: 03xx to 09xx. They begin with the zero of long distance.
    two = (size == 3) & ((area == 10) | (area // 10 == 2))
    right = two | ((size == 4) & (area >= 300) & (area < 1000))
    first = first[right]
    coded, start = _coded(runs, first), runs.start[first]
    begun = np.where(coded, _begun(runs, first, coded), _opened(runs, first, start))
    return begun, runs.end[first + count - 1]


def _american(runs: Runs) -> Found:
    first = runs.shaped["american"]
    # North American plan: neither area code nor exchange begins with 0 or 1.
    first = first[(runs.head[first] >= 200) & (runs.head[first + 1] >= 200)]
    last = first + 2
    first = first[runs.after(last) | (runs.codes[runs.end[last]] == _X)]
    previous = runs.previous(first)
    one = (previous != Link.NONE) & (runs.head[first - 1] == 1)
    good = one | ~_LONGER[previous]
    first, one = first[good], one[good]
    start = np.where(one, runs.start[first - 1], _opened(runs, first, runs.start[first]))
    return _signed(runs, start), runs.end[first + 2]


def _international(scan: Scan) -> Found:
    runs = scan.runs
    plus, zeros = runs.touching["signed"], runs.touching["zero"]
    # 00, and no code of a country begins with another.
    second, third = (runs.codes[runs.start[zeros] + at] == _ZERO for at in (1, 2))
    zeros = zeros[second & ~third]
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
    return spans(found)


def _told_by_context(scan: Scan) -> Found:
    """Chains of 7 to 12 digits after a word such as `phone`; dates are none."""
    runs = scan.runs
    first, last = native.chains(
        runs.start, runs.end, runs.link, _CHAINED, most=5, digits=range(7, 13)
    )
    good = runs.before(first) & runs.after(last) & ~_dated(runs, first, last)
    first, last = first[good], last[good]
    told = scan.near(runs.start[first], CONTEXT, back=32)
    first, last = first[told], last[told]
    return _opened(runs, first, runs.start[first]), runs.end[last]


def _dated(runs: Runs, first: Positions, last: Positions) -> Mask:
    """Chains that are a date, years from to, or an address of the network."""
    parts, size, final, head = last - first + 1, runs.size[first], runs.size[last], runs.head[first]
    year = (size == 4) & (head > 1900) & (head < 2100)
    date = (parts == 3) & ((year & (final <= 2)) | (final == 4)) & (size != 3)
    span = (parts == 2) & year & (final == 4)
    return date | span | ((parts == 4) & (runs.link[first] == Link.DOT))


def _coded(runs: Runs, first: Positions) -> Mask:
    """Whether 86, +86 or 0086 stands before."""
    # Before the first run there is no link, and -1 leads to the last, which has none either.
    before = first - 1
    return _CODED[runs.link[before]] & (runs.head[before] == 86) & (runs.size[before] <= 4)


def _begun(runs: Runs, first: Positions, coded: Mask) -> Positions:
    """Where the number begins, its country code included."""
    start = _signed(runs, np.where(coded, runs.start[first - 1], runs.start[first]))
    enclosed = coded & (runs.previous(first) == Link.PAREN)
    return start - (enclosed & (runs.codes[start - 1] == _OPEN))


def _signed(runs: Runs, start: Positions) -> Positions:
    """With the plus sign before it."""
    return start - (runs.codes[start - 1] == _PLUS)


def _opened(runs: Runs, first: Positions, start: Positions) -> Positions:
    """With the bracket before it that the one behind the first run closes."""
    closed = runs.link[first] == Link.PAREN
    return start - (closed & (runs.codes[start - 1] == _OPEN))


def _with_extensions(scan: Scan, found: Found) -> Found:
    start, end = found
    codes, raw = scan.joined.codes, scan.joined.raw
    # `x`, `ext`, `#` and the Chinese word begin with few bytes; most numbers end here.
    at = end + _SPACE[codes[end]]
    at += _SPACE[codes[at]]
    # Of three bytes, the second tells more than the first.
    candidates = np.flatnonzero(_EXTENDS[codes[at]] & ((codes[at] < 0x80) | _TURNS[codes[at + 1]]))
    end = end.copy()
    for at in candidates.tolist():
        match = _EXTENSION.match(raw, int(end[at]))
        if match:
            end[at] = match.end()
    return start, end
