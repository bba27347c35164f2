"""Tensors and nodes of an ONNX file, read without a library: a few fields of its protobuf messages.

ModelProto.graph is field 7; of a graph, node is 1 and initializer 5. A message is a row of keys
(field number and wire type), each before a varint, eight bytes, four, or a length and its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 10: "<f2"}
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Node:
    """An operation.

    Args:
        name: As the exporter named it, after the module it comes from.
        operator: Such as `MatMulNBits`.
        inputs: Names of tensors.
        settings: Its attributes that are whole numbers.
    """

    name: str
    operator: str
    inputs: tuple[str, ...]
    settings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """What a file holds: its operations, and its tensors by name."""

    nodes: tuple[Node, ...]
    tensors: dict[str, npt.NDArray[Any]]


def read(data: bytes) -> Graph:
    """The graph of a file whose tensors all lie in it."""
    for number, value in _fields(memoryview(data)):
        if number == 7:
            own = list(_fields(value))
            return Graph(
                tuple(_node(part) for kind, part in own if kind == 1),
                dict(_tensor(part) for kind, part in own if kind == 5),
            )
    raise SystemExit("this ONNX file holds no graph")


def four_bits(
    packed: npt.NDArray[np.uint8], scales: npt.NDArray[np.float32], columns: int
) -> npt.NDArray[np.float32]:
    """Weights [N, K] of `MatMulNBits` (com.microsoft) with four bits and no zero points.

    Args:
        packed: Two weights a byte, the earlier one in its low half. Shape [N, blocks, bytes].
        scales: One for each block; weights are stored 8 too large. Shape [N, blocks] or flat.
        columns: K; the last block may be longer than what is left of a row.
    """
    rows, blocks, _ = packed.shape
    steps = np.stack((packed & 15, packed >> 4), axis=-1).reshape(rows, blocks, -1)
    weights = (steps.astype(np.float32) - 8) * scales.reshape(rows, blocks, 1)
    return np.ascontiguousarray(weights.reshape(rows, -1)[:, :columns])


def _node(message: memoryview) -> Node:
    inputs: list[str] = []
    settings: dict[str, int] = {}
    name = operator = ""
    for number, value in _fields(message):
        if number == 1:
            inputs.append(str(value, "utf-8"))
        elif number == 3:
            name = str(value, "utf-8")
        elif number == 4:
            operator = str(value, "utf-8")
        elif number == 5:
            own = dict(_fields(value))
            if isinstance(own.get(3), int):
                settings[str(own[1], "utf-8")] = own[3]
    return Node(name, operator, tuple(inputs), settings)


def _tensor(message: memoryview) -> tuple[str, npt.NDArray[Any]]:
    shape: list[int] = []
    kind, name, few, raw = 0, "", list[float](), None
    for number, value in _fields(message):
        if number == 1:
            shape += [value] if isinstance(value, int) else _varints(value)
        elif number == 2:
            kind = value
        elif number == 4:
            few += np.frombuffer(value, "<f4").tolist()
        elif number == 5:
            few += [value] if isinstance(value, int) else _varints(value)
        elif number == 8:
            name = str(value, "utf-8")
        elif number == 9:
            raw = value
        elif number == 14 and value:
            raise SystemExit(f"the tensor {name} lies outside of its ONNX file")
    found = np.array(few) if raw is None else np.frombuffer(raw, _TYPES[kind])
    return name, found.astype(_TYPES[kind]).reshape(shape)


def _varints(packed: memoryview) -> list[int]:
    found: list[int] = []
    place = 0
    while place < len(packed):
        value, place = _varint(packed, place)
        found.append(value)
    return found


def _fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, place = _varint(message, place)
        elif kind in (_EIGHT, _FOUR):
            size = 8 if kind == _EIGHT else 4
        else:
            raise SystemExit("this is no ONNX file")
        yield key >> 3, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
