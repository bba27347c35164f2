"""Surrogates: invented values of the same kind and language, the same for one value and key."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from accord.data.protect.pseudonym import digest
from accord.part import require

_MADE: dict[str, Callable[[Any], str]] = {
    "name": lambda fake: fake.name(),
    "email": lambda fake: fake.ascii_safe_email(),
    "url": lambda fake: f"https://www.{fake.domain_word()}.example/{fake.uri_path()}",
    "phone": lambda fake: fake.phone_number(),
    "address": lambda fake: fake.address().replace("\n", ", "),
    "card": lambda fake: fake.credit_card_number(),
    "iban": lambda fake: fake.iban(),
    "ip": lambda fake: fake.ipv4_private(),
    "mac": lambda fake: fake.mac_address(),
    "date_of_birth": lambda fake: fake.date_of_birth(minimum_age=18).isoformat(),
    "plate": lambda fake: fake.license_plate(),
    "passport": lambda fake: fake.bothify("E########"),
    "coordinates": lambda fake: f"{float(fake.latitude()):.4f}, {float(fake.longitude()):.4f}",
    "secret": lambda fake: fake.password(length=24, special_chars=False),
}
_LOCAL: dict[tuple[str, str], Callable[[Any], str]] = {
    ("ssn", "en_US"): lambda fake: fake.ssn(),
    ("resident_id", "zh_CN"): lambda fake: fake.ssn(),
}


def surrogate(kind: str, value: bytes, key: bytes, chinese: bool) -> bytes:
    """An invented value; the pseudonym's digest chooses it.

    Args:
        chinese: Whether it stands in a Chinese text.

    Raises:
        MissingExtra: Faker is not installed.
    """
    locale = "zh_CN" if (chinese and kind != "ssn") or kind == "resident_id" else "en_US"
    fake = _faker(locale)
    make = _LOCAL.get((kind, locale)) or _MADE.get(kind)
    for attempt in range(16):
        seed = digest(kind, value, key + bytes([attempt]))
        fake.seed_instance(int.from_bytes(seed[:8]))
        made = make(fake) if make else fake.bothify("??######").upper()
        # Another value, or nothing would be protected.
        if made.encode() != value:
            return made.encode()
    return f"[{kind.upper()}]".encode()


@cache
def _faker(locale: str) -> Any:
    faker = require("faker", "data", "invented values")
    return faker.Faker(locale)
