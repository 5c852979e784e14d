"""The live board: who is where, when each hot spot was last visited, and which are overdue."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from tactics.models import Activity
from tactics.queries.board import hours_began_at, last_visits, running, watched
from tests.factories.hotspots import SOUTH, WEST, BlockFactory, HotSpotFactory, PublishedRunFactory
from tests.factories.tactics import ActivityFactory, PlanFactory, UnitFactory

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
WEDNESDAY = 48  # hour of the week


@pytest.fixture(autouse=True)
def in_parsons():
    AgencyProfile.objects.update(time_zone="America/Chicago")
    forget_agency()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def hot_spot():
    return HotSpotFactory(name="Elm lot", starts_on=date(2025, 1, 6))


@pytest.fixture
def plan(hot_spot):
    """Every evening from 18:00 to midnight, a visit every two hours."""
    hours = [day * 24 + hour for day in range(7) for hour in range(18, 24)]
    return PlanFactory(hot_spot=hot_spot, status="active", hours=hours)


def only(now):
    found = watched(now, running(now))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2025-03-05 18:30", "2025-03-05 18:00"),
        ("2025-03-05 23:59", "2025-03-05 18:00"),
        ("2025-03-05 17:59", None),
        ("2025-03-06 00:00", None),
    ],
)
def test_hours_began_when_their_run_did(plan, now, began):
    assert hours_began_at(plan.hours, at(now)) == (began and at(began))


def test_hours_that_go_over_the_end_of_the_week_are_one_run():
    night = [167, 0, 1]  # Sunday 23:00 to Monday 02:00
    assert hours_began_at(night, at("2025-03-10 01:30")) == at("2025-03-09 23:00")


def test_hours_all_around_the_clock_began_a_week_ago():
    assert hours_began_at(range(168), at("2025-03-05 12:30")) == at("2025-02-26 13:00")


def test_visit_is_due_an_interval_after_the_hours_began(plan):
    assert only(at("2025-03-05 19:59")).state == "waiting"
    late = only(at("2025-03-05 20:10"))
    assert (late.state, late.due_at, late.overdue_minutes) == ("overdue", at("2025-03-05 20:00"), 10)


def test_visit_is_due_an_interval_after_the_last_one_ended(hot_spot, plan):
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 18:50"), minutes=10)
    seen = only(at("2025-03-05 20:30"))
    assert (seen.state, seen.last_at, seen.due_at) == ("waiting", at("2025-03-05 19:00"), at("2025-03-05 21:00"))


def test_nothing_is_overdue_outside_the_hours_of_the_plan_and_without_one(hot_spot, plan):
    assert only(at("2025-03-05 12:00")).state == "resting"
    plan.delete()
    assert only(at("2025-03-05 20:30")).state == "unplanned"


def test_hot_spot_where_somebody_is_is_not_overdue(hot_spot, plan):
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 20:15"), minutes=None)
    seen = only(at("2025-03-05 20:30"))
    assert (seen.state, seen.present, seen.overdue_minutes) == ("present", 1, 0)


def test_visit_that_nobody_ended_does_not_stand_for_presence(hot_spot, plan):
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 01:00"), minutes=None)
    now = at("2025-03-05 20:30")
    assert running(now)[0].is_forgotten
    assert only(now).state == "overdue"


def test_last_visit_is_the_latest_end_without_voided_and_later_ones(hot_spot, commander):
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 10:00"), minutes=120)
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 10:30"), minutes=10)
    gone = ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 13:00"))
    Activity.objects.filter(pk=gone.pk).update(voided_at=at("2025-03-05 14:00"), voided_by=commander, void_reason="no")
    ActivityFactory(hot_spot=hot_spot, started_at=at("2025-03-05 23:00"))
    assert last_visits([hot_spot.pk], at("2025-03-05 15:00")) == {hot_spot.pk: at("2025-03-05 12:00")}


def test_overdue_longest_comes_first(plan):
    now = at("2025-03-05 21:00")
    rested = HotSpotFactory(name="Ash row", starts_on=date(2025, 1, 6))
    late = HotSpotFactory(name="Oak row", starts_on=date(2025, 1, 6))
    PlanFactory(hot_spot=late, status="active", hours=[WEDNESDAY + hour for hour in range(12, 24)])
    names = [each.hot_spot.name for each in watched(now, [])]
    assert names == ["Oak row", "Elm lot", rested.name]


def test_whereabouts_are_the_phone_else_the_hot_spot_else_the_place(hot_spot):
    now = timezone.now()
    spot = HotSpotFactory(starts_on=timezone.localdate() - timedelta(days=9))
    beside = {"started_at": now - timedelta(minutes=3), "minutes": None}
    by_phone = ActivityFactory(hot_spot=spot, point=Point(-95.0, 37.0, srid=4326), **beside)
    by_spot = ActivityFactory(hot_spot=spot, **beside)
    by_place = ActivityFactory(hot_spot=None, place=BlockFactory(at=(50, 50)), **beside)
    points = {each.activity.pk: each.point for each in running(now)}
    assert points[by_phone.pk] == (-95.0, 37.0)
    assert points[by_spot.pk] == pytest.approx((WEST, SOUTH), abs=0.01)
    assert points[by_place.pk] == pytest.approx((WEST + 0.05, SOUTH + 0.05), abs=0.01)


def test_board_shows_who_is_where_and_since_when(client_as, officer):
    spot = HotSpotFactory(name="Elm lot", starts_on=timezone.localdate() - timedelta(days=9))
    start = timezone.now() - timedelta(minutes=7)
    ActivityFactory(hot_spot=spot, officer=officer, unit=UnitFactory(name="Car 7"), started_at=start, minutes=None)
    text = " ".join(client_as("commander").get(reverse("board")).content.decode().split())
    for words in (
        "1 visit runs.",
        "Car 7 · Robin Example",
        "Elm lot",
        "7 min",
        "1 there now",
        "No hot spot is overdue.",
    ):
        assert words in text


def test_update_is_a_fragment_that_is_never_kept(client_as, hot_spot):
    answer = client_as("officer").get(reverse("board_update"))
    assert answer["Cache-Control"] == "no-store"
    assert b"<html" not in answer.content
    assert b"Elm lot" in answer.content


def test_board_of_nothing_says_so(client_as):
    text = client_as("commander").get(reverse("board")).content.decode()
    assert "No visit runs." in text
    assert "No hot spot is designated." in text


def test_large_board_is_asked_for_in_the_address(client_as):
    assert "board-page--large" in client_as("commander").get(reverse("board"), {"large": "1"}).content.decode()


def test_map_of_the_board_shows_the_streets_of_the_newest_standing_run_in_gray(client_as):
    client = client_as("officer")
    assert client.get(reverse("board")).context["streets"] is None
    PublishedRunFactory(as_of=date(2024, 6, 29))
    newest = PublishedRunFactory()
    streets = client.get(reverse("board")).context["streets"]
    assert (streets["run"], streets["layer"], streets["plain"]) == (newest.pk, "blocks", True)
    assert len(streets["steps"]) == 1
