"""Secrets of machines: keys with a known beginning, tokens, private keys, passwords that are given
away."""

from __future__ import annotations

import re

from accord.data.protect.joined import WORD, table
from accord.data.protect.scan import Found, Scan, spans, together

_KNOWN: tuple[tuple[str, int, re.Pattern[bytes]], ...] = tuple(
    (sign, back, re.compile(pattern))
    for sign, back, pattern in (
        ("AK", 0, rb"AKIA[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("AS", 0, rb"ASIA[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("p_", 2, rb"ghp_[0-9A-Za-z]{36,}"),
        ("o_", 2, rb"gho_[0-9A-Za-z]{36,}"),
        ("u_", 2, rb"ghu_[0-9A-Za-z]{36,}"),
        ("s_", 2, rb"ghs_[0-9A-Za-z]{36,}"),
        ("r_", 2, rb"ghr_[0-9A-Za-z]{36,}"),
        ("b_", 5, rb"github_pat_[0-9A-Za-z_]{22,}"),
        ("f_", 1, rb"hf_[0-9A-Za-z]{30,}"),
        ("m_", 2, rb"npm_[0-9A-Za-z]{36}"),
        ("k-", 1, rb"sk-(?:[A-Za-z]{2,8}-)?[0-9A-Za-z_\-]{20,}"),
        ("k-", 1, rb"pk-(?:lf-)?[0-9A-Za-z_\-]{20,}"),
        ("k_", 1, rb"[sr]k_(?:live|test)_[0-9A-Za-z]{16,}"),
        ("t-", 4, rb"glpat-[0-9A-Za-z_\-]{20,}"),
        ("xo", 0, rb"xox[abposr]-[0-9A-Za-z\-]{10,}"),
        ("Iz", 0, rb"AIza[0-9A-Za-z_\-]{35}"),
        ("SG", 0, rb"SG\.[0-9A-Za-z_\-]{16,32}\.[0-9A-Za-z_\-]{16,64}"),
        ("yJ", 1, rb"eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{4,}\.[0-9A-Za-z_\-]*"),
        ("EA", 0, rb"EAACEdEose0cBA[0-9A-Za-z]+"),
        ("Gr", 0, rb"GR1348941[0-9A-Za-z_\-]{20,}"),
    )
)  # fmt: skip
_PRIVATE = re.compile(
    rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^\x00]{1,20000}?"
    rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
)
_NAMES = (
    rb"(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?key)?|api[_ -]?key|access[_-]?key(?:[_-]?id)?|"
    rb"auth[_-]?token|access[_-]?token|token|bearer|client[_-]?secret|private[_-]?key|"
    + "密码|口令|密钥|令牌".encode()
    + rb")"
)
_NAMED = re.compile(_NAMES + rb"[\"']?\s{0,2}(?:is|\xe6\x98\xaf|\xe4\xb8\xba)?\s{0,2}\Z", re.I)
_VALUE = re.compile(rb"(?:=|:|\xef\xbc\x9a)\s{0,2}[\"'`]?([^\s\"'`<>,;\x00\x80-\xff]{6,200})")
_STRONG = re.compile(rb"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])|(?=[^\s]*[!@#$%^&*])")
_SIGNS = ("=", ":", "：")
_LONGEST_NAME = 32
_LAST = table("dDeEtTyYnNrRsS\"' ")
_LAST[[word.encode()[-1] for word in ("密码", "口令", "密钥", "令牌")]] = True
"""Bytes that a name of a secret, its quote included, may end in."""


def secrets(scan: Scan) -> Found:
    """Keys, tokens, private keys, and what stands after `password=` and alike."""
    raw, codes = scan.joined.raw, scan.joined.codes
    found = [_named(scan), scan.match(_PRIVATE, scan.anchors("--"))]
    for sign, back, pattern in _KNOWN:
        at = scan.anchors(sign) - (back if sign != "Iz" else 1)
        at = at[~WORD[codes[at - 1]]]
        low, high = scan.match(pattern, at)
        real = [any(c in b"0123456789" for c in raw[a:b]) for a, b in zip(low, high, strict=True)]
        found.append((low[real], high[real]))
    return together(*found)


def _named(scan: Scan) -> Found:
    raw, found = scan.joined.raw, list[tuple[int, int]]()
    for sign in _SIGNS:
        positions = scan.anchors(sign)
        positions = positions[_LAST[scan.joined.codes[positions - 1]]]
        for at in positions.tolist():
            if not _NAMED.search(raw, max(0, at - _LONGEST_NAME), at):
                continue
            match = _VALUE.match(raw, at)
            if match and _STRONG.match(match.group(1)) and match.group(1)[:1] != b"[":
                found.append(match.span(1))
    return spans(found)
