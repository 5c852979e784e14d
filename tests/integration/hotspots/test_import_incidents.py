"""Files in, incidents out: identity, retractions, rejects, and that nothing is left by halves."""

import gzip
import json
import uuid
from collections.abc import Callable
from io import StringIO
from itertools import permutations
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry
from hotspots.actions.incidents import COUNTS, fail_abandoned, import_incidents, relocate
from hotspots.ingest import mapping as mappings
from hotspots.ingest.errors import InputError
from hotspots.models import Area, ImportBatch, Incident, Location, Offense, Reject, Retraction
from tests.factories.hotspots import (
    SOUTH,
    STEP,
    WEST,
    AddressFactory,
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    IncidentFactory,
)

pytestmark = pytest.mark.django_db

HEADER = "when,code,what,where,lon,lat,count"
PLAIN = {
    "name": "plain",
    "zone": "America/Chicago",
    "columns": {
        "occurred_from": "when", "code": "code", "description": "what", "address": "where", "x": "lon", "y": "lat"
    },
    "dates": {"formats": ["%m/%d/%Y %H:%M"]},
    "retract": {"when": [{"column": "count", "values": ["-1"]}], "match": ["occurred_from", "code"]},
    "offenses": {"nibrs": True},
}  # fmt: skip
KEYED = {
    **{name: value for name, value in PLAIN.items() if name != "retract"},
    "key": {"columns": ["id"]},
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(*rows: str, name: str = "one.csv", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return make


def load(*paths: Path, mapping: dict = PLAIN, **options) -> ImportBatch:
    batch = import_incidents(by=None, paths=list(paths), mapping=mappings.from_document(mapping), **options)
    batch.refresh_from_db()
    kinds = (batch.created, batch.updated, batch.unchanged, batch.excluded, batch.retracted, batch.rejected)
    assert batch.read == sum(kinds)
    assert batch.status == ImportBatch.Status.DONE
    return batch


def row(when="01/02/2020 10:00", code="23C", what="Shoplifting", where="100 MAIN ST", lon="", lat="", count="1") -> str:
    return f"{when},{code},{what},{where},{lon},{lat},{count}"


def state() -> list[tuple]:
    """What the database says, without its own numbers."""
    return sorted(
        Incident.objects.values_list(
            "source_id", "offense_id", "description", "location__address_text", "retraction__source_id"
        ),
        key=str,
    )


# Identity


def test_import_second_time_changes_nothing(write):
    path = write(row(), row(when="01/03/2020 10:00"))
    assert load(path).created == 2
    again = load(path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_import_of_renamed_file_changes_nothing(write):
    load(write(row(), row()))
    again = load(write(row(), row(), name="renamed.csv"))
    assert (again.created, again.unchanged) == (0, 2)
    assert Incident.objects.count() == 2


def test_identical_rows_of_one_file_stay_separate(write):
    load(write(row(), row(), row()))
    assert Incident.objects.count() == 3


def test_identical_rows_of_overlapping_files_are_the_same_crimes(write):
    batch = load(write(row(), row()), write(row(), row(), row(), name="two.csv"))
    assert (batch.created, batch.unchanged) == (3, 2)


def test_identity_does_not_depend_on_the_order_of_lines(write):
    one, other = row(), row(what="Other words")
    load(write(one, other))
    assert load(write(other, one)).unchanged == 2


def test_identity_does_not_depend_on_padding_or_header_layout(write):
    load(write(row()))
    padded = write(
        "01/02/2020 10:00 , 23C, Shoplifting  ,100   MAIN ST,,,1", header="WHEN,Code,What,WHERE,Lon,LAT,Count"
    )
    assert load(padded).unchanged == 1


def test_mapping_changed_updates_instead_of_doubling(write):
    path = write(row(code="777"))
    load(path)
    batch = load(path, mapping={**PLAIN, "offenses": {"codes": {"777": "220"}}})
    assert (batch.created, batch.updated) == (0, 1)
    assert Incident.objects.get().offense_id == "220"


def test_updated_row_updates_the_incident_and_the_trail_says_so(write):
    header = f"id,{HEADER}"
    load(write("A1," + row(), header=header), mapping=KEYED)
    batch = load(write("A1," + row(what="Larceny"), header=header), mapping=KEYED)
    assert (batch.updated, Incident.objects.get().description) == (1, "Larceny")
    (event,) = Incident.objects.get().events.all()
    assert (event.pgh_label, event.description) == ("update", "Shoplifting")


def test_key_with_two_contents_in_one_file_rejects_the_later(write):
    header = f"id,{HEADER}"
    path = write("A1," + row(), "A1," + row(what="Other"), "A1," + row(), header=header)
    batch = load(path, mapping=KEYED)
    assert (batch.created, batch.unchanged, batch.rejected) == (1, 1, 1)
    reject = Reject.objects.get()
    assert reject.line == 3
    assert "line 2 has the same id (A1)" in reject.reason


def test_key_missing_in_a_row_rejects_it(write):
    batch = load(write("," + row(), header=f"id,{HEADER}"), mapping=KEYED)
    assert Reject.objects.get().reason == "the key column id is empty"
    assert batch.created == 0


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_highest_revision_of_a_key_stands_whatever_the_order(write, order, together):
    mapping = {**KEYED, "key": {"columns": ["id"], "revision": "version"}}
    paths = [
        write(f"A1,{version}," + row(what=f"v{version}"), header=f"id,version,{HEADER}", name=f"{name}.csv")
        for name, version in (("c", "1"), ("a", "2"), ("b", "3"))
    ]
    shuffled = [paths[position] for position in order]
    if together:
        load(*shuffled, mapping=mapping)
    else:
        for path in shuffled:
            load(path, mapping=mapping)
    assert Incident.objects.get().description == "v3"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_files_in_any_order_give_the_same_state(write, order):
    paths = [
        write(row(), row(), name="a.csv"),
        write(row(count="-1"), row(when="01/05/2020 10:00"), name="b.csv"),
        write(row(), row(), row(), row(count="-1"), row(count="-1"), name="c.csv"),
    ]
    for position in order:
        load(paths[position])
    separate = state()
    assert [line[0][-2:] for line in separate if line[4]] == ["-1", "-2"]
    assert len(separate) == 4


# Retractions


@pytest.mark.parametrize("retraction_first", [True, False])
def test_retraction_takes_back_its_row_in_either_order(write, retraction_first):
    files = [write(row(), name="a.csv"), write(row(count="-1", where="100 MAIN"), name="b.csv")]
    for path in reversed(files) if retraction_first else files:
        load(path)
    assert Incident.objects.get().retraction == Retraction.objects.get()
    assert not Incident.objects.standing().exists()


def test_retraction_takes_back_one_of_equal_rows(write):
    batch = load(write(row(), row(), row(count="-1")))
    assert (batch.created, batch.retracted) == (2, 1)
    assert Incident.objects.standing().count() == 1


def test_retraction_without_match_is_kept_and_counted(write):
    batch = load(write(row(), row(when="02/02/2020 10:00", count="-1")))
    assert batch.retracted == 1
    assert Retraction.objects.filter(incidents=None).count() == 1
    assert Incident.objects.standing().count() == 1


def test_retraction_imported_again_is_counted_and_takes_back_no_more(write):
    path = write(row(), row(), row(count="-1"))
    load(path)
    assert load(path).retracted == 1
    assert (Retraction.objects.count(), Incident.objects.standing().count()) == (1, 1)


def test_retraction_lets_go_of_a_row_that_an_update_moves_away(write):
    mapping = {**PLAIN, "key": {"columns": ["id"]}}
    header = f"id,{HEADER}"
    load(write("A1," + row(), "R1," + row(count="-1"), header=header), mapping=mapping)
    assert Incident.objects.get().retraction
    load(write("A1," + row(when="03/03/2020 10:00"), header=header, name="b.csv"), mapping=mapping)
    assert Incident.objects.get().retraction is None


# References


@pytest.mark.parametrize("column", ["offense_id", "location_id", "batch_id"])
def test_incident_cannot_refer_to_what_does_not_exist(column):
    incident = IncidentFactory()
    nothing = "NONE" if column == "offense_id" else 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**{column: nothing})
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            **{
                "source": "test",
                "source_id": "new",
                "digest": uuid.UUID(int=1),
                "offense_id": incident.offense_id,
                "location_id": incident.location_id,
                "batch_id": incident.batch_id,
                "occurred_from": incident.occurred_from,
                column: nothing,
            }
        )


@pytest.mark.parametrize("model", [Offense, Location, ImportBatch])
def test_what_an_incident_refers_to_cannot_be_deleted(model):
    IncidentFactory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")


# Bad input


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("", "no date of occurrence"),
        ("13/45/2020 10:00", "cannot read the date of occurrence: 13/45/2020 10:00"),
        ("02/30/2020 10:00", "cannot read the date of occurrence: 02/30/2020 10:00"),
        ("01/02/1899 10:00", "the date of occurrence is before 1900: 01/02/1899 10:00"),
        ("01/02/2199 10:00", "the date of occurrence lies in the future: 01/02/2199 10:00"),
    ],
)
def test_impossible_date_is_rejected_with_line_and_reason(write, when, reason):
    batch = load(write(row(), row(when=when)))
    assert (batch.created, batch.rejected) == (1, 1)
    reject = Reject.objects.get()
    assert (reject.file, reject.line, reject.reason) == ("one.csv", 3, reason)
    assert "Shoplifting" in reject.row


