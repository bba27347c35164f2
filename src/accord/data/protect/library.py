"""The compiled file of `c/`: how numpy speaks to it."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
NONE: Positions = np.zeros(0, dtype=np.int64)


class _List(ctypes.Structure):
    _fields_ = (
        ("at", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("room", ctypes.c_int64),
    )


_AT, _N, _YES = ctypes.c_void_p, ctypes.c_int64, ctypes.c_bool
_SIGNATURES = {
    "full_width": (_YES, _AT, _N, _N, _AT, _AT),
    "join": (None, _AT, _AT, _N, _AT, _N, _AT),
    "places": (_YES, _AT, _N, _AT, _N, _AT, _N, _AT),
    "anywhere": (_YES, _AT, _N, _AT, _N, _AT),
    "standing": (_YES, _AT, _N, _AT, _N, _AT, _N, _AT),
    "count_runs": (_N, _AT, _N),
    "runs": (None, _AT, _N, _AT, _AT, _AT, _N, _AT, _N, _AT, _AT, _AT, _AT, _AT),
    "shaped": (_YES, _AT, _N, _AT, _N, _AT),
    "touching": (_YES, _AT, _N, _AT, _AT, _N, _AT, _AT, _AT),
    "chains": (_YES, _AT, _AT, _AT, _N, _AT, _N, _N, _N, _AT),
    "numbers": (None, _AT, _N, _AT, _AT, _N, _AT),
    "luhn": (None, _AT, _N, _AT, _AT, _N, _AT, _AT, _AT),
    "residents": (None, _AT, _N, _AT, _N, _AT, _AT),
    "ibans": (None, _AT, _N, _AT, _AT, _N, _AT),
    "follows": (None, _AT, _N, _AT, _N, _AT, _N, _AT),
    "reach": (None, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "until": (None, _AT, _N, _AT, _N, _AT, _AT, _AT),
    "hosts": (None, _AT, _N, _AT, _N, _AT),
    "formed": (_N, _AT, _N, _AT, _N, _AT, _AT, _N, _N, _AT),
    "near": (None, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "hints": (_YES, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "united": (_N, _AT, _AT, _AT, _N, _AT),
    "exchanged": (None, _AT, _N, _AT, _AT, _N, _AT, _AT, _AT),
    "located": (None, _AT, _AT, _N, _AT, _N, _AT, _N, _AT),
    "forget": (None, _AT, _N),
}
"""What each function gives, and what it is given: addresses and numbers."""


@cache
def _library() -> ctypes.CDLL:
    """The compiled file beside this one.

    Raises:
        ImportError: It was not built, or for another machine.
    """
    path = Path(__file__).with_name("_native.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(
            "src/accord/data/protect/c/ is not compiled for this machine: install Accord "
            f"anew, with a C compiler (`make setup`, or `pip install --editable .`): {error}"
        ) from error
    for name, (result, *given) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, given
    return library


def call(name: str, *arguments: np.ndarray | bytes | int | ctypes.Array[_List]) -> Any:
    """Arrays go by their address."""
    given = [_address(one) if isinstance(one, np.ndarray) else one for one in arguments]
    return getattr(_library(), name)(*given)


def _address(array: np.ndarray) -> int:
    """Where an array begins; `array.ctypes` tells the same in twice the time, and of all arrays."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))
    except (TypeError, ValueError, BufferError):  # empty, or not to be written to
        return array.ctypes.data


def lists(count: int, name: str, *arguments: np.ndarray | bytes | int) -> list[Positions]:
    """What a function finds that fills `count` lists.

    Raises:
        MemoryError: There was none.
    """
    filled = (_List * count)()
    try:
        if not call(name, *arguments, filled):
            raise MemoryError
        return [_copied(one.at, one.count) if one.count else NONE for one in filled]
    finally:
        call("forget", filled, count)


def _copied(address: int, count: int) -> Positions:
    positions = np.empty(count, dtype=np.int64)
    ctypes.memmove(_address(positions), address, positions.nbytes)
    return positions


def as_read(positions: Positions) -> Positions:
    """As the library reads them: int64, one after the other."""
    return np.ascontiguousarray(positions, dtype=np.int64)
