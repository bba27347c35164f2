"""Identifiers are found by their form, whatever stands around them, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.protect.joined import join
from accord.data.protect.recognise import PATTERNS, SIGNS, recognise
from accord.data.protect.scan import Scan
from accord.data.protect.shapes import FREE_AFTER, FREE_BEFORE, SHAPES, Link, shaped

CASES = {
    "phone": ["13812345678", "+86 138-1234-5678", "010-12345678", "(415) 555-2671",
              "415.555.2671x123", "+44 20 7946 0958", "400-820-8820"],
    "email": ["zhang.wei@163.com", "a+b@x.co.uk"],
    "resident_id": ["11010519491231002X", "11059819770211584X"],
    "card": ["4111 1111 1111 1111", "3782 822463 10005", "6222021234567890128", "570123456784",
             "6390 8999 1330"],
    "ssn": ["123-45-6789"],
    "ip": ["192.168.0.1/24", "2001:db8::1"],
    "mac": ["00:1A:2B:3C:4D:5E"],
    "url": ["https://example.com/a?b=1", "www.foo.org"],
    "iban": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"],
    "plate": ["京A12345", "粤BD12345"],
    "credit_code": ["91350100M000100Y43"],
    "coordinates": ["39.9042, 116.4074"],
    "secret": ["AKIAIOSFODNN7EXAMPLE", "sk-abcdefghijklmnopqrstuvwx1234"],
}  # fmt: skip
ALL = [(kind, value) for kind, values in CASES.items() for value in values]
AROUND = ["see {} now", "号码{}。", "({})", "{}", "是{}的"]


def _found(text: str) -> list[tuple[str, str]]:
    spans = recognise(pa.array([text]))
    cut = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    values = [text.encode()[a:b].decode() for a, b in cut]
    return list(zip(spans.entities(), values, strict=True))


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("kind", "value"), ALL)
def test_found_whatever_stands_around(kind: str, value: str, around: str) -> None:
    assert _found(around.format(value)) == [(kind, value)]


@pytest.mark.parametrize("kind", ["phone", "resident_id", "card", "email"])
def test_full_width_is_the_same(kind: str) -> None:
    value = CASES[kind][0]
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    assert _found(f"号码{wide}，好") == [(kind, wide)]


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002Y", "110105194912310021", "4111 1111 1111 1112", "000-12-3456",
        "1.2.3", "256.1.1.1", "v1.2.3.4", "1,234,567.89", "2020-01-02", "order 12345678901",
        "GB82 WEST 1234 5698 7654 33", "91350100M000100Y44", "3.13812345678", "std::vector",
        "order 6799983798642798", "561207439151", "12:30", "ISBN 978-3-16-148410-0", "a@b",
        "price: 4111", "第13812345678901号", "order no. 4111111111111111", "使100000人受益",
        '{"id": "4111111111111111"}', "订单号：4111111111111111", "联系人和地址", "负责人对此",
        "他一九八七年三月十四日来京",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_left(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("passport no: 123456789", "passport"), ("护照E12345678", "passport"),
        ("born 12 March 1985", "date_of_birth"), ("出生日期：1985年3月12日", "date_of_birth"),
        ("SSN 123456789", "ssn"), ("call 555-1234", "phone"), ("license plate 7ABC123", "plate"),
        ("My name is John Smith.", "name"), ("姓名：张伟，", "name"),
        ("password: hunter2!", "secret"), ("密码是：Abc123!x", "secret"),
        ("order 4111 1111 1111 1111", "card"), ("credit card id 4111111111111111", "card"),
        ("收件人赵敏，电话", "name"), ("一九八七年三月十四日出生", "date_of_birth"),
        ("出生日期：一九九〇年十二月二十一日", "date_of_birth"), ("大使馆的车牌使014578", "plate"),
        ("debit card 503389430185", "card"), ("银行卡６７９９９８３７９８６４２７９８", "card"),
        ("1600 Pennsylvania Avenue, Washington, DC 20500", "address"),
        ("地址：北京市海淀区中关村大街27号", "address"),
    ],
)  # fmt: skip
def test_words_before_tell(text: str, kind: str) -> None:
    assert [name for name, _ in _found(text)] == [kind]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from([v for _, v in ALL])), max_size=8))
def test_each_text_by_itself(texts: list[str]) -> None:
    """Texts are looked at side by side, but what is found in one depends on it alone."""
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    together = recognise(pa.array(texts, pa.string()))
    for row, text in enumerate(texts):
        alone = recognise(pa.array([text]))
        own = together.row == row
        assert together.start[own].tolist() == alone.start.tolist()
        assert together.end[own].tolist() == alone.end.tolist()
        assert together.entity[own].tolist() == alone.entity.tolist()
    assert (together.end > together.start).all()


def test_only_what_is_asked_for() -> None:
    spans = recognise(pa.array(["a@x.com 192.168.0.1"]), ("ip",))
    assert spans.entities() == ["ip"]
    assert set(CASES) <= set(PATTERNS)


LINES = Path(__file__).parents[3] / "benchmarks" / "held_out.txt"
MARK = re.compile(r"\[\[([a-z_]+):(.*?)\]\]")
MISSED = ("221B Baker Street",)
"""What no pattern here finds, or finds with more around it."""


@pytest.mark.parametrize(
    "line", [line for line in LINES.read_text("utf-8").splitlines() if not line.startswith("# ")]
)
def test_forms_that_people_write(line: str) -> None:
    if any(missed in line for missed in MISSED):
        pytest.skip("a form that passes, as docs/protect.md says")
    wanted = [(match[1], match[2]) for match in MARK.finditer(line)]
    assert _found(MARK.sub(lambda match: match[2], line)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "叫车不方便，叫司机来", "version 10.4.2.1", "电话打完了。174208675是订单", "25° C outside",
        "ratio 3.14159, 2.71828", "001.442.311", "http://x.com/a(b",
    ],
)  # fmt: skip
def test_what_was_once_taken_for_an_identifier(text: str) -> None:
    assert [kind for kind, _ in _found(text) if kind != "url"] == []


@pytest.mark.parametrize("text", ["IP:2001:db8::1", "地址：fe80::1", "x 2001:db8::1/64"])
def test_addresses_behind_a_colon(text: str) -> None:
    assert [kind for kind, _ in _found(text)] == ["ip"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*(sign.replace("?", "o") for sign in SIGNS.known), *"_-.:AKg s9密"]))
)
def test_all_signs_at_once_are_each_by_itself(pieces: list[str]) -> None:
    scan = Scan(join(pa.array(["".join(pieces)])), SIGNS)
    for sign in SIGNS.known:
        pattern = re.escape(sign.encode()).replace(rb"\?", rb"[\x00-\xff]")
        wanted = [m.start() for m in re.finditer(b"(?=%s)" % pattern, scan.joined.raw)]
        assert scan.anchors(sign).tolist() == wanted


def test_no_number_goes_on_in_the_next_text() -> None:
    assert not len(recognise(pa.array(["tel: 2", ") 13912345"])))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_shape_is_found_alone_and_in_a_row(name: str) -> None:
    """The one look at all shapes agrees with a look at each run by itself."""
    shape = SHAPES[name]
    size = np.array([least for least, _ in shape.sizes])
    links = [min(allowed) for allowed in shape.links]
    link = np.array([*links, Link.NONE], dtype=np.uint8)
    free = np.ones(len(size), dtype=bool)
    assert shaped(_token(size, link, free))[name].tolist() == [0]
    if shape.free_before:
        assert not len(shaped(_token(size, link, ~free))[name])
    longer = np.full(len(size), 31 if max(most for _, most in shape.sizes) < 31 else 0)
    assert not len(shaped(_token(longer, link, free))[name])


def _token(size: Any, link: Any, free_before: Any) -> Any:
    code = size.astype(np.uint16) | link.astype(np.uint16) << 5 | FREE_AFTER
    return code | free_before.astype(np.uint16) * FREE_BEFORE


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["Phone", "pho", "tel.", "生日", "。", "[", "]", "7", " "])))
def test_words_are_seen_as_far_as_they_stand(pieces: list[str]) -> None:
    text, words = "".join(pieces), (b"phone", b"tel.", "生日".encode())
    scan = Scan(join(pa.array([text, "7"])), SIGNS)
    start = scan.runs.start
    told = scan.near(start, words, back=16)
    for at, seen in zip(start.tolist(), told.tolist(), strict=True):
        window = scan.joined.raw[at - 16 : at].lower()
        tails = [window[place:] for place in range(16) if window[place:].startswith(words)]
        assert seen == any(re.fullmatch(rb"(?:(?!\0|\xe3\x80\x82|\]).)*(?:\[.*)?", tail)
                           and b"\0" not in tail and "。".encode() not in tail
                           for tail in tails)  # fmt: skip
