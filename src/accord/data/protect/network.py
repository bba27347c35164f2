"""E-mail, web and machine addresses."""

from __future__ import annotations

import ipaddress
import re

import numpy as np

from accord.data.protect import native
from accord.data.protect.joined import ALNUM, DIGITS, HEX, LETTERS, WORD, distinct, table
from accord.data.protect.native import Bytes, Table
from accord.data.protect.scan import NOTHING, Found, Scan, spans, together


def _kinds(*tables: Table) -> Bytes:
    """Of each byte, as bits: which of these tables it is in. Shape [256]."""
    return sum(
        (known.astype(np.uint8) << np.uint8(bit) for bit, known in enumerate(tables)),
        np.zeros(256, dtype=np.uint8),
    )


_LOCAL = table(DIGITS + LETTERS + "._%+-'")
_NO_END = table(".'")
_HOST = table(DIGITS + LETTERS + ".-")
_LETTER, _CJK = table(LETTERS), (np.arange(256) >= 0xE3) & (np.arange(256) <= 0xED)
_SCHEME = table(LETTERS + DIGITS + "+")
_IN_URL = ~table(" \t\n\r\x0b\x0c<>\"'\0|\\^`{}") & (np.arange(256) < 0x80)
_URL_ENDS = table(LETTERS + DIGITS + "/=_&#~+-")
_FOREIGN = re.compile(
    rb"[Hh][Tt][Tt][Pp][Ss]?://(?:(?:[\xe3-\xed][\x80-\xbf]{2}|[A-Za-z0-9\-]){1,20}\.){1,4}"
    rb"(?:[\xe3-\xed][\x80-\xbf]{2}){1,4}(?:[:/][^\s<>\"'\x00\x80-\xff]*)"
)
"""Host names in Chinese and its like; what may follow them without a space cannot be told apart."""
_WWW = re.compile(
    rb"[Ww]{3}\.[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+(?:[/?#][^\s<>\"'\x00\x80-\xff]*[A-Za-z0-9/=_&#~+\-])?"
)
_BARE = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+"
    rb"(?:com|org|net|edu|gov|io|cn|info|co\.uk|com\.cn|ai|dev|app|de|fr|jp)"
    rb"(?![A-Za-z0-9\-])(?::\d{2,5})?(?:[/?#](?:[^\s<>\"'\x00\x80-\xff]*[A-Za-z0-9/=_&#~+\-])?)?"
)
_TOP = (".com", ".org", ".net", ".edu", ".gov", ".io", ".cn", ".info", ".co.uk")
_DOTTED = ".????."
SIGNS = ("://", "ww?.", "WW?.", _DOTTED, *_TOP)
_MAC_FORM = b"\x04\1\1" + b"\2\1\1" * 5 + b"\x08"
_MAC_KINDS = {
    sign: _kinds(HEX, table(sign), ~(WORD | table(sign)), ~(ALNUM | table(":-"))) for sign in ":-"
}
"""Of each byte: a hexadecimal digit, the sign between two pairs, what may stand before the first,
behind the last."""
_IP6 = re.compile(rb"[0-9A-Fa-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?:/\d{1,3})?")
_IP6_WHOLE = re.compile(r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}")
_DOTTED_FORM = b"\x04" + b"\2".join([b"\1" * 4] * 3) + b"\x08"
_DOTTED_KINDS = _kinds(HEX, table("."), ~(WORD | table(".")), ~(ALNUM | table(".")))
_COLON, _DOT, _AT, _SLASH = b":.@/"


def emails(scan: Scan) -> Found:
    """Addresses of RFC 5321 in the form people write them."""
    at = scan.anchors("@")
    if not len(at):
        return NOTHING
    raw, codes = scan.joined.raw, scan.joined.codes
    start, end = at - native.reach(raw, at, _LOCAL, 64, -1), native.hosts(raw, at + 1)
    # What one cannot begin with may stand before it: a quote, a bracket's dot.
    for _ in range(2):
        start = start + ~WORD[codes[start]]
    good = WORD[codes[start]] & (start < at) & ~_NO_END[codes[at - 1]] & (end > at + 1)
    return start[good], end[good]


def urls(scan: Scan) -> Found:
    """Addresses with a scheme, with `www.`, or of a well-known top-level domain."""
    codes, raw = scan.joined.codes, scan.joined.raw
    scheme = scan.anchors("://")
    scheme_size = native.reach(raw, scheme, _SCHEME, 10, -1)
    starts, rest = scheme - scheme_size, native.until(raw, scheme + 3, _IN_URL, _URL_ENDS)
    whole = _LETTER[codes[starts]] & (scheme_size > 1) & (rest > 0)
    # A host in Chinese and its like has such a character before anything that ends a host.
    host = native.reach(raw, scheme + 3, _HOST, 255, 1)
    foreign = starts[_CJK[codes[scheme + 3 + host]]]
    web = np.concatenate((scan.anchors("ww?."), scan.anchors("WW?.")))
    web = web[~WORD[codes[web - 1]] & (codes[web - 1] != _DOT)]
    return together(
        _closed(scan, (starts[whole], (scheme + 3 + rest)[whole])),
        scan.match(_WWW, web),
        _bare(scan),
        scan.match(_FOREIGN, foreign),
    )


