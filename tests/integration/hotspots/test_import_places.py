import json
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pytest
from django.contrib.gis.geos import LineString as GeosLine
from django.contrib.gis.geos import Point as GeosPoint
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from shapely import LineString, MultiPolygon, Point, Polygon, box

from accounts.models import AuditEntry
from hotspots.actions.places import attach_addresses, import_places
from hotspots.ingest.errors import InputError
from hotspots.ingest.places import Options
from hotspots.models import Area, Place
from tests.factories.hotspots import AddressFactory, AreaFactory, BlockFactory, LocationFactory, RunFactory

pytestmark = pytest.mark.django_db

WEST, SOUTH = -95.28, 37.33
STEP = 0.001  # about 89 m eastwards, 111 m northwards
TOWN = box(WEST - 0.01, SOUTH - 0.01, WEST + 0.02, SOUTH + 0.02)


def at(column, row):
    return (WEST + column * STEP, SOUTH + row * STEP)


def write(tmp_path, rows, name="places.gpkg"):
    """A file of (id, name, geometry, further fields…)."""
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)
    (tmp_path / name).unlink(missing_ok=True)
    frame.to_file(tmp_path / name)
    return tmp_path / name


def street(name, *points, **fields):
    return {"FULLNAME": name, "MTFCC": "S1400", "geometry": LineString([at(*point) for point in points]), **fields}


def grid():
    """Two streets and two avenues: 4 crossings, 12 blocks."""
    return [
        street("Main St", (0, 1), (3, 1)),
        street("Park St", (0, 2), (3, 2)),
        street("Elm Ave", (1, 0), (1, 3)),
        street("Oak Ave", (2, 0), (2, 3)),
    ]


def house(number, street_name, column, row, **fields):
    return {
        "id": f"{number}-{street_name}-{fields.get('unit', '')}",
        "number": number,
        "street": street_name,
        **fields,
    } | {"geometry": Point(*at(column, row))}


def area(source_id, shape, name=""):
    return {"id": source_id, "name": name or f"Beat {source_id}", "geometry": shape}


def run(path, kind, **options):
    source = options.pop("source", "test")
    return import_places(by=None, path=path, options=Options(kind=kind, **options), source=source)


def counted(result):
    return (result.created, result.updated, result.unchanged, result.rejected, result.retired)


@pytest.fixture
def blocks(tmp_path):
    return run(write(tmp_path, grid(), "streets.gpkg"), "block", node=True)


def test_streets_become_blocks(blocks):
    assert counted(blocks) == (12, 0, 0, 0, 0)
    block = Place.objects.get(name="Main St, Elm to Oak")
    assert (block.kind, block.street, block.source) == ("block", "MAIN ST", "test")
    assert block.length_m == pytest.approx(88.6, abs=0.2)
    assert block.geometry.geom_type == "LineString"


def test_incidents_are_located_anew_on_places_that_come_later(tmp_path):
    location = LocationFactory(
        block=None, point=None, method="", reported=GeosPoint(*at(1.5, 1.1), srid=4326), address_text=""
    )
    said = []
    options = Options(kind="block", node=True)
    import_places(by=None, path=write(tmp_path, grid()), options=options, source="test", say=said.append)
    location.refresh_from_db()
    assert location.block.name == "Main St, Elm to Oak"
    assert "Locations of incidents that lie on other places now: 1." in said


def test_streets_again_change_nothing(tmp_path, blocks):
    assert counted(run(write(tmp_path, grid()), "block", node=True)) == (0, 0, 12, 0, 0)
    assert not Place.objects.exclude(retired_on=None).exists()


def test_streets_with_another_street_far_away_keep_their_blocks(tmp_path, blocks):
    more = [*grid(), street("Far Rd", (40, 40), (41, 40))]
    assert counted(run(write(tmp_path, more), "block", node=True)) == (1, 0, 12, 0, 0)


