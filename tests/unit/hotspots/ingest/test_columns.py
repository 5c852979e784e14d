import numpy as np
import pyarrow as pa
import shapely

from hotspots.ingest.columns import hex_column, points_column


def test_points_are_written_as_postgis_reads_them():
    xy = np.array([[-90.2, 38.6], [np.nan, 38.6], [0.0, -1.5]])

    points = shapely.from_wkb(points_column(xy, 4326).to_pylist())

    assert shapely.get_coordinates(points[[0, 2]]).tolist() == [[-90.2, 38.6], [0.0, -1.5]]
    assert shapely.get_srid(points[[0, 2]]).tolist() == [4326, 4326]
    assert points[1] is None


def test_points_of_no_rows_are_no_points():
    assert points_column(np.empty((0, 2)), 4326).to_pylist() == []


def test_hexadecimal_of_numbers_and_of_rows_of_numbers():
    assert hex_column(np.array([1, 258], dtype=">u4")).to_pylist() == ["00000001", "00000102"]
    assert hex_column(np.array([[1, 2], [3, 4]], dtype=">u2")).to_pylist() == ["00010002", "00030004"]
    assert hex_column(np.array([], dtype=">u4")).type == pa.string()
