"""Arrays as columns of text that PostgreSQL reads as what they are."""

from binascii import hexlify
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

EWKB_POINT = 0x2000_0001  # a point that says its SRID


def points_column(xy: NDArray[np.float64], srid: int) -> pa.Array:
    """Points (n, 2) for a geometry column; NULL where a coordinate is NaN."""
    fields = np.dtype([("little_endian", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("xy", "<f8", 2)])
    points = np.empty(len(xy), dtype=fields)
    points["little_endian"], points["kind"], points["srid"], points["xy"] = 1, EWKB_POINT, srid, xy
    return pc.if_else(pa.array(np.isfinite(xy).all(axis=1)), hex_column(points), pa.scalar(None, pa.string()))


def hex_column(values: NDArray[Any]) -> pa.Array:
    """The bytes of each row of an array in hexadecimal."""
    width = 2 * values.dtype.itemsize * (values.shape[1] if values.ndim > 1 else 1)
    offsets = np.arange(0, width * (len(values) + 1), width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(hexlify(values.tobytes())))
