"""What is done in C gives what the same words in Python give."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.protect import native
from accord.data.protect.joined import EDGE, FOLDED, IDENTIFYING, WORD, join, side_by_side, table
from accord.data.protect.runs import Runs, digit_runs
from accord.data.protect.shapes import Link
from accord.data.protect.touching import TOUCHES

FEW = settings(max_examples=40, deadline=None)
TEXT = st.text(alphabet="0189aAzZ_-:.@[] 。：生码，、年月１２Ａ＠，é\U0001f600", max_size=200)


NO_LINKS = native.Between(np.zeros(256, dtype=np.uint8), b"", b"")


def _codes(text: bytes) -> Any:
    return np.frombuffer(text, dtype=np.uint8)


@FEW
@given(st.lists(st.none() | TEXT, max_size=6), st.integers(0, 3))
def test_texts_are_laid_side_by_side(rows: list[str | None], cut: int) -> None:
    texts = pa.array(rows, pa.string()).slice(cut)
    kept = [row or "" for row in rows[cut:]]
    content, starts = side_by_side(texts)
    assert content == bytes(EDGE) + b"\0".join(t.encode() for t in kept) + bytes(EDGE)
    assert [content[at : at + len(t.encode())] for at, t in zip(starts, kept, strict=True)] == [
        text.encode() for text in kept
    ]
    joined = join(texts)
    wide = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if FOLDED[code]}
    told = any(IDENTIFYING[ord(wide[c])] for text in kept for c in text if c in wide)
    narrow = ["".join(wide.get(c, c) if told else c for c in text) for text in kept]
    assert joined.raw == bytes(EDGE) + b"\0".join(t.encode() for t in narrow) + bytes(EDGE)
    # Positions lead back: every byte that was not folded is where it came from.
    at = np.array([i for i in range(len(joined.raw)) if i not in set(joined.folded.tolist())])
    if kept:
        row, start, _ = joined.located(at, at)
        assert _codes(content)[starts[row] + start].tolist() == _codes(joined.raw)[at].tolist()


@FEW
@given(TEXT)
def test_runs_of_digits_and_what_is_between(text: str) -> None:
    joined = join(pa.array([text]))
    runs: Runs = digit_runs(joined)
    matches = list(re.finditer(rb"[0-9]+", joined.raw))
    assert list(zip(runs.start.tolist(), runs.end.tolist(), strict=True)) == [
        m.span() for m in matches
    ]
    known = {b" ": Link.SPACE, b"-": Link.DASH, b".": Link.DOT, b":": Link.COLON,
             "年".encode(): Link.YEAR, "月".encode(): Link.MONTH, "，".encode(): Link.COMMA,
             "、".encode(): Link.COMMA, b" -": Link.COMMA, b" - ": Link.DASH}  # fmt: skip
    between = [joined.raw[a.end() : b.start()] for a, b in pairwise(matches)]
    wanted = [known.get(gap, Link.NONE) for gap in between] + [Link.NONE] * bool(matches)
    assert runs.link.tolist() == wanted


@FEW
@given(TEXT)
def test_what_is_known_of_each_run(text: str) -> None:
    runs = digit_runs(join(pa.array([text])))
    for i, (start, end) in enumerate(zip(runs.start.tolist(), runs.end.tolist(), strict=True)):
        digits = runs.joined.raw[start:end]
        assert runs.head[i] == int(digits[:4])
        free = [not WORD[runs.codes[at]] for at in (start - 1, end)]
        at = np.array([i])
        assert [runs.before(at)[0], runs.after(at)[0]] == free
        assert runs.token[i] & 31 == min(31, len(digits))
        assert runs.token[i] >> 5 & 15 == runs.link[i] == runs.previous(at + 1 - len(runs))[0]


@pytest.mark.parametrize("before", range(60, 68))
@pytest.mark.parametrize("size", [1, 3, 64, 65, 130])
def test_runs_across_the_blocks_that_are_looked_at_together(before: int, size: int) -> None:
    text = b"x" * before + b"7" * size + b"x"
    start, end, *_ = native.runs(text, NO_LINKS, WORD)
    assert (start.tolist(), end.tolist()) == ([before], [before + size])


@pytest.mark.parametrize("runs", [0, 1, 31, 32, 33, 5000])
def test_as_many_runs_as_there_can_be(runs: int) -> None:
    start, end, link, token, head = native.runs(b"x" + b"7x" * runs, NO_LINKS, WORD)
    assert start.tolist() == list(range(1, 2 * runs, 2))
    assert (end - start == 1).all() and (head == 7).all() and (token == 1).all() and not link.any()


@FEW
@given(TEXT, st.integers(0, 70))
def test_where_bytes_and_signs_stand(text: str, before: int) -> None:
    raw, signs = b"x" * before + text.encode(), ["：".encode(), "生".encode(), "码".encode()]
    found = native.places(raw, b"-A@[\\]", signs)
    wanted = [b"-", b"A", b"@", b"[", b"\\", b"]", *signs]
    for sign, places in zip(wanted, found, strict=True):
        assert places.tolist() == [m.start() for m in re.finditer(re.escape(sign), raw)]


@FEW
@given(st.lists(st.sampled_from(["Plate", "PLA", "reg. n", "车牌", "车", "é", "a7", " "])))
def test_where_words_stand(pieces: list[str]) -> None:
    raw, words = "".join(pieces).encode(), (b"plate", b"reg. n", b"registration", "车牌".encode())
    wanted = [at for at in range(len(raw)) if raw[at:].lower().startswith(words)]
    assert native.anywhere(raw, words).tolist() == wanted


@FEW
@given(TEXT)
def test_where_signs_begin_of_which_a_byte_is_known(text: str) -> None:
    raw = text.encode()
    for mark, signs in ((b"A", [(b"A?", 0), (b"?A", 1), (b"A", 0)]), (b"_", [(b"a_?Z", 1)])):
        at = np.array([i for i, byte in enumerate(raw) if byte == mark[0]], dtype=np.int64)
        for (sign, _), found in zip(signs, native.standing(raw, at, signs), strict=True):
            pattern = re.escape(sign).replace(rb"\?", rb"[\x00-\xff]")
            wanted = [m.start() for m in re.finditer(b"(?=%s)" % pattern, raw)]
            assert found.tolist() == wanted


@FEW
@given(TEXT, st.sampled_from(["年", "A", "：生", ""]))
def test_whether_a_sign_follows(text: str, sign: str) -> None:
    raw, code = text.encode(), sign.encode()
    wanted = [raw[at:].startswith(code) for at in range(len(raw) + 1)]
    assert native.follows(raw, np.arange(len(raw) + 1), code).tolist() == wanted


@FEW
@given(TEXT, st.integers(1, 40), st.sampled_from([1, -1]), st.data())
def test_how_far_a_sign_reaches(text: str, most: int, step: int, data: st.DataObject) -> None:
    raw = b"\0" + text.encode() + b"\0"
    at = data.draw(st.integers(1, len(raw) - 1))
    rest = raw[at:] if step > 0 else raw[:at][::-1]
    (size,) = native.reach(raw, np.array([at]), WORD, most, step)
    assert size == min(most, next(i for i, byte in enumerate(rest) if not WORD[byte]))


@FEW
@given(TEXT, st.lists(st.integers(0, 210)))
def test_up_to_the_last_byte_that_may_end_it(text: str, at: list[int]) -> None:
    raw, last = text.encode(), table("1a")
    sizes = [len(m.group()) if (m := re.match(rb"\w*[1a]", raw[place:])) else 0 for place in at]
    assert native.until(raw, np.array(at, dtype=np.int64), WORD, last).tolist() == sizes


HOST = re.compile(rb"(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,24}(?![A-Za-z0-9\-])")


@FEW
@given(st.text(alphabet="a7Z-..é@", max_size=60), st.integers(0, 30))
def test_where_a_host_name_ends(text: str, letters: int) -> None:
    raw = (text + "x." + "b" * letters).encode()
    at = np.arange(len(raw))
    wanted = [m.end() if (m := HOST.match(raw, place)) else place for place in at.tolist()]
    assert native.hosts(raw, at).tolist() == wanted


@FEW
@given(TEXT)
def test_what_has_a_form(text: str) -> None:
    raw, at = text.encode(), np.arange(len(text.encode()))
    kinds = (WORD + 2 * table(".:")).astype(np.uint8)
    wanted = [m.start() + 1 for m in re.finditer(rb"(?=[\w.:][.:]\w)", raw, re.A)]
    assert native.formed(raw, at, kinds, b"\3\2\1", 1).tolist() == wanted


@FEW
@given(st.lists(st.sampled_from(["Phone", "PHO", "tel.", "生日", "é", "a7", " "])))
def test_every_word_before_a_place(pieces: list[str]) -> None:
    raw, words = "".join(pieces).encode() + b"7", (b"phone", b"tel.", "生日".encode())
    at, back = len(raw) - 1, 16
    row, place = native.hints(raw, np.array([at, at]), words, back)
    wanted = [
        start for start in range(max(0, at - back), at) if raw[start:at].lower().startswith(words)
    ]
    assert place[row == 0].tolist() == place[row == 1].tolist() == wanted


@FEW
@given(TEXT)
def test_what_touches_runs_and_how_they_hang_together(text: str) -> None:
    runs = digit_runs(join(pa.array([text])))
    for name, found in runs.touching.items():
        touch = TOUCHES[name]
        wanted = [
            i for i in range(len(runs))
            if (touch.lead is None or touch.lead[runs.lead[i]])
            and (touch.first is None or touch.first[runs.codes[runs.start[i]]])
            and (touch.trail is None or touch.trail[runs.trail[i]])
            and (touch.behind is None or touch.behind[runs.codes[runs.end[i] + 1]])
            and touch.least <= runs.size[i] and (touch.most == 31 or runs.size[i] <= touch.most)
        ]  # fmt: skip
        assert found.tolist() == wanted
    tight = np.zeros(256, dtype=np.uint8)
    tight[[Link.DASH, Link.SPACE]] = 1
    chains, chain = list[list[int]](), list[int]()
    for i in range(len(runs)):
        chain.append(i)
        if not tight[runs.link[i]] or i == len(runs) - 1:
            chains.append(chain)
            chain = []
    wanted = [(c[0], c[-1]) for c in chains if len(c) <= 2 and 3 <= runs.size[c].sum() < 6]
    first, last = native.chains(runs.start, runs.end, runs.link, tight, 2, range(3, 6))
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == wanted


@FEW
@given(st.lists(st.integers(0, 10**19 - 1)), st.integers(0, 19))
def test_digits_as_numbers(values: list[int], size: int) -> None:
    texts = [str(value) for value in values]
    raw, at = " ".join(texts).encode() + b" ", np.cumsum([0, *(len(t) + 1 for t in texts)])[:-1]
    sizes = np.array([min(size, len(text), 18) for text in texts], dtype=np.int64)
    read = native.numbers(raw, at, sizes)
    wanted = [int(t[:n] or "0") for t, n in zip(texts, sizes.tolist(), strict=True)]
    assert read.tolist() == wanted


@FEW
@given(st.lists(st.text(alphabet="0123456789 -", max_size=24)))
def test_luhn(texts: list[str]) -> None:
    raw, start, end = _beside(texts)
    right, size, four = native.luhn(raw, start, end)
    for i, text in enumerate(texts):
        digits = [int(c) for c in text if c.isdigit()]
        doubled = [sum(divmod(2 * d, 10)) if place % 2 else d
                   for place, d in enumerate(reversed(digits))]  # fmt: skip
        assert right[i] == (bool(digits) and sum(doubled) % 10 == 0)
        assert (size[i], four[i]) == (len(digits), int("".join(map(str, digits[:4])) or 0))


@FEW
@given(st.lists(st.integers(2, 97)), st.booleans())
def test_ibans(checks: list[int], spaced: bool) -> None:
    texts = [f"gb{check:02}WEST12345698765432" for check in [*checks, 82]]
    texts = [" ".join(t[i : i + 4] for i in range(0, 22, 4)) if spaced else t for t in texts]
    right = native.ibans(*_beside(texts)).tolist()
    assert right == [check == 82 for check in [*checks, 82]]


@FEW
@given(st.dates(), st.integers(10, 99), st.integers(0, 999), st.sampled_from("0123456789Xx"))
def test_resident_ids(born: date, province: int, serial: int, last: str) -> None:
    body = f"{province}0101{born.isoformat().replace('-', '')}{serial:03}"
    weighted = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    known = np.zeros(100, dtype=bool)
    known[11:60] = True
    right = native.residents(f"{body}{last}".encode(), np.array([0]), known).tolist()
    checked = "10X98765432"[weighted % 11] == last.upper()
    assert right == [checked and 11 <= province < 60 and 1850 <= born.year < 2100]


def _beside(texts: list[str]) -> tuple[bytes, Any, Any]:
    start = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
    return "|".join([*texts, ""]).encode(), start, start + [len(text) for text in texts]


SPAN = st.tuples(st.integers(0, 60), st.integers(1, 9), st.integers(0, 2))


@FEW
@given(st.lists(SPAN, max_size=30))
def test_spans_in_order_and_what_hangs_together(spans: list[tuple[int, int, int]]) -> None:
    given = [(start, start + size, kind) for start, size, kind in spans]
    start, end, kind, cluster = native.united(*np.array(given, dtype=np.int64).reshape(-1, 3).T)
    found = list(zip(start.tolist(), end.tolist(), kind.tolist(), strict=True))
    assert found == sorted(found, key=lambda span: (span[0], span[2]))
    # Of each kind the same bytes, those of spans that overlap in one.
    for code in range(3):
        own = [(a, b) for a, b, k in found if k == code]
        assert all(a[1] <= b[0] for a, b in pairwise(own))
        assert {byte for a, b in own for byte in range(a, b)} == {
            byte for a, b, k in given if k == code for byte in range(a, b)
        }
        assert {a for a, _ in own} | {b for _, b in own} <= {
            at for a, b, k in given if k == code for at in (a, b)
        }
    firsts = [i for i in range(len(found)) if all(b <= found[i][0] for _, b, _ in found[:i])]
    assert cluster.tolist() == [max(f for f in firsts if f <= i) for i in range(len(found))]


@FEW
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_where_spans_stand_in_their_texts(rows: list[str]) -> None:
    joined = join(pa.array(rows))
    runs = digit_runs(joined)
    row, start, end = joined.located(runs.start, runs.end)
    for i, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        piece = rows[row[i]].encode()[a:b].decode()
        assert (
            unicodedata.normalize("NFKC", piece).encode() == joined.raw[runs.start[i] : runs.end[i]]
        )


def test_nothing_is_found_in_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert [len(part) for part in native.runs(b"", NO_LINKS, WORD)] == [0] * 5
    assert [len(part) for part in native.places(b"", b"-", ["：".encode()])] == [0, 0]
    assert native.anywhere(b"", (b"plate",)).tolist() == []
    assert [len(part) for part in native.united(none, none, none)] == [0] * 4
    assert [len(part) for part in native.located(none, none, none, none)] == [0] * 3


@pytest.mark.parametrize("wrong", [-5, 10_000, 2**40])
def test_no_wrong_place_leaves_the_text(wrong: int) -> None:
    raw, at, every = b"A1 phone 123", np.array([wrong]), np.ones(256, dtype=bool)
    assert native.standing(raw, at, [(b"A?", 0)])[0].tolist() == []
    assert native.near(raw, at, (b"phone",), 48).tolist() == [False]
    assert native.hints(raw, at, (b"phone",), 48)[0].tolist() == []
    assert native.reach(raw, at, every, 9, 1).tolist() == [0]
    assert native.reach(raw, at, every, 9, -1).tolist() == [0]
    assert native.until(raw, at, every, every).tolist() == [0]
    assert native.hosts(raw, at).tolist() == [wrong]
    assert native.formed(raw, at, every.astype(np.uint8), b"\1", 0).tolist() == []
    assert native.follows(raw, at, b"A").tolist() == [False]
    assert native.numbers(raw, at, np.array([3])).tolist() == [0]
    assert native.residents(raw, at, np.ones(100, dtype=bool)).tolist() == [False]
    for low, high in ((at, at + 3), (np.array([0]), np.array([10_000])), (at - at - 1, at)):
        assert native.luhn(raw, low, high)[0].tolist() == [False]
        assert native.ibans(raw, low, high).tolist() == [False]
    with pytest.raises(AssertionError):
        native.join(_codes(raw), np.array([0, 10_000], dtype=np.int32), at[:0], 4)


@FEW
@given(st.binary(max_size=40), st.data())
def test_parts_are_exchanged(text: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted))
    parts = list(zip(cuts[::2], cuts[1::2], strict=False))
    values = [data.draw(st.binary(max_size=4)) for _ in parts]
    expected, last = b"", 0
    for (low, high), value in zip(parts, values, strict=True):
        expected, last = expected + text[last:low] + value, high
    start, end = np.array(parts, dtype=np.int64).reshape(-1, 2).T
    sizes = np.array(list(map(len, values)), dtype=np.int64)
    assert native.exchanged(text, start, end, values, sizes) == expected + text[last:]
