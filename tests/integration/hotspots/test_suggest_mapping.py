"""Guesses from names and values, and that what is suggested can be used."""

import json
import tomllib
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command

from hotspots.ingest import mapping as mappings
from hotspots.ingest.errors import InputError
from hotspots.ingest.offense_words import guess_offense
from hotspots.ingest.suggest import date_format, guess_crs, guess_mapping, suggest
from hotspots.models import Area
from tests.factories.hotspots import AreaFactory

pytestmark = pytest.mark.django_db

FIXTURES = Path("tests/fixtures/incidents")


@pytest.fixture
def write(tmp_path: Path):
    def make(header: str, *rows: str) -> Path:
        path = tmp_path / "rows.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return make


@pytest.fixture
def st_louis():
    return AreaFactory(
        kind=Area.Kind.BOUNDARY, geometry=MultiPolygon(Polygon.from_bbox((-90.32, 38.53, -90.17, 38.77)), srid=4326)
    )


@pytest.mark.parametrize("name", ["st_louis_2008", "st_louis_2014", "st_louis_2017"])
def test_columns_of_each_layout_are_found(name, st_louis):
    document = suggest(FIXTURES / f"{name}.csv").document
    mapping = mappings.from_document(document)
    assert mappings.bare(mapping.occurred_from.column) in ("dateoccured", "dateoccur")
    assert mapping.occurred_from.formats == ("%m/%d/%Y %H:%M",)
    assert (mapping.code, mapping.description, mapping.crs) == ("Crime", "Description", "ESRI:102696")
    assert mappings.bare(mapping.address) == "ileadsaddressileadsstreet"
    assert set(document["offenses"]["codes"].values()) <= {"23C", "23D", "23F", "23G", "23H", "220", "240"}


def test_command_prints_a_mapping_that_can_be_used(st_louis):
    out = StringIO()
    call_command("suggest_mapping", str(FIXTURES / "st_louis_2008.csv"), stdout=out)
    assert "Count is -1 in some rows" in out.getvalue()
    assert "# DateOccured: 01/01/2007 16:00" in out.getvalue()
    assert mappings.from_document(tomllib.loads(out.getvalue())).x == "XCoord"


def test_command_refuses_what_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="is not a file"):
        call_command("suggest_mapping", str(tmp_path))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(CommandError, match=r"empty\.csv is empty"):
        call_command("suggest_mapping", str(tmp_path / "empty.csv"))
    (tmp_path / "header.csv").write_text("a,b\n")
    with pytest.raises(CommandError, match="has a header but no rows"):
        call_command("suggest_mapping", str(tmp_path / "header.csv"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-01-31 10:00", "2024-02-01 11:30"], "iso"),
        (["01/31/2024 10:00", "2/1/2024 9:30"], "%m/%d/%Y %H:%M"),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y"),
        (["01/31/2024 10:00:00 PM"], "%m/%d/%Y %I:%M:%S %p"),
        (["1706695200000"], "epoch_ms"),
        (["1706695200"], "epoch_s"),
        (["20240131"], "iso"),
        (["1246", "0900"], ""),
    ],
)
def test_date_format_is_told_by_the_values(values, expected):
    assert date_format(pd.Series(values))[0] == expected


@pytest.mark.parametrize(
    ("x", "y", "crs", "doubt"),
    [
        (-90.2, 38.6, "EPSG:4326", ""),
        (38.6, -90.2, "EPSG:4326", "look swapped"),
        (903763, 1011851, "ESRI:102696", "Missouri"),
        (5, 5_000_000_000, "EPSG:4326", "ask the source"),
        (0, 0, "EPSG:4326", "all coordinates are 0"),
    ],
)
def test_coordinate_system_is_told_by_the_range(x, y, crs, doubt, st_louis):
    found, said = guess_crs(np.array([x, x, 0.0]), np.array([y, y, 0.0]))
    assert found == crs
    assert doubt in said


def test_column_that_is_not_unique_is_no_key(write):
    path = write("case_id,date,offense,address", "1,2024-01-01,THEFT,1 A ST", "1,2024-01-01,THEFT,1 A ST")
    suggestion = suggest(path)
    assert suggestion.document["key"] == {}
    assert "occurs more than once" in suggestion.notes["key"]


def test_column_of_dates_is_found_without_a_name(write):
    suggestion = suggest(write("a,offense,address", "2024-01-01,THEFT,1 A ST"))
    assert suggestion.document["columns"]["occurred_from"] == "a"
    assert "by its values" in suggestion.notes["occurred_from"]


def test_points_of_a_geographic_file_are_its_coordinates(tmp_path):
    path = tmp_path / "points.geojson"
    point = {"type": "Point", "coordinates": [-95.27, 37.34]}
    feature = {"type": "Feature", "properties": {"date": "2024-01-01", "offense": "THEFT"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    columns = mappings.from_document(suggest(path).document)
    assert (columns.x, columns.y) == ("geometry.x", "geometry.y")


def test_missing_parts_are_named(write):
    problems = suggest(write("a,b", "1,2")).problems
    assert [problem.split(" looks")[0] for problem in problems] == ["no column", "no column", "no column"]


def test_mapping_is_guessed_where_exactly_one_fits():
    assert guess_mapping([FIXTURES]).name == "st_louis"


def test_mapping_is_guessed_from_columns_where_none_fits(write):
    mapping = guess_mapping([write("date,offense,address", "2024-01-01,BURGLARY,1 A ST")])
    assert mapping.offenses.nibrs_code("", "BURGLARY", set()) == "220"


def test_mapping_that_is_not_clear_says_what_to_do(write):
    with pytest.raises(InputError, match=r"not clear: .*Run `manage\.py suggest_mapping rows\.csv"):
        guess_mapping([write("a,b", "1,2")])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("AGG.ASSAULT-FIREARM/CITIZEN ADULT 1ST DEGREE", "13A"),
        ("SIMPLE ASSAULT-ADULT/NO INJURY", "13B"),
        ("LARCENY-FROM MTR VEH UNDER $500", "23F"),
        ("LARCENY-MTR VEH PARTS UNDER $500", "23G"),
        ("AUTO THEFT-PERM RETNT/JOY RIDE", "240"),
        ("Larceny - Theft from Building", "23D"),
        ("DUI-DRVING WHILE INTOXICATED", "90D"),
        ("DRUGS-POSSESSION/MARIJUANA", "35A"),
        ("Assist Citizen - Misc", ""),
    ],
)
def test_words_suggest_an_offense(words, code):
    assert guess_offense(words) == code
