"""Planning a hot spot: what is stored, what is refused and why, the way through the states, and what the trail keeps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from hotspots import panels
from hotspots.actions import hotspots as hot_spot_actions
from tactics import transitions
from tactics.actions import plans as actions
from tactics.catalogue import Amount, Tactic
from tactics.models import Plan
from tactics.queries.plans import hot_hours, planned_per_week, shares_of_shifts, uncovered_hours
from tactics.transitions import CannotMove, can_move, check_can_move, moves
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory, HotSpotFactory, IncidentFactory, LocationFactory, OffenseFactory
from tests.factories.tactics import (
    NOON,
    ActivityFactory,
    AssignmentFactory,
    PlanFactory,
    PlanTacticFactory,
    RosterFactory,
    ShiftFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
DAY = timedelta(days=1)
PATROL = Amount("directed_patrol", 4, "shift", 15)


def typed(**others: Any) -> dict[str, Any]:
    """The form as it comes, with a plan of Friday and Saturday nights."""
    return {
        "problem": "Fights outside the bar.",
        "hours": ["116", "117", "118", "119", "140", "141"],
        "least_minutes": "10",
        "most_minutes": "15",
        "interval_minutes": "120",
        "starts_on": TODAY().isoformat(),
        "review_on": (TODAY() + 90 * DAY).isoformat(),
        "ends_on": "",
        "tactic-directed_patrol-chosen": "on",
        "tactic-directed_patrol-visits": "3",
        "tactic-directed_patrol-per": "shift",
        "tactic-directed_patrol-minutes": "15",
        "tactic-lighting-chosen": "on",
    } | others


def activated(plan: Plan, by: object) -> Plan:
    PlanTacticFactory(plan=plan)
    return actions.activate(by=by, plan=plan)


def future(**values: object) -> Plan:
    return PlanFactory(starts_on=TODAY(), review_on=TODAY() + 90 * DAY, **values)


# ---- the form


def test_commander_proposes_a_plan(client_as: Callable[..., Client]) -> None:
    hot_spot, client, unit = HotSpotFactory(), client_as("commander"), UnitFactory()

    response = client.post(
        f"/hotspots/{hot_spot.pk}/plan/edit/", typed(officers=[client.user.pk], units=[unit.pk]), follow=True
    )

    plan = Plan.objects.get()
    assert response.redirect_chain == [(f"/hotspots/{hot_spot.pk}/plan/", 302)]
    assert (plan.status, plan.proposed_by, plan.hours) == ("proposed", client.user, [116, 117, 118, 119, 140, 141])
    assert [vars(each)["visits"] for each in plan.tactics.order_by("tactic")] == [3, None]
    assert (list(plan.officers.all()), list(plan.units.all())) == ([client.user], [unit])
    entry = AuditEntry.objects.get(action="plan_changed")
    assert (entry.subject, entry.details["what"], entry.details["plan"]) == (hot_spot.name, "proposed", plan.pk)
    page = response.content.decode()
    assert "The plan is proposed." in page
    assert "Fri 20:00–24:00; Sat 20:00–22:00" in page
    assert "3 visits of 15 minutes per shift" in page


def test_form_starts_with_the_usual_amounts_and_the_koper_rule(client_as: Callable[..., Client]) -> None:
    hot_spot = HotSpotFactory()

    response = client_as("commander").get(f"/hotspots/{hot_spot.pk}/plan/edit/")

    form, page = response.context["form"], response.content.decode()
    assert [form[name].value() for name in ("least_minutes", "most_minutes", "interval_minutes")] == [10, 15, 120]
    rows = {row.tactic: row for row in form.rows}
    assert list(rows) == list(Tactic)
    assert rows[Tactic.DIRECTED_PATROL]["chosen"].value() is True
    assert [rows[Tactic.FOOT_PATROL][name].value() for name in ("visits", "per", "minutes")] == [3, "week", 30]
    assert not rows[Tactic.ARREST].is_counted
    assert "Justice Quarterly 12(4)" in page
    assert "too few to suggest hours" in page
    assert page.count('name="hours"') == 168


def test_form_suggests_the_hours_in_which_incidents_happen(client_as: Callable[..., Client]) -> None:
    block = BlockFactory()
    hot_spot, location = HotSpotFactory(places=[block]), LocationFactory(block=block)
    friday = datetime(2025, 3, 7, 22, 30, tzinfo=UTC)  # 16:30 in Parsons
    for week in range(10):
        for hours in (0, 1):
            IncidentFactory(location=location, occurred_from=friday - timedelta(days=7 * week, hours=-hours))
    for day in range(8):
        IncidentFactory(location=location, occurred_from=datetime(2025, 3, 2 + day % 4, 15, tzinfo=UTC))
    drugs = OffenseFactory(code="Z1", enforcement_generated=True)
    IncidentFactory.create_batch(30, location=location, offense=drugs, occurred_from=friday - timedelta(hours=12))
    IncidentFactory.create_batch(30, occurred_from=friday, location=LocationFactory(block=BlockFactory()))

    found = hot_hours(hot_spot)
    response = client_as("commander").get(f"/hotspots/{hot_spot.pk}/plan/edit/")

    assert (found.counted, found.suggested) == (28, [4 * 24 + 16, 4 * 24 + 17])
    page = response.content.decode()
    assert "Suggested: Fri 16:00–18:00." in page
    assert 'value="112" checked aria-label="Friday 16:00: 10"' in page
    assert "2 hours chosen, with 71" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"problem": ""}, "required"),
        ({"hours": []}, "at least one hour"),
        ({"hours": ["168"]}, "hours are damaged"),
        ({"hours": ["x"]}, "hours are damaged"),
        ({"least_minutes": "20"}, "shorter than the shortest"),
        ({"least_minutes": "0"}, "greater than or equal to 1"),
        ({"interval_minutes": "5"}, "greater than or equal to 15"),
        ({"review_on": TODAY().isoformat()}, "must come after the start"),
        ({"ends_on": "2020-01-01"}, "must not come before the start"),
        ({"starts_on": "2024-04-01"}, "cannot start before"),
        ({"officers": ["0"]}, "not one of the available choices"),
        ({"tactic-directed_patrol-visits": ""}, "Directed patrol, visits: Say how much"),
        ({"tactic-directed_patrol-visits": "201"}, "Directed patrol, visits: Ensure this value is less"),
        ({"tactic-directed_patrol-minutes": "0"}, "Directed patrol, minutes a visit: Ensure"),
        ({"tactic-directed_patrol-chosen": "", "tactic-lighting-chosen": ""}, "Choose at least one tactic."),
    ],
)
def test_mistake_is_explained_and_what_was_typed_is_kept(
    client_as: Callable[..., Client], wrong: dict[str, Any], words: str
) -> None:
    hot_spot = HotSpotFactory()

    response = client_as("commander").post(f"/hotspots/{hot_spot.pk}/plan/edit/", typed(**wrong))

    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "problem" in wrong or "Fights outside the bar." in page
    assert not Plan.objects.exists()


def test_change_says_in_the_trail_what_was_before(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    plan = activated(future(), client.user)
    PlanTacticFactory(plan=plan, tactic="k9", visits=1, per="week", minutes=30)

    response = client.post(f"/hotspots/{plan.hot_spot_id}/plan/edit/", typed(interval_minutes="90"), follow=True)

    plan.refresh_from_db()
    assert (plan.status, plan.interval_minutes, plan.problem) == ("active", 90, "Fights outside the bar.")
    assert sorted(plan.tactics.values_list("tactic", "visits")) == [("directed_patrol", 3), ("lighting", None)]
    changed = AuditEntry.objects.get(details__what="changed").details["changed"]
    assert changed["interval_minutes"] == ["120", "90"]
    assert changed["hours"] == ["Mon 18:00–24:00", "Fri 20:00–24:00; Sat 20:00–22:00"]
    assert "Narcotics K9 1 visit of 30 minutes per week" in changed["tactics"][0]
    assert "review_on" not in changed
    page = response.content.decode()
    assert "<del>120</del>" in page
    assert "Rosters that were drawn before stay" in page


def test_start_that_took_effect_stays(client_as: Callable[..., Client]) -> None:
    plan, client = PlanFactory(status="active"), client_as("commander")
    client.post(f"/hotspots/{plan.hot_spot_id}/plan/edit/", typed(starts_on="2024-08-01"))
    plan.refresh_from_db()
    assert (plan.problem, plan.starts_on) == ("Fights outside the bar.", date(2024, 5, 1))


def test_change_of_nothing_leaves_no_entry(client_as: Callable[..., Client]) -> None:
    hot_spot, client = HotSpotFactory(), client_as("commander")
    for _ in range(2):
        client.post(f"/hotspots/{hot_spot.pk}/plan/edit/", typed())
    assert [entry.details["what"] for entry in AuditEntry.objects.filter(action="plan_changed")] == ["proposed"]


def test_second_plan_is_refused_while_one_is_open(commander: Any) -> None:
    plan = PlanFactory()
    values = {"problem": "x", "hours": [1], "starts_on": TODAY(), "review_on": TODAY() + DAY}
    with pytest.raises(CannotMove, match="has a plan already"):
        actions.propose(by=commander, hot_spot=plan.hot_spot, tactics=[PATROL], **values)
    ended = PlanFactory(status="ended", ended_by=commander, ended_at=NOON)
    assert actions.propose(by=commander, hot_spot=ended.hot_spot, tactics=[PATROL], **values).status == "proposed"
    over = HotSpotFactory(ended_on=date(2024, 6, 1))
    with pytest.raises(CannotMove, match="hot spot has ended"):
        actions.propose(by=commander, hot_spot=over, tactics=[PATROL], **values)


def test_action_leaves_nothing_behind_when_it_fails(monkeypatch: pytest.MonkeyPatch, commander: Any) -> None:
    def fail(**anything: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    values = {"problem": "x", "hours": [1], "starts_on": TODAY(), "review_on": TODAY() + DAY}
    with pytest.raises(RuntimeError):
        actions.propose(by=commander, hot_spot=HotSpotFactory(), tactics=[PATROL], **values)
    assert not Plan.objects.exists()


# ---- the states


def test_plan_goes_through_its_states(client_as: Callable[..., Client]) -> None:
    client, plan = client_as("commander"), future()
    PlanTacticFactory(plan=plan)
    later = (TODAY() + 30 * DAY).isoformat()

    def move(name: str, **given: str) -> Plan:
        assert client.post(f"/plans/{plan.pk}/move/{name}/", given).status_code == 302
        return Plan.objects.get()

    assert (move("activate").status, Plan.objects.get().activated_by) == ("active", client.user)
    assert move("review", finding="Down by half.").status == "under_review"
    resumed = move("resume", finding="Down by half; go on.", review_on=later)
    assert (resumed.status, resumed.review_on.isoformat()) == ("active", later)
    ended = move("end", finding="Quiet for a month.")
    assert (ended.status, ended.ended_by, ended.finding) == ("ended", client.user, "Quiet for a month.")

    page = client.get(f"/plans/{plan.pk}/").content.decode()
    assert [word in page for word in ("activated", "put under review", "resumed", "Down by half.")] == [True] * 4
    assert "Make a new plan" in page
    assert "Change the plan" not in page


@pytest.mark.parametrize(
    ("values", "name", "why"),
    [
        ({"status": "proposed"}, "review", "not for a plan that is: Proposed"),
        ({"status": "active"}, "activate", "not for a plan that is: Active"),
        ({"status": "ended"}, "resume", "not for a plan that is: Ended"),
        ({"status": "proposed", "tactic": None}, "activate", "names no tactic"),
        ({"status": "proposed", "review_on": date(2024, 6, 1)}, "activate", "review date is past"),
        ({"status": "proposed", "ends_on": date(2024, 6, 1)}, "activate", "end of the plan is past"),
        ({"status": "under_review", "ends_on": date(2024, 6, 1)}, "resume", "end of the plan is past"),
        ({"status": "proposed", "over": True}, "activate", "hot spot has ended"),
        ({"status": "under_review", "over": True}, "resume", "hot spot has ended"),
    ],
)
def test_reason_why_not_is_said(commander: Any, values: dict[str, Any], name: str, why: str) -> None:
    tactic, over = values.pop("tactic", PATROL), values.pop("over", False)
    ended = {"ended_by": commander, "ended_at": NOON} if values["status"] == "ended" else {}
    given = {"starts_on": date(2024, 5, 1), "review_on": TODAY() + DAY, **values, **ended}
    plan = PlanFactory(hot_spot=HotSpotFactory(ended_on=TODAY() if over else None), **given)
    if tactic:
        PlanTacticFactory(plan=plan)

    assert not can_move(commander, plan, name)
    with pytest.raises(CannotMove, match=why):
        check_can_move(commander, plan, name)
    if plan.status != "ended" and "not for a plan" not in why:
        assert why in {move.transition.name: move.why_not for move in moves(commander, plan)}[name]


def test_officer_moves_and_changes_nothing(client_as: Callable[..., Client], officer: Any) -> None:
    plan = future()
    PlanTacticFactory(plan=plan)
    assert not can_move(officer, plan, "activate")
    assert not transitions.can_change(officer, plan)
    assert not transitions.can_take_back(officer, plan)
    client = client_as("officer")
    assert client.post(f"/plans/{plan.pk}/move/activate/").status_code == 403
    page = client.get(f"/hotspots/{plan.hot_spot_id}/plan/").content.decode()
    assert plan.problem in page
    assert "Activate" not in page
    assert "Change the plan" not in page


def test_move_that_is_not_allowed_says_why_on_the_page(client_as: Callable[..., Client]) -> None:
    plan, client = future(), client_as("commander")
    page = client.post(f"/plans/{plan.pk}/move/activate/", follow=True).content.decode()
    assert "The plan names no tactic." in page
    assert "not now." in page
    assert client.post(f"/plans/{plan.pk}/move/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "given"),
    [
        ("review", "active", {"finding": ""}),
        ("end", "active", {"finding": ""}),
        ("resume", "under_review", {"finding": "x", "review_on": ""}),
    ],
)
def test_move_without_its_finding_comes_back_with_the_form_open(
    client_as: Callable[..., Client], name: str, status: str, given: dict[str, str]
) -> None:
    plan = future(status=status)
    PlanTacticFactory(plan=plan)
    response = client_as("commander").post(f"/plans/{plan.pk}/move/{name}/", given)
    assert response.status_code == 422
    assert "<details open>" in response.content.decode()
    assert Plan.objects.get().status == status


def test_resumed_plan_has_its_next_review_ahead(commander: Any) -> None:
    plan = future(status="under_review")
    PlanTacticFactory(plan=plan)
    with pytest.raises(CannotMove, match="in the future"):
        actions.resume(by=commander, plan=plan, review_on=TODAY(), finding="x")


def test_proposal_is_taken_back_and_the_trail_keeps_it(client_as: Callable[..., Client]) -> None:
    plan, client = future(problem="Wrong street."), client_as("commander")
    PlanTacticFactory(plan=plan)

    page = client.post(f"/plans/{plan.pk}/take-back/", follow=True).content.decode()

    assert "The proposal is taken back." in page
    assert "has no plan" in page
    assert AuditEntry.objects.get(details__what="taken back").details["problem"] == "Wrong street."


def test_plan_that_was_active_is_not_taken_back(client_as: Callable[..., Client]) -> None:
    plan = future(status="active")
    page = client_as("commander").post(f"/plans/{plan.pk}/take-back/", follow=True).content.decode()
    assert "It can be ended, not taken back." in page
    assert Plan.objects.exists()


def test_end_drops_the_visits_that_nobody_began(commander: Any) -> None:
    plan = future(status="active")
    now = timezone.now()
    roster = RosterFactory(day=TODAY(), starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=7))
    ahead = AssignmentFactory(roster=roster, hot_spot=plan.hot_spot)
    begun = AssignmentFactory(roster=roster, hot_spot=plan.hot_spot)
    ActivityFactory(assignment=begun)
    elsewhere = AssignmentFactory(roster=roster)
    by_hand = AssignmentFactory(roster=roster, hot_spot=plan.hot_spot, added_by=commander, reason="Asked for")

    actions.end(by=commander, plan=plan, finding="Done.")

    for each in (ahead, begun, elsewhere, by_hand):
        each.refresh_from_db()
    assert (ahead.dropped_by, ahead.reason) == (commander, "The plan has ended.")
    assert [each.dropped_at for each in (begun, elsewhere, by_hand)] == [None] * 3
    assert AuditEntry.objects.get(details__what="ended").details["visits_dropped"] == 1


# ---- what becomes of it when its hot spot ends


def test_end_of_the_hot_spot_puts_the_plan_out_of_force(client_as: Callable[..., Client]) -> None:
    client, plan = client_as("commander"), PlanFactory(status="active", review_on=TODAY() + DAY)
    PlanTacticFactory(plan=plan)
    assert plan in Plan.objects.in_force_on(TODAY())

    hot_spot_actions.end(by=client.user, hot_spot=plan.hot_spot, ended_on=TODAY(), reason="Quiet.")

    assert plan not in Plan.objects.in_force_on(TODAY())
    page = client.get(f"/hotspots/{plan.hot_spot_id}/plan/").content.decode()
    assert "the plan has been out of force since" in page
    assert plan in client.get("/plans/?status=due").context["page"].object_list
    client.post(f"/plans/{plan.pk}/move/end/", {"finding": "It worked."})
    assert Plan.objects.get().status == "ended"


def test_withdrawing_a_hot_spot_that_has_a_plan_says_what_stands_against_it(client_as: Callable[..., Client]) -> None:
    plan = PlanFactory(hot_spot=HotSpotFactory(starts_on=TODAY()))

    response = client_as("commander").post(f"/hotspots/{plan.hot_spot_id}/withdraw/", follow=True)

    assert "this belongs to it: plan. Take that back first" in response.content.decode()
    assert plan.hot_spot.boundaries.exists()
    assert not AuditEntry.objects.filter(action="hot_spot_changed").exists()


# ---- pages


def test_list_is_filtered_by_status(client_as: Callable[..., Client]) -> None:
    ended = {"ended_by": UserFactory(), "ended_at": NOON}
    for status in Plan.Status.values:
        PlanFactory(status=status, review_on=date(2099, 1, 1), **(ended if status == "ended" else {}))
    PlanFactory(status="active", problem="Overdue", review_on=date(2024, 6, 1))
    client = client_as("officer")

    def statuses(status: str) -> list[str]:
        page = client.get("/plans/", {"status": status}).context["page"]
        return [plan.status if plan.problem != "Overdue" else "overdue" for plan in page]

    assert sorted(statuses("open")) == ["active", "overdue", "proposed", "under_review"]
    assert statuses("due") == ["overdue"]
    assert statuses("ended") == ["ended"]
    assert statuses("proposed") == ["proposed"]
    assert len(statuses("all")) == 5
    assert "1 plan is due for review" in client.get("/plans/").content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [("open", "No hot spot has a plan"), ("due", "Nothing is due"), ("ended", "No plan is in this")],
)
def test_empty_list_says_so(client_as: Callable[..., Client], status: str, words: str) -> None:
    assert words in client_as("commander").get("/plans/", {"status": status}).content.decode()


def test_hot_spot_without_a_plan_offers_one(client_as: Callable[..., Client]) -> None:
    hot_spot = HotSpotFactory()
    assert "Plan this hot spot" in client_as("commander").get(f"/hotspots/{hot_spot.pk}/plan/").content.decode()
    assert "A commander can make one." in client_as("officer").get(f"/hotspots/{hot_spot.pk}/plan/").content.decode()
    over = HotSpotFactory(ended_on=date(2024, 6, 1))
    client = client_as("commander")
    assert "The hot spot has ended." in client.get(f"/hotspots/{over.pk}/plan/").content.decode()
    assert client.get(f"/hotspots/{over.pk}/plan/edit/").status_code == 302


def test_panel_shows_the_plan_on_the_page_of_its_hot_spot(client_as: Callable[..., Client]) -> None:
    plan = activated(future(), UserFactory())
    client = client_as("officer")
    assert "Plan" in [str(panel.title) for panel in panels.panels_for(client.user)]
    panel = client.get(f"/hotspots/{plan.hot_spot_id}/plan/panel/").content.decode()
    assert plan.problem in panel
    assert "4 visits of 15 minutes per shift" in panel
    assert "No plan yet." in client.get(f"/hotspots/{HotSpotFactory().pk}/plan/panel/").content.decode()


def test_page_says_which_shifts_do_what(client_as: Callable[..., Client]) -> None:
    plan = PlanFactory(hours=[18, 19, 20, 21, 22, 23, 42])
    PlanTacticFactory(plan=plan)
    shifts = [ShiftFactory(name=name) for name in ("Days", "Evenings", "Nights")]
    shares = {share.shift.name: (share.days, share.visits) for share in shares_of_shifts(plan, shifts)}
    assert shares == {
        "Days": ([], {}),
        "Evenings": ([0, 1], {"directed_patrol": 2}),
        "Nights": ([0], {"directed_patrol": 1}),
    }
    assert planned_per_week(plan, shifts) == {"directed_patrol": (4, 60)}
    assert uncovered_hours(plan.hours, shifts[:1]) == plan.hours
    assert planned_per_week(plan, []) == {"directed_patrol": (0, 0)}


@pytest.mark.parametrize("address", ["/plans/?status=all", "/hotspots/{}/plan/", "/hotspots/{}/plan/edit/"])
def test_queries_do_not_grow(
    client_as: Callable[..., Client], django_assert_max_num_queries: Any, address: str
) -> None:
    client, counts = client_as("commander"), []
    plan = activated(future(), client.user)
    for tactics in (["foot_patrol"], ["k9", "arrest"]):  # with two tactics, then four; one plan, then three
        for tactic in tactics:
            PlanTacticFactory(plan=plan, tactic=tactic)
            plan.units.add(UnitFactory())
            PlanTacticFactory(plan=future(), tactic=tactic)
        client.get(address.format(plan.hot_spot_id))
        with django_assert_max_num_queries(28) as captured:
            client.get(address.format(plan.hot_spot_id))
        counts.append(len(captured))
    assert counts[0] == counts[1]
