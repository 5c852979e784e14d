"""Rosters on their pages: drawing, what a supervisor changes and why, drawing again, and the daily task."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from tactics import tasks
from tactics.actions import plans as plan_actions
from tactics.actions import rosters as actions
from tactics.actions.rosters import CannotChange
from tactics.models import Assignment, Roster, Shift
from tactics.queries.rosters import shift_of_day
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
TODAY = timezone.localdate
DAY = timedelta(days=1)


def plan(**values: object) -> Any:
    made = PlanFactory(**{"hours": list(range(168)), "status": "active", "review_on": TODAY() + DAY, **values})
    PlanTacticFactory(plan=made)
    return made


def tomorrow(name: str = "Evenings") -> Roster:
    return actions.draw(by=None, shift=Shift.objects.get(name=name), day=TODAY() + DAY)


def orders(roster: Roster) -> list[int]:
    return list(roster.assignments.order_by("position").values_list("pk", flat=True))


def said(what: str) -> dict[str, Any]:
    return AuditEntry.objects.get(action="roster_changed", details__what=what).details


# ---- drawing


def test_commander_draws_a_shift_with_a_button(client_as: Callable[..., Client]) -> None:
    plan()
    client, shift = client_as("commander"), Shift.objects.get(name="Evenings")
    day = (TODAY() + DAY).isoformat()
    assert "Draw Evenings now" in client.get("/rosters/", {"day": day}).content.decode()

    for _ in range(2):  # a second press draws nothing anew
        page = client.post("/rosters/draw/", {"shift": shift.pk, "day": day}, follow=True).content.decode()

    roster = Roster.objects.get()
    assert (roster.drawn_by, roster.assignments.count()) == (client.user, 4)
    assert "Evenings is drawn, with this many visits: 4." in page
    assert page.count("whoever is next") == 4


@pytest.mark.parametrize(
    ("back", "words"), [(-2 * DAY, "The shift is over."), (40 * DAY, "a month ahead at most"), (None, "no such shift")]
)
def test_draw_that_makes_no_sense_is_refused(
    client_as: Callable[..., Client], back: timedelta | None, words: str
) -> None:
    shift = Shift.objects.get(name="Evenings")
    given = {"shift": shift.pk, "day": (TODAY() + back).isoformat() if back else "x"}
    page = client_as("commander").post("/rosters/draw/", given, follow=True).content.decode()
    assert words in page
    assert not Roster.objects.exists()


def test_task_draws_what_is_missing_once(commander: Any) -> None:
    plan()
    drawn = actions.draw(by=commander, shift=Shift.objects.get(name="Days"), day=TODAY() + DAY)

    for _ in range(2):
        tasks.draw_rosters()

    coming = Roster.objects.filter(day=TODAY() + DAY)
    assert sorted(coming.values_list("shift__name", flat=True)) == ["Days", "Evenings", "Nights"]
    assert {roster.drawn_by for roster in coming} == {commander, None}
    drawn.refresh_from_db()
    assert drawn.drawn_by == commander
    assert not Roster.objects.exclude(day__in=[TODAY(), TODAY() + DAY]).exists()
    assert not Roster.objects.filter(ends_at__lte=timezone.now()).exists()


def test_roster_drawn_during_its_shift_leaves_out_what_would_have_been_due(monkeypatch: pytest.MonkeyPatch) -> None:
    plan()
    evenings, day = Shift.objects.get(name="Evenings"), TODAY() + DAY
    whole = actions.draw(by=None, shift=evenings, day=day, seed=1)
    times = list(whole.assignments.values_list("due_at", flat=True))
    whole.delete()

    monkeypatch.setattr(timezone, "now", lambda: times[1] + timedelta(seconds=30))
    late = actions.draw(by=None, shift=evenings, day=day, seed=1)

    assert list(late.assignments.values_list("due_at", flat=True)) == times[2:]
    assert actions.what_redraw_changes(late).is_nothing


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_get_the_same_roster() -> None:
    plan()
    shifts, day = list(Shift.objects.all()), TODAY() + DAY
    start = Barrier(6)

    def drawn(shift: Shift) -> tuple[int, int]:
        start.wait()
        try:
            roster = actions.draw(by=None, shift=shift, day=day)
            return roster.pk, roster.seed
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        made = set(threads.map(drawn, shifts * 2))

    assert len(made) == Roster.objects.count() == 3
    assert len({seed for _, seed in made}) == 1
    assert Assignment.objects.count() == 12


def test_task_draws_nothing_without_plans_or_shifts() -> None:
    tasks.draw_rosters()
    plan()
    Shift.objects.update(is_active=False)
    tasks.draw_rosters()
    assert not Roster.objects.exists()


# ---- what a supervisor changes


def test_drop_keeps_the_reason_and_can_be_undone(client_as: Callable[..., Client]) -> None:
    plan()
    client, roster = client_as("commander"), tomorrow()
    visit = roster.assignments.first()

    assert client.post(f"/assignments/{visit.pk}/drop/", {"reason": ""}).status_code == 422
    page = client.post(f"/assignments/{visit.pk}/drop/", {"reason": "Parade"}, follow=True).content.decode()

    visit.refresh_from_db()
    assert (visit.dropped_by, visit.reason) == (client.user, "Parade")
    assert "Parade" in page
    assert (said("dropped")["reason"], visit.hot_spot.name in said("dropped")["visit"]) == ("Parade", True)
    assert "already" in client.post(f"/assignments/{visit.pk}/drop/", {"reason": "x"}, follow=True).content.decode()

    client.post(f"/assignments/{visit.pk}/restore/")
    visit.refresh_from_db()
    assert (visit.dropped_at, visit.dropped_by, visit.reason) == (None, None, "")
    assert said("taken in again")["dropped_because"] == "Parade"
    again = client.post(f"/assignments/{visit.pk}/restore/", follow=True).content.decode()
    assert "This visit is not dropped." in again


def test_visit_is_added_at_its_time(client_as: Callable[..., Client]) -> None:
    plan()
    client, roster, hot_spot = client_as("commander"), tomorrow(), HotSpotFactory()
    given = {"hot_spot": hot_spot.pk, "tactic": "foot_patrol", "minutes": 30, "reason": "Asked for by residents"}
    first = timezone.localtime(roster.assignments.first().due_at)

    response = client.post(f"/rosters/{roster.pk}/add/", {**given, "at": "14:00"}, follow=True)
    client.post(f"/rosters/{roster.pk}/add/", {**given, "at": "21:59", "officer": client.user.pk})

    added = list(Assignment.objects.filter(added_by=client.user))
    assert [timezone.localtime(each.due_at).strftime("%H:%M") for each in added] == ["14:00", "21:59"]
    assert (added[0].position, added[1].position) == (1 if first.hour >= 14 else 2, 6)
    assert added[1].officer == client.user
    assert [each.position for each in roster.assignments.all()] == [1, 2, 3, 4, 5, 6]
    assert f"Added by {client.user}:" in response.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"at": "13:59"}, "outside of the shift"),
        ({"at": "22:00"}, "outside of the shift"),
        ({"reason": ""}, "required"),
        ({"tactic": "arrest"}, "valid choice"),
        ({"hot_spot": "0"}, "valid choice"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"unit": "both"}, "an officer or a unit, not both"),
    ],
)
def test_addition_that_makes_no_sense_is_explained(
    client_as: Callable[..., Client], wrong: dict[str, str], words: str
) -> None:
    client, roster = client_as("commander"), tomorrow()
    given = {"hot_spot": HotSpotFactory().pk, "tactic": "k9", "minutes": 30, "reason": "x", "at": "15:00", **wrong}
    if wrong.get("unit"):
        given |= {"unit": UnitFactory().pk, "officer": client.user.pk}
    response = client.post(f"/rosters/{roster.pk}/add/", given)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors)


def test_time_after_midnight_is_of_the_next_day(client_as: Callable[..., Client]) -> None:
    client, roster = client_as("commander"), tomorrow("Nights")
    given = {"hot_spot": HotSpotFactory().pk, "tactic": "k9", "minutes": 30, "reason": "x", "at": "01:30"}
    client.post(f"/rosters/{roster.pk}/add/", given)
    assert timezone.localtime(Assignment.objects.get().due_at).date() == TODAY() + 2 * DAY


def test_visits_change_places_and_times_with_a_reason(client_as: Callable[..., Client]) -> None:
    plan()
    plan()
    client, roster = client_as("commander"), tomorrow()
    before, times = orders(roster), list(roster.assignments.values_list("due_at", flat=True))
    address = f"/rosters/{roster.pk}/order/"

    refused = client.post(address, {"move": f"{before[1]}:earlier", "reason": ""}, follow=True)
    assert "Say why the order changes" in refused.content.decode()
    assert orders(roster) == before
    response = client.post(address, {"move": f"{before[1]}:earlier", "reason": "Shift meeting"})
    assert response["Location"] == f"/rosters/{roster.pk}/?why=Shift+meeting#visit-{before[1]}"
    assert orders(roster) == [before[1], before[0], *before[2:]]
    assert list(roster.assignments.values_list("due_at", flat=True)) == times
    assert Assignment.objects.get(pk=before[1]).reason == "Shift meeting"
    assert Assignment.objects.get(pk=before[0]).reason == ""

    top = client.post(address, {"move": f"{before[1]}:earlier", "reason": "x"}, follow=True).content.decode()
    assert "no visit to change places with" in top
    client.post(address, {"move": f"{before[1]}:later", "reason": "x"})
    assert orders(roster) == before
    for nonsense in ("", "x:earlier", f"{before[0]}:sideways", f"{AssignmentFactory().pk}:later"):
        assert client.post(address, {"move": nonsense, "reason": "x"}).status_code == 302
    assert orders(roster) == before


def test_move_goes_past_what_is_dropped_or_begun(commander: Any) -> None:
    roster = RosterFactory(day=TODAY() + DAY, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=8))
    first, dropped, begun, last = (AssignmentFactory(roster=roster, position=number) for number in range(4))
    actions.drop(by=commander, assignment=dropped, reason="x")
    ActivityFactory(assignment=begun)

    actions.move(by=commander, assignment=last, earlier=True, reason="Soon dark")

    assert orders(roster) == [last.pk, dropped.pk, begun.pk, first.pk]
    with pytest.raises(CannotChange, match="dropped"):
        actions.move(by=commander, assignment=dropped, earlier=True, reason="x")


def test_visit_is_handed_over(client_as: Callable[..., Client], officer: Any) -> None:
    plan()
    client, visit, unit = client_as("commander"), tomorrow().assignments.first(), UnitFactory()
    address = f"/assignments/{visit.pk}/hand-over/"

    client.post(address, {"officer": officer.pk, "unit": "", "reason": "Knows the place"})
    visit.refresh_from_db()
    assert (visit.officer, visit.unit, visit.reason) == (officer, None, "Knows the place")
    client.post(address, {"officer": "", "unit": unit.pk, "reason": "On its way"})
    visit.refresh_from_db()
    assert (visit.officer, visit.unit) == (None, unit)
    assert client.post(address, {"officer": officer.pk, "unit": unit.pk, "reason": "x"}).status_code == 422
    assert [entry.details["to"] for entry in AuditEntry.objects.filter(details__what="handed over")] == [
        unit.name,
        str(officer),
    ]


def test_visit_that_has_begun_or_whose_shift_is_over_stays_as_it_is(commander: Any) -> None:
    plan()
    begun = tomorrow().assignments.first()
    ActivityFactory(assignment=begun, minutes=None)
    over = AssignmentFactory()
    for visit, words in ((begun, "has begun"), (over, "shift is over")):
        for change in (
            lambda visit: actions.drop(by=commander, assignment=visit, reason="x"),
            lambda visit: actions.restore(by=commander, assignment=visit),
            lambda visit: actions.move(by=commander, assignment=visit, earlier=True, reason="x"),
            lambda visit: actions.hand_over(by=commander, assignment=visit, reason="x"),
        ):
            with pytest.raises(CannotChange, match=words):
                change(visit)


def test_reasons_stand_beside_each_other_and_come_back_after_an_undone_drop(commander: Any) -> None:
    roster, hot_spot = tomorrow(), HotSpotFactory()
    given = {"hot_spot": hot_spot, "tactic": "k9", "minutes": 30, "roster": roster}
    first = actions.add(by=commander, due_at=roster.starts_at, reason="Asked for", **given)
    actions.add(by=commander, due_at=roster.starts_at + timedelta(hours=1), reason="Too", **given)

    for earlier in (False, True):
        first = actions.move(by=commander, assignment=first, earlier=earlier, reason="Soon dark")
    assert first.reason == "Asked for; Soon dark"
    actions.drop(by=commander, assignment=first, reason="Rain")
    assert actions.restore(by=commander, assignment=first).reason == "Asked for; Soon dark"
    assert actions.hand_over(by=commander, assignment=first, reason="x" * 200).reason == "x" * 200


def test_drop_without_a_reason_is_refused_by_the_database(commander: Any) -> None:
    plan()
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.drop(by=commander, assignment=tomorrow().assignments.first(), reason="")
    assert not AuditEntry.objects.filter(details__what="dropped").exists()


# ---- drawing again


def test_roster_is_drawn_again_after_a_plan_changed(client_as: Callable[..., Client]) -> None:
    wanted = plan()
    client, roster = client_as("commander"), tomorrow()
    address = f"/rosters/{roster.pk}/redraw/"
    assert "It would give the same roster" in client.get(address).content.decode()

    actions.drop(by=client.user, assignment=roster.assignments.first(), reason="Rain")
    PlanTacticFactory(plan=plan(), tactic="arrest", visits=None, per="", minutes=None)
    PlanTacticFactory(plan=wanted, tactic="k9", visits=2, per="shift", minutes=30)
    page = client.get(address).content.decode()
    assert "1 change by a supervisor is lost." in page
    noted = "Plans have changed since this roster was drawn."
    assert noted not in client.get(f"/rosters/{roster.pk}/").content.decode()  # they were by hand, without a trail
    plan_actions.review(by=client.user, plan=wanted, finding="x")
    assert noted in client.get(f"/rosters/{roster.pk}/").content.decode()
    client.post(address)
    assert noted not in client.get(f"/rosters/{roster.pk}/").content.decode()

    seed = roster.seed
    roster.refresh_from_db()
    assert (roster.seed, roster.drawn_by) == (seed, None)
    assert AuditEntry.objects.get(details__what="drawn again").actor == client.user
    assert roster.assignments.standing().count() == 10
    assert (said("drawn again")["drawn"], said("drawn again")["changes_lost"]) == (10, 1)


def test_roster_on_which_work_has_begun_is_not_drawn_again(client_as: Callable[..., Client]) -> None:
    plan()
    client, roster = client_as("commander"), tomorrow()
    ActivityFactory(assignment=roster.assignments.first(), minutes=None)
    before = orders(roster)

    page = client.post(f"/rosters/{roster.pk}/redraw/", follow=True).content.decode()

    assert "Work on this roster has begun." in page
    assert orders(roster) == before
    assert "Draw again" not in page
    assert not actions.can_redraw(RosterFactory())


# ---- pages


def test_day_shows_each_visit_as_it_stands(client_as: Callable[..., Client], officer: Any) -> None:
    now = timezone.now()
    shift, day = Shift.objects.get(name="Days"), TODAY()
    roster = RosterFactory(
        shift=shift, day=day, starts_at=now - 4 * timedelta(hours=1), ends_at=now + timedelta(hours=4)
    )

    def visit(hours: float, **values: object) -> Assignment:
        return AssignmentFactory(roster=roster, due_at=now + timedelta(hours=hours), **values)

    ActivityFactory(assignment=visit(-3), officer=officer)
    ActivityFactory(assignment=visit(-2), minutes=None)
    visit(-1)
    visit(1)
    visit(2, dropped_at=now, dropped_by=officer, reason="Rain")
    visit(3, hot_spot=HotSpotFactory(ended_on=day))

    response = client_as("officer").get("/rosters/", {"day": day.isoformat()})

    section = next(each for each in response.context["sections"] if each.roster)
    assert [row.state for row in section.rows] == ["done", "running", "overdue", "open", "dropped", "closed"]
    page = response.content.decode()
    assert "Rain" in page
    assert "Draw " not in page
    assert "Drop" not in client_as("officer").get(f"/rosters/{roster.pk}/").content.decode()


def test_roster_of_a_shift_no_longer_in_use_is_still_shown(client_as: Callable[..., Client]) -> None:
    roster = AssignmentFactory().roster
    Shift.objects.update(is_active=False)
    response = client_as("officer").get("/rosters/", {"day": roster.day.isoformat()})
    assert [(each.roster, each.rows[0].state) for each in response.context["sections"]] == [(roster, "missed")]


def test_empty_days_say_what_is_missing(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    assert "No plan is in force on this day" in client.get("/rosters/").content.decode()
    assert "No roster was drawn." in client.get("/rosters/", {"day": "2025-01-01"}).content.decode()
    assert client.get("/rosters/", {"day": "nonsense"}).status_code == 200
    assert client.get("/rosters/", {"day": "9999-12-31"}).status_code == 200
    Shift.objects.all().delete()
    assert "There are no shifts" in client.get("/rosters/").content.decode()


def test_roster_pages_follow_the_clocks_of_the_agency(client_as: Callable[..., Client]) -> None:
    night = shift_of_day(Shift.objects.get(name="Nights"), date(2025, 11, 1))
    roster = RosterFactory(shift=night.shift, day=night.day, starts_at=night.starts_at, ends_at=night.ends_at)
    AssignmentFactory(roster=roster, due_at=datetime(2025, 11, 2, 7, 30, tzinfo=UTC))
    page = client_as("officer").get(f"/rosters/{roster.pk}/").content.decode()
    assert "22:00–6:00" in page
    assert ">01:30<" in page


@pytest.mark.parametrize("address", ["/rosters/?day={0.day}", "/rosters/{0.pk}/"])
def test_queries_do_not_grow_with_visits(
    client_as: Callable[..., Client], django_assert_max_num_queries: Any, address: str
) -> None:
    roster, client, counts = RosterFactory(), client_as("commander"), []
    for number in (1, 2):  # one, then three in all
        for _ in range(number):
            ActivityFactory(assignment=AssignmentFactory(roster=roster, officer=UserFactory(), unit=None))
        client.get(address.format(roster))
        with django_assert_max_num_queries(16) as captured:
            client.get(address.format(roster))
        counts.append(len(captured))
    assert counts[0] == counts[1]
