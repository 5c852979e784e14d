"""Drawing rosters: what plans make of a shift, in the agency's zone, and what an officer is to do next."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from tactics.actions.rosters import draw, draw_coming
from tactics.models import Roster, Shift
from tactics.queries.plans import planned_per_week
from tactics.queries.rosters import (
    assignments_met_by,
    current_roster,
    next_visits,
    shift_at,
    shift_of_day,
)
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory
from tests.factories.tactics import (
    ActivityFactory,
    AssignmentFactory,
    PlanFactory,
    PlanTacticFactory,
    RosterFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)


def shift(name: str) -> Shift:
    return Shift.objects.get(name=name)


def plan(hours: object = range(168), **values: object) -> object:
    values = {"status": "active", **values}
    made = PlanFactory(hours=list(hours), **values)
    PlanTacticFactory(plan=made)
    return made


def week(name: str) -> list[Roster]:
    return [draw(by=None, shift=shift(name), day=MONDAY + back * DAY) for back in range(7)]


def test_new_installation_has_three_shifts_around_the_clock():
    assert [(each.name, each.starts_at, each.minutes) for each in Shift.objects.all()] == [
        ("Days", time(6), 480),
        ("Evenings", time(14), 480),
        ("Nights", time(22), 480),
    ]


def test_roster_has_the_visits_of_the_plans_in_force(commander):
    wanted, hot_spot = plan(), plan().hot_spot
    PlanTacticFactory(plan=hot_spot.plans.get(), tactic="lighting", visits=None, per="", minutes=None)
    PlanTacticFactory(plan=hot_spot.plans.get(), tactic="vehicle_stop", visits=5, per="shift", minutes=10)
    PlanFactory()  # only proposed
    plan(starts_on=MONDAY + DAY, review_on=MONDAY + 9 * DAY)
    plan(hot_spot=HotSpotFactory(ended_on=MONDAY))

    roster = draw(by=commander, shift=shift("Evenings"), day=MONDAY)

    counts = Counter(roster.assignments.values_list("hot_spot", "tactic"))
    assert counts == {(wanted.hot_spot_id, "directed_patrol"): 4, (hot_spot.pk, "directed_patrol"): 4}
    assert [each.position for each in roster.assignments.all()] == list(range(1, 9))
    due = [each.due_at for each in roster.assignments.all()]
    assert due == sorted(due)
    assert roster.starts_at <= due[0] <= due[-1] < roster.ends_at
    assert (roster.drawn_by, roster.seed >= 0) == (commander, True)
    entry = AuditEntry.objects.get(action="roster_changed")
    assert (entry.actor, entry.details["drawn"], entry.details["seed"]) == (commander, 8, str(roster.seed))


def test_same_seed_gives_the_same_roster_and_drawing_again_returns_the_one_there_is():
    for _ in range(3):
        plan()
    evenings = shift("Evenings")

    def drawn(seed: int) -> list[tuple]:
        roster = draw(by=None, shift=evenings, day=MONDAY, seed=seed)
        assert draw(by=None, shift=evenings, day=MONDAY, seed=seed + 1) == roster
        made = list(roster.assignments.values_list("hot_spot", "tactic", "due_at", "position"))
        roster.delete()
        return made

    assert drawn(7) == drawn(7) != drawn(8)


def test_rosters_of_a_week_share_a_seed():
    plan()
    seeds = {roster.seed for roster in [*week("Days"), *week("Nights")]}
    assert len(seeds) == 1
    assert draw(by=None, shift=shift("Days"), day=MONDAY + 7 * DAY).seed not in seeds


def test_visits_keep_to_the_hours_of_the_plan():
    wanted = plan(hours=[18, 19, 20, 21, 22, 23])  # Monday 18:00 to 24:00
    evening, night = (draw(by=None, shift=shift(name), day=MONDAY) for name in ("Evenings", "Nights"))

    local = [timezone.localtime(each.due_at) for each in evening.assignments.all()]
    assert len(local) == 2  # four hours at one in two hours
    assert all(18 <= at.hour < 22 for at in local)
    assert [timezone.localtime(each.due_at).hour in (22, 23) for each in night.assignments.all()] == [True]
    assert not draw(by=None, shift=shift("Days"), day=MONDAY).assignments.exists()
    assert not draw(by=None, shift=shift("Evenings"), day=MONDAY + DAY).assignments.exists()
    assert planned_per_week(wanted) == {"directed_patrol": (3, 45)}


def test_what_is_drawn_in_a_week_is_what_the_plan_asks_for():
    wanted = plan(hours=[*range(18, 24), *range(90, 100), 167, 0])
    PlanTacticFactory(plan=wanted, tactic="foot_patrol", visits=3, per="week", minutes=30)
    PlanTacticFactory(plan=wanted, tactic="knock_and_talk", visits=10, per="week", minutes=10)

    rosters = [roster for name in ("Days", "Evenings", "Nights") for roster in week(name)]

    drawn = Counter(each.tactic for roster in rosters for each in roster.assignments.all())
    planned = planned_per_week(wanted)
    assert drawn == {tactic: visits for tactic, (visits, _) in planned.items()}
    assert planned["foot_patrol"] == (3, 90)
    assert planned["knock_and_talk"] == (10, 100)


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 8), 7), (date(2025, 11, 1), 9), (date(2025, 3, 10), 8)])
def test_night_shift_ends_at_six_through_a_clock_change(day, hours):
    plan(starts_on=date(2024, 5, 1))
    night = draw(by=None, shift=shift("Nights"), day=day)
    assert night.ends_at - night.starts_at == timedelta(hours=hours)
    assert timezone.localtime(night.starts_at).hour == 22
    assert timezone.localtime(night.ends_at).hour == 6
    assert night.assignments.count() == 4


def test_shift_over_midnight_belongs_to_its_first_day():
    found = shift_at(datetime(2025, 3, 5, 8, tzinfo=UTC))  # 2:00 in Parsons
    assert (found.shift.name, found.day) == ("Nights", date(2025, 3, 4))
    at_change = shift_at(shift_of_day(shift("Days"), MONDAY).starts_at)
    assert (at_change.shift.name, at_change.day) == ("Days", MONDAY)
    Shift.objects.exclude(name="Days").update(is_active=False)
    assert shift_at(datetime(2025, 3, 5, 8, tzinfo=UTC)) is None


def test_units_of_a_plan_take_turns():
    first, second = UnitFactory(), UnitFactory()
    wanted = plan()
    wanted.units.set([first, second, UnitFactory(is_active=False)])
    roster = draw(by=None, shift=shift("Days"), day=MONDAY)
    assert Counter(each.unit for each in roster.assignments.all()) == {first: 2, second: 2}


def test_next_visits_are_those_nobody_began_with_the_overdue_first(officer):
    roster, hot_spot = RosterFactory(), HotSpotFactory()
    now = roster.starts_at + timedelta(hours=2)

    def assigned(minutes: int, **values: object) -> object:
        due_at = roster.starts_at + timedelta(minutes=minutes)
        return AssignmentFactory(**{"roster": roster, "hot_spot": hot_spot, "due_at": due_at, **values})

    later, overdue, mine = assigned(150), assigned(90), assigned(140, officer=officer)
    assigned(10, officer=UserFactory())
    assigned(11, dropped_at=now, dropped_by=UserFactory(), reason="Rain")
    ActivityFactory(assignment=assigned(12), minutes=None)
    assigned(13, hot_spot=HotSpotFactory(ended_on=roster.day))
    assigned(14, roster=RosterFactory(day=roster.day - DAY, starts_at=roster.starts_at - DAY))
    voided = ActivityFactory(
        assignment=assigned(100), voided_at=now, voided_by=officer, void_reason="pressed by mistake"
    )

    found = next_visits(officer, now)

    assert [each.assignment for each in found] == [overdue, voided.assignment, mine, later]
    assert [each.overdue_minutes for each in found] == [30, 20, 0, 0]
    assert found[0].hot_spot == hot_spot
    assert current_roster(now) == roster
    assert current_roster(roster.ends_at) is None
    assert next_visits(officer, roster.ends_at) == []


def test_visits_of_a_plan_that_names_officers_are_theirs(officer):
    named = UserFactory(roles=["officer"])
    wanted = plan()
    wanted.officers.add(named)
    roster = RosterFactory()
    theirs = AssignmentFactory(roster=roster, hot_spot=wanted.hot_spot)
    handed = AssignmentFactory(roster=roster, hot_spot=wanted.hot_spot, officer=officer)
    now = roster.starts_at

    assert [each.assignment for each in next_visits(named, now)] == [theirs]
    assert [each.assignment for each in next_visits(officer, now)] == [handed]
    named.is_active = False
    named.save()
    assert {each.assignment for each in next_visits(officer, now)} == {theirs, handed}


def test_visit_begun_without_the_list_meets_the_earliest_open_one(officer):
    roster = RosterFactory()
    second = AssignmentFactory(roster=roster, due_at=roster.starts_at + timedelta(hours=3))
    first = AssignmentFactory(roster=roster, hot_spot=second.hot_spot)

    def met_by(**more):
        begun = ActivityFactory.build(hot_spot=second.hot_spot, officer=officer, started_at=roster.starts_at, **more)
        return [assignment for _activity, assignment in assignments_met_by([begun], officer)]

    assert met_by() == [first]
    ActivityFactory(assignment=first)
    assert met_by() == [second]
    assert met_by(kind="foot_patrol") == []


def test_queries_of_a_draw_do_not_grow_with_plans(django_assert_max_num_queries):
    counts = []
    draw(by=None, shift=shift("Days"), day=MONDAY - DAY, seed=1)
    for number in (1, 2):  # one, then three in all
        for _ in range(number):
            plan()
        with django_assert_max_num_queries(14) as captured:
            draw(by=None, shift=shift("Days"), day=MONDAY + number * DAY, seed=1)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("seed", range(7))
def test_visits_of_a_week_are_drawn_whatever_days_the_seed_deals_them_to(monkeypatch, seed):
    made = PlanFactory(hours=list(range(168)), status="active", starts_on=MONDAY - DAY, review_on=MONDAY + 90 * DAY)
    PlanTacticFactory(plan=made, tactic="foot_patrol", visits=2, per="week", minutes=30)
    monkeypatch.setattr("tactics.actions.rosters.secrets.randbits", lambda bits: seed)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2025, 3, 3, 6, tzinfo=UTC))
    assert sum(draw_coming(MONDAY + back * DAY) for back in range(7)) == 21
    assert sum(roster.assignments.count() for roster in Roster.objects.all()) == 2