def test_end_before_start_is_rejected(write):
    mapping = {**PLAIN, "columns": {**PLAIN["columns"], "occurred_to": "until"}}
    rows = [row() + ",01/02/2020 09:00", row() + ",01/02/2020 11:00", row() + ",", row() + ",nonsense"]
    batch = load(write(*rows, header=f"{HEADER},until"), mapping=mapping)
    assert batch.created == 2
    reasons = list(Reject.objects.values_list("line", "reason"))
    assert reasons == [
        (2, "it ends (01/02/2020 09:00) before it starts (01/02/2020 10:00)"),
        (5, "cannot read the end of the occurrence: nonsense"),
    ]


def test_ragged_rows_are_rejected_with_their_line(write):
    path = write(
        row(), "short,row", "", '"01/04/2020 10:00",23C,"two\nlines",X,,,1', row(when="01/05/2020 10:00") + ",extra"
    )
    batch = load(path)
    assert (batch.read, batch.created, batch.rejected) == (4, 2, 2)
    assert list(Reject.objects.values_list("line", "reason")) == [
        (3, "the row has 2 columns where the header has 7"),
        (7, "the row has 8 columns where the header has 7"),
    ]


def test_encodings_mixed_in_one_file_are_decided_line_by_line(tmp_path):
    path = tmp_path / "mixed.csv"
    lines = [
        b"\xef\xbb\xbf" + HEADER.encode(),
        row(what="Café").encode(),
        row(what="Café", when="01/03/2020 10:00").encode("cp1252"),
        row(what="It\x92s", when="01/04/2020 10:00").encode("latin-1"),
    ]
    path.write_bytes(b"\r\n".join(lines))
    load(path)
    assert set(Incident.objects.values_list("description", flat=True)) == {"Café", "It’s"}


