"""Pseudonyms: the same for the same value and key, in every file and run; without the key nobody
can make or check one (HMAC-SHA-256, RFC 2104)."""

from __future__ import annotations

import hmac

LETTERS = 12
"""Letters shown, of 16 that they may be: among a million values two share one with a chance of
0.2%."""
_ALPHABET = "abcdefghijklmnop"
_PLAIN = frozenset(("phone", "card", "resident_id", "ssn", "iban", "credit_code", "mac", "plate"))
"""Kinds in which spaces, dashes and brackets mean nothing."""
_FOLDED = frozenset(("email", "url", "mac", "iban", "resident_id", "credit_code", "plate"))
"""Kinds in which capital and small letters mean the same."""


def digest(kind: str, value: bytes, key: bytes) -> bytes:
    """A keyed digest of a value as it is meant, not as it is written. 32 bytes."""
    return hmac.digest(key, kind.encode() + b"\0" + plain(kind, value), "sha256")


def pseudonym(kind: str, value: bytes, key: bytes) -> bytes:
    """`[EMAIL fdebmaclhibo]`: letters alone, for digits might be taken for a number once more."""
    shown = "".join(_ALPHABET[int(c, 16)] for c in digest(kind, value, key).hex()[:LETTERS])
    return f"[{kind.upper()} {shown}]".encode()


def plain(kind: str, value: bytes) -> bytes:
    """A value without what writing it differently changes."""
    text = value.decode("utf-8", "replace")
    text = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)
    if kind in _PLAIN:
        text = "".join(c for c in text if c.isalnum())
    if kind == "phone":
        text = text.removeprefix("0086") if text.startswith("0086") else text
        text = text[2:] if len(text) == 13 and text.startswith("86") else text
    if kind in _FOLDED:
        text = text.lower()
    return " ".join(text.split()).encode()
