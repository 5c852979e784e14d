"""Visits made of positions, and visits as a CAD system exports them."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from hotspots.ingest.errors import InputError
from tactics import tasks
from tactics.actions.imports import folder_of, import_visits, start_import
from tactics.models import Activity, Unit, VisitImport
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory, HotSpotFactory
from tests.factories.tactics import VisitImportFactory

pytestmark = pytest.mark.django_db
START = datetime(2025, 3, 5, 18, tzinfo=UTC)
INSIDE, OUTSIDE = (WEST + STEP / 2, SOUTH), (WEST - STEP, SOUTH)


def hot_spot(name: str = "Main Street", west: float = WEST, starts: date = date(2025, 1, 1)):
    """A square of one block around its street."""
    spot = HotSpotFactory(name=name, starts_on=starts, review_on=starts + timedelta(days=365))
    spot.boundaries.all().delete()
    square = Polygon.from_bbox((west, SOUTH - STEP, west + STEP, SOUTH + STEP))
    spot.boundaries.create(
        geometry=MultiPolygon(square, srid=4326), valid=DateRange(starts, None), drawn_by=spot.designated_by
    )
    return spot


def pings(path: Path, *stays: tuple[str, float, float, bool], every: float = 0.5) -> Path:
    """Unit, first and last minute, whether inside; a position every half minute."""
    rows = []
    for unit, first, last, inside in stays:
        for step in range(int((last - first) / every) + 1):
            at = START + timedelta(minutes=first + step * every)
            x, y = INSIDE if inside else OUTSIDE
            rows.append(f"{unit},{at:%Y-%m-%dT%H:%M:%SZ},{x},{y}")
    path.write_text("\n".join(["Unit,Timestamp,Longitude,Latitude", *rows]) + "\n")
    return path


def imported(path: Path, kind: str = "pings", **options: object) -> VisitImport:
    return import_visits(
        batch=start_import(by=None, kind=kind, source="AVL", file_name=path.name, **options), path=path
    )


def spans() -> list[tuple[str, float, float]]:
    def minutes(instant: datetime) -> float:
        return (instant - START).total_seconds() / 60

    rows = Activity.objects.order_by("unit__name", "started_at").values_list("unit__name", "started_at", "ended_at")
    return [(unit, minutes(start), minutes(end)) for unit, start, end in rows]


def test_stay_becomes_a_visit_and_driving_through_does_not(tmp_path):
    spot = hot_spot()
    path = pings(
        tmp_path / "avl.csv", ("C1", 0, 4, False), ("C1", 5, 17, True), ("C1", 18, 20, False), ("C2", 3, 4, True)
    )
    batch = imported(path)
    assert spans() == [("C1", 5, 17)]
    visit = Activity.objects.get()
    assert (visit.hot_spot, visit.recorded, visit.officer, visit.batch) == (spot, "imported", None, batch)
    assert (batch.status, batch.created, batch.rejected) == ("done", 1, 0)
    assert AuditEntry.objects.get(action="visits_imported").details["created"] == 1


def test_position_that_strays_does_not_end_a_stay_and_leaving_does(tmp_path):
    hot_spot()
    strays = [("C1", 0, 5, True), ("C1", 5.25, 5.25, False), ("C1", 5.5, 10, True)]
    leaves = [("C2", 0, 5, True), ("C2", 5.5, 7.5, False), ("C2", 8, 12, True)]
    silent = [("C3", 0, 5, True), ("C3", 12, 16, True)]
    imported(pings(tmp_path / "avl.csv", *strays, *leaves, *silent))
    assert spans() == [("C1", 0, 10), ("C2", 0, 5), ("C2", 8, 12), ("C3", 0, 5), ("C3", 12, 16)]


def brute_force(rows: list[tuple[str, int, bool]], dwell: int, silence: int, stray: int) -> list[tuple[str, int, int]]:
    """Position after position, as one would by hand. Seconds."""
    visits = []
    for unit in {unit for unit, _, _ in rows}:
        mine = sorted({(at, inside) for name, at, inside in rows if name == unit})
        stay: list[int] = []
        outside_since_last = False
        for at, inside in mine:
            if not inside:
                outside_since_last = True
                continue
            if stay and (at - stay[-1] > silence or (outside_since_last and at - stay[-1] > stray)):
                visits.append((unit, stay[0], stay[-1]))
                stay = []
            stay.append(at)
            outside_since_last = False
        if stay:
            visits.append((unit, stay[0], stay[-1]))
    return sorted(visit for visit in visits if visit[2] - visit[1] >= dwell)


@pytest.mark.parametrize("seed", range(5))
def test_visits_are_those_of_going_through_the_positions_one_by_one(tmp_path, seed):
    hot_spot()
    chance = random.Random(seed)
    rows, taken = [], set()
    for unit in ("A", "B"):
        at, inside = 0, True
        for _ in range(300):
            at += chance.choice([10, 20, 30, 55, 70, 200, 310])
            inside = inside if chance.random() < 0.8 else not inside
            if (unit, at) not in taken:
                taken.add((unit, at))
                rows.append((unit, at, inside))
    shuffled = chance.sample(rows, len(rows))
    lines = [
        f"{unit},{START + timedelta(seconds=at):%Y-%m-%dT%H:%M:%SZ},{(INSIDE if inside else OUTSIDE)[0]},{SOUTH}"
        for unit, at, inside in shuffled
    ]
    path = tmp_path / "avl.csv"
    path.write_text("\n".join(["unit,at,lon,lat", *lines]))
    imported(path, dwell=timedelta(seconds=120))
    found = sorted((unit, round(start * 60), round(end * 60)) for unit, start, end in spans())
    assert found == brute_force(rows, 120, 300, 60)
    assert found


def test_same_file_again_changes_nothing_and_the_next_file_lengthens_the_last_visit(tmp_path):
    hot_spot()
    first = pings(tmp_path / "1.csv", ("C1", 0, 10, True))
    imported(first)
    again = imported(first)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    longer = imported(pings(tmp_path / "2.csv", ("C1", 10.5, 20, True), ("C1", 40, 50, True)))
    assert (longer.created, longer.updated) == (1, 1)
    assert spans() == [("C1", 0, 20), ("C1", 40, 50)]


def test_approved_visit_stays_as_it_is(tmp_path):
    hot_spot()
    imported(pings(tmp_path / "1.csv", ("C1", 0, 10, True)))
    Activity.objects.update(approved_by=UserFactory(), approved_at=timezone.now())
    imported(pings(tmp_path / "2.csv", ("C1", 10.5, 20, True)))
    assert spans() == [("C1", 0, 10)]


def test_boundary_of_the_day_counts(tmp_path):
    hot_spot(starts=date(2025, 3, 6))
    assert imported(pings(tmp_path / "avl.csv", ("C1", 0, 10, True))).created == 0


def test_bad_positions_are_named_and_the_others_go_on(tmp_path):
    hot_spot()
    path = pings(tmp_path / "avl.csv", ("C1", 0, 10, True))
    good = path.read_text()
    path.write_text(
        good
        + "C1,2025-03-05T18:20:00Z,0,0\nC1,soon,-95.2,37.3\n,2025-03-05T18:20:00Z,-95.2,37.3\n"
        + "C1,2025-03-05T18:20:00Z,37.3,-95.2\nC1,2025-03-05T18:20:00Z,x,37.3\n"
        + f"{'C' * 40},2025-03-05T18:20:00Z,-95.2,37.3\nC1,2025-03-05T18:20:00Z,-195.2,37.3\n"
    )
    batch = imported(path)
    assert (batch.created, batch.rejected) == (1, 7)
    assert list(batch.rejects.values_list("line", "reason")) == [
        (23, "the position is 0, 0"),
        (24, "cannot read the time: soon"),
        (25, "no unit"),
        (26, "longitude and latitude look swapped: 37.3, -95.2"),
        (27, "cannot read the position: x, 37.3"),
        (28, "the unit's name is longer than 30 characters"),
        (29, "the position is not on the map: -195.2, 37.3"),
    ]


def cad(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["Event Number,Unit,Arrived,Cleared,Hot Spot,Lon,Lat,Tactic", *rows]))
    return path


def test_rows_of_a_cad_export_become_visits(tmp_path):
    spot = hot_spot()
    block = BlockFactory(at=(20, 0))
    x = WEST + 20.5 * STEP
    path = cad(
        tmp_path / "cad.csv",
        "1,C1,03/05/2025 12:00,03/05/2025 12:14,main street,,,",
        f"2,C1,03/05/2025 13:00,03/05/2025 13:10,,{INSIDE[0]},{INSIDE[1]},Foot patrol",
        f"3,C2,03/05/2025 13:00,03/05/2025 13:10,,{x},{SOUTH},vehicle_stop",
        "4,C2,03/05/2025 13:00,03/05/2025 12:00,main street,,,",
        "5,C2,03/05/2025 13:00,03/05/2025 14:00,Elm Street,,,",
        f"6,C2,03/05/2025 13:00,03/05/2025 14:00,,{WEST + 1},{SOUTH},",
        "7,C2,03/05/2025 13:00,03/05/2025 14:00,main street,,,dancing",
    )
    batch = imported(path, "visits")
    assert (batch.read, batch.created, batch.rejected) == (7, 3, 4)
    rows = Activity.objects.order_by("started_at", "kind").values_list("kind", "hot_spot", "place", "started_at")
    assert list(rows) == [
        ("directed_patrol", spot.pk, None, START),
        ("foot_patrol", spot.pk, None, START + timedelta(hours=1)),
        ("vehicle_stop", None, block.pk, START + timedelta(hours=1)),
    ]
    assert list(batch.rejects.values_list("line", "reason")) == [
        (5, "it ends before it starts"),
        (6, "there is no hot spot called “Elm Street”"),
        (7, "no hot spot and no place near the position"),
        (8, "no such tactic: dancing"),
    ]
    again = imported(path, "visits")
    assert (again.created, again.unchanged) == (0, 3)


def test_columns_that_are_not_found_are_named_with_those_that_are(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("wer,wann,wo\nC1,2025-03-05,x\n")
    batch = start_import(by=None, kind="pings", source="AVL", file_name="odd.csv")
    with pytest.raises(
        InputError, match=r"no column found for unit, at, longitude, latitude. The file has: wer, wann, wo"
    ):
        import_visits(batch=batch, path=path)
    batch.refresh_from_db()
    assert (batch.status, Activity.objects.count(), Unit.objects.count()) == ("failed", 0, 0)


def test_times_around_the_change_of_clocks_are_local(tmp_path):
    hot_spot()
    path = cad(tmp_path / "cad.csv", "1,C1,11/02/2025 00:30,11/02/2025 03:30,main street,,,")
    imported(path, "visits")
    visit = Activity.objects.get()
    assert visit.ended_at - visit.started_at == timedelta(hours=4)


def test_command_imports_and_says_what_is_wrong(tmp_path, capsys):
    hot_spot()
    path = pings(tmp_path / "avl.csv", ("C1", 0, 10, True))
    call_command("import_visits", str(path), kind="pings", source="AVL")
    assert '"created": 1' in capsys.readouterr().out
    with pytest.raises(CommandError, match="there is no column “When” for at"):
        call_command("import_visits", str(path), "--kind", "pings", "--source", "AVL", "--column", "at=When")


def test_upload_goes_to_the_worker_and_is_forgotten_afterwards(client_as, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    hot_spot()
    client = client_as("administrator")
    content = pings(tmp_path / "avl.csv", ("C1", 0, 10, True)).read_bytes()
    data = {"kind": "pings", "source": "AVL", "dwell": "3", "file": SimpleUploadedFile("avl.csv", content)}
    with mock.patch.object(tasks.run_visit_import, "delay") as queue:
        response = client.post(reverse("visit_import_new"), data)
    batch = VisitImport.objects.get()
    assert response["Location"] == reverse("visit_import", args=[batch.pk])
    assert "Waiting for a worker" in client.get(response["Location"]).content.decode()
    tasks.run_visit_import(queue.call_args[0][0])
    tasks.run_visit_import(batch.pk)  # delivered again
    assert spans() == [("C1", 0, 10)]
    assert not folder_of(batch).exists()
    assert client.get(response["Location"], headers={"HX-Request": "true"}).status_code == 286


def test_upload_with_unknown_columns_keeps_nothing_and_says_so(client_as, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    data = {"kind": "visits", "source": "CAD", "dwell": "3", "file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}
    response = client_as("administrator").post(reverse("visit_import_new"), data)
    assert response.status_code == 422
    assert "No column found for unit, arrived, cleared" in response.content.decode()
    assert not VisitImport.objects.exists()


def test_rejects_are_neutralized(client_as):
    batch = VisitImportFactory(rejected=1)
    batch.rejects.create(line=2, reason="no unit", row="=cmd()")
    body = b"".join(client_as("administrator").get(reverse("visit_import_rejects", args=[batch.pk])).streaming_content)
    assert b"'=cmd()" in body


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_as_often_for_three_as_for_one(client_as, django_assert_num_queries, number):
    client = client_as("administrator")
    client.get(reverse("visit_imports"))
    for _ in range(number):
        VisitImportFactory(started_by=UserFactory())
    with django_assert_num_queries(5):
        client.get(reverse("visit_imports"))


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_as_often_for_three_rejects_as_for_one(client_as, django_assert_num_queries, number):
    client = client_as("administrator")
    batch = VisitImportFactory(started_by=UserFactory(), rejected=number)
    for line in range(number):
        batch.rejects.create(line=line, reason="no unit")
    client.get(reverse("visit_import", args=[batch.pk]))
    with django_assert_num_queries(5):
        client.get(reverse("visit_import", args=[batch.pk]))
