"""Check digits of identifiers, for many at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_RESIDENT = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CREDIT = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: without I, O, S, V, Z."""
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_PROVINCES = np.array(
    [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46,
     50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83]
)  # fmt: skip


def luhn(digits: Numbers, size: Numbers) -> Mask:
    """ISO/IEC 7812-1. Shape of `digits`: [n, most], left-aligned; of `size`: [n]."""
    most = digits.shape[1]
    place = np.arange(most)
    inside = place < size[:, None]
    doubled = ((size[:, None] - place) % 2 == 0) & inside
    values = np.where(doubled, digits * 2 - 9 * (digits > 4), digits) * inside
    return values.sum(1) % 10 == 0


def resident(digits: Numbers, last: Numbers) -> Mask:
    """GB 11643-1999: ISO 7064 mod 11-2, a province, a date.

    Args:
        digits: The first 17. Shape [n, 17].
        last: The check digit, 10 for X. Shape [n].
    """
    check = (12 - (digits * _RESIDENT).sum(1) % 11) % 11
    province = digits[:, 0] * 10 + digits[:, 1]
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    month = digits[:, 10] * 10 + digits[:, 11]
    day = digits[:, 12] * 10 + digits[:, 13]
    return (check == last) & np.isin(province, _PROVINCES) & is_date(year, month, day)


def credit(values: Numbers) -> Mask:
    """GB 32100-2015: unified social credit code. Shape [n, 18] of places in `CREDIT_ALPHABET`;
    -1 where a character stands in none."""
    known = (values >= 0).all(1)
    check = (31 - (values[:, :17] * _CREDIT).sum(1) % 31) % 31
    return known & (check == values[:, 17])


def is_date(year: Numbers, month: Numbers, day: Numbers) -> Mask:
    """A day of a year from 1850 to 2099."""
    known = (year >= 1850) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1)
    return known & (day <= _DAYS[np.clip(month, 0, 12)])


def iban(codes: npt.NDArray[np.uint8]) -> Mask:
    """ISO 13616: mod 97. Shape [n, most]: letters and digits of each, NUL behind the shorter."""
    turned = np.concatenate((codes[:, 4:], codes[:, :4]), axis=1)
    # A letter is a number of two digits; each counts by the power of ten that its place gives.
    width = _WIDTH[turned]
    power = np.cumsum(width[:, ::-1], axis=1)[:, ::-1] - width
    return (_VALUE[turned] * _POWERS[power]).sum(1) % 97 == 1


_VALUE = np.zeros(256, dtype=np.int64)
_WIDTH = np.zeros(256, dtype=np.int64)
for _place, _character in enumerate(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
    _VALUE[_character] = _place
    _WIDTH[_character] = 1 + (_place > 9)
_POWERS = np.array([pow(10, power, 97) for power in range(80)])
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters of an IBAN by country (SWIFT IBAN Registry)."""
