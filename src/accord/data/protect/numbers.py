"""Numbers with a check digit or a fixed shape: cards, ids, IP addresses, coordinates."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from accord.data.protect import native
from accord.data.protect.checksum import is_date
from accord.data.protect.joined import WORD, Positions
from accord.data.protect.runs import Mask
from accord.data.protect.scan import Found, Scan, together
from accord.data.protect.shapes import CARDS, Link

_SSN = (b"ssn", b"social security", b"social-security", "社会安全".encode())
_CARD = tuple(
    word.encode() for word in ("card", "maestro", "debit", "卡号", "银行卡", "储蓄卡", "借记卡")
)
_THINGS = (
    "order|invoice|receipt|ticket|transaction|txn|tracking|parcel|shipment|serial|sku|item|article|"
    "batch|lot|imei|isbn|ean|upc|gtin|barcode|uuid|guid|uid|oid|ids?|timestamp"
)
_NUMBERED_THINGS = (
    "product|part|case|request|session|user|device|customer|member|record|row|reference"
)
_CHINESE_THINGS = (
    "订单|单号|运单|快递|流水|编号|序列|发票|货号|条码|批号|工单|串号|会员号|学号|工号"
)
_OTHER_WORDS = tuple(
    word.removesuffix("s?").encode()
    for words in (_THINGS, _NUMBERED_THINGS, _CHINESE_THINGS)
    for word in words.split("|")
)
_SUFFIX = rb"[ _\-]?(?:id|ids|no|nr|num|number|code|key|ref)"
_NAMED_OTHERWISE = re.compile(
    rb"(?:\b(?:(?:"
    + _THINGS.encode()
    + rb")(?:"
    + _SUFFIX
    + rb")?|(?:"
    + _NUMBERED_THINGS.encode()
    + rb")"
    + _SUFFIX
    + rb")\.?|"
    + _CHINESE_THINGS.encode()
    + rb"(?:\xe5\x8f\xb7|\xe7\xa0\x81){0,2})"
    rb"[\"']?[\s:#=(\[\"']{0,4}(?:is |was |\xef\xbc\x9a|\xe6\x98\xaf|\xe4\xb8\xba){0,2}\Z",
    re.I,
)
"""What says of a number that it is of something else."""
_OTHERWISE_BACK = 40
_ANY = range(12, 20)
_LONG = range(16, 20)
_ISSUERS: tuple[tuple[range, Sequence[int]], ...] = (
    (range(4000, 5000), (13, 16, 19)),  # Visa
    (range(5100, 5600), (16,)),  # Mastercard
    (range(2221, 2721), (16,)),
    (range(3400, 3500), (15,)),  # American Express
    (range(3700, 3800), (15,)),
    (range(6011, 6012), _LONG),  # Discover
    (range(6440, 6600), _LONG),
    (range(6200, 6300), _LONG),  # UnionPay
    (range(3500, 3600), _LONG),  # JCB
    (range(3600, 3700), (14,)),  # Diners
    (range(3800, 4000), (14,)),
    (range(3000, 3060), (14,)),
    (range(5000, 5100), _ANY),  # Maestro
    (range(5600, 5900), _ANY),
    *((range(four, four + 1), _ANY) for four in (604, 6304, 6390, 6759, 6761, 6762, 6763)),
)
"""First four digits of cards, and how many digits these have."""
_SIZES = np.zeros(10_000, dtype=np.uint32)
for _four, _sizes in _ISSUERS:
    _SIZES[_four.start : _four.stop] |= np.uint32(sum(1 << size for size in _sizes))
_PROVINCES = np.zeros(100, dtype=bool)
_PROVINCES[
    [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46,
     50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83]
] = True  # fmt: skip
"""First two digits of a resident id."""
_OLD_ID = ("身份证".encode(), "证件".encode())
_NUMBERED = tuple(
    word.encode() for word in ("version", "release", "section", "chapter", "build", "版本", "章节")
)
_PLACE = tuple(
    word.encode()
    for word in ("lat", "lon", "lng", "coordinate", "gps", "经度", "纬度", "坐标", "位置")
)
_DEGREE = (
    rb"-?\d{1,3}(?:\.\d{1,8})?\xc2\xb0(?:\s?[NSEW]\b|\s?\d{1,2}(?:\.\d+)?(?:'|\xe2\x80[\xb2\x99])"
    rb"(?:\s?\d{1,2}(?:\.\d+)?(?:\"|''|\xe2\x80[\xb3\x9d]))?(?:\s?[NSEW]\b)?)"
)
_DEGREES = re.compile(_DEGREE + rb"(?:[,;/ ]{1,3}" + _DEGREE + rb")?")


def cards(scan: Scan) -> Found:
    """Payment cards: an issuer's first digits, its length, and Luhn's check digit."""
    runs = scan.runs
    first = runs.shaped["card"]
    low, high = _carded(scan, runs.start[first], runs.end[first])
    other = ~_named_otherwise(scan, low)
    parts: list[Found] = [(low[other], high[other])]
    for name, sizes in CARDS.items():
        first = runs.shaped[name]
        if len(first):
            parts.append(_carded(scan, runs.start[first], runs.end[first + len(sizes) - 1]))
    return together(*parts)


def _carded(scan: Scan, start: Positions, end: Positions) -> Found:
    """Which of these are cards: those of an issuer, and of the other numbers with a 6 in front
    those that a word announces."""
    right, size, four = native.luhn(scan.joined.raw, start, end)
    start, end, size, four = start[right], end[right], size[right], four[right]
    good = _SIZES[four] >> size & 1 > 0
    wider = np.flatnonzero(~good & (four // 1000 == 6))
    good[wider] = scan.near(start[wider], _CARD)
    return start[good], end[good]


def _named_otherwise(scan: Scan, start: Positions) -> Mask:
    """Whether a word just before says that a number is that of an order, a parcel or alike, and no
    other that it is a card's.

    One in 40 numbers of sixteen digits has an issuer's beginning and a right sum.
    """
    raw, named = scan.joined.raw, np.zeros(len(start), dtype=bool)
    rows, places = scan.hints(start, _OTHER_WORDS, _OTHERWISE_BACK)
    ends = start[rows].tolist()
    for row, place, end in zip(rows.tolist(), places.tolist(), ends, strict=True):
        # A match from where the word begins, not a search from everywhere before the number.
        named[row] |= _NAMED_OTHERWISE.match(raw, place, end) is not None
    named[named] = ~scan.near(start[named], _CARD)
    return named


def residents(scan: Scan) -> Found:
    """Chinese resident ids: 18 characters with their check digit; 15 digits after `身份证`."""
    runs = scan.runs
    codes = runs.codes
    chosen = runs.shaped["resident"]
    end = runs.end[chosen]
    ends_in_x = (codes[end] == 88) | (codes[end] == 120)
    longer = runs.size[chosen] == 18
    chosen = chosen[np.where(longer, runs.after(chosen), ends_in_x & ~WORD[codes[end + 1]])]
    start = runs.start[chosen]
    start = start[native.residents(scan.joined.raw, start, _PROVINCES)]
    old = runs.shaped["resident-old"]
    if not len(old):
        return start, start + 18
    digits = runs.digits(old, 15)
    date = (digits[:, 6:12].reshape(len(old), 3, 2) @ np.array([10, 1])).T
    old = old[is_date(1900 + date[0], date[1], date[2])]
    old = old[scan.near(runs.start[old], _OLD_ID)]
    return together((start, start + 18), (runs.start[old], runs.end[old]))


def social_security(scan: Scan) -> Found:
    """United States SSN by its shape and reserved ranges; nine digits at once after `SSN`."""
    runs = scan.runs
    first = runs.shaped["ssn"]
    first = first[runs.link[first] == runs.link[first + 1]]
    spaced = runs.link[first] == Link.SPACE
    first = first[~spaced | scan.near(runs.start[first], _SSN)] if len(first) else first
    parts = [runs.head[first + place] for place in range(3)]
    first = first[_assigned(*parts)]
    whole = runs.shaped["ssn-whole"]
    rest = native.numbers(scan.joined.raw, runs.start[whole] + 3, np.full(len(whole), 6))
    group, serial = rest // 10_000, rest % 10_000
    whole = whole[_assigned(runs.head[whole] // 10, group, serial)]
    whole = whole[scan.near(runs.start[whole], _SSN)]
    return together((runs.start[first], runs.end[first + 2]), (runs.start[whole], runs.end[whole]))


def _assigned(area: np.ndarray, group: np.ndarray, serial: np.ndarray) -> np.ndarray:
    return (area > 0) & (area != 666) & (area < 900) & (group > 0) & (serial > 0)


def ip4(scan: Scan) -> Found:
    """IPv4 addresses, with the length of a prefix."""
    runs = scan.runs
    first = runs.shaped["ip"]
    first = first[runs.codes[runs.start[first] - 1] != 46]
    for place in range(4):
        first = first[runs.head[first + place] <= 255]
        # `1.02.3.4` is a version, not an address.
        first = first[
            (runs.size[first + place] == 1) | (runs.codes[runs.start[first + place]] != 48)
        ]
    first = first[~scan.near(runs.start[first], _NUMBERED, back=12)]
    end = runs.end[first + 3]
    following = np.minimum(first + 4, len(runs) - 1)
    prefixed = (runs.link[first + 3] == Link.SLASH) & (runs.size[following] <= 2)
    return runs.start[first], np.where(prefixed, runs.end[following], end)


def coordinates(scan: Scan) -> Found:
    """Pairs of decimal degrees; single ones after `latitude`, `经度` and alike."""
    runs = scan.runs
    codes = runs.codes
    first = runs.shaped["coordinates"]
    one, other = runs.head[first], runs.head[first + 2]
    right = (one <= 180) & (other <= 180) & ((one <= 90) | (other <= 90))
    first, one, other = first[right], one[right], other[right]
    # Small numbers may be anything, unless a word tells.
    small = (one < 10) & (other < 10)
    small[small] = ~scan.near(runs.start[first[small]], _PLACE, back=24)
    first = first[~small]
    one = runs.shaped["coordinate"]
    one = one[runs.head[one] <= 180]
    one = one[scan.near(runs.start[one], _PLACE, back=24)]
    return together(
        (runs.start[first] - (codes[runs.start[first] - 1] == 45), runs.end[first + 3]),
        (runs.start[one] - (codes[runs.start[one] - 1] == 45), runs.end[one + 1]),
        _degrees(scan),
    )


def _degrees(scan: Scan) -> Found:
    """Degrees with their sign, and minutes or a direction: `40°42'46"N`, `40.71° N, 74.01° W`."""
    runs = scan.runs
    signed = runs.touching["degrees"]
    decimal = (runs.previous(signed) == Link.DOT) & (signed > 0)
    start = runs.start[np.where(decimal, signed - 1, signed)]
    return scan.match(_DEGREES, start - (runs.codes[start - 1] == 45))