def test_street_that_cuts_a_block_replaces_it_by_two(tmp_path, blocks):
    more = [*grid(), street("New St", (1.5, 0.5), (1.5, 1.5))]
    assert counted(run(write(tmp_path, more), "block", node=True)) == (4, 0, 11, 0, 1)
    assert Place.objects.get(name="Main St, Elm to Oak").retired_on == timezone.localdate()


def test_street_that_comes_back_is_no_longer_retired(tmp_path, blocks):
    run(write(tmp_path, grid()[:3]), "block", node=True)
    before = Place.objects.current().count()
    result = run(write(tmp_path, grid()), "block", node=True)
    assert result.updated + result.created > 0
    assert Place.objects.current().count() == 12 > before
    assert Place.objects.filter(name="Oak Ave, Main to Park", retired_on=None).count() == 1


def test_streets_that_are_none_are_left_out(tmp_path):
    others = [
        street("I- 70", (0, 0.5), (3, 0.5)) | {"MTFCC": "S1100"},
        street("", (0, 1.5), (3, 1.5)) | {"MTFCC": "S1730"},
    ]
    assert run(write(tmp_path, [*grid(), *others]), "block", node=True).created == 12


def test_ways_without_a_name_are_kept_when_asked_for(tmp_path):
    path = write(tmp_path, [*grid(), street("", (1.5, 1), (1.5, 2))])
    assert run(path, "block", node=True).created == 12
    assert run(path, "block", node=True, keep_unnamed=True).created == 1
    assert Place.objects.get(street="").name == "Unnamed street, Main to Park"


def test_file_of_motorways_alone_is_refused(tmp_path):
    motorway = street("I- 70", (0, 0.5), (3, 0.5)) | {"MTFCC": "S1100"}
    with pytest.raises(InputError, match="it holds no streets with blocks"):
        run(write(tmp_path, [motorway]), "block", node=True)


def test_blocks_of_a_file_that_has_them_need_no_noding(tmp_path):
    ranges = {"LFROMADD": "401", "LTOADD": "499", "RFROMADD": "400", "RTOADD": "498"}
    result = run(write(tmp_path, [street("Main St", (0, 0), (1, 0), TLID=7, **ranges)]), "block")
    assert counted(result) == (1, 0, 0, 0, 0)
    block = Place.objects.get()
    assert (block.source_id, block.name) == ("7", "400 block of Main St")
    assert (block.number_low, block.number_high) == (400, 499)


def test_addresses_are_described_and_attached(tmp_path, blocks):
    run(write(tmp_path, [area("1", box(*at(0, 0), *at(1.45, 3))), area("2", box(*at(1.45, 0), *at(3, 3)))]), "beat")
    run(write(tmp_path, [area("9", box(*at(1.1, 1.1), *at(1.9, 1.9)), "Maple Court")]), "complex")
    rows = [
        house("108", "W SOUTH ST", 1.2, 1.3, unit="201"),  # its street has no block here: the nearest
        house("14", "Main Street", 1.4, 2.6),  # nearer to Park St, but on Main
        house("20", "Main St", 30, 30),  # far from everything
    ]
    result = run(write(tmp_path, rows), "address")
    assert counted(result) == (3, 0, 0, 0, 0)
    far, second, first = (Place.objects.get(kind="address", number_low=number) for number in (20, 14, 108))
    assert (first.name, first.street, first.unit) == ("108 W South St Unit 201", "W SOUTH ST", "201")
    assert first.complex.name == "Maple Court"
    assert first.block.name == "Elm Ave, Main to Park"
    assert first.beat.name == "Beat 1"
    assert (second.block.street, second.complex) == ("MAIN ST", None)
    assert (far.block, far.complex, far.beat) == (None, None, None)
    assert Place.objects.get(kind="complex").beat.name == "Beat 2"
    assert {place.beat.name for place in Place.objects.filter(kind="block", street="ELM AVE")} == {"Beat 1"}


