"""Letters and digits: IBAN, passports, unified social credit codes, licence plates."""

from __future__ import annotations

import re

import numpy as np

from accord.data.protect import native
from accord.data.protect.checksum import CREDIT_ALPHABET, IBAN_LENGTHS, credit
from accord.data.protect.joined import (
    ALNUM,
    UPPERCASE,
    WORD,
    Positions,
    distinct,
    table,
    windows,
)
from accord.data.protect.runs import Mask, Runs, links
from accord.data.protect.scan import NOTHING, Found, Scan, spans, together
from accord.data.protect.shapes import TIGHT

_IBAN = re.compile(
    rb"[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}(?![ \-]?[A-Z0-9])|(?:[ \-]?[A-Z0-9]){11,32})", re.I
)
_IBAN_MOST = max(IBAN_LENGTHS.values())
_LENGTH = np.zeros(65536, dtype=np.int64)
for _code, _size in IBAN_LENGTHS.items():
    _LENGTH[ord(_code[0]) << 8 | ord(_code[1])] = _size
_CREDIT = np.full(256, -1, dtype=np.int64)
for _place, _character in enumerate(CREDIT_ALPHABET):
    _CREDIT[ord(_character)] = _place
_PASSPORT = re.compile(rb"(?:[A-Z]{1,2}\d{6,8}|\d{9}|[A-Z0-9]{9})(?![A-Za-z0-9_])")
_DIGIT = table("0123456789")
_CAPITAL = UPPERCASE | _DIGIT
_PASSPORT_WORDS = tuple(
    word.encode()
    for word in (
        "passport",
        "reisepass",
        "passeport",
        "pasaporte",
        "travel document",
        "护照",
        "通行证",
        "旅行证",
    )
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_PROVINCE_CODES = np.array([int.from_bytes(c.encode()) for c in _PROVINCES])
_PROVINCE_BYTES = np.zeros(256, dtype=np.uint8)
for _province in _PROVINCES:
    for _place, _byte in enumerate(_province.encode()):
        _PROVINCE_BYTES[_byte] |= 1 << _place
_CHINESE_PLATE = re.compile(
    rb"[A-HJ-NP-Z]\xc2?\xb7?(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}(?:"
    + "挂|学|警|港|澳|领|使".encode()
    + rb"))(?![A-Za-z0-9_])"
)
_PLATE = re.compile(
    rb"(?=[A-Z0-9\- ]{0,7}\d)[A-Z0-9]{1,4}(?:[ \-]?[A-Z0-9]{2,5}){1,2}(?![A-Za-z0-9_])"
)
_SPACE, _TIGHT = table(" -"), links(TIGHT)
_PLATE_WORDS = tuple(word.encode() for word in ("plate", "registration n", "reg. n", "车牌"))
_EMBASSY = np.frombuffer("使".encode(), dtype=np.uint8)
_CAR_WORDS = tuple(word.encode() for word in ("车", "牌照", "plate"))


def ibans(scan: Scan) -> Found:
    """International bank account numbers (ISO 13616), in one piece or in groups."""
    runs, codes, raw = scan.runs, scan.joined.codes, scan.joined.raw
    start = runs.start[runs.touching["iban"]] - 2
    pair = (codes[start].astype(np.int64) << 8 | codes[start + 1]) & 0xDFDF
    known = (_LENGTH[pair] > 0) & ~WORD[codes[start - 1]]
    start = start[known]
    size = _LENGTH[pair[known]]
    whole = native.reach(raw, start, ALNUM, _IBAN_MOST + 1, 1)
    compact = whole == size
    low, high = _in_groups(raw, start[whole < size])
    low, high = together((start[compact], (start + size)[compact]), (low, high))
    good = native.ibans(raw, low, high)
    return low[good], high[good]


def _in_groups(raw: bytes, start: Positions) -> Found:
    """Numbers with spaces or dashes in them."""
    found: list[tuple[int, int]] = []
    for at in start.tolist():
        match = _IBAN.match(raw, at)
        if match is None:
            continue
        text = match.group()
        end = _counted(text, IBAN_LENGTHS[text[:2].upper().decode()])
        closed = not raw[at + end : at + end + 1].isalnum()
        if end and closed:
            found.append((at, at + end))
    return spans(found)


def _counted(text: bytes, length: int) -> int:
    """Bytes that hold the first `length` letters and digits; 0 if there are fewer."""
    if len(text) >= length and text[:length].isalnum():
        return length
    seen = 0
    for place, character in enumerate(text):
        seen += character not in b" -"
        if seen == length:
            return place + 1
    return 0


def credit_codes(scan: Scan) -> Found:
    """Unified social credit codes of Chinese organisations (GB 32100-2015)."""
    runs, codes = scan.runs, scan.joined.codes
    # Six digits of a region stand inside every code: third to eighth character.
    beside = ("credit-after", "credit-before", "credit-whole")
    at = runs.start[np.concatenate([runs.touching[name] for name in beside])]
    start = distinct(at - native.reach(scan.joined.raw, at, ALNUM, 18, -1))
    size = native.reach(scan.joined.raw, start, ALNUM, 19, 1)
    start = start[(size == 18) & ~WORD[codes[start - 1]]]
    window = windows(codes, start, 18)
    # Seventeen digits and an X are a resident id, unless they begin as most codes do, with 9.
    lettered = (window[:, :17] >= 65).any(1) | (window[:, 0] == 57)
    good = credit(_CREDIT[window]) & lettered
    return start[good], start[good] + 18


def passports(scan: Scan) -> Found:
    """Passport numbers, after a word that says so: no country gives them a check digit."""
    runs, codes = scan.runs, scan.joined.codes
    chosen = runs.touching["passport"]
    letters = native.reach(scan.joined.raw, runs.start[chosen], UPPERCASE, 3, -1)
    start = runs.start[chosen] - letters
    start = start[(letters <= 2) & ~WORD[codes[start - 1]]]
    # Others mix nine letters and digits: `C01X00T47`.
    mixed = runs.start[runs.touching["passport-mixed"]]
    mixed = mixed - native.reach(scan.joined.raw, mixed, _CAPITAL, 9, -1)
    mixed = mixed[
        (native.reach(scan.joined.raw, mixed, _CAPITAL, 10, 1) == 9) & ~WORD[codes[mixed - 1]]
    ]
    start = distinct(np.concatenate((start, mixed)))
    start = start[scan.near(start, _PASSPORT_WORDS)]
    return scan.match(_PASSPORT, start)


def plates(scan: Scan) -> Found:
    """Chinese licence plates by their province; others after a word that says so."""
    codes = scan.joined.codes
    # A province is three bytes of UTF-8; a capital letter follows.
    at = native.formed(scan.joined.raw, scan.capitals, _PROVINCE_BYTES, b"\1\2\4", 3) - 3
    if not len(at):
        return together(_by_word(scan), _of_embassies(scan))
    value = codes[at].astype(np.int64) << 16 | codes[at + 1].astype(np.int64) << 8 | codes[at + 2]
    at = at[np.isin(value, _PROVINCE_CODES)]
    chinese = scan.match(_CHINESE_PLATE, at + 3)
    return together((chinese[0] - 3, chinese[1]), _by_word(scan), _of_embassies(scan))


def _of_embassies(scan: Scan) -> Found:
    """`使014578`, after a word of cars."""
    runs = scan.runs
    six = runs.touching["embassy"]
    start = runs.start[six] - len(_EMBASSY)
    named = (runs.codes[start[:, None] + np.arange(len(_EMBASSY))] == _EMBASSY).all(1)
    named[named] = scan.near(start[named], _CAR_WORDS, back=24)
    return start[named], runs.end[six[named]]


def _lettered(runs: Runs) -> Mask:
    """Runs that may be of a plate: of five digits, beside a capital letter, or in groups."""
    codes, lead, trail = runs.codes, runs.lead, runs.trail
    grouped = _TIGHT[runs.link]
    grouped[runs.shaped["year-first"]] = False
    before = _SPACE[lead] & UPPERCASE[codes[runs.start - 2]]
    after = _SPACE[trail] & UPPERCASE[codes[runs.end + 1]]
    beside = UPPERCASE[lead] | UPPERCASE[trail] | before | after
    return (runs.size <= 7) & ((runs.size >= 5) | grouped | beside)


def _by_word(scan: Scan) -> Found:
    """Plates with a digit, told by a word at most 24 bytes before them."""
    runs, codes = scan.runs, scan.joined.codes
    if not len(native.anywhere(scan.joined.raw, _PLATE_WORDS)):
        return NOTHING
    start = runs.start[_lettered(runs)]
    start = start - native.reach(scan.joined.raw, start, ALNUM, 8, -1)
    start = distinct(start)
    start = start[scan.near(start, _PLATE_WORDS, back=24)]
    # `ABC 1234`: the letters before the space belong to it.
    spaced = (codes[start - 1] == 32) | (codes[start - 1] == 45)
    letters = np.where(spaced, native.reach(scan.joined.raw, start - 1, UPPERCASE, 5, -1), 0)
    whole = (letters >= 2) & (letters <= 4) & ~WORD[codes[start - 2 - letters]]
    start = np.where(whole, start - 1 - letters, start)
    low, high = scan.match(_PLATE, start)
    keep = (high - low >= 5) & (high - low <= 9)
    return low[keep], high[keep]
