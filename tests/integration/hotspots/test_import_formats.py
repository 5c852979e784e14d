"""Layouts and formats: each shipped mapping with rows as its source publishes them, and formats other than CSV."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from shapely import LineString, Point

from hotspots.actions.incidents import import_incidents
from hotspots.ingest import mapping as mappings
from hotspots.models import ImportBatch, Incident, Location, Retraction

pytestmark = pytest.mark.django_db

FIXTURES = Path("tests/fixtures/incidents")


def load(*paths: Path, mapping: str | dict) -> ImportBatch:
    chosen = mappings.from_document(mapping) if isinstance(mapping, dict) else mapping
    return import_incidents(by=None, paths=list(paths), mapping=chosen)


@pytest.mark.parametrize(
    ("name", "created", "retracted"),
    [("st_louis_2008", 9, 2), ("st_louis_2014", 10, 2), ("st_louis_2017", 9, 2), ("st_louis_bom", 7, 2)],
)
def test_each_layout_of_st_louis(name, created, retracted):
    batch = load(FIXTURES / f"{name}.csv", mapping="st_louis")
    assert (batch.created, batch.retracted, batch.rejected) == (created, retracted, 0)
    assert Incident.objects.exclude(retraction=None).count() == 1
    assert not Incident.objects.filter(offense_id="90Z").exists()


def test_st_louis_as_a_folder_and_a_second_time():
    first = load(FIXTURES, mapping="st_louis")
    again = load(FIXTURES, mapping="st_louis")
    assert (first.read, first.created) == (43, 35)
    assert (again.created, again.unchanged, Retraction.objects.count()) == (0, 35, 8)


def test_st_louis_row_becomes_an_incident():
    load(FIXTURES / "st_louis_2014.csv", mapping="st_louis")
    incident = Incident.objects.get(description__startswith="LARCENY-FROM BUILDING $500", retraction=None)
    assert incident.location.address_text == "5431 GERTRUDE AVE"
    assert (incident.offense_id, incident.local_code) == ("23D", "067601")
    assert incident.occurred_from.isoformat() == "2014-01-01T09:00:00+00:00"
    assert incident.location.reported.coords == pytest.approx((-90.27161, 38.57869), abs=1e-4)


def test_st_louis_identical_rows_are_two_thefts():
    load(FIXTURES / "st_louis_2014.csv", mapping="st_louis")
    assert Incident.objects.filter(location__address_text="3139 ALFRED AVE").count() == 2


def charlottesville(path: Path, *rows: tuple[str, ...]) -> Path:
    names = ("IncidentID", "Offense", "BlockNumber", "StreetName", "DateReported", "HourReported", "snapshot")
    frame = pd.DataFrame(rows, columns=names).assign(RecordID=[str(number) for number in range(len(rows))])
    pa.parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return path


def test_charlottesville_keeps_one_incident_of_overlapping_exports(tmp_path):
    path = charlottesville(
        tmp_path / "exports.parquet",
        ("1", "Larceny - Shoplifitng", "500", "MAIN ST", "2018/01/02 23:30:00+00", "2330", "2018-07-21"),
        ("1", "Larceny - Shoplifitng", "500", "MAIN ST W", "2018/01/03 04:30:00+00", "2330", "2019-09-28"),
        ("2", "Assist Citizen - Misc", "500", "MAIN ST", "2018/01/02 23:30:00+00", "2330", "2018-07-21"),
        ("3", "Vandalism", None, "MAIN ST", "2018/01/02 01:30:00+00", "0130", "2018-07-21"),
    )
    batch = load(path, mapping="charlottesville")
    assert (batch.created, batch.unchanged, batch.excluded) == (2, 1, 1)
    incident = Incident.objects.get(source_id="1")
    assert (incident.offense_id, incident.location.address_text) == ("23C", "500 BLK MAIN ST W")
    assert incident.occurred_from.isoformat() == "2018-01-03T04:30:00+00:00"
    other = Incident.objects.get(source_id="3")
    assert (other.location.address_text, other.occurred_from.isoformat()) == ("MAIN ST", "2018-01-02T06:30:00+00:00")


def test_durham_reads_padded_fields_and_the_clock_beside_the_date(tmp_path):
    path = tmp_path / "durham.csv"
    path.write_text(
        "INCI_ID,DATE_REPT,HOUR_REPT,UCR_CODE,CHRGDESC,ADDRESS2\n"
        "1,1761782400000,1246,23C ,LARCENY - SHOPLIFTING      ,MAIN ST/DUKE ST   \n"
        "1,1761782400000,1246,23C,LARCENY - SHOPLIFTING,MAIN ST/DUKE ST\n"
        "2,1761782400000,0100,9925,TOWED/ABANDONED VEHICLE,100 MAIN ST\n"
    )
    batch = load(path, mapping="durham")
    assert (batch.created, batch.unchanged, batch.excluded) == (1, 1, 1)
    incident = Incident.objects.get()
    assert incident.occurred_from.isoformat() == "2025-10-30T16:46:00+00:00"
    assert (incident.offense_id, incident.location.address_text) == ("23C", "MAIN ST/DUKE ST")


PLACED = {"name": "placed", "zone": "UTC", "columns": {"occurred_from": "at", "code": "code", "address": "where"}}


def frame(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    rows = {"at": ["2024-01-01T10:00:00", "2024-01-02T10:00:00"], "code": ["23C", "220"], "where": ["1 MAIN ST", ""]}
    return gpd.GeoDataFrame(rows, geometry=[Point(-95.27, 37.34), Point(-95.26, 37.35)], crs="EPSG:4326").to_crs(crs)


def test_geojson_brings_its_own_coordinates(tmp_path):
    path = tmp_path / "incidents.geojson"
    frame().to_file(path)
    load(path, mapping=PLACED)
    assert sorted(location.reported.coords for location in Location.objects.all()) == [(-95.27, 37.34), (-95.26, 37.35)]


def test_geojson_without_points_keeps_its_rows(tmp_path):
    path = tmp_path / "lines.geojson"
    lines = frame().set_geometry([LineString([(0, 1), (2, 3)]), None])
    lines.to_file(path)
    assert load(path, mapping=PLACED).created == 2
    assert not Location.objects.exclude(reported=None).exists()


def test_geoparquet_in_another_coordinate_system_is_transformed(tmp_path):
    path = tmp_path / "incidents.parquet"
    frame("EPSG:26915").to_parquet(path)
    load(path, mapping=PLACED)
    location = Location.objects.get(address_text="1 MAIN ST")
    assert location.reported.coords == pytest.approx((-95.27, 37.34), abs=1e-6)


def test_parquet_with_real_timestamps_and_numbers_is_read(tmp_path):
    path = tmp_path / "typed.parquet"
    typed = pd.DataFrame(
        {
            "at": pd.to_datetime(["2024-01-01 10:00", None]).tz_localize("America/Chicago"),
            "code": pd.Categorical(["23C", "220"]),
            "where": ["1 MAIN ST", None],
        }
    )
    typed.to_parquet(path)
    batch = load(path, mapping=PLACED)
    assert (batch.created, batch.rejected) == (1, 1)
    assert Incident.objects.get().occurred_from.isoformat() == "2024-01-01T16:00:00+00:00"
    assert batch.rejects.get().line == 2


def test_many_chunks_of_one_file_are_one_import(tmp_path, monkeypatch):
    monkeypatch.setattr("hotspots.ingest.readers.CHUNK_ROWS", 3)
    monkeypatch.setattr("hotspots.ingest.readers.BLOCK_BYTES", 200)
    path = tmp_path / "long.csv"
    rows = [f'2024-01-01 10:{n % 60:02},23C,"a\nb {n % 7}"' for n in range(100)]
    rows[50] = "bad"
    path.write_text("at,code,where\n" + "\n".join(rows) + "\n")
    batch = load(path, mapping=PLACED)
    assert (batch.read, batch.created, batch.rejected) == (100, 99, 1)
    assert batch.rejects.get().line == 2 + 2 * 50
    assert load(path, mapping=PLACED).unchanged == 99


def test_batch_says_what_went_in(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("at,code,where\n")
    batch = load(path, mapping=PLACED)
    (file,) = batch.files
    assert (file["name"], file["bytes"], len(file["sha256"])) == ("a.csv", 14, 64)
    assert json.loads(json.dumps(batch.mapping))["columns"]["address"] == "where"