def test_blocks_take_numbers_and_names_from_their_addresses(tmp_path, blocks):
    rows = [house(str(n), "Main St", 1.1 + n % 100 / 100, 1.05) for n in (401, 420, 455)]
    rows += [house("4550", "Main St", 1.7, 1.05)]  # mistyped
    run(write(tmp_path, rows), "address")
    block = Place.objects.get(source_name="Main St, Elm to Oak")
    assert (block.name, block.number_low, block.number_high) == ("400 block of Main St", 401, 455)
    assert counted(run(write(tmp_path, grid()), "block", node=True)) == (0, 0, 12, 0, 0)
    block.refresh_from_db()
    assert block.name == "400 block of Main St"


def test_blocks_that_lose_their_addresses_get_their_name_back(tmp_path, blocks):
    run(write(tmp_path, [house("401", "Main St", 1.5, 1.05)]), "address")
    result = run(write(tmp_path, [house("12", "Oak Ave", 2.05, 0.5)]), "address")
    assert result.retired == 1
    assert not Place.objects.filter(street="MAIN ST", kind="block").exclude(source_name="", number_low=None).exists()
    assert Place.objects.get(name="Main St, Elm to Oak").number_low is None


def test_addresses_again_change_nothing(tmp_path, blocks):
    path = write(tmp_path, [house("401", "Main St", 1.5, 1.05), house("403", "Main St", 1.6, 1.05, unit='A "b", c')])
    run(path, "address")
    history = Place.pgh_event_model.objects.count()
    assert counted(run(path, "address")) == (0, 0, 2, 0, 0)
    assert Place.pgh_event_model.objects.count() == history


def test_address_that_changed_is_updated_and_the_trail_says_so(tmp_path):
    run(write(tmp_path, [house("401", "Main St", 1.5, 1.05)]), "address")
    moved = house("401", "Main St", 1.6, 1.05)
    assert counted(run(write(tmp_path, [moved]), "address")) == (0, 1, 0, 0, 0)
    assert Place.objects.get().geometry.x == pytest.approx(at(1.6, 0)[0])
    assert Place.pgh_event_model.objects.filter(pgh_label="update").count() == 1


def test_retired_and_returning_address(tmp_path):
    both = [house("401", "Main St", 1.5, 1.05), house("403", "Main St", 1.6, 1.05)]
    run(write(tmp_path, both), "address")
    assert counted(run(write(tmp_path, both[:1]), "address")) == (0, 0, 1, 0, 1)
    assert Place.objects.get(number_low=403).retired_on == timezone.localdate()
    assert counted(run(write(tmp_path, both[:1]), "address")) == (0, 0, 1, 0, 0)
    assert counted(run(write(tmp_path, both), "address")) == (0, 1, 1, 0, 0)
    assert Place.objects.current().count() == 2


def test_sources_and_kinds_do_not_retire_each_other(tmp_path, blocks):
    run(write(tmp_path, [house("401", "Main St", 1.5, 1.05)]), "address")
    run(write(tmp_path, [house("5", "Elm Ave", 1.05, 1.5)]), "address", source="other")
    assert Place.objects.current().count() == 14


def test_row_that_is_rejected_does_not_retire_what_it_names(tmp_path):
    both = [house("401", "Main St", 1.5, 1.05), house("403", "Main St", 1.6, 1.05)]
    run(write(tmp_path, both), "address")
    broken = both[1] | {"geometry": Point(0, 0)}
    assert counted(run(write(tmp_path, [both[0], broken]), "address")) == (0, 0, 1, 1, 0)
    assert Place.objects.current().count() == 2


