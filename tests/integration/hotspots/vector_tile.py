"""A reader of vector tiles, after the specification (version 2.1), so that tests see what a browser sees."""

import struct
from collections.abc import Iterator
from typing import Any

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5


def layers_of(tile: bytes) -> dict[str, dict[int, dict[str, Any]]]:
    """Attributes by layer and feature id (where a feature has none, by its place in the layer)."""
    return dict(_layer(value) for field, value in _fields(tile) if field == 3)


def _layer(data: bytes) -> tuple[str, dict[int, dict[str, Any]]]:
    name, keys, values, features = "", [], [], []
    for field, value in _fields(data):
        if field == 1:
            name = value.decode()
        elif field == 2:
            features.append(value)
        elif field == 3:
            keys.append(value.decode())
        elif field == 4:
            values.append(_value(value))
    read = {}
    for index, feature in enumerate(features):
        parts = dict(_fields(feature))
        tags = list(_varints(parts.get(2, b"")))
        read[parts.get(1, index)] = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
    return name, read


def _value(data: bytes) -> Any:
    field, value = next(_fields(data))
    if field == 1:
        return value.decode()
    if field == 6:
        return (value >> 1) ^ -(value & 1)
    return value


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
        elif kind == BYTES:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind == DOUBLE:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == FLOAT:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            raise ValueError(f"unknown wire type {kind}")
        yield field, value


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
