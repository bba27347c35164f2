"""Dates of birth: a date in figures, in English or in Chinese, beside a word of birth."""

from __future__ import annotations

import re

import numpy as np

from accord.data.protect import native
from accord.data.protect.checksum import is_date
from accord.data.protect.joined import Positions, table
from accord.data.protect.scan import Found, Scan, spans, together

_BIRTH = tuple(
    word.encode()
    for word in ("born", "birth", "dob", "d.o.b", "出生", "生日", "生于", "诞生", "年龄")
)
_APART = table(" -/")
_BORN, _DAY = "出生".encode(), "日".encode()
_MONTHS = rb"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NAMED_DATE = re.compile(
    rb"(?:\d{1,2}(?:st|nd|rd|th)?(?: of)?[ \-/]" + _MONTHS + rb",?[ \-/]\d{4}|" + _MONTHS
    + rb" \d{1,2}(?:st|nd|rd|th)?,? \d{4})(?!\d)",
    re.I,
)  # fmt: skip

_NUMERAL = "(?:" + "|".join("〇零○一二三四五六七八九十") + ")"
_NUMERAL_DATE = re.compile(
    f"(?:一|二){_NUMERAL}{{3}}年{_NUMERAL}{{1,2}}月{_NUMERAL}{{1,3}}(?:日|号)".encode()
)
_BORN_WORD = re.compile("(?:出生|诞生|...生于|...生日)".encode(), re.S)
_JOINING = re.compile("(?:(?:于|日|期|是|为|在|：|:| |出|诞|年月|,|，|\\()){0,5}".encode())
_NUMERAL_REACH = 60
"""Bytes around a word of birth that a date in numerals lies in, and its own 30 to 42."""


def _before_year() -> np.ndarray:
    """The two bytes that may stand before the space before a year: of a month, of `1st`, a digit,
    a comma or a full stop."""
    known = np.zeros(65536, dtype=bool)
    months = "january february march april may june july august september october november december"
    ends = [name[:size][-2:] for name in months.split() for size in range(3, len(name) + 1)]
    for first, second in (*ends, "st", "nd", "rd", "th"):
        for pair in (first + second, (first + second).upper(), first.upper() + second,
                     first + second.upper()):  # fmt: skip
            known[int.from_bytes(pair.encode())] = True
    for code in b"0123456789.,":
        known[code::256] = True
    return known


_BEFORE_YEAR = _before_year()


def births(scan: Scan) -> Found:
    """Dates after a word of birth: 1990-02-03, 3/2/1990, 1990年2月3日, 3 February 1990."""
    runs = scan.runs
    # The word first: most of what looks like a date has none beside it.
    year_first = _told(scan, runs.shaped["year-first"], 2)
    year_last = _told(scan, runs.shaped["year-last"], 2)
    compact = _told(scan, runs.shaped["date"], 0)
    parts = [_named_dates(scan), _in_numerals(scan)]
    if len(year_first):
        date = [runs.head[year_first + place] for place in range(3)]
        year_first = year_first[is_date(*date)]
        end = runs.end[year_first + 2]
        end = end + len(_DAY) * native.follows(scan.joined.raw, end, _DAY)
        parts.append((runs.start[year_first], end))
    if len(year_last):
        day, month, year = (runs.head[year_last + place] for place in range(3))
        year = np.where(runs.size[year_last + 2] == 2, 1900 + year, year)
        year_last = year_last[is_date(year, month, day) | is_date(year, day, month)]
        parts.append((runs.start[year_last], runs.end[year_last + 2]))
    if len(compact):
        number = native.numbers(scan.joined.raw, runs.start[compact], runs.size[compact])
        compact = compact[is_date(number // 10_000, number // 100 % 100, number % 100)]
        parts.append((runs.start[compact], runs.end[compact]))
    return together(*parts)


def _told(scan: Scan, first: Positions, more: int) -> Positions:
    """Those of sequences of `1 + more` numbers that a word of birth stands before, or behind:
    `1985年3月12日出生`."""
    runs = scan.runs
    if not len(first):
        return first
    raw, end = scan.joined.raw, runs.end[first + more]
    told = scan.near(runs.start[first], _BIRTH)
    return first[told | native.follows(raw, end, _BORN) | native.follows(raw, end, _DAY + _BORN)]


def _in_numerals(scan: Scan) -> Found:
    """Dates in Chinese numerals around a word of birth: `一九八七年三月十四日出生`."""
    raw, found = scan.joined.raw, set[tuple[int, int]]()
    for at in scan.anchors("生").tolist():
        for match in _NUMERAL_DATE.finditer(raw, at - _NUMERAL_REACH, at + _NUMERAL_REACH):
            low, high = match.span()
            between = raw[high:at] if high <= at else raw[at + 3 : low]
            if _JOINING.fullmatch(between) and _BORN_WORD.match(raw, at - 3):
                found.add((low, high))
    return spans(sorted(found))


def _named_dates(scan: Scan) -> Found:
    """Dates with the month in English letters, found from their year."""
    runs = scan.runs
    year = runs.shaped["year-named"]
    start = runs.start[year]
    two = runs.codes[start - 3].astype(np.uint16) << 8 | runs.codes[start - 2]
    year = year[_APART[runs.codes[start - 1]] & _BEFORE_YEAR[two]]
    value = runs.head[year]
    year = year[(value >= 1900) & (value < 2030)]
    # Only where a birth is told at all: the expression is slow.
    year = year[scan.near(runs.start[year], _BIRTH, back=72)]
    raw, found = scan.joined.raw, list[tuple[int, int]]()
    for end in runs.end[year].tolist():
        for match in _NAMED_DATE.finditer(raw, end - 28, end + 1):
            if match.end() == end:
                found.append(match.span())
                break
    start, end = spans(found)
    told = scan.near(start, _BIRTH) | native.follows(scan.joined.raw, end, _BORN)
    return start[told], end[told]
