"""Where a batch goes: the list, the map on the letter and the map on the page are of one area, that of one day."""

import json
from datetime import datetime, time, timedelta

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.agency import agency_zone
from notices.models import Batch
from notices.queries.areas import area_of, boundary_of
from notices.queries.maps import ground_of
from notices.queries.recipients import recipients
from notices.views.batch_recipients import map_of
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, HotSpotFactory
from tests.factories.notices import BatchFactory

pytestmark = pytest.mark.django_db
OLD = MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + STEP, SOUTH + STEP)), srid=4326)
NEW = MultiPolygon(Polygon.from_bbox((WEST + 3 * STEP, SOUTH, WEST + 4 * STEP, SOUTH + STEP)), srid=4326)


@pytest.fixture
def today():
    return timezone.localdate(timezone=agency_zone())


@pytest.fixture
def spot(today):
    """Its boundary moved today. A house stands in the old one, and one in the new."""
    spot = HotSpotFactory()
    AddressFactory(geometry=OLD.point_on_surface, name="1 Old St", street="OLD ST", number_low=1)
    AddressFactory(geometry=NEW.point_on_surface, name="1 New St", street="NEW ST", number_low=1)
    first = spot.boundaries.get()
    first.valid = DateRange(spot.starts_on, today)
    first.save()
    spot.boundaries.create(geometry=NEW, valid=DateRange(today, None), drawn_by=first.drawn_by)
    return spot


def submitted(spot, day):
    return BatchFactory(
        hot_spot=spot,
        status="submitted",
        submitted_by=UserFactory(),
        submitted_at=datetime.combine(day, time(12), agency_zone()),
    )


def seen(batch: Batch) -> tuple[list[str], list[MultiPolygon]]:
    """Whose letters there are, and the areas: as they are measured, on the letter, and on the page."""
    found = recipients(batch)
    everybody = [each.lines[1] for each in [*found.letters, *found.left_out]]
    drawn = map_of(batch, found)
    return everybody, [area_of(batch), on_letter(batch), GEOSGeometry(json.dumps(drawn["area"]))]


def on_letter(batch: Batch) -> GEOSGeometry:
    return GEOSGeometry(ground_of(batch).outline.wkb_hex, srid=4326)


def check_all_are(batch: Batch, house: str, shape: MultiPolygon) -> None:
    everybody, areas = seen(batch)
    assert everybody == [house]
    for area in areas:
        assert area.equals_exact(shape, tolerance=1e-9), area.extent


@pytest.mark.parametrize("days", [-400, -1, 0, 30])
def test_draft_is_of_todays_boundary_whatever_the_date_of_the_letter(spot, today, days):
    check_all_are(BatchFactory(hot_spot=spot, dated=today + timedelta(days=days)), "1 NEW ST", NEW)


def test_submitted_batch_stays_in_the_boundary_that_it_was_submitted_in(spot, today):
    check_all_are(submitted(spot, today - timedelta(days=1)), "1 OLD ST", OLD)
    check_all_are(submitted(spot, today), "1 NEW ST", NEW)


def test_hot_spot_without_a_boundary_today_has_its_latest(spot, today):
    latest = spot.boundaries.latest_version()
    latest.valid = DateRange(today + timedelta(days=1), today + timedelta(days=9))
    latest.save()
    assert boundary_of(spot) == latest
    check_all_are(BatchFactory(hot_spot=spot), "1 NEW ST", NEW)


def test_distance_is_drawn_as_it_is_measured(spot):
    """From 50 m inside of the limit a letter goes out, from 50 m outside of it none; the drawn area says the same."""
    batch = BatchFactory(hot_spot=spot, scope="distance", distance_m=500)
    area = area_of(batch)
    inside, outside = (spot_at(meters) for meters in (450, 550))
    assert area.contains(inside)
    assert not area.contains(outside)
    assert on_letter(batch).equals_exact(area, tolerance=1e-9)
    AddressFactory(geometry=inside, name="2 New St", street="NEW ST", number_low=2)
    AddressFactory(geometry=outside, name="3 New St", street="NEW ST", number_low=3)
    assert {each.lines[1] for each in recipients(batch).letters} == {"1 OLD ST", "1 NEW ST", "2 NEW ST"}


def spot_at(meters: int) -> GEOSGeometry:
    """So far north of the new boundary."""
    point = NEW.point_on_surface
    point.y = SOUTH + STEP + meters / 111_000
    return point
