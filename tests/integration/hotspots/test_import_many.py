"""What an import does only where there is much: heaps, pages, and indexes that are built afterwards."""

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from hotspots.actions.incidents import import_incidents
from hotspots.ingest import mapping as mappings
from hotspots.models import ImportBatch, Incident, Location
from hotspots.queries import incidents as queries
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, IncidentFactory

pytestmark = pytest.mark.django_db

MAPPING = {
    "name": "plain",
    "zone": "America/Chicago",
    "columns": {"occurred_from": "when", "code": "code", "address": "where", "x": "lon", "y": "lat"},
    "dates": {"formats": ["%m/%d/%Y %H:%M"]},
    "retract": {"when": [{"column": "count", "values": ["-1"]}], "match": ["occurred_from", "code"]},
    "offenses": {"nibrs": True},
}


@pytest.fixture
def nothing_is_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MANY", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.csv"
    rows = [f"01/{day:02}/2020 10:00,23C,{day} MAIN ST,,,1" for day in range(1, 9)]
    rows += [f"01/{day:02}/2020 11:00,23C,,{WEST + STEP / 2},{SOUTH + day * 1e-6},1" for day in range(1, 9)]
    path.write_text("\n".join(["when,code,where,lon,lat,count", *rows, "01/03/2020 10:00,23C,3 MAIN ST,,,-1"]) + "\n")
    return path


def load(path: Path) -> ImportBatch:
    return import_incidents(by=None, paths=[path], mapping=mappings.from_document(MAPPING))


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'hotspots_incident' ORDER BY indexname")
        return [row[0] for row in cursor.fetchall()]


def oids() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid FROM pg_index WHERE indrelid = 'hotspots_incident'::regclass")
        return {row[0] for row in cursor.fetchall()}


def test_pages_and_heaps_of_few_rows_bring_the_same(file, monkeypatch):
    # One page is located while the database stores the one before, on the same session.
    block = BlockFactory(at=(0, 0), street="MAIN ST")
    for number in range(1, 9):
        AddressFactory(at=(0, 0), street="MAIN ST", number_low=number, number_high=number, block=block)
    monkeypatch.setattr(queries, "PAGE", 3)
    monkeypatch.setattr(queries, "GATHERED", 2)

    batch = load(file)

    assert (batch.read, batch.created, batch.retracted, batch.unlocated) == (17, 16, 1, 0)
    assert set(Location.objects.values_list("block", flat=True)) == {block.pk}
    assert Location.objects.filter(method=Location.Method.ADDRESS).count() == 8
    assert Location.objects.filter(method=Location.Method.COORDINATES).count() == 8


def test_first_large_import_builds_the_indexes_as_they_were(file, nothing_is_few):
    before, numbers = indexes(), oids()

    load(file)

    assert indexes() == before
    assert len(numbers - oids()) == 3  # by window, by match and by location
    assert Incident.objects.count() == 16


def test_indexes_stay_where_there_are_incidents_already(file, nothing_is_few):
    IncidentFactory()
    numbers = oids()

    load(file)

    assert oids() == numbers


def test_indexes_stay_where_few_rows_come(file):
    numbers = oids()

    load(file)

    assert oids() == numbers


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_indexes_aside('accounts_user')",
        "SELECT bring_indexes_back(ARRAY['DROP TABLE hotspots_incident'])",
        "SELECT bring_indexes_back(ARRAY['CREATE INDEX a ON public.accounts_user USING btree (id)'])",
        "SELECT bring_indexes_back(ARRAY['CREATE INDEX a ON public.hotspots_incident USING btree (evil(id))'])",
        "SELECT bring_indexes_back(ARRAY['CREATE INDEX a ON public.hotspots_incident USING btree (id); DROP TABLE x'])",
    ],
)
def test_no_other_use_of_the_owners_right_is_possible(statement):
    with pytest.raises(DatabaseError, match=r"are set aside|not a plain index"), transaction.atomic():
        connection.cursor().execute(statement)


def test_row_that_is_taken_back_in_the_same_import_has_no_history_of_it(file):
    load(file)

    taken_back = Incident.objects.exclude(retraction=None).get()
    assert not taken_back.events.exists()