def _closed(scan: Scan, found: Found) -> Found:
    """With the bracket that closes one in the address: `/wiki/Foo_(bar)`."""
    start, end = found
    raw, end = scan.joined.raw, end.copy()
    for at in np.flatnonzero(scan.joined.codes[end] == ord(")")).tolist():
        text = raw[start[at] : end[at]]
        end[at] += text.count(b"(") > text.count(b")")
    return start, end


def _bare(scan: Scan) -> Found:
    """Host names without a scheme, found from their top-level domain."""
    codes = scan.joined.codes
    dots: list[np.ndarray] = []
    for ending in _TOP:
        at = scan.anchors(ending)
        if len(at):
            dots.append(at[ALNUM[codes[at - 1]] & ~ALNUM[codes[at + len(ending)]]])
    if not dots:
        return NOTHING
    at = distinct(np.concatenate(dots))
    start = at - native.reach(scan.joined.raw, at, _HOST, 64, -1)
    start = distinct(start[(codes[start - 1] != _AT) & (codes[start - 1] != _SLASH) & (start < at)])
    return scan.match(_BARE, start)


def macs(scan: Scan) -> Found:
    """IEEE 802 addresses: six pairs of hexadecimal digits between `:` or `-`."""
    raw = scan.joined.raw
    found = [
        native.formed(raw, scan.anchors(sign), kinds, _MAC_FORM, 3)
        for sign, kinds in _MAC_KINDS.items()
    ]
    start = np.concatenate(found) - 2
    return together((start, start + 17), _dotted_macs(scan))


def _dotted_macs(scan: Scan) -> Found:
    """`001b.4411.3ab7`."""
    start = (
        native.formed(scan.joined.raw, scan.anchors(_DOTTED), _DOTTED_KINDS, _DOTTED_FORM, 5) - 4
    )
    # Three groups of digits alone are a number.
    lettered = [any(c > 57 for c in scan.joined.raw[at : at + 14]) for at in start.tolist()]
    start = start[lettered]
    return start, start + 14


def ip6(scan: Scan) -> Found:
    """IPv6 addresses as RFC 4291 writes them."""
    raw, codes, colon = scan.joined.raw, scan.joined.codes, scan.anchors(":")
    if not len(colon):
        return NOTHING
    # Colons that hang together by at most four hexadecimal digits are one address, which has
    # seven of them, six before an IPv4 address, or two side by side.
    gap = np.append(colon[1:] - colon[:-1], 99)
    linked = (gap <= 5) & (native.reach(raw, colon + 1, HEX, 4, 1) >= gap - 1)
    first = np.flatnonzero(~np.append(False, linked[:-1]))
    size = np.diff(np.append(first, len(colon)))
    doubled = np.logical_or.reduceat(linked & (gap == 1), first)
    some = (size >= 6) | doubled
    first, eight = first[some], (size == 7)[some] & ~doubled[some]
    last, colon = colon[first + size[some] - 1], colon[first]
    left = native.reach(raw, colon, HEX, 5, -1)
    # `IP:2001:db8::1`: the first colon is none of its own.
    start = colon - left + ((left == 0) & (codes[colon + 1] != _COLON))
    right = native.reach(raw, last + 1, HEX, 5, 1)
    end = last + 1 + right
    free = ~ALNUM[codes[start - 1]]
    # Eight groups and no prefix behind them: nothing else needs to be looked at.
    whole = eight & (left > 0) & (left < 5) & (right > 0) & (right < 5) & (codes[end] != _SLASH)
    low, high = scan.match(_IP6, start[free & ~whole])
    others = zip(low.tolist(), high.tolist(), strict=True)
    return together(
        (start[free & whole], end[free & whole]),
        spans([span for span in others if _is_ip6(raw, span)]),
    )


def _is_ip6(raw: bytes, span: tuple[int, int]) -> bool:
    text = raw[slice(*span)].decode()
    if _IP6_WHOLE.fullmatch(text):
        return True
    if text.count(":") < 2 or not any(c.isdigit() for c in text) or len(text) < 4:
        return False
    try:
        return ipaddress.ip_interface(text).version == 6
    except ValueError:
        return False