def test_utf16_is_read(tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes("\n".join([HEADER.replace(",", "\t"), row(what="Café").replace(",", "\t")]).encode("utf-16"))
    load(path)
    assert Incident.objects.get().description == "Café"


def test_gzip_is_read_whatever_the_case_of_its_ending(tmp_path):
    path = tmp_path / "May2020.CSV.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{row()}\n".encode()))
    assert load(path).created == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty.csv is empty: 0 bytes"),
        ("blank.csv", b"\n \n", "blank.csv is empty"),
        ("excel.csv", b"PK\x03\x04 and so on", "looks like a spreadsheet"),
        ("web.csv", b"<html><body>Sign in</body></html>", "looks like a web page"),
        ("packed.csv", gzip.compress(b"a,b\n1,2\n", mtime=0), "Add .gz to its name"),
        ("plain.csv.gz", b"a,b\n1,2\n", "is not compressed with gzip"),
        ("cut.csv.gz", gzip.compress(b"when,code\n" * 90_000, mtime=0)[:300], "damaged or cut short"),
        ("text.parquet", b"a,b\n1,2\n", "is not Parquet"),
        ("half.parquet", b"PAR1 but no more", "is not Parquet, or is damaged"),
        ("table.geojson", b"a,b\n1,2\n", "is not GeoJSON"),
        ("broken.geojson", b'{"type": "FeatureCollection", "features": [{"ty', "is not GeoJSON, or is damaged"),
        ("points.csv", b'{"type": "FeatureCollection"}', "looks like JSON"),
        ("bytes.csv", b"a,b\n\x00\x01\x02,2\n", "is not text"),
    ],
)
def test_file_that_is_not_what_its_ending_says_is_refused_in_plain_words(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        load(path)
    batch = ImportBatch.objects.get()
    assert batch.status == ImportBatch.Status.FAILED
    assert message in batch.error


def test_header_without_rows_reads_nothing(write):
    assert load(write()).read == 0


def test_missing_column_is_named(write):
    with pytest.raises(InputError, match="needs the column when"):
        load(write("x", header="code,what,where,lon,lat,count"))


# Coordinates and places


@pytest.fixture
def town(db):
    AreaFactory(
        kind=Area.Kind.BOUNDARY,
        geometry=MultiPolygon(Polygon.from_bbox((WEST - 0.01, SOUTH - 0.01, WEST + 0.05, SOUTH + 0.05)), srid=4326),
    )
    return BlockFactory(at=(0, 0), street="MAIN ST", number_low=100, number_high=198)


def test_coordinates_are_located_on_block_complex_and_address(write, town):
    complex_, address = ComplexFactory(at=(0, 0)), AddressFactory(at=(0, 0))
    load(write(row(lon=WEST + 0.00001, lat=SOUTH + 0.00001)))
    location = Location.objects.get()
    assert (location.block, location.complex, location.address) == (town, complex_, address)
    assert (location.method, location.problem) == ("coordinates", "")
    assert 0 < location.distance_m < 2


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("0", "0", "null_island"),
        (SOUTH, WEST, "swapped"),
        ("999", "37", "out_of_range"),
        ("-90.2", "38.6", "outside"),
        ("", "", ""),
        ("abc", "", ""),
    ],
)
def test_unusable_coordinates_fall_back_to_the_address_and_are_named(write, town, lon, lat, problem):
    batch = load(write(row(lon=lon, lat=lat, where="150 MAIN ST")))
    location = Location.objects.get()
    assert (location.problem, location.block) == (problem, town)
    assert location.method == Location.Method.BLOCK_RANGE
    assert batch.unlocated == 0


