"""ONNX files are read as their operators and protobuf say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

FETCH = Path(__file__).parents[2] / "examples" / "fetch"
sys.path.insert(0, str(FETCH))

import name_tagger  # noqa: E402
import onnx_file  # noqa: E402


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _tensor(name: str, array: np.ndarray) -> bytes:
    kind = {"f": 1, "u": 2}[array.dtype.kind]
    shape = b"".join(_field(1, size) for size in array.shape)
    return _field(
        5, shape + _field(2, kind) + _field(8, name.encode()) + _field(9, array.tobytes())
    )


def _multiply(place: str, packed: str, scales: str, columns: int) -> bytes:
    inputs = b"".join(_field(1, name.encode()) for name in ("x", packed, scales))
    settings = b"".join(
        _field(5, _field(1, name) + _field(3, value))
        for name, value in ((b"K", columns), (b"bits", 4))
    )
    names = _field(3, f"/{place}/MatMul_Q4".encode()) + _field(4, b"MatMulNBits")
    return _field(1, inputs + names + settings)


def test_weights_have_the_names_of_transformers() -> None:
    bias = np.arange(2, dtype=np.float32)
    packed = np.array([[[0x98, 0x80]], [[0x07, 0xF8]]], dtype=np.uint8)
    scale = b"".join((_field(2, 1), _field(4, np.float32(0.5).tobytes()), _field(8, b"e_scale")))
    zero = b"".join((_field(2, 2), _field(5, _varint(3)), _field(8, b"e_zero_point")))
    parts = [
        _tensor("classifier.bias", bias), _tensor("q", packed),
        _tensor("s", np.array([1, 2], dtype=np.float32)),
        _tensor("e_quantized", np.array([[3, 5]], dtype=np.uint8)),
        _field(5, scale), _field(5, zero), _multiply("classifier", "q", "s", 3),
    ]  # fmt: skip
    graph = onnx_file.read(_field(1, 8) + _field(7, b"".join(parts)))
    found = name_tagger.weights(graph)
    assert set(found) == {"classifier.bias", "classifier.weight", "e"}
    assert found["classifier.weight"].tolist() == [[0, 1, -8], [-2, -16, 0]]
    assert found["e"].tolist() == [[0, 1]]
    assert found["classifier.bias"].tolist() == [0, 1]


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 31), st.randoms())
def test_four_bits_are_unpacked_in_order(rows: int, blocks: int, short: int, draw: object) -> None:
    chance = np.random.default_rng(draw.randrange(1 << 30))  # type: ignore[attr-defined]
    steps = chance.integers(0, 16, (rows, blocks, 32)).astype(np.uint8)
    packed = steps[..., ::2] | steps[..., 1::2] << 4
    scales = chance.random((rows, blocks)).astype(np.float32)
    columns = blocks * 32 - short
    due = (steps.astype(np.float32) - 8) * scales[..., None]
    found = onnx_file.four_bits(packed, scales, columns)
    assert np.array_equal(found, due.reshape(rows, -1)[:, :columns])


def test_what_is_no_onnx_file_is_refused() -> None:
    with pytest.raises(SystemExit, match="no graph"):
        onnx_file.read(_field(1, 8))
    with pytest.raises(SystemExit, match="no ONNX file"):
        onnx_file.read(b"\x0f")