@pytest.mark.parametrize(
    ("kind", "geometry", "reason"),
    [
        ("address", None, "it has no geometry"),
        ("address", Point(), "it has no geometry"),
        ("address", Point(0, 0), "its coordinates are 0, 0"),
        ("address", Point(SOUTH, WEST), "latitude and longitude look swapped"),
        ("address", Point(-90.2, 38.6), "it lies outside the city boundary"),
        ("address", LineString([at(0, 0), at(1, 1)]), "its geometry is a linestring; an address is a point"),
        ("complex", Point(*at(1, 1)), "its geometry is a point; this kind is a polygon"),
        ("complex", Polygon(), "it has no geometry"),
        ("complex", Polygon([at(0, 0), at(1, 1), at(2, 2), at(0, 0)]), "its polygon has no area"),
        ("block", Point(*at(1, 1)), "its geometry is a point; a block is a line"),
        ("block", LineString([at(1, 1), at(1, 1)]), "its line has no length"),
    ],
)
def test_row_that_cannot_be_a_place_is_rejected_and_the_others_go_on(tmp_path, kind, geometry, reason):
    AreaFactory(kind=Area.Kind.BOUNDARY, geometry=geos(TOWN))
    good = {
        "address": Point(*at(1, 1)),
        "complex": box(*at(1, 1), *at(2, 2)),
        "block": LineString([at(1, 1), at(2, 1)]),
    }[kind]
    rows = [{"id": n, "number": "1", "street": "Elm St", "geometry": shape} for n, shape in enumerate([good, geometry])]
    (tmp_path / "a.geojson").write_text(
        gpd.GeoDataFrame(rows, geometry="geometry", crs=4326).to_json(), encoding="utf-8"
    )
    result = run(tmp_path / "a.geojson", kind)
    assert counted(result) == (1, 0, 0, 1, 0)
    assert result.rejects[["feature", "id", "reason"]].values.tolist() == [[2, "1", reason]]


def geos(shape):
    from django.contrib.gis.geos import GEOSGeometry

    return GEOSGeometry(MultiPolygon([shape]).wkt, srid=4326)


def test_row_with_the_id_of_an_earlier_row_is_rejected(tmp_path):
    rows = [house(str(n), "Main St", n / 10, 1) | {"id": n if n < 150 else 0} for n in range(151)]
    result = run(write(tmp_path, rows), "address")
    assert result.created == 150
    assert result.rejects.reason.tolist() == ["its id 0 is also that of row 1"]


def test_address_without_a_number_is_rejected(tmp_path):
    rows = [
        house("1", "Main St", 1, 1),
        house("", "Main St", 1.1, 1),
        house("LOT", "Main St", 1.2, 1),
        house("5", "", 1.3, 1),
    ]
    assert run(write(tmp_path, rows), "address").rejects.reason.tolist() == [
        "it has no house number",
        "its house number is no number",
        "it has no street",
    ]


def test_rows_without_an_identifier_are_told_apart_by_content(tmp_path):
    rows = [{"name": "A", "geometry": box(*at(0, 0), *at(1, 1))}, {"name": "B", "geometry": box(*at(1, 0), *at(2, 1))}]
    path = write(tmp_path, [*rows, rows[0]])
    assert counted(run(path, "complex")) == (2, 0, 0, 1, 0)
    assert counted(run(path, "complex")) == (0, 0, 2, 1, 0)


def test_polygon_that_crosses_itself_is_made_valid(tmp_path):
    bow_tie = Polygon([at(0, 0), at(2, 2), at(2, 0), at(0, 2), at(0, 0)])
    run(write(tmp_path, [area("1", bow_tie)]), "complex")
    place = Place.objects.get()
    assert place.geometry.valid
    assert place.area_m2 == pytest.approx(2 * 0.5 * 177.2 * 222 / 2, rel=0.01)


def test_file_whose_rows_are_all_rejected_changes_nothing(tmp_path, blocks):
    with pytest.raises(
        InputError, match=r"Nothing in places.gpkg can be imported: its geometry is a point; a block is a line"
    ):
        run(write(tmp_path, [house("1", "Main St", 1, 1)]), "block")
    assert Place.objects.current().count() == 12


def test_import_that_fails_half_way_leaves_nothing(tmp_path, blocks, monkeypatch):
    def fail(**_):
        raise OSError("disk full")

    monkeypatch.setattr("hotspots.actions.places.queries.attach", fail)
    with pytest.raises(OSError, match="disk full"):
        run(write(tmp_path, grid()[:2]), "block", node=True)
    assert Place.objects.current().count() == 12
    assert AuditEntry.objects.filter(action="places_imported").count() == 1


