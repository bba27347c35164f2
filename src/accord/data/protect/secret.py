"""Secrets of machines: keys with a known beginning, tokens, private keys, passwords that are given
away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from accord.data.protect import native
from accord.data.protect.joined import WORD, Positions, table
from accord.data.protect.scan import Found, Scan, spans, together

KEYS: Mapping[str, re.Pattern[bytes]] = {
    sign: re.compile(pattern)
    for sign, pattern in (
        ("AKIA", rb"AKIA[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("ASIA", rb"ASIA[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("gh?_", rb"gh[pousr]_[0-9A-Za-z]{36,}"),
        ("github_pat_", rb"github_pat_[0-9A-Za-z_]{22,}"),
        ("hf_", rb"hf_[0-9A-Za-z]{30,}"),
        ("npm_", rb"npm_[0-9A-Za-z]{36}"),
        ("sk-", rb"sk-(?:[A-Za-z]{2,8}-)?[0-9A-Za-z_\-]{20,}"),
        ("pk-", rb"pk-(?:lf-)?[0-9A-Za-z_\-]{20,}"),
        ("?k_", rb"[sr]k_(?:live|test)_[0-9A-Za-z]{16,}"),
        ("glpat-", rb"glpat-[0-9A-Za-z_\-]{20,}"),
        ("xox?-", rb"xox[abposr]-[0-9A-Za-z\-]{10,}"),
        ("AIza", rb"AIza[0-9A-Za-z_\-]{35}"),
        ("SG.", rb"SG\.[0-9A-Za-z_\-]{16,32}\.[0-9A-Za-z_\-]{16,64}"),
        ("eyJ", rb"eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{4,}\.[0-9A-Za-z_\-]*"),
        ("EAACEdEose0cBA", rb"EAACEdEose0cBA[0-9A-Za-z]+"),
        ("AKID", rb"AKID[0-9A-Za-z]{13,40}(?![0-9A-Za-z])"),
        ("LTAI", rb"LTAI[0-9A-Za-z]{12,30}(?![0-9A-Za-z])"),
        ("AC", rb"AC[0-9a-f]{32}(?![0-9A-Za-z])"),
        ("SK", rb"SK[0-9a-f]{32}(?![0-9A-Za-z])"),
        ("ya29.", rb"ya29\.[0-9A-Za-z_\-]{20,}"),
        ("pypi-", rb"pypi-[0-9A-Za-z_\-]{50,}"),
        ("do?_v1_", rb"do[oprt]_v1_[0-9a-f]{64}"),
        ("dckr_pat_", rb"dckr_pat_[0-9A-Za-z_\-]{20,}"),
        ("shp??_", rb"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}"),
        ("sq0???-", rb"sq0(?:atp|csp)-[0-9A-Za-z_\-]{22,}"),
        ("xapp-", rb"xapp-\d-[0-9A-Za-z\-]{20,}"),
        ("hvs.", rb"hvs\.[0-9A-Za-z_\-]{24,}"),
        ("whsec_", rb"whsec_[0-9A-Za-z+/=]{24,}"),
        ("AGE-SECRET-KEY-1", rb"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
        (
            "https://hooks.slack.com/",
            rb"https://hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z_/]{20,}",
        ),
        ("GR1348941", rb"GR1348941[0-9A-Za-z_\-]{20,}"),
    )
}
"""What keys begin with; `?` is a small letter."""
SIGNS = (*KEYS, "--", "Bearer ?", "://")
_PRIVATE = re.compile(
    rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^\x00]{1,20000}?"
    rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
)
_BEARER = re.compile(rb"Bearer\s{1,2}([0-9A-Za-z._~+/\-]{16,}=*)")
_SPOKEN = re.compile("密码(?:是|为) ?".encode() + rb"([!-~]{6,64})")
_IN_URL = re.compile(rb"://[^\s:/@\x00\x80-\xff]{1,64}:([^\s/@:\x00\x80-\xff]{3,200})@")
_USER = ~table(" \t\n\r\x0b\x0c:/@\0") & (np.arange(256) < 0x80)
_BOT = re.compile(rb"\d{8,10}:AA[0-9A-Za-z_\-]{33}(?![0-9A-Za-z_\-])")
_NAMES = (
    rb"(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?key)?|api[_ -]?key|access[_-]?key(?:[_-]?id)?|"
    rb"auth[_-]?token|access[_-]?token|token|bearer|client[_-]?secret|private[_-]?key|"
    + "密码|口令|密钥|令牌".encode()
    + rb")"
)
_NAMED = re.compile(_NAMES + rb"[\"']?\s{0,2}(?:is|\xe6\x98\xaf|\xe4\xb8\xba)?\s{0,2}\Z", re.I)
_VALUE = re.compile(rb"(?:=|:|\xef\xbc\x9a)\s{0,2}[\"'`]?([^\s\"'`<>,;\x00\x80-\xff]{6,200})")
_STRONG = re.compile(rb"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])|(?=[^\s]*[!@#$%^&*])")
_WORDS = tuple(
    word.encode()
    for word in (
        "pass", "pwd", "secret", "api", "access", "auth", "token", "bearer", "client", "private",
        "密码", "口令", "密钥", "令牌",
    )
)  # fmt: skip
"""What each of `_NAMES` begins with."""
_LONGEST_NAME = 32
_ENDS = ("ss", "rd", "wd", "se", "et", "ey", "pi", "id", "en", "er", "is", *"码令钥牌是为")


def _pairs(ends: Iterable[tuple[Iterable[int], int]]) -> npt.NDArray[np.bool_]:
    """A table [65536] of two bytes side by side: any of some, and the one after it."""
    known = np.zeros(65536, dtype=bool)
    for before, last in ends:
        known[[first << 8 | last for first in before]] = True
    return known


def _named_ends() -> npt.NDArray[np.bool_]:
    """What a name of a secret may end in, a quote or a space behind it included."""
    spelt = {way.encode()[-2:] for end in _ENDS for way in
             (end, end.upper(), end.capitalize(), end[0] + end[1:].upper())}  # fmt: skip
    tails = [(range(256), last) for last in b"\"' \t\n\r\x0b\x0c"]
    return _pairs((*tails, *(((two[0],), two[1]) for two in spelt)))


_LAST = _named_ends()
_NAME_ENDS: npt.NDArray[np.bool_] = np.any(_LAST.reshape(256, 256), axis=0)


def secrets(scan: Scan) -> Found:
    """Keys, tokens, private keys, and what stands after `password=` and alike."""
    raw, codes = scan.joined.raw, scan.joined.codes
    addresses = scan.anchors("://")
    # A colon must stand in the address once more.
    named = native.reach(raw, addresses + 3, _USER, 65, 1)
    addresses = addresses[codes[addresses + 3 + named] == ord(":")]
    found = [
        _named(scan),
        scan.match(_PRIVATE, scan.anchors("--")),
        scan.match(_BEARER, scan.anchors("Bearer ?"), 1),
        scan.match(_SPOKEN, scan.anchors("码") - 3, 1),
        scan.match(_IN_URL, addresses, 1),
        scan.match(_BOT, _bots(scan)),
    ]
    for sign, pattern in KEYS.items():
        at = scan.anchors(sign)
        if not len(at):
            continue
        at = at[~WORD[codes[at - 1]]]
        low, high = scan.match(pattern, at)
        real = [any(c in b"0123456789" for c in raw[a:b]) for a, b in zip(low, high, strict=True)]
        found.append((low[real], high[real]))
    return together(*found)


def _bots(scan: Scan) -> Positions:
    """Numbers that a bot's token may begin with."""
    runs = scan.runs
    return runs.start[runs.touching["bot"]]


def _named(scan: Scan) -> Found:
    raw, codes, found = scan.joined.raw, scan.joined.codes, list[tuple[int, int]]()
    for positions in (scan.anchors("="), scan.anchors(":"), scan.anchors("：")):
        positions = positions[_NAME_ENDS[codes[positions - 1]]]
        two = codes[positions - 2].astype(np.uint16) << 8 | codes[positions - 1]
        positions = positions[_LAST[two]]
        for at in positions[scan.hinted(positions, _WORDS, _LONGEST_NAME)].tolist():
            if not _NAMED.search(raw, max(0, at - _LONGEST_NAME), at):
                continue
            match = _VALUE.match(raw, at)
            if match and _STRONG.match(match.group(1)) and match.group(1)[:1] != b"[":
                found.append(match.span(1))
    return spans(found)
