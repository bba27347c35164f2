"""The functions of `c/` for numpy: what is done for every byte or every number of a text.

Positions and counts are int64; results are arrays of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from accord.data.protect.library import Positions, as_read, call, lists

Bytes = npt.NDArray[np.uint8]
Table = npt.NDArray[np.bool_]
Rules = npt.NDArray[np.uint64]
RULES = 64
"""Most shapes, rules and signs that are looked for in one call: each is one bit of a number."""
_FEW = 4
"""What may be written behind the positions of runs: `FEW` of `c/text.h`."""


def full_width(data: Bytes, offsets: npt.NDArray[np.int32], kinds: Bytes) -> Positions:
    """Where full-width forms stand in texts whose ASCII has bit 1 in `kinds` [256]; none if none
    of them has bit 2.

    Args:
        data: The texts' bytes.
        offsets: Where each begins, and the last ends. Shape [rows + 1].
    """
    first, last = int(offsets[0]), int(offsets[-1])
    assert 0 <= first <= last <= len(data)
    return lists(1, "full_width", data, first, last, kinds)[0]


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
    call("join", data, np.ascontiguousarray(offsets), rows, wide, len(wide), inner)
    wide += edge
    return text


def places(text: bytes, wanted: bytes, signs: Sequence[bytes]) -> list[Positions]:
    """Where each of these bytes stands, then where each sign of three bytes begins.

    Args:
        signs: No two of them end with the same byte, and none with one that is wanted.
    """
    count = len(wanted) + len(signs)
    assert all(len(sign) == 3 for sign in signs) and count < 256
    assert len({*wanted, *(sign[2] for sign in signs)}) == count
    sizes = (len(wanted), b"".join(signs), len(signs))
    return lists(count, "places", text, len(text), wanted, *sizes)


def anywhere(text: bytes, words: Sequence[bytes]) -> Positions:
    """Where one of these words, in lower case, stands, in either case.

    Args:
        words: At most eight.
    """
    assert len(words) <= 8
    known = _counted(tuple(words))
    return lists(1, "anywhere", text, len(text), known, len(known))[0]


def standing(text: bytes, at: Positions, signs: Sequence[tuple[bytes, int]]) -> list[Positions]:
    """Where each sign begins whose byte at the place given with it is at these positions; `?` in
    it is any byte.

    Args:
        signs: At most `RULES`.
    """
    assert len(signs) <= RULES
    at, known = as_read(at), _keyed(tuple(signs))
    return lists(len(signs), "standing", text, len(text), at, len(at), known, len(known))


@dataclass(frozen=True, slots=True)
class Between:
    """What stands between two runs of digits.

    Args:
        single: What one byte means. Shape [256].
        several: Longer signs, of three bytes each: before what is shorter stand empty ones.
        links: What each of them means.
    """

    single: Bytes
    several: bytes
    links: bytes


def runs(
    text: bytes, between: Between, word: Table
) -> tuple[Positions, Positions, Bytes, npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """Runs of digits of a text that neither begins nor ends with one: where each begins and ends,
    what stands between it and the next, its token and its first digits (at most four) as a number.

    A token is the number of digits, at most 31; 5 bits on, what stands behind; 9 and 10 bits on,
    whether no byte of `word` touches the run before and behind.

    Args:
        word: Table [256].
    """
    assert not text or not (text[:1].isdigit() or text[-1:].isdigit())
    count = int(call("count_runs", text, len(text)))
    start, end = (np.empty(count + _FEW, dtype=np.int64) for _ in range(2))
    link = np.empty(count, dtype=np.uint8)
    token, head = np.empty(count, dtype=np.uint16), np.empty(count, dtype=np.uint16)
    tables = (between.single, between.several, between.links, len(between.links), word)
    call("runs", text, len(text), *tables, count, start, end, link, token, head)
    return start[:count], end[:count], link, token, head


def shaped(tokens: npt.NDArray[np.uint16], tables: Rules, shapes: int) -> list[Positions]:
    """First runs of the sequences of each shape.

    Args:
        tokens: Below 2048. Shape [runs].
        tables: Which shapes (bits) a token lets pass: that before a sequence, then that of each of
            its places. Shape [places, 2048].
        shapes: How many there are, at most `RULES`.
    """
    return lists(shapes, "shaped", tokens, len(tokens), tables, len(tables))


def touching(
    text: bytes, start: Positions, end: Positions, around: Rules, digits: Rules, rules: int
) -> list[Positions]:
    """Which runs, none of them at an end of the text, each rule takes.

    Args:
        around: For which rules (bits) the byte before a run, its first digit, the byte behind it
            and the one after that are right. Shape [4, 256].
        digits: The same of the number of its digits; more count as 31. Shape [32].
        rules: How many there are, at most `RULES`.
    """
    assert not len(start) or (start[0] > 0 and end[-1] < len(text))
    tables = (around, digits)
    return lists(rules, "touching", text, len(text), start, end, len(start), *tables)


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
    first, last = lists(2, "chains", start, end, link, len(start), links, *counts)
    return first, last


def numbers(text: bytes, at: Positions, size: Positions) -> Positions:
    """The digits from each position on, as many as its size says, as numbers."""
    at, size = as_read(at), as_read(size)
    assert len(at) == len(size)
    value = np.empty(len(at), dtype=np.int64)
    call("numbers", text, len(text), at, size, len(at), value)
    return value


def luhn(text: bytes, start: Positions, end: Positions) -> tuple[Table, Positions, Positions]:
    """Of the digits between these positions, whatever else is there: whether they have the check
    digit of ISO/IEC 7812-1, how many they are, and the first four as a number."""
    start, end = as_read(start), as_read(end)
    assert len(start) == len(end)
    right = np.empty(len(start), dtype=bool)
    digits, four = (np.empty(len(start), dtype=np.int64) for _ in range(2))
    call("luhn", text, len(text), start, end, len(start), right, digits, four)
    return right, digits, four


def residents(text: bytes, at: Positions, provinces: Table) -> Table:
    """Whether 17 digits and a digit or X from each position on are a resident id (GB 11643-1999).

    Args:
        provinces: Which first two digits there are. Shape [100].
    """
    at = as_read(at)
    right = np.empty(len(at), dtype=bool)
    call("residents", text, len(text), at, len(at), provinces, right)
    return right


def ibans(text: bytes, start: Positions, end: Positions) -> Table:
    """Whether the letters and digits between these positions have the remainder of ISO 13616."""
    start, end = as_read(start), as_read(end)
    assert len(start) == len(end)
    right = np.empty(len(start), dtype=bool)
    call("ibans", text, len(text), start, end, len(start), right)
    return right


def follows(text: bytes, at: Positions, sign: bytes) -> Table:
    """Whether a sign begins at each position."""
    at = as_read(at)
    found = np.empty(len(at), dtype=bool)
    call("follows", text, len(text), at, len(at), sign, len(sign), found)
    return found


def reach(text: bytes, at: Positions, inside: Table, most: int, step: int) -> Positions:
    """How many bytes from `at` on (step 1), or before it (step -1), are `inside`; at most `most`.

    Args:
        at: First byte looked at, going right; the byte after the first one, going left.
        inside: Table [256].
    """
    at = as_read(at)
    counts = np.empty(len(at), dtype=np.int64)
    call("reach", text, len(text), at, len(at), inside, most, step, counts)
    return counts


def until(text: bytes, at: Positions, inside: Table, last: Table) -> Positions:
    """How many bytes from `at` on are `inside`, up to the last one of them that is `last`.

    Args:
        inside, last: Tables [256].
    """
    at = as_read(at)
    counts = np.empty(len(at), dtype=np.int64)
    call("until", text, len(text), at, len(at), inside, last, counts)
    return counts


def hosts(text: bytes, at: Positions) -> Positions:
    """Where the host name ends that begins at each position, as it stands in an e-mail address: one
    or more labels, and 2 to 24 letters behind the last dot. The position itself if none does."""
    at = as_read(at)
    end = np.empty(len(at), dtype=np.int64)
    call("hosts", text, len(text), at, len(at), end)
    return end


def formed(text: bytes, at: Positions, kinds: Bytes, form: bytes, before: int) -> Positions:
    """Those positions that have bytes of the right kinds around them.

    Args:
        kinds: The kinds of each byte, as bits. Shape [256].
        form: Of which kinds each place asks for one, from `before` bytes before a position on.
    """
    at = as_read(at)
    found = np.empty(len(at), dtype=np.int64)
    sizes = (len(form), before)
    return found[: call("formed", text, len(text), at, len(at), kinds, form, *sizes, found)]


def near(text: bytes, at: Positions, words: Sequence[bytes], back: int) -> Table:
    """Whether one of these words, in lower case, stands at most `back` bytes before, in the same
    text and sentence, and is no part of a mask: `[PHONE]` is no reason to take the next number for
    one."""
    at = as_read(at)
    known, told = _counted(tuple(words)), np.empty(len(at), dtype=bool)
    call("near", text, len(text), at, len(at), known, len(known), back, told)
    return told


def hints(
    text: bytes, at: Positions, words: Sequence[bytes], back: int
) -> tuple[Positions, Positions]:
    """Every such word, whatever stands between: the index in `at`, and where the word begins."""
    at = as_read(at)
    known = _counted(tuple(words))
    row, place = lists(2, "hints", text, len(text), at, len(at), known, len(known), back)
    return row, place


def united(
    start: Positions, end: Positions, kind: Positions
) -> tuple[Positions, Positions, Positions, Positions]:
    """Spans in order of their start, those of one kind that overlap as one; and of each, the place
    of the first of those that hang together by overlaps.

    Raises:
        MemoryError: There was none.
    """
    columns = [column.astype(np.int64) for column in (start, end, kind)]
    cluster = np.empty(len(start), dtype=np.int64)
    count = call("united", *columns, len(start), cluster)
    if count < 0:
        raise MemoryError
    start, end, kind, cluster = (column[:count] for column in (*columns, cluster))
    return start, end, kind, cluster


def located(
    start: Positions, end: Positions, folded: Positions, starts: Positions
) -> tuple[Positions, Positions, Positions]:
    """The row of each span, and where it begins and ends in the text of that row.

    Args:
        start, end: In texts side by side, full-width forms folded; in order.
        folded: Where such forms stand.
        starts: Where each text begins before folding.
    """
    columns = start.astype(np.int64), end.astype(np.int64)
    row = np.empty(len(start), dtype=np.int64)
    call("located", *columns, len(row), folded, len(folded), starts, len(starts), row)
    return row, *columns


@cache
def _counted(words: tuple[bytes, ...]) -> bytes:
    """Words, each behind its length."""
    assert len(words) < 256 and all(1 < len(word) < 256 for word in words)
    return b"".join(bytes([len(word)]) + word for word in words)


@cache
def _keyed(signs: tuple[tuple[bytes, int], ...]) -> bytes:
    """Signs, each behind its length and the place of the byte that is known."""
    assert all(0 <= key < len(sign) < 256 for sign, key in signs)
    return b"".join(bytes([len(sign), key]) + sign for sign, key in signs)


def exchanged(
    text: bytes, start: Positions, end: Positions, values: Sequence[bytes], sizes: Positions
) -> bytes:
    """A text with parts of it exchanged.

    Args:
        start, end: Of the parts, in order, none overlapping another. Shape of each [n].
        values: What takes the place of each.
        sizes: Their bytes. Shape [n].
    """
    start, end, sizes = as_read(start), as_read(end), as_read(sizes)
    joined = b"".join(values)
    assert len(start) == len(end) == len(sizes) and int(sizes.sum()) == len(joined)
    assert (start <= end).all() and (end[:-1] <= start[1:]).all()
    assert not len(start) or (start[0] >= 0 and end[-1] <= len(text))
    found = bytes(len(text) - int((end - start).sum()) + len(joined))
    # Nobody else holds these bytes yet.
    room = np.frombuffer(found, dtype=np.uint8)
    call("exchanged", text, len(text), start, end, len(start), joined, sizes, room)
    return found