def test_import_stands_in_the_audit_trail(blocks):
    entry = AuditEntry.objects.get(action="places_imported")
    assert entry.subject == "test"
    assert entry.details["created"] == 12
    assert entry.details["kind"] == "block"


LEFT, RIGHT = box(*at(0, 0), *at(1, 3)), box(*at(1, 0), *at(3, 3))
YESTERDAY = date.today() - timedelta(days=1)


def age(days=30):
    start = timezone.localdate() - timedelta(days=days)
    Area.objects.update(valid=DateRange(start, None))
    return start


def test_areas_again_change_nothing(tmp_path):
    path = write(tmp_path, [area("1", LEFT), area("2", RIGHT)])
    assert counted(run(path, "beat")) == (2, 0, 0, 0, 0)
    assert counted(run(path, "beat")) == (0, 0, 2, 0, 0)


def test_area_that_changed_is_a_new_version(tmp_path):
    run(write(tmp_path, [area("1", LEFT), area("2", RIGHT)]), "beat")
    start, today = age(), timezone.localdate()
    assert counted(run(write(tmp_path, [area("1", LEFT.buffer(0.001)), area("2", RIGHT)]), "beat")) == (0, 1, 1, 0, 0)
    versions = Area.objects.filter(source_id="1").order_by("valid")
    assert [(v.valid.lower, v.valid.upper) for v in versions] == [(start, today), (today, None)]
    assert Area.objects.current().count() == 2


def test_area_that_changed_twice_in_a_day_has_one_version_of_that_day(tmp_path):
    run(write(tmp_path, [area("1", LEFT)]), "beat")
    age()
    run(write(tmp_path, [area("1", LEFT.buffer(0.001))]), "beat")
    assert counted(run(write(tmp_path, [area("1", RIGHT)]), "beat")) == (0, 1, 0, 0, 0)
    assert Area.objects.count() == 2
    assert Area.objects.current().get().geometry.equals(geos(RIGHT))


def test_area_that_is_gone_ends_and_may_come_back(tmp_path):
    both = [area("1", LEFT), area("2", RIGHT)]
    run(write(tmp_path, both), "beat")
    start, today = age(), timezone.localdate()
    assert counted(run(write(tmp_path, both[:1]), "beat")) == (0, 0, 1, 0, 1)
    ended = Area.objects.get(source_id="2")
    assert (ended.valid.lower, ended.valid.upper) == (start, today)
    assert counted(run(write(tmp_path, both), "beat")) == (1, 0, 1, 0, 0)
    assert Area.objects.current().count() == 2


def test_area_that_is_withdrawn_on_the_day_it_began_goes(tmp_path, blocks):
    run(write(tmp_path, [area("1", LEFT), area("2", RIGHT)]), "beat")
    assert counted(run(write(tmp_path, [area("1", LEFT)]), "beat")) == (0, 0, 1, 0, 1)
    assert Area.objects.get().source_id == "1"
    assert not Place.objects.filter(beat__source_id="2").exists()


def test_area_that_a_run_was_made_for_stands_until_tomorrow(tmp_path):
    both = [area("1", LEFT), area("2", RIGHT)]
    run(write(tmp_path, both), "beat")
    RunFactory(beat=Area.objects.get(source_id="2"))
    run(write(tmp_path, both[:1]), "beat")
    kept, today = Area.objects.get(source_id="2"), timezone.localdate()
    assert (kept.valid.lower, kept.valid.upper) == (today, today + timedelta(days=1))
    assert counted(run(write(tmp_path, both), "beat")) == (0, 1, 1, 0, 0)
    assert Area.objects.get(source_id="2").valid.upper is None


def test_boundary_ends_that_of_another_source(tmp_path):
    run(write(tmp_path, [area("1", LEFT)]), "boundary", source="census")
    age()
    assert counted(run(write(tmp_path, [area("1", RIGHT)]), "boundary", source="city")) == (1, 0, 0, 0, 1)
    assert Area.objects.boundaries().current().get().source == "city"