@pytest.mark.parametrize(
    ("lon", "lat", "where", "problem"),
    [
        ("0", "0", "", "null_island"),
        (WEST + 0.03, SOUTH + 0.03, "", "far_from_places"),
        ("-90.2", "38.6", "9 NOWHERE RD", "outside"),
        ("", "", "9 NOWHERE RD", "no_match"),
        ("", "", "", "nothing_reported"),
    ],
)
def test_what_cannot_be_located_is_kept_and_counted(write, town, lon, lat, where, problem):
    batch = load(write(row(lon=lon, lat=lat, where=where)))
    assert (batch.created, batch.unlocated) == (1, 1)
    assert Location.objects.unlocated().get().problem == problem
    assert load(write(row(lon=lon, lat=lat, where=where))).unlocated == 1


def test_projected_coordinates_are_transformed(write, town):
    mapping = {**PLAIN, "crs": "EPSG:32615"}
    load(write(row(lon="298035", lat="4133933")), mapping=mapping)
    point = Location.objects.get().reported
    assert (round(point.x, 4), round(point.y, 4)) == (-95.2796, 37.3301)


def test_locations_are_shared_and_what_was_placed_by_hand_holds(write, town, commander):
    load(write(row(where="THE PARK"), row(where="THE PARK", when="01/03/2020 10:00")))
    location = Location.objects.get()
    Location.objects.update(
        block=town,
        point=town.geometry.centroid,
        method="hand",
        placed_by=commander,
        placed_at="2024-01-01T00:00Z",
        problem="",
    )
    batch = load(write(row(where="the park", when="01/09/2020 10:00"), name="b.csv"))
    assert (batch.created, batch.unlocated) == (1, 0)
    assert relocate() == 0
    assert Incident.objects.filter(location=location).count() == 3


