import csv
import io
import tempfile
from pathlib import Path

import geopandas
import pytest
from django.contrib.gis.geos import Point

from accounts.agency import forget_agency
from accounts.models import AgencyProfile, AuditEntry
from tactics.models import Activity, Arrest, Dog, K9Deployment, VehicleStop
from tests.factories.hotspots import BlockFactory, HotSpotFactory
from tests.factories.tactics import NOON, ActivityFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client_as, commander):
    return client_as(commander)


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def layer_of(response) -> geopandas.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "activity.gpkg"
        path.write_bytes(b"".join(response.streaming_content))
        return geopandas.read_file(path, layer="activities")


def of_every_sort() -> list[Activity]:
    spot = HotSpotFactory(name="=1+1")
    stop = ActivityFactory(kind="vehicle_stop", hot_spot=spot, unit=UnitFactory(name="Car 7"), note="-2 cars")
    VehicleStop.objects.create(activity=stop, violation="speed", outcomes=["citation", "tow"])
    arrest = ActivityFactory(kind="arrest", point=Point(-95.3, 37.4, srid=4326))
    Arrest.objects.create(activity=arrest, basis="warrant", case_number="@1").offenses.set(["35A", "90Z"])
    k9 = ActivityFactory(kind="k9", hot_spot=None, place=BlockFactory(at=(0, 0)))
    K9Deployment.objects.create(
        activity=k9,
        handler=k9.officer,
        dog=Dog.objects.create(name="Rex"),
        sniffed="area",
        alert=True,
        find="cocaine",
        grams=2,
    )
    running = ActivityFactory(minutes=None)
    return [stop, arrest, k9, running]


def test_csv_says_everything_and_no_cell_runs_as_a_formula(boss, commander):
    stop, arrest, k9, running = of_every_sort()
    rows = {row["id"]: row for row in rows_of(boss.get("/activities/export.csv"))}
    assert rows.keys() == {str(each.pk) for each in (stop, arrest, k9, running)}
    row = row_of_stop = rows[str(stop.pk)]
    assert (row["hot_spot"], row["note"]) == ("'=1+1", "'-2 cars")
    assert (row["started_at"], row["minutes"]) == ("2025-03-05T12:00:00-06:00", "12.0")
    assert (row["violation"], row["outcomes"], row["unit"]) == ("speed", "citation; tow", "Car 7")
    row = rows[str(arrest.pk)]
    assert (row["offenses"], row["case_number"], row["lon"], row["lat"]) == ("35A; 90Z", "'@1", "-95.3", "37.4")
    row = rows[str(k9.pk)]
    assert (row["dog"], row["alert"], row["grams"], row["voided"]) == ("Rex", "yes", "2.00", "no")
    assert float(row["lon"]) < 0, "the middle of its place"
    assert float(row_of_stop["lat"]) == pytest.approx(37.3305, abs=0.001), "a point in its hot spot"
    assert (rows[str(running.pk)]["ended_at"], rows[str(running.pk)]["minutes"]) == ("", "")
    trail = AuditEntry.objects.get(action=AuditEntry.Action.EXPORTED)
    assert (trail.actor, trail.details["format"]) == (commander, "csv")


def test_geopackage_holds_points_with_typed_columns_in_pieces(boss, monkeypatch):
    monkeypatch.setattr("tactics.exports.PIECE", 2)
    stop, arrest, k9, running = of_every_sort()
    layer = layer_of(boss.get("/activities/export.gpkg")).set_index("id")
    assert layer.crs == "EPSG:4326"
    assert set(layer.index) == {str(each.pk) for each in (stop, arrest, k9, running)}
    assert layer.loc[str(arrest.pk)].geometry.coords[0] == (-95.3, 37.4)
    assert layer.loc[str(stop.pk), "started_at"].timestamp() == NOON.timestamp()
    assert layer.loc[str(stop.pk), "minutes"] == 12
    assert layer["ended_at"].isna().sum() == 1
    assert layer.loc[str(k9.pk), "grams"] == 2


def test_geopackage_of_nothing_is_an_empty_layer(boss):
    assert layer_of(boss.get("/activities/export.gpkg?kind=k9")).empty


def test_filters_of_the_list_hold_for_the_file(boss, commander):
    spot = HotSpotFactory()
    wanted = ActivityFactory(hot_spot=spot)
    ActivityFactory()
    ActivityFactory(hot_spot=spot, voided_at=NOON, voided_by=commander, void_reason="Mistake")
    rows = rows_of(boss.get(f"/activities/export.csv?hot_spot={spot.pk}&first=2025-03-05&last=2025-03-05&page=7"))
    assert [row["id"] for row in rows] == [str(wanted.pk)]
    assert AuditEntry.objects.get().details["filter"]["hot_spot"] == str(spot.pk)


@pytest.mark.parametrize("role", ["clerk", "administrator"])
def test_files_are_not_for_those_who_see_no_activity(client_as, role):
    assert client_as(role).get("/activities/export.csv").status_code == 403
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()


@pytest.mark.parametrize("role", ["officer", "detective"])
@pytest.mark.parametrize("format", ["csv", "gpkg"])
def test_officers_take_their_own_record_and_nobody_elses(client_as, role, format):
    client = client_as(role)
    own, others = ActivityFactory(officer=client.user), ActivityFactory()
    response = client.get(f"/activities/export.{format}?officer={others.officer_id}")
    found = [row["id"] for row in rows_of(response)] if format == "csv" else list(layer_of(response)["id"])
    assert found == [str(own.pk)]
    assert "/activities/export.csv" in client.get("/activities/mine/").content.decode()


def test_times_are_those_of_the_agency_also_once_the_request_is_over(boss):
    AgencyProfile.objects.update(time_zone="Asia/Tokyo")
    forget_agency()
    ActivityFactory()
    response = boss.get("/activities/export.csv?first=2025-03-06")
    assert [row["started_at"] for row in rows_of(response)] == ["2025-03-06T03:00:00+09:00"]


def test_other_formats_are_not_there(boss):
    assert boss.get("/activities/export.exe").status_code == 404


@pytest.mark.parametrize("format", ["csv", "gpkg"])
def test_files_take_the_same_queries_for_any_number_of_rows(boss, format, django_assert_max_num_queries):
    of_every_sort()
    with django_assert_max_num_queries(15) as few:
        b"".join(boss.get(f"/activities/export.{format}").streaming_content)
    for _more in range(3):
        ActivityFactory(kind="arrest")
    with django_assert_max_num_queries(len(few.captured_queries)):
        b"".join(boss.get(f"/activities/export.{format}").streaming_content)