def test_beats_of_another_source_stand(tmp_path):
    run(write(tmp_path, [area("1", LEFT)]), "beat", source="old")
    run(write(tmp_path, [area("1", RIGHT)]), "beat", source="new")
    assert Area.objects.beats().current().count() == 2


def test_versions_of_an_area_cannot_overlap():
    AreaFactory(source_id="1", valid=DateRange(date(2020, 1, 1), None))
    with pytest.raises(IntegrityError, match="area_versions_do_not_overlap"), transaction.atomic():
        AreaFactory(source_id="1", valid=DateRange(date(2021, 1, 1), None))
    AreaFactory(source_id="1", valid=DateRange(date(2019, 1, 1), date(2020, 1, 1)))


def test_attached_block_is_that_of_the_number_where_the_source_gives_ranges():
    low = BlockFactory(at=(0, 0), street="MAIN ST", number_low=100, number_high=199)
    high = BlockFactory(at=(1, 0), street="MAIN ST", number_low=200, number_high=299)
    address = AddressFactory(at=(1, 0), street="MAIN ST", number_low=150, number_high=150)
    attach_addresses()
    address.refresh_from_db()
    assert address.block == low
    assert high.geometry.distance(address.geometry) == 0


def test_attaching_passes_over_retired_blocks():
    retired = BlockFactory(at=(0, 0), street="MAIN ST", retired_on=date(2020, 1, 1))
    address = AddressFactory(at=(0, 0), street="MAIN ST", number_low=150, number_high=150, block=retired)
    attach_addresses()
    address.refresh_from_db()
    assert address.block is None
    assert isinstance(retired.geometry, GeosLine)


def test_command_ends_with_its_counts_in_json(tmp_path, capsys):
    bad = house("LOT", "Main St", 1.2, 1)
    path = write(tmp_path, [house("1", "Main St", 1, 1), bad])
    call_command("import_places", str(path), kind="address", rejects=tmp_path / "rejects.csv")
    out, err = capsys.readouterr()
    counts = json.loads(out.strip().splitlines()[-1])
    assert list(counts) == ["read", "created", "updated", "unchanged", "rejected", "retired", "seconds"]
    assert (counts["read"], counts["created"], counts["rejected"]) == (2, 1, 1)
    assert (tmp_path / "rejects.csv").read_text() == (
        "file,row,id,reason\nplaces.gpkg,2,LOT-Main St-,its house number is no number\n"
    )
    assert "identified by the field id" in err
    assert Place.objects.get().source == "places"


def test_command_says_what_is_wrong_with_a_file(tmp_path):
    (tmp_path / "a.csv").touch()
    with pytest.raises(CommandError, match=r"a\.csv is empty"):
        call_command("import_places", str(tmp_path / "a.csv"), kind="address")


@pytest.mark.parametrize("options", [{"id_field": "nope"}, {"name_field": "nope"}])
def test_command_names_the_fields_when_one_is_missing(tmp_path, options):
    with pytest.raises(CommandError, match=r"no field 'nope'. It has: id, number, street"):
        call_command("import_places", str(write(tmp_path, [house("1", "Main St", 1, 1)])), kind="address", **options)


def test_command_refuses_to_node_what_are_no_blocks(tmp_path):
    with pytest.raises(CommandError, match="--kind block"):
        call_command("import_places", "a.gpkg", kind="beat", node=True)


def test_swapped_rows_of_a_city_whose_latitudes_are_longitudes_too(tmp_path):
    """Near 45° both orders are on the map; only the boundary tells them apart."""
    AreaFactory(kind=Area.Kind.BOUNDARY, geometry=geos(box(-80, 44, -79, 45)))
    rows = [
        house("1", "Main St", 0, 0) | {"geometry": Point(-79.5, 44.5)},
        house("2", "Main St", 0, 0) | {"geometry": Point(44.5, -79.5)},
    ]
    result = run(write(tmp_path, rows), "address")
    assert result.rejects.reason.tolist() == ["latitude and longitude look swapped"]
    assert np.isclose(Place.objects.get().geometry.x, -79.5)