def test_relocate_finds_places_that_came_later(write, town):
    load(write(row(lon=WEST + 5.5 * STEP, lat=SOUTH, where=""), row(lon="0", lat="0", where="9 ELM ST")))
    assert Location.objects.unlocated().count() == 2
    block = BlockFactory(at=(5, 0))
    other = BlockFactory(at=(5, 5), street="ELM ST", number_low=1, number_high=99)
    assert relocate() == 2
    assert set(Location.objects.values_list("block", "problem")) == {(block.pk, ""), (other.pk, "null_island")}
    assert relocate() == 0


# As a whole


def test_failed_import_leaves_nothing(write, monkeypatch):
    def fail(**_):
        raise RuntimeError("power cut")

    monkeypatch.setattr("hotspots.actions.incidents.queries.store", fail)
    with pytest.raises(RuntimeError):
        load(write(row()))
    assert not Incident.objects.exists()
    assert not Location.objects.exists()
    assert ImportBatch.objects.get().status == ImportBatch.Status.FAILED


def test_abandoned_import_is_marked_failed(write):
    ImportBatch.objects.create(source="x", mapping_name="x", status=ImportBatch.Status.RUNNING)
    assert fail_abandoned() == 1
    batch = ImportBatch.objects.get()
    assert batch.status == ImportBatch.Status.FAILED
    assert "start it again" in batch.error


def test_import_is_recorded_in_the_audit_trail(write, commander):
    load(write(row()))
    entry = AuditEntry.objects.get(action=AuditEntry.Action.INCIDENTS_IMPORTED)
    assert (entry.subject, entry.details["created"]) == ("plain", 1)


def test_folder_is_read_whole_and_what_does_not_fit_is_named(write, tmp_path):
    write(row())
    write("1,Downtown", name="neighborhoods.csv", header="number,name")
    (tmp_path / "notes.txt").write_text("not rows")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "two.csv").write_text(f"{HEADER}\n{row(when='01/07/2020 10:00')}\n")
    said: list[str] = []
    assert load(tmp_path, say=said.append).created == 2
    assert [text.split(":")[0] for text in said] == ["Passed over notes.txt", "Passed over neighborhoods.csv"]


def test_excluded_rows_are_counted_and_not_stored(write):
    mapping = {**PLAIN, "exclude": [{"column": "code", "pattern": "^99"}]}
    batch = load(write(row(), row(code="9914"), row(code="9925", when="nonsense")), mapping=mapping)
    assert (batch.created, batch.excluded, batch.rejected) == (1, 2, 0)


def test_command_ends_with_json_and_writes_rejects(write, tmp_path):
    path = write(row(), row(when="=cmd|calc"), row(when="01/02/2199 10:00", what="=1+1"))
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'zone = "America/Chicago"\n[columns]\noccurred_from = "when"\ncode = "code"\ndescription = "what"\naddress = "where"\n'
        '[dates]\nformats = ["%m/%d/%Y %H:%M"]\n'
    )
    out, rejects = StringIO(), tmp_path / "rejects.csv"
    call_command("import_incidents", str(path), mapping=str(mapping), rejects=rejects, stdout=out, stderr=StringIO())
    counts = json.loads(out.getvalue().splitlines()[-1])
    assert list(counts) == [*COUNTS, "seconds"]
    assert (counts["read"], counts["created"], counts["rejected"]) == (3, 1, 2)
    lines = rejects.read_text().splitlines()
    assert lines[0] == "file,line,reason,row"
    assert (
        lines[1]
        == """one.csv,3,cannot read the date of occurrence: =cmd|calc,"'=cmd|calc,23C,Shoplifting,100 MAIN ST,,,1\""""
    )


def test_command_says_in_plain_words_what_is_wrong(tmp_path):
    with pytest.raises(CommandError, match=r"Nothing was imported: .*nowhere\.csv does not exist"):
        call_command("import_incidents", str(tmp_path / "nowhere.csv"), mapping="st_louis", stderr=StringIO())
    with pytest.raises(CommandError, match="there is no mapping atlantis"):
        call_command("import_incidents", str(tmp_path), mapping="atlantis", stderr=StringIO())
