"""What is done in C gives what the same words in Python give."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.protect import native
from accord.data.protect.joined import EDGE, FOLDED, IDENTIFYING, WORD, join, side_by_side
from accord.data.protect.runs import Runs, digit_runs
from accord.data.protect.shapes import Link
from accord.data.protect.touching import TOUCHES

FEW = settings(max_examples=40, deadline=None)
TEXT = st.text(alphabet="0189aAzZ_-:.@[] 。：生码，、年月１２Ａ＠，é\U0001f600", max_size=200)


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
    assert _codes(content)[joined.places(at)].tolist() == _codes(joined.raw)[at].tolist()


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


@pytest.mark.parametrize("before", range(60, 68))
@pytest.mark.parametrize("size", [1, 3, 64, 65, 130])
def test_runs_across_the_blocks_that_are_looked_at_together(before: int, size: int) -> None:
    text = b"x" * before + b"7" * size + b"x"
    start, end, _ = native.runs(_codes(text), np.zeros(256, dtype=np.uint8), b"", b"")
    assert (start.tolist(), end.tolist()) == ([before], [before + size])


@FEW
@given(TEXT)
def test_where_bytes_and_signs_stand(text: str) -> None:
    raw, signs = text.encode() + b"\0\0", ["：".encode(), "生".encode(), "码".encode()]
    found = native.places(_codes(raw), b"-A@", signs)
    for sign, places in zip([b"-", b"A", b"@", *signs], found, strict=True):
        assert places.tolist() == [m.start() for m in re.finditer(re.escape(sign), raw)]


@FEW
@given(TEXT, st.sampled_from([b"A?", b"?A", b"-", b"a_?Z"]))
def test_where_a_sign_begins_whose_byte_is_known(text: str, sign: bytes) -> None:
    raw = text.encode()
    key = next(place for place, byte in enumerate(sign) if byte in b"A-_")
    at = np.array([i for i, byte in enumerate(raw) if byte == sign[key]], dtype=np.int64)
    pattern = re.escape(sign).replace(rb"\?", rb"[\x00-\xff]")
    wanted = [m.start() for m in re.finditer(b"(?=%s)" % pattern, raw)]
    assert native.standing(_codes(raw), at, sign, key).tolist() == wanted


@FEW
@given(TEXT, st.integers(1, 40), st.sampled_from([1, -1]), st.data())
def test_how_far_a_sign_reaches(text: str, most: int, step: int, data: st.DataObject) -> None:
    raw = b"\0" + text.encode() + b"\0"
    at = data.draw(st.integers(1, len(raw) - 1))
    rest = raw[at:] if step > 0 else raw[:at][::-1]
    (size,) = native.reach(_codes(raw), np.array([at]), WORD, most, step)
    assert size == min(most, next(i for i, byte in enumerate(rest) if not WORD[byte]))


@FEW
@given(st.lists(st.sampled_from(["Phone", "PHO", "tel.", "生日", "é", "a7", " "])))
def test_every_word_before_a_place(pieces: list[str]) -> None:
    raw, words = "".join(pieces).encode() + b"7", (b"phone", b"tel.", "生日".encode())
    at, back = len(raw) - 1, 16
    row, place = native.hints(_codes(raw), np.array([at, at]), words, back)
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
            and (touch.trail is None or touch.trail[runs.trail[i]])
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


@pytest.mark.parametrize("wrong", [-5, 10_000])
def test_no_wrong_place_leaves_the_text(wrong: int) -> None:
    codes, at = _codes(b"A1 phone 123"), np.array([wrong])
    assert native.standing(codes, at, b"A?", 0).tolist() == []
    assert native.near(codes, at, (b"phone",), 48).tolist() == [False]
    assert native.hints(codes, at, (b"phone",), 48)[0].tolist() == []
    assert native.reach(codes, at, np.ones(256, dtype=bool), 9, 1).tolist() == [0]
    assert native.reach(codes, at, np.ones(256, dtype=bool), 9, -1).tolist() == [0]
    assert native.numbers(codes, at, np.array([3])).tolist() == [0]
    with pytest.raises(AssertionError):
        native.join(codes, np.array([0, wrong], dtype=np.int32), np.zeros(0, dtype=np.int64), 4)
