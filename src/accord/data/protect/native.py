"""`native.c` for numpy: what is done for every byte or every number of a text.

Texts are arrays of bytes, positions and counts of int64; results are arrays of their own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Table = npt.NDArray[np.bool_]
SIGNS = 16
"""Most signs that `places` looks for."""
_SHAPES = 64


class _List(ctypes.Structure):
    _fields_ = (
        ("at", ctypes.POINTER(ctypes.c_int64)),
        ("count", ctypes.c_int64),
        ("room", ctypes.c_int64),
    )


_AT, _N, _YES = ctypes.c_void_p, ctypes.c_int64, ctypes.c_bool
_SIGNATURES = {
    "full_width": (_YES, _AT, _N, _N, _AT, _AT),
    "join": (None, _AT, _AT, _N, _AT, _N, _AT),
    "places": (_YES, _AT, _N, _AT, _N, _AT, _N, _AT),
    "standing": (_N, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "count_runs": (_N, _AT, _N),
    "runs": (None, _AT, _N, _AT, _AT, _AT, _N, _N, _AT, _AT, _AT),
    "shaped": (_YES, _AT, _N, _AT, _N, _AT),
    "touching": (_YES, _AT, _AT, _AT, _N, _AT, _AT, _AT, _AT),
    "chains": (_YES, _AT, _AT, _AT, _N, _AT, _N, _N, _N, _AT),
    "numbers": (None, _AT, _N, _AT, _AT, _N, _AT),
    "reach": (None, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "near": (None, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
    "hints": (_YES, _AT, _N, _AT, _N, _AT, _N, _N, _AT),
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
            "src/accord/data/protect/native.c is not compiled for this machine: install Accord "
            f"anew, with a C compiler (`make setup`, or `pip install --editable .`): {error}"
        ) from error
    for name, (result, *given) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, given
    return library


def _call(name: str, *arguments: np.ndarray | bytes | int | ctypes.Array[_List]) -> Any:
    """Arrays go by their address."""
    given = [one.ctypes.data if isinstance(one, np.ndarray) else one for one in arguments]
    return getattr(_library(), name)(*given)


def _lists(count: int, name: str, *arguments: np.ndarray | bytes | int) -> list[Positions]:
    """What a function finds that fills `count` lists.

    Raises:
        MemoryError: There was none.
    """
    lists = (_List * count)()
    try:
        if not _call(name, *arguments, lists):
            raise MemoryError
        return [
            np.ctypeslib.as_array(one.at, (one.count,)).copy() if one.count
            else np.zeros(0, dtype=np.int64)
            for one in lists
        ]  # fmt: skip
    finally:
        _call("forget", lists, count)


def _at(positions: Positions) -> Positions:
    """As the library reads them: int64, one after the other."""
    return np.ascontiguousarray(positions, dtype=np.int64)


def full_width(data: Bytes, offsets: npt.NDArray[np.int32], kinds: Bytes) -> Positions:
    """Where full-width forms stand in texts whose ASCII has bit 1 in `kinds` [256]; none if none
    of them has bit 2.

    Args:
        data: The texts' bytes.
        offsets: Where each begins, and the last ends. Shape [rows + 1].
    """
    first, last = int(offsets[0]), int(offsets[-1])
    assert 0 <= first <= last <= len(data)
    return _lists(1, "full_width", data, first, last, kinds)[0]


def join(data: Bytes, offsets: npt.NDArray[np.int32], wide: Positions, edge: int) -> bytes:
    """Texts in one, an empty byte between any two and `edge` of them around.

    Args:
        data, offsets: As in `full_width`.
        wide: The full-width forms that become ASCII; changed to where they stand in the whole.
    """
    rows, bytes_of_texts = len(offsets) - 1, int(offsets[-1] - offsets[0])
    assert (offsets[1:] >= offsets[:-1]).all() and offsets[0] >= 0 and offsets[-1] <= len(data)
    text = bytes(bytes_of_texts + max(0, rows - 1) - 2 * len(wide) + 2 * edge)
    # Nobody else holds these bytes yet: to fill them in place saves a copy of all that is read.
    inner = np.frombuffer(text, dtype=np.uint8)[edge:]
    _call("join", data, np.ascontiguousarray(offsets), rows, wide, len(wide), inner)
    wide += edge
    return text


def places(text: Bytes, wanted: bytes, signs: Sequence[bytes]) -> list[Positions]:
    """Where each of these bytes stands, then where each sign of three bytes begins.

    Args:
        signs: At most `SIGNS`.
    """
    assert len(signs) <= SIGNS and all(len(sign) == 3 for sign in signs)
    count = len(wanted) + len(signs)
    sizes = (len(wanted), b"".join(signs), len(signs))
    return _lists(count, "places", text, len(text), wanted, *sizes)


def standing(text: Bytes, at: Positions, sign: bytes, key: int) -> Positions:
    """Where a sign begins whose byte at `key` is at these positions; `?` in it is any byte."""
    at = _at(at)
    found = np.empty(len(at), dtype=np.int64)
    count = _call("standing", text, len(text), at, len(at), sign, len(sign), key, found)
    return found[:count].copy()


def runs(
    text: Bytes, single: Bytes, several: bytes, links: bytes
) -> tuple[Positions, Positions, Bytes]:
    """Runs of digits of a text that ends with none: where each begins and ends, and what stands
    between it and the next.

    Args:
        single: What one byte between them means. Shape [256].
        several: Longer signs, of three bytes each: before what is shorter stand empty ones.
        links: What each of them means.
    """
    count = int(_call("count_runs", text, len(text)))
    start, end = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    link = np.empty(count, dtype=np.uint8)
    tables = (single, several, links, len(links))
    _call("runs", text, len(text), *tables, count, start, end, link)
    return start, end, link


def shaped(tokens: npt.NDArray[np.uint16], tables: npt.NDArray[np.uint64]) -> list[Positions]:
    """First runs of the sequences of each of 64 shapes.

    Args:
        tokens: Below 2048. Shape [runs].
        tables: Which shapes a token lets pass: that before a sequence, then that of each of its
            places. Shape [places, 2048].
    """
    return _lists(_SHAPES, "shaped", tokens, len(tokens), tables, len(tables))


def touching(
    text: Bytes, start: Positions, end: Positions, tables: Sequence[npt.NDArray[np.uint64]]
) -> list[Positions]:
    """Which runs, none of them at an end of the text, each of 64 rules takes.

    Args:
        tables: For which rules (bits) the byte before a run [256], the byte behind it [256] and
            the number of its digits [32] are right; more digits count as 31.
    """
    assert not len(start) or (start[0] > 0 and end[-1] < len(text))
    return _lists(_SHAPES, "touching", text, start, end, len(start), *tables)


def chains(
    start: Positions, end: Positions, link: Bytes, links: Bytes, most: int, digits: range
) -> tuple[Positions, Positions]:
    """First and last runs of what hangs together by some links.

    Args:
        links: Which they are. Shape [256].
        most: Runs of a chain.
        digits: Of all its runs together.
    """
    counts = (most, digits.start, digits.stop - 1)
    first, last = _lists(2, "chains", start, end, link, len(start), links, *counts)
    return first, last


def numbers(text: Bytes, at: Positions, size: Positions) -> Positions:
    """The digits from each position on, as many as its size says, as numbers."""
    at, size = _at(at), _at(size)
    assert len(at) == len(size)
    value = np.empty(len(at), dtype=np.int64)
    _call("numbers", text, len(text), at, size, len(at), value)
    return value


def reach(text: Bytes, at: Positions, inside: Table, most: int, step: int) -> Positions:
    """How many bytes from `at` on (step 1), or before it (step -1), are `inside`; at most `most`.

    Args:
        at: First byte looked at, going right; the byte after the first one, going left.
        inside: Table [256].
    """
    at = _at(at)
    counts = np.empty(len(at), dtype=np.int64)
    _call("reach", text, len(text), at, len(at), inside, most, step, counts)
    return counts


def near(text: Bytes, at: Positions, words: Sequence[bytes], back: int) -> Table:
    """Whether one of these words, in lower case, stands at most `back` bytes before, in the same
    text and sentence, and is no part of a mask: `[PHONE]` is no reason to take the next number for
    one."""
    at = _at(at)
    known, told = _counted(tuple(words)), np.empty(len(at), dtype=bool)
    _call("near", text, len(text), at, len(at), known, len(known), back, told)
    return told


def hints(
    text: Bytes, at: Positions, words: Sequence[bytes], back: int
) -> tuple[Positions, Positions]:
    """Every such word, whatever stands between: the index in `at`, and where the word begins."""
    at = _at(at)
    known = _counted(tuple(words))
    row, place = _lists(2, "hints", text, len(text), at, len(at), known, len(known), back)
    return row, place


@cache
def _counted(words: tuple[bytes, ...]) -> bytes:
    """Words, each behind its length."""
    assert all(1 < len(word) < 256 for word in words)
    return b"".join(bytes([len(word)]) + word for word in words)
