import zipfile

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, Polygon

from hotspots.ingest.errors import InputError
from hotspots.ingest.files import FEATURE, PROBLEM, read_features

HERE = Point(-95.27, 37.34)


def quiet(_):
    pass


def read(path, **options):
    return read_features(path, say=options.pop("say", quiet), **options)


def points(crs="EPSG:4326", where=(HERE,)):
    return gpd.GeoDataFrame({"id": range(len(where)), "name": "x"}, geometry=list(where), crs="EPSG:4326").to_crs(crs)


def write(frame, path):
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        folder = path.with_suffix("")
        folder.mkdir()
        frame.to_file(folder / "inner.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.iterdir():
                archive.write(part, f"data/{part.name}")
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("name", ["a.shp", "a.zip", "a.gpkg", "a.geojson", "a.fgb", "a.parquet"])
def test_format_is_read(tmp_path, name):
    frame = read(write(points(), tmp_path / name))
    assert frame.geometry.iloc[0].distance(HERE) < 1e-9
    assert frame[PROBLEM].tolist() == [""]
    assert frame[FEATURE].tolist() == [1]


@pytest.mark.parametrize("crs", ["EPSG:26915", "ESRI:102696", "EPSG:3857"])
def test_crs_of_the_file_is_followed(tmp_path, crs):
    frame = read(write(points(crs), tmp_path / "a.gpkg"))
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.iloc[0].distance(HERE) < 1e-6


@pytest.mark.parametrize(("x", "y"), [("X", "Y"), ("Longitude", "LATITUDE"), ("lon", "lat")])
def test_csv_coordinates_are_found_by_name(tmp_path, x, y):
    (tmp_path / "a.csv").write_text(f"name,{x},{y}\nA,-95.27,37.34\nB,,\n", encoding="utf-8")
    said = []
    frame = read(tmp_path / "a.csv", say=said.append)
    assert frame.geometry.iloc[0] == HERE
    assert frame[PROBLEM].tolist() == ["", "it has no geometry"]
    assert frame[FEATURE].tolist() == [2, 3]
    assert "names no CRS" in said[0]


def test_csv_with_wkt(tmp_path):
    (tmp_path / "a.csv").write_text('id,WKT\n1,"POINT (-95.27 37.34)"\n2,nonsense\n', encoding="utf-8")
    assert read(tmp_path / "a.csv")[PROBLEM].tolist() == ["", "it has no geometry"]


def test_csv_in_windows_1252(tmp_path):
    (tmp_path / "a.csv").write_bytes("name,x,y\nCafé,-95.27,37.34\n".encode("cp1252"))
    assert read(tmp_path / "a.csv").name.iloc[0] == "Café"


def test_csv_without_coordinates(tmp_path):
    (tmp_path / "a.csv").write_text("street,number\nElm St,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no coordinates.*It has: street, number"):
        read(tmp_path / "a.csv")


def test_csv_with_ragged_rows(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n1,2,3,4\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"not a readable CSV: Expected 2 fields in line 3"):
        read(tmp_path / "a.csv")


def test_rows_that_are_nowhere_are_named(tmp_path):
    where = [HERE, Point(0, 0), Point(37.34, -95.27), Point(500, 37), None]
    frame = read(write(gpd.GeoDataFrame({"id": range(5)}, geometry=where, crs=4326), tmp_path / "a.gpkg"))
    assert frame[PROBLEM].tolist() == [
        "",
        "its coordinates are 0, 0",
        "latitude and longitude look swapped",
        "its coordinates are not on the map",
        "it has no geometry",
    ]
    assert frame.geometry.isna().tolist() == [False, True, True, True, True]


def in_feet(path):
    """A GeoJSON that says nothing of its CRS and therefore means degrees, but is in State Plane feet."""
    shape = gpd.GeoSeries([HERE.buffer(0.01)], crs=4326).to_crs("ESRI:102696").iloc[0]
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[shape])
    path.write_text(frame.to_json(), encoding="utf-8")
    return path


def test_file_in_feet_without_a_crs_asks_for_it(tmp_path):
    with pytest.raises(InputError, match=r"cannot be longitude and latitude.*--crs ESRI:102696"):
        read(in_feet(tmp_path / "a.geojson"))
    frame = read(in_feet(tmp_path / "a.geojson"), crs="ESRI:102696")
    assert frame.geometry.iloc[0].contains(HERE)


def test_shapefile_without_its_prj(tmp_path):
    write(points("EPSG:26915"), tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match=r"names no CRS"):
        read(tmp_path / "a.shp")
    write(points(), tmp_path / "b.shp")
    (tmp_path / "b.prj").unlink()
    assert read(tmp_path / "b.shp").geometry.iloc[0].distance(HERE) < 1e-9


def test_crs_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"'feet' is no CRS"):
        read(write(points(), tmp_path / "a.gpkg"), crs="feet")


def test_file_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match=r"does not exist"):
        read(tmp_path / "a.gpkg")


@pytest.mark.parametrize("name", ["a.csv", "a.gpkg", "a.zip", "a.parquet"])
def test_file_of_no_bytes(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"is empty: 0 bytes"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.gpkg", "a.geojson", "a.parquet"])
def test_file_of_no_rows(tmp_path, name):
    if name == "a.csv":
        (tmp_path / name).write_text("id,x,y\n", encoding="utf-8")
    else:
        write(points().iloc[:0], tmp_path / name)
    with pytest.raises(InputError, match=r"empty"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.zip", "a.parquet"])
def test_file_that_is_not_what_its_ending_says(tmp_path, name):
    (tmp_path / name).write_text("id,x,y\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"not what its ending says"):
        read(tmp_path / name)


def test_geojson_named_as_a_geopackage(tmp_path):
    (tmp_path / "a.gpkg").write_text(points().to_json(), encoding="utf-8")
    with pytest.raises(InputError, match=r"not what its ending says: it holds GeoJSON"):
        read(tmp_path / "a.gpkg")


def test_several_layers_need_a_choice(tmp_path):
    points().to_file(tmp_path / "a.gpkg", layer="one")
    points(where=(HERE, HERE)).to_file(tmp_path / "a.gpkg", layer="two", mode="a")
    with pytest.raises(InputError, match=r"several layers.*--layer: one, two"):
        read(tmp_path / "a.gpkg")
    assert len(read(tmp_path / "a.gpkg", layer="two")) == 2
    with pytest.raises(InputError, match=r"no layer 'three'. It has: one, two"):
        read(tmp_path / "a.gpkg", layer="three")


def test_archive_of_several_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.shp", "")
        archive.writestr("b.shp", "")
    with pytest.raises(InputError, match=r"it holds several: a.shp, b.shp"):
        read(tmp_path / "a.zip")


def test_parquet_without_geometry_uses_its_coordinate_columns(tmp_path):
    pd.DataFrame({"lon": [-95.27], "lat": [37.34]}).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").geometry.iloc[0] == HERE


def test_heights_are_left_out(tmp_path):
    shape = Polygon([(-95.27, 37.34, 5), (-95.26, 37.34, 5), (-95.26, 37.35, 5)])
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[shape], crs=4326)
    assert not read(write(frame, tmp_path / "a.gpkg")).geometry.has_z.any()
