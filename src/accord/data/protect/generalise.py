"""The coarse part of an identifier: enough to learn from, too little to know who is meant."""

from __future__ import annotations

import re

from accord.data.protect.pseudonym import plain

_MOBILE = re.compile(r"1[3-9]\d{9}")
_YEAR = re.compile(r"(?:19|20)\d\d")


def generalised(kind: str, value: bytes) -> bytes:
    """`[DATE_OF_BIRTH 1985]`, `[IP 192.168.x.x]`, `[CARD 1111]`; else the mask."""
    coarse = _coarse(kind, plain(kind, value).decode())
    name = kind.upper()
    return (f"[{name} {coarse}]" if coarse else f"[{name}]").encode()


def _coarse(kind: str, text: str) -> str:
    match kind:
        case "date_of_birth":
            found = _YEAR.search(text)
            return found.group() if found else ""
        case "ip":
            parts = text.split("/")[0].split(".")
            return ".".join(parts[:2]) + ".x.x" if len(parts) == 4 else ""
        case "card":
            return text[-4:]
        case "iban":
            return text[:2].upper()
        case "resident_id":
            return f"{text[:2]}xxxx {text[6:10]}" if len(text) == 18 else text[:2] + "xxxx"
        case "credit_code":
            return text[2:4] + "xxxx"
        case "phone":
            return text[:3] + "xxxx" if _MOBILE.fullmatch(text) else ""
        case "coordinates":
            return ", ".join(f"{float(n):.0f}" for n in re.findall(r"-?\d+\.\d+", text))
        case "plate":
            return text[:1] if text[:1] > "\u4e00" else ""
        case _:
            return ""
