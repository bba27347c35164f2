"""Sealed files: whatever is changed of them is refused, and what is not comes back as it was."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import IntegrityError
from accord.vault.stream import HEADER_BYTES, Opening, Random, Sealing, file_key, read_head

ID, KEY, BOUND = bytes(range(16)), bytes(range(32)), b"clinic, letters, 1, a.csv"
CHUNK = 16
TAG = 16


class _Sink(io.BytesIO):
    content = b""

    def close(self) -> None:
        if not self.closed:
            self.content = self.getvalue()
        super().close()


def sealed(plain: bytes, pieces: int = 7, key: bytes = KEY, bound: bytes = BOUND) -> bytes:
    sink = _Sink()
    with Sealing(sink, ID, key, bound, CHUNK) as writer:
        for at in range(0, len(plain), pieces):
            writer.write(plain[at : at + pieces])
    return sink.content


def opened(content: bytes, key: bytes = KEY, bound: bytes = BOUND, way: Any = Opening) -> bytes:
    source = cast(BinaryIO, io.BytesIO(content))
    head = read_head(source.read(HEADER_BYTES), "x")
    with way(source, head, file_key(head, key, bound, "x"), "x") as reader:
        return reader.read()


@given(st.binary(max_size=100), st.integers(1, 40))
def test_any_bytes_come_back(plain: bytes, pieces: int) -> None:
    content = sealed(plain, pieces)
    assert opened(content) == opened(content, way=Random) == plain
    assert len(plain) < 8 or plain[:8] not in content[HEADER_BYTES:]


@given(st.binary(max_size=100), st.integers(0, 100))
def test_chunks_are_all_that_was_not_read(plain: bytes, first: int) -> None:
    source = cast(BinaryIO, io.BytesIO(sealed(plain)))
    head = read_head(source.read(HEADER_BYTES), "x")
    with Opening(source, head, file_key(head, KEY, BOUND, "x"), "x") as reader:
        begun = reader.read(first) if first else b""
        assert begun + b"".join(reader.chunks()) == plain
        assert reader.read() == b""


@given(
    st.binary(min_size=1, max_size=100),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 40))),
)
def test_any_part_comes_back_in_any_order(plain: bytes, parts: list[tuple[int, int]]) -> None:
    source = cast(BinaryIO, io.BytesIO(sealed(plain)))
    head = read_head(source.read(HEADER_BYTES), "x")
    with Random(source, head, file_key(head, KEY, BOUND, "x"), "x") as reader:
        for at, size in parts:
            reader.seek(at)
            assert reader.read(size) == plain[at : at + size]


@given(st.binary(max_size=60), st.data())
def test_a_flipped_bit_is_refused(plain: bytes, data: st.DataObject) -> None:
    content = bytearray(sealed(plain))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    for way in (Opening, Random):
        with pytest.raises(IntegrityError) as caught:
            opened(bytes(content), way=way)
        assert caught.value.exit_code == 5


@given(st.binary(max_size=70), st.data())
def test_a_cut_or_longer_file_is_refused(plain: bytes, data: st.DataObject) -> None:
    content = sealed(plain)
    cut = data.draw(st.integers(0, len(content) - 1))
    more = data.draw(st.binary(min_size=1, max_size=50))
    for wrong in (content[:cut], content + more, content + content[HEADER_BYTES:]):
        for way in (Opening, Random):
            with pytest.raises(IntegrityError):
                opened(wrong, way=way)


@settings(max_examples=40)
@given(st.integers(2, 5), st.data())
def test_moved_repeated_and_missing_chunks_are_refused(count: int, data: st.DataObject) -> None:
    content = sealed(os.urandom(CHUNK * count))
    size = CHUNK + TAG
    chunks = [content[at : at + size] for at in range(HEADER_BYTES, len(content), size)]
    wrong = data.draw(
        st.one_of(
            st.permutations(range(count)).filter(lambda order: list(order) != list(range(count))),
            st.lists(st.integers(0, count - 1), max_size=count + 1).filter(
                lambda order: order != list(range(count))
            ),
        )
    )
    for way in (Opening, Random):
        with pytest.raises(IntegrityError):
            opened(content[:HEADER_BYTES] + b"".join(chunks[i] for i in wrong), way=way)


@pytest.mark.parametrize(
    "other", [{"key": bytes(32)}, {"bound": BOUND + b"2"}, {"bound": b""}, {"bound": BOUND[:-1]}]
)
def test_another_key_or_binding_is_refused(other: dict[str, bytes]) -> None:
    with pytest.raises(IntegrityError):
        opened(sealed(b"some rows"), **other)


def test_chunks_of_another_file_of_the_same_key_are_refused() -> None:
    one, other = sealed(bytes(40)), sealed(bytes(40))
    assert one != other
    with pytest.raises(IntegrityError):
        opened(one[:HEADER_BYTES] + other[HEADER_BYTES:])


def test_what_was_not_finished_cannot_be_opened() -> None:
    sink = _Sink()
    with pytest.raises(RuntimeError), Sealing(sink, ID, KEY, BOUND, CHUNK) as writer:
        writer.write(bytes(100))
        raise RuntimeError
    with pytest.raises(IntegrityError):
        opened(sink.content)
