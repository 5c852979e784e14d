"""Plan beside delivered: the query, the page of all hot spots, the panel of one, the file."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.agency import forget_agency
from accounts.models import AgencyProfile, AuditEntry
from hotspots.frames import read_arrays
from hotspots.models import HotSpot
from tactics.catalogue import Tactic
from tactics.models import Activity, Plan, Shift
from tactics.queries.dosage import KINDS, WAYS, dosage, last_weeks, monday_of
from tests.factories.hotspots import HotSpotFactory
from tests.factories.tactics import (
    ActivityFactory,
    PlanFactory,
    PlanTacticFactory,
    ShiftFactory,
    UnitFactory,
    VisitImportFactory,
)

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
DIRECTED, FOOT = KINDS.index("directed_patrol"), KINDS.index("foot_patrol")
MONDAY = date(2025, 3, 3)  # clocks go forward on the Sunday of this week
WEEKS = [MONDAY, MONDAY + timedelta(days=7)]
LATER = datetime(2025, 4, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_parsons():
    AgencyProfile.objects.update(time_zone="America/Chicago")
    forget_agency()
    Shift.objects.update(is_active=False)


@pytest.fixture
def hot_spot():
    return HotSpotFactory(starts_on=date(2025, 1, 6))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def visit(hot_spot, start, minutes=12, **more):
    return ActivityFactory(hot_spot=hot_spot, started_at=at(start), minutes=minutes, **more)


def test_weeks_begin_on_local_mondays_through_a_change_of_the_clock(hot_spot):
    visit(hot_spot, "2025-03-03 00:00")
    visit(hot_spot, "2025-03-09 23:50", 20)  # in summer time already: Monday begins at 05:00 UTC, no longer 06:00
    visit(hot_spot, "2025-03-10 00:10")
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert done.visits[0, DIRECTED].tolist() == [2, 1]
    assert done.officer[0, DIRECTED].tolist() == [22, 22]
    assert done.patrol[0, DIRECTED].tolist() == [22, 22]


def test_voided_records_count_nowhere_and_unapproved_ones_count_and_are_told(hot_spot, commander):
    gone = visit(hot_spot, "2025-03-04 12:00")
    Activity.objects.filter(pk=gone.pk).update(voided_at=LATER, voided_by=commander, void_reason="by mistake")
    approved = visit(hot_spot, "2025-03-04 13:00")
    Activity.objects.filter(pk=approved.pk).update(approved_at=LATER, approved_by=commander)
    visit(hot_spot, "2025-03-04 14:00")
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert (done.visits.sum(), done.unapproved.sum(), done.officer.sum()) == (2, 1, 24)


def test_running_visit_counts_without_minutes_and_is_told(hot_spot):
    visit(hot_spot, "2025-03-04 12:00", None)
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert (done.visits.sum(), done.running.sum(), done.officer.sum()) == (1, 1, 0)


def test_ways_of_recording_are_counted_apart(hot_spot):
    visit(hot_spot, "2025-03-04 12:00")
    visit(hot_spot, "2025-03-04 13:00", recorded="typed")
    visit(hot_spot, "2025-03-04 14:00", recorded="imported", batch=VisitImportFactory())
    ways = dosage(WEEKS, [hot_spot.pk]).delivered.recorded[0, DIRECTED, 0]
    assert dict(zip(WAYS, ways.tolist(), strict=True)) == {"timed": 1, "typed": 1, "imported": 1}


def test_units_of_an_operation_make_one_visit(hot_spot, commander):
    operation = hot_spot.operations.create(coordinator=commander, started_at=at("2025-03-04 20:00"))
    for minute in (0, 5, 10):
        visit(hot_spot, f"2025-03-04 20:{minute:02}", 60, kind=Tactic.SATURATION_PATROL, operation=operation)
    visit(hot_spot, "2025-03-05 20:00", 60, kind=Tactic.SATURATION_PATROL)
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert done.visits.sum() == 2
    assert (done.presence.sum(), done.officer.sum()) == (130, 240)


def test_visit_that_is_imported_and_logged_by_the_same_unit_is_one(hot_spot):
    car, other, batch = UnitFactory(), UnitFactory(), VisitImportFactory()
    imported = {"recorded": "imported", "batch": batch, "officer": None}
    visit(hot_spot, "2025-03-04 12:00", 30, unit=car, recorded="typed", kind=Tactic.FOOT_PATROL)
    visit(hot_spot, "2025-03-04 11:55", 40, unit=car, **imported)  # left out
    visit(hot_spot, "2025-03-04 12:00", 30, unit=other, **imported)  # another car
    visit(hot_spot, "2025-03-04 13:00", 30, unit=car, **imported)  # at another time
    visit(HotSpotFactory(), "2025-03-04 12:00", 30, unit=car, **imported)  # elsewhere
    visit(hot_spot, "2025-03-04 13:10", 5, unit=car, kind=Tactic.VEHICLE_STOP)  # not the same sort
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert done.visits[0, DIRECTED, 0] == 2
    assert (done.visits.sum(), done.repeated.sum()) == (4, 1)
    assert (done.presence.sum(), done.officer.sum(), done.attendance.sum()) == (70, 95, 95)
    assert dosage(WEEKS).delivered.visits.sum() == 5


def test_imported_visit_counts_again_once_what_was_logged_is_voided(hot_spot, commander):
    car = UnitFactory()
    visit(hot_spot, "2025-03-04 12:00", 30, unit=car, recorded="imported", batch=VisitImportFactory(), officer=None)
    logged = visit(hot_spot, "2025-03-04 12:05", None, unit=car)
    assert dosage(WEEKS, [hot_spot.pk]).delivered.visits.sum() == 1
    Activity.objects.filter(pk=logged.pk).update(voided_at=LATER, voided_by=commander, void_reason="by mistake")
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert (done.visits.sum(), done.repeated.sum(), done.attendance.sum()) == (1, 0, 30)


def test_stop_during_an_officers_own_patrol_adds_no_time_to_the_hot_spot(hot_spot):
    patrol = visit(hot_spot, "2025-03-04 12:00", 30)
    visit(hot_spot, "2025-03-04 12:10", 5, kind=Tactic.VEHICLE_STOP, officer=patrol.officer)
    done = dosage(WEEKS, [hot_spot.pk]).delivered
    assert (done.officer.sum(), done.attendance.sum(), done.visits.sum()) == (35, 30, 2)


def test_hot_spots_are_kept_apart_and_in_the_order_of_their_numbers():
    spots = HotSpotFactory.create_batch(3)
    visit(spots[2], "2025-03-04 12:00", 30)
    visit(spots[0], "2025-03-04 12:00", 10)
    found = dosage(WEEKS)
    assert found.spots == sorted(spot.pk for spot in spots)
    assert found.delivered.presence[:, 0].tolist() == [10, 0, 30]


def plan_of(hot_spot, hours, **more):
    plan = PlanFactory(hot_spot=hot_spot, status="active", hours=hours, **more)
    PlanTacticFactory(plan=plan, visits=7, per="week", minutes=15)
    return plan


def test_planned_of_a_week_within_the_plan_is_whole(hot_spot):
    plan_of(hot_spot, [18, 19])
    found = dosage(WEEKS, [hot_spot.pk], now=LATER)
    assert found.planned_visits[0, DIRECTED].tolist() == [7, 7]
    assert found.planned_minutes[0, DIRECTED].tolist() == [105, 105]
    assert found.due_visits[0, DIRECTED].tolist() == [7, 7]


def test_planned_per_shift_counts_the_shifts_that_the_hours_touch(hot_spot):
    ShiftFactory()
    plan = PlanFactory(hot_spot=hot_spot, status="active", hours=[18, 19, 24 + 18, 24 + 19])
    PlanTacticFactory(plan=plan, visits=1, per="shift", minutes=15)
    assert dosage(WEEKS, [hot_spot.pk], now=LATER).planned_visits[0, DIRECTED].tolist() == [2, 2]


def test_planned_of_the_week_in_which_a_plan_begins_and_ends_is_its_part(hot_spot):
    # An hour on each day; begins on Wednesday, ends on the Tuesday after.
    plan_of(hot_spot, [24 * day + 18 for day in range(7)], starts_on=date(2025, 3, 5), ends_on=date(2025, 3, 11))
    found = dosage(WEEKS, [hot_spot.pk], now=LATER)
    assert found.planned_visits[0, DIRECTED].tolist() == pytest.approx([5, 1])


def test_due_is_what_the_hours_that_have_passed_ask_for(hot_spot):
    plan_of(hot_spot, [24 * day + 18 for day in range(7)])
    found = dosage(WEEKS, [hot_spot.pk], now=at("2025-03-12 18:30"))
    assert found.due_visits[0, DIRECTED].tolist() == pytest.approx([7, 3])
    assert found.planned_visits[0, DIRECTED].tolist() == [7, 7]


def test_plan_that_never_took_effect_asks_for_nothing(hot_spot):
    PlanTacticFactory(plan=PlanFactory(hot_spot=hot_spot))
    assert dosage(WEEKS, [hot_spot.pk], now=LATER).planned_visits.sum() == 0


def test_plan_of_a_hot_spot_that_ended_asks_for_nothing_afterwards():
    hot_spot = HotSpotFactory(starts_on=date(2025, 1, 6), ended_on=date(2025, 3, 10))
    plan_of(hot_spot, [18])
    assert dosage(WEEKS, [hot_spot.pk], now=LATER).planned_visits[0, DIRECTED].tolist() == [7, 0]


def test_two_plans_after_each_other_make_one_week_together(hot_spot, commander):
    days = [24 * day + 18 for day in range(7)]
    first = plan_of(hot_spot, days, ends_on=date(2025, 3, 6))
    Plan.objects.filter(pk=first.pk).update(status="ended", ended_by=commander, ended_at=at("2025-03-06 09:00"))
    plan_of(hot_spot, days, starts_on=date(2025, 3, 6))
    assert dosage(WEEKS, [hot_spot.pk], now=LATER).planned_visits[0, DIRECTED].tolist() == pytest.approx([7, 7])


def test_columns_hold_a_row_for_whatever_was_planned_or_done(hot_spot):
    plan_of(hot_spot, [18])
    visit(hot_spot, "2025-03-11 12:00", 10, kind=Tactic.FOOT_PATROL)
    columns = dosage(WEEKS, [hot_spot.pk], now=LATER).columns()
    rows = set(zip(columns["tactic"], columns["week"], columns["visits"], strict=True))
    assert rows == {("directed_patrol", WEEKS[0], 0), ("directed_patrol", WEEKS[1], 0), ("foot_patrol", WEEKS[1], 1)}


@pytest.mark.parametrize("number", [1, 3])
def test_dosage_asks_as_often_for_three_hot_spots_as_for_one(number, django_assert_num_queries):
    for _ in range(number):
        spot = HotSpotFactory(starts_on=date(2025, 1, 6))
        plan_of(spot, [18])
        visit(spot, "2025-03-04 12:00")
    spots = list(HotSpot.objects.values_list("pk", flat=True))
    dosage(WEEKS, spots)  # the agency is kept from now on
    with django_assert_num_queries(4):
        dosage(WEEKS, spots)


def test_read_arrays_gives_back_what_was_stored_and_refuses_what_is_not_as_said():
    query = (
        "SELECT 7::int8, ARRAY[1, 2]::int2[], ARRAY['1970-01-01 00:00:01Z', '-infinity']::timestamptz[], '{}'::int8[]"
    )
    numbers, arrays = read_arrays(query, {}, {"a": "int2", "b": "timestamptz", "c": "int8"})
    assert numbers.tolist() == [7]
    found = {name: [each.tolist() for each in rows] for name, rows in arrays.items()}
    assert found == {"a": [[1, 2]], "b": [[1_000_000, np.iinfo(np.int64).min]], "c": [[]]}
    numbers, arrays = read_arrays("SELECT 1::int8, '{}'::int2[] WHERE false", {}, {"a": "int2"})
    assert (numbers.tolist(), arrays) == ([], {"a": []})
    for wrong in ("ARRAY[1, NULL]::int2[]", "ARRAY[1, 2]::int4[]", "ARRAY[1, 2, 3, 4, 5]::int8[]"):
        with pytest.raises(ValueError, match="holds NULL or is of another type"):
            read_arrays(f"SELECT 1::int8, {wrong}", {}, {"a": "int2"})


# ---- Pages


@pytest.fixture
def worked():
    """A hot spot with a plan all around the clock, half of it done this week."""
    now = timezone.now()
    spot = HotSpotFactory(name="Elm lot", starts_on=monday_of(timezone.localdate()) - timedelta(days=28))
    plan = PlanFactory(hot_spot=spot, status="active", hours=list(range(168)))
    PlanTacticFactory(plan=plan, visits=100, per="week", minutes=15)
    ActivityFactory(hot_spot=spot, started_at=now - timedelta(days=9), minutes=10)
    return spot


def test_page_puts_plan_beside_delivered_and_shows_who_waits(client_as, worked):
    page = client_as("commander").get(reverse("dosage"))
    assert page.status_code == 200
    row = page.context["rows"][0]
    assert row.hot_spot == worked
    assert row.last_week.planned == 100
    assert row.last_week.visits + row.this_week.visits == 1
    assert row.watched.state == "overdue"
    text = page.content.decode()
    assert "1 of 100" in text
    assert "overdue by" in text
    assert "1 hot spot was not visited within its interval." in text


def test_page_sorts_by_what_is_missing(client_as, worked):
    idle = HotSpotFactory(name="Ash row", starts_on=worked.starts_on)
    PlanTacticFactory(plan=PlanFactory(hot_spot=idle, status="active", hours=[0]), visits=200, per="week")
    HotSpotFactory(name="Oak row", starts_on=worked.starts_on)
    rows = client_as("commander").get(reverse("dosage")).context["rows"]
    assert [row.hot_spot.name for row in rows] == ["Ash row", "Elm lot", "Oak row"]


def test_page_without_hot_spots_says_so(client_as):
    assert "No hot spot was going on" in client_as("commander").get(reverse("dosage")).content.decode()


@pytest.mark.parametrize(("asked", "weeks"), [("8", 8), ("52", 52), ("", 2), ("9999", 2), ("x", 2)])
def test_page_takes_its_window_from_the_address(client_as, worked, asked, weeks):
    page = client_as("officer").get(reverse("dosage"), {"weeks": asked})
    assert len(page.context["weeks"]) == weeks


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", ["dosage", "dosage_panel", "dosage_export", "board", "board_update"])
def test_pages_ask_as_often_for_three_hot_spots_as_for_one(
    client_as, name, number, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(number):
        spot = HotSpotFactory(starts_on=date(2025, 1, 6))
        plan_of(spot, list(range(168)))
        ActivityFactory(hot_spot=spot, started_at=timezone.now() - timedelta(days=1))
        ActivityFactory(hot_spot=spot, started_at=timezone.now() - timedelta(minutes=5), minutes=None)
    client = client_as("commander")
    address = reverse(name, args=[spot.pk] if name == "dosage_panel" else [])
    list(client.get(address))
    queries = {"dosage": 15, "dosage_panel": 7, "dosage_export": 8, "board": 13, "board_update": 7}
    with django_assert_num_queries(queries[name]):
        list(client.get(address))


def test_panel_says_in_words_what_was_planned_and_done(client_as, worked):
    text = client_as("officer").get(reverse("dosage_panel", args=[worked.pk])).content.decode()
    words = " ".join(text.split())
    assert "10 minutes each; planned 15" in words
    assert "1 record waits for approval." in words
    assert "100 % timed" in words


def test_page_and_panel_say_how_many_imported_visits_were_also_logged(client_as, worked):
    car, start = UnitFactory(), timezone.now() - timedelta(hours=1)
    logged = ActivityFactory(hot_spot=worked, started_at=start, minutes=10, unit=car)
    ActivityFactory(
        hot_spot=worked,
        started_at=start,
        minutes=12,
        unit=car,
        officer=None,
        recorded="imported",
        batch=VisitImportFactory(),
    )
    ActivityFactory(hot_spot=worked, started_at=start, minutes=5, kind=Tactic.ARREST, officer=logged.officer)
    client = client_as("commander")
    page, panel = client.get(reverse("dosage")), client.get(reverse("dosage_panel", args=[worked.pk]))
    for answer in (page, panel):
        assert "1 imported visit was also logged and counts once." in answer.content.decode()
    assert page.context["rows"][0].whole.officer == panel.context["table"].whole.officer == 20


def test_panel_of_a_hot_spot_that_begins_later_says_so(client_as):
    later = HotSpotFactory(starts_on=timezone.localdate() + timedelta(days=30))
    text = client_as("commander").get(reverse("dosage_panel", args=[later.pk])).content.decode()
    assert "It has not begun yet." in text


def test_panel_without_plan_and_visits_says_so(client_as):
    spot = HotSpotFactory(starts_on=timezone.localdate() - timedelta(days=30))
    text = client_as("commander").get(reverse("dosage_panel", args=[spot.pk])).content.decode()
    assert "Nothing was planned or delivered" in text


def test_panel_gives_more_weeks_on_request(client_as):
    old = HotSpotFactory(starts_on=timezone.localdate() - timedelta(days=300))
    plan_of(old, [18])
    client = client_as("commander")
    assert len(client.get(reverse("dosage_panel", args=[old.pk])).context["weeks"]) == 8
    assert len(client.get(reverse("dosage_panel", args=[old.pk]), {"weeks": "52"}).context["weeks"]) > 40


def test_export_is_a_table_with_safe_cells_and_stands_in_the_trail(client_as):
    spot = HotSpotFactory(name="=cmd()", starts_on=timezone.localdate() - timedelta(days=30))
    ActivityFactory(hot_spot=spot, started_at=timezone.now() - timedelta(hours=1), minutes=10)
    client = client_as("commander")
    answer = client.get(reverse("dosage_export"))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [row["hot_spot_name"] for row in rows] == ["'=cmd()"]
    assert (rows[0]["tactic"], rows[0]["visits"], rows[0]["officer_minutes"]) == ("directed_patrol", "1", "10.0")
    assert rows[0]["minutes_a_visit"] == "10.0"
    entry = AuditEntry.objects.get(action=AuditEntry.Action.EXPORTED)
    assert (entry.actor, entry.details["weeks"]) == (client.user, 2)


def test_last_weeks_end_with_the_one_that_is_going_on():
    assert last_weeks(3, date(2025, 3, 9)) == [date(2025, 2, 17), date(2025, 2, 24), date(2025, 3, 3)]
    assert np.unique([week.weekday() for week in last_weeks(52)]).tolist() == [0]
