"""The briefing of a shift: what it tells, how it is printed and kept, and who may see and make it."""

import io
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import OperationalError
from django.test import override_settings
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from hotspots.models import Offense
from tactics import pdf
from tactics.actions import briefings as actions
from tactics.actions import rosters
from tactics.catalogue import Tactic
from tactics.models import Briefing, KnockAndTalk, Patrol, Roster, Shift
from tactics.queries import briefings as queries
from tactics.tasks import make_briefings
from tests.factories.hotspots import (
    BlockFactory,
    HotSpotFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)
from tests.factories.tactics import (
    NOON,
    ActivityFactory,
    AssignmentFactory,
    BriefingFactory,
    MeasureFactory,
    OperationFactory,
    PlanFactory,
    PlanTacticFactory,
    RosterFactory,
    ShiftFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
DAY = date(2025, 3, 5)  # a Wednesday; NOON is 12:00 of it in Parsons, two hours before the shift
at_noon = time_machine.travel(NOON, tick=False)


@pytest.fixture
def shift():
    """The only one in use, 14:00 to 22:00."""
    Shift.objects.update(is_active=False)
    return ShiftFactory()


def make_plan(number: int = 1, **fields):
    """A plan in force for one block, 18:00 to midnight, with directed patrols and knock-and-talks."""
    block = BlockFactory(at=(2 * number, 0), name=f"{number}00 block of Main St")
    fields.setdefault("hours", list(range(2 * 24 + 18, 3 * 24)))
    plan = PlanFactory(hot_spot=HotSpotFactory(name=f"Spot {number}", places=[block]), status="active", **fields)
    plan.hot_spot.block = block
    PlanTacticFactory(plan=plan)
    PlanTacticFactory(plan=plan, tactic=Tactic.KNOCK_AND_TALK, visits=10, per="week", minutes=10)
    return plan


def sheet(shift, now=NOON):
    return queries.sheet(shift, DAY, now)


def text_of(briefing_or_bytes) -> list[str]:
    body = getattr(briefing_or_bytes, "pdf", briefing_or_bytes)
    return [page.extract_text() for page in PdfReader(io.BytesIO(bytes(body))).pages]


# ---- What it tells


def test_sheet_tells_where_what_and_when(shift):
    plan = make_plan(hours=[*range(2 * 24 + 18, 2 * 24 + 20), *range(2 * 24 + 21, 2 * 24 + 23)])
    roster = RosterFactory(shift=shift, day=DAY)
    late, early = (
        AssignmentFactory(roster=roster, hot_spot=plan.hot_spot, position=n, due_at=NOON + timedelta(hours=hours))
        for n, hours in ((1, 7), (2, 6))
    )
    AssignmentFactory(
        roster=roster,
        hot_spot=plan.hot_spot,
        position=3,
        dropped_at=NOON,
        dropped_by=plan.proposed_by,
        reason="Rain",
    )
    found = sheet(shift)
    (block,) = found.blocks
    assert [visit for visit, _ in found.visits] == [early, late]
    local = [tuple(f"{instant.astimezone(ZONE):%H:%M}" for instant in run) for run in block.hours]
    assert local == [("18:00", "20:00"), ("21:00", "22:00")]
    assert [each.label for each in block.due] == ["Directed patrol"]
    assert block.due[0].due == [early, late]
    assert [each.label for each in block.not_due] == ["Knock-and-talk"]


def test_plan_without_hours_in_the_shift_rests_unless_somebody_is_sent(shift):
    plan = make_plan(hours=[3])
    assert [sheet(shift).blocks, sheet(shift).resting] == [[], [plan]]
    AssignmentFactory(roster=RosterFactory(shift=shift, day=DAY), hot_spot=plan.hot_spot, tactic=Tactic.FOOT_PATROL)
    (block,) = sheet(shift).blocks
    assert block.hours == []
    assert [each.label for each in block.due] == ["Foot patrol"]


def test_proposed_and_ended_plans_are_not_briefed(shift):
    PlanFactory()
    ended = make_plan()
    ended.status, ended.ended_at, ended.ended_by = "ended", NOON, ended.proposed_by
    ended.save()
    assert sheet(shift).blocks == []


def test_incidents_are_told_by_category_and_time_without_victims(shift):
    plan = make_plan()
    address = BlockFactory(kind="address", length_m=None, geometry=plan.hot_spot.block.geometry.centroid)
    plan.hot_spot.boundaries.get().places.add(address)
    both = LocationFactory(block=plan.hot_spot.block, address=address)  # counts once
    violent = OffenseFactory(code="V", category=Offense.Category.VIOLENT)
    told_of_a_victim = OffenseFactory(code="S", category=Offense.Category.VIOLENT, victim_sensitive=True)
    for hours, offense in ((5, violent), (30, violent), (40, told_of_a_victim), (200, violent), (24 * 100, violent)):
        IncidentFactory(location=both, offense=offense, occurred_from=NOON - timedelta(hours=hours))
    elsewhere = LocationFactory(block=BlockFactory(at=(9, 9)))
    IncidentFactory(location=elsewhere, offense=violent, occurred_from=NOON - timedelta(hours=1))
    (happened,) = sheet(shift).blocks[0].happened
    assert happened.label == "Violent"
    assert [span.start for span in happened.times] == [NOON - timedelta(hours=30), NOON - timedelta(hours=5)]
    assert happened.usual == pytest.approx(1 / 12)


def test_what_came_in_after_the_last_briefing_of_the_shift_is_new(shift):
    plan = make_plan()
    location = LocationFactory(block=plan.hot_spot.block)
    for finished_at in (NOON - timedelta(hours=30), NOON - timedelta(hours=2)):
        batch = ImportBatchFactory(finished_at=finished_at)
        IncidentFactory(location=location, batch=batch, occurred_from=NOON - timedelta(hours=40))
    assert sheet(shift).last is None
    assert sheet(shift).blocks[0].new == 0
    last = BriefingFactory(shift=shift, day=DAY - timedelta(days=1))
    Briefing.objects.filter(pk=last.pk).update(made_at=NOON - timedelta(hours=24))
    BriefingFactory(day=DAY, shift=ShiftFactory(name="Other", starts_at=time(6)))
    assert sheet(shift).last == NOON - timedelta(hours=24)
    assert sheet(shift).blocks[0].new == 1


def test_sheet_tells_what_was_done_seen_and_heard(shift):
    plan = make_plan()
    on = {"hot_spot": plan.hot_spot}
    for minutes, hours in ((10, 20), (14, 30), (60, 24 * 8)):
        visit = ActivityFactory(**on, minutes=minutes, started_at=NOON - timedelta(hours=hours))
        Patrol.objects.create(activity=visit, seen=["people", "lights_out"] if minutes == 10 else ["nothing"])
    voided = {"voided_at": NOON, "voided_by": plan.proposed_by, "void_reason": "Mistake"}
    ActivityFactory(**on, started_at=NOON - timedelta(hours=3), **voided)
    ActivityFactory(**on, started_at=NOON - timedelta(hours=3), minutes=None)
    talk = ActivityFactory(**on, kind=Tactic.KNOCK_AND_TALK, started_at=NOON - timedelta(days=20))
    KnockAndTalk.objects.create(activity=talk, answer="answered", concerns=["lighting", "drugs"])
    block = sheet(shift).blocks[0]
    patrols, talks = block.done
    assert (patrols.label, patrols.visits, patrols.minutes) == ("Directed patrol", 2, 12)
    assert patrols.planned == 2  # on Wednesdays, in four hours of the shift, about every two
    assert (talks.visits, talks.planned) == (0, 10)
    assert [(told.label, told.number) for told in block.seen] == [("Lights out", 1), ("People gathering", 1)]
    assert [told.label for told in block.concerns] == ["Drug activity", "Lighting"]
    assert block.outcomes == []  # the door was knocked on three weeks ago


def test_units_of_one_operation_are_one_visit(shift):
    plan = make_plan()
    start = {"hot_spot": plan.hot_spot, "started_at": NOON - timedelta(hours=20), "kind": Tactic.SATURATION_PATROL}
    for operation in (OperationFactory(hot_spot=plan.hot_spot), OperationFactory(hot_spot=plan.hot_spot), None):
        ActivityFactory(**start, operation=operation)
        ActivityFactory(**start, operation=operation)
    saturation = next(each for each in sheet(shift).blocks[0].done if each.label == "Saturation patrol")
    assert saturation.visits == 2 + 2


def test_measures_are_overdue_reported_or_due_soon(shift):
    plan = make_plan()
    at_address = BlockFactory(
        kind="address", length_m=None, geometry=plan.hot_spot.block.geometry.centroid, block=plan.hot_spot.block
    )
    MeasureFactory(place=plan.hot_spot.block, title="Far ahead", due_on=DAY + timedelta(days=60))
    MeasureFactory(place=plan.hot_spot.block, title="Soon", due_on=DAY + timedelta(days=6))
    MeasureFactory(place=at_address, title="Late", due_on=DAY - timedelta(days=1))
    MeasureFactory(place=at_address, title="From the street", status="reported", due_on=None)
    MeasureFactory(
        place=at_address, title="Done", status="done", closed_at=NOON, closed_by=plan.proposed_by, due_on=DAY
    )
    MeasureFactory(title="Elsewhere", place=BlockFactory(at=(9, 9)), due_on=DAY)
    pending = sheet(shift).blocks[0].pending
    assert [each.title for each in pending] == ["Late", "From the street", "Soon"]
    assert [each.is_overdue for each in pending] == [True, False, False]


def test_late_data_is_said_so(shift, client_as):
    plan = make_plan()
    location = LocationFactory(block=plan.hot_spot.block)
    IncidentFactory(location=location, occurred_from=NOON - timedelta(days=2))
    assert not sheet(shift).is_data_late
    assert sheet(shift, NOON + timedelta(hours=1, days=-1)).is_data_late is False
    late = queries.sheet(shift, DAY + timedelta(days=3), NOON + timedelta(days=3))
    assert late.is_data_late


@pytest.mark.parametrize("number", [1, 3])
def test_sheet_asks_as_often_for_three_hot_spots_as_for_one(shift, number, django_assert_num_queries):
    roster = RosterFactory(shift=shift, day=DAY)
    for n in range(1, number + 1):
        plan = make_plan(n)
        plan.units.add(UnitFactory())
        AssignmentFactory(roster=roster, hot_spot=plan.hot_spot, position=n, unit=plan.units.get())
        MeasureFactory(place=plan.hot_spot.block)
        ActivityFactory(hot_spot=plan.hot_spot, started_at=NOON - timedelta(hours=5))
    queries.sheet(shift, DAY, NOON)  # the city's projection is kept
    with django_assert_num_queries(13):
        assert len(queries.sheet(shift, DAY, NOON).blocks) == number


# ---- How it is made and kept


@at_noon
def test_briefing_is_made_with_its_roster_and_kept_as_it_was(shift, commander, client_as):
    plan = make_plan(problem="Fights by the fountain")
    with time_machine.travel(NOON, tick=False):
        briefing = actions.make(by=commander, shift=shift, day=DAY)
    roster = Roster.objects.get(shift=shift, day=DAY)
    assert roster.assignments.exists()
    assert AuditEntry.objects.filter(action="briefing_made", actor=commander).count() == 1
    (page,) = text_of(briefing)
    words = " ".join(page.split())
    assert "Evening test, Wednesday, March 5, 2025" in words
    assert "Fights by the fountain" in words
    assert f"by {commander}" in words
    for visit in roster.assignments.all():
        assert f"{visit.due_at.astimezone(ZONE):%H:%M}" in words
    plan.problem = "Something else"
    plan.save()
    client = client_as(commander)
    body = client.get(reverse("briefing_pdf", args=[briefing.pk]))
    assert body.content == bytes(briefing.pdf)
    assert body["Content-Type"] == "application/pdf"
    assert "briefing-2025-03-05-evening-test" in body["Content-Disposition"]


def test_pdf_is_tagged_with_title_and_language_and_the_same_twice(shift, commander):
    make_plan()
    first = actions.as_pdf(shift, DAY, NOON, commander)
    assert actions.as_pdf(shift, DAY, NOON, commander) == first
    reader = PdfReader(io.BytesIO(first))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Briefing: Evening test, March 5, 2025"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert list(figures(root["/StructTreeRoot"])) == ["Map of Spot 1: Main St"]


def figures(element):
    """The alternative texts of the pictures, in reading order."""
    element = element.get_object()
    if not isinstance(element, dict):
        return
    if element.get("/S") == "/Figure":
        yield element["/Alt"]
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        yield from figures(child)


def test_four_hot_spots_fit_one_page_and_more_are_never_split(shift, commander):
    pages_of = {}
    for number in range(1, 11):
        busy(make_plan(number, hours=[day * 24 + hour for day in range(7) for hour in range(18, 24)]))
        if number in (2, 4, 10):
            Roster.objects.all().delete()
            drawn = rosters.draw(
                by=commander, shift=shift, day=DAY, seed=1
            )  # how many visits a day has, the seed decides
            assert drawn.assignments.count() >= 2 * number
            pages_of[number] = text_of(actions.as_pdf(shift, DAY, NOON, commander))
    assert [len(pages_of[2]), len(pages_of[4])] == [1, 1]  # two in larger letters
    pages = pages_of[10]
    assert 2 <= len(pages) <= 4
    parts = [page.upper().count("WHAT TO DO") for page in pages]
    assert sum(parts) == 10
    assert [page.upper().count("THE LAST SEVEN DAYS") - page.upper().count("DONE IN THE") for page in pages] == parts


def busy(plan):
    """As much on the page as a busy hot spot has."""
    location = LocationFactory(block=plan.hot_spot.block)
    for hours in range(10, 130, 20):
        IncidentFactory(location=location, occurred_from=NOON - timedelta(hours=hours))
    PlanTacticFactory(plan=plan, tactic=Tactic.FOOT_PATROL, visits=3, per="week", minutes=30)
    PlanTacticFactory(plan=plan, tactic=Tactic.K9, visits=1, per="week", minutes=30)
    visit = ActivityFactory(hot_spot=plan.hot_spot, started_at=NOON - timedelta(hours=5))
    Patrol.objects.create(activity=visit, seen=["people", "drug_activity", "vehicles"])
    MeasureFactory(place=plan.hot_spot.block, due_on=DAY - timedelta(days=3))
    MeasureFactory(place=plan.hot_spot.block, due_on=DAY + timedelta(days=3), title="Ask the owner about the gate")


def test_no_plan_gives_a_page_that_says_so(shift, commander):
    (page,) = text_of(actions.as_pdf(shift, DAY, NOON, commander))
    assert "No plan is in force" in page


@pytest.mark.parametrize(
    ("day", "words"), [(DAY - timedelta(days=1), "over"), (DAY + timedelta(days=15), "14 days ahead")]
)
@at_noon
def test_briefing_of_a_past_or_distant_shift_is_not_made(shift, client_as, day, words):
    client = client_as("commander")
    answer = client.post(reverse("briefing_make", args=[day, shift.pk]), follow=True)
    assert words in answer.content.decode()
    assert not Briefing.objects.exists()
    assert not Roster.objects.exists()


# ---- Every day by itself


def test_due_briefings_are_made_once_within_the_hour_before_the_shift(shift):
    make_plan()
    assert actions.make_due(NOON) == []  # the shift starts in two hours
    (made,) = actions.make_due(NOON + timedelta(minutes=70))
    assert (made.shift, made.day, made.made_by) == (shift, DAY, None)
    assert Roster.objects.filter(shift=shift, day=DAY, drawn_by=None).exists()
    assert actions.make_due(NOON + timedelta(minutes=80)) == []
    assert actions.make_due(NOON + timedelta(minutes=121)) == []


def test_two_workers_make_one_briefing(shift, monkeypatch):
    """The second found it unmade before the first had stored it."""
    stale = queries.unbriefed(NOON, timedelta(hours=3))
    monkeypatch.setattr(queries, "unbriefed", lambda now, ahead: stale)
    assert len(actions.make_due(NOON)) == 1
    assert actions.make_due(NOON) == []
    assert Briefing.objects.count() == 1


def test_briefing_that_fails_stops_no_other_and_is_tried_again(shift, monkeypatch, caplog):
    other = ShiftFactory(name="Another", starts_at=shift.starts_at)
    as_pdf = actions.as_pdf

    def failing(which, *rest):
        if which == shift:
            raise ValueError("a page that cannot be set")
        return as_pdf(which, *rest)

    monkeypatch.setattr(actions, "as_pdf", failing)
    assert [made.shift for made in actions.make_due(NOON + timedelta(minutes=70))] == [other]
    assert "cannot be made" in caplog.text
    monkeypatch.setattr(actions, "as_pdf", as_pdf)
    assert [made.shift for made in actions.make_due(NOON + timedelta(minutes=80))] == [shift]


def test_database_that_is_away_stops_the_round_to_be_waited_for(shift, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(actions, "as_pdf", away)
    with pytest.raises(OperationalError):
        actions.make_due(NOON + timedelta(minutes=70))


@time_machine.travel(NOON + timedelta(minutes=70), tick=False)
def test_task_leaves_alone_what_a_person_made(shift, commander):
    actions.make(by=commander, shift=shift, day=DAY)
    make_briefings()
    assert Briefing.objects.get().made_by == commander


# ---- The pages


@at_noon
def test_commander_makes_friday_s_briefing_on_monday_with_one_click(shift, client_as):
    make_plan(hours=list(range(168)))
    client = client_as("commander")
    friday = DAY + timedelta(days=2)
    page = client.get(reverse("briefing", args=[friday, shift.pk]))
    assert "Make this briefing" in page.content.decode()
    answer = client.post(reverse("briefing_make", args=[friday, shift.pk]), follow=True)
    assert "The briefing is made" in answer.content.decode()
    assert reverse("briefing_pdf", args=[Briefing.objects.get().pk]) in answer.content.decode()
    assert "Make it anew" in answer.content.decode()


@at_noon
def test_officer_reads_and_prints_and_makes_none(shift, client_as):
    make_plan()
    briefing = BriefingFactory(shift=shift)
    client = client_as("officer")
    body = client.get(reverse("briefing", args=[DAY, shift.pk])).content.decode()
    assert "Make" not in body
    assert reverse("briefing_pdf", args=[briefing.pk]) in body
    assert client.post(reverse("briefing_make", args=[DAY, shift.pk])).status_code == 403
    assert client_as("clerk").get(reverse("briefings")).status_code == 403


@at_noon
def test_page_says_that_plans_have_changed_since_the_roster_was_drawn(shift, client_as, commander):
    roster = rosters.draw(by=commander, shift=shift, day=DAY)
    client, address = client_as(commander), reverse("briefing", args=[DAY, shift.pk])
    assert "Plans have changed" not in client.get(address).content.decode()
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        AuditEntry.objects.create(actor=commander, action="plan_changed")
    body = client.get(address).content.decode()
    assert "Plans have changed" in body
    assert reverse("roster_redraw", args=[roster.pk]) in body


@pytest.mark.parametrize("day", ["yesterday", "2025-13-01", "0001-01-01", "2025-W10-3"])
def test_page_of_no_day_is_not_found(shift, client_as, day):
    assert client_as("officer").get(f"/briefings/{day}/{shift.pk}/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
@at_noon
def test_list_asks_as_often_for_three_as_for_one(client_as, django_assert_num_queries, number):
    Shift.objects.update(is_active=False)
    for n in range(number):
        shift = ShiftFactory(name=f"Shift {n}", starts_at=time(6 + n))
        BriefingFactory(shift=shift)
        BriefingFactory(shift=shift, day=DAY + timedelta(days=1))
    client = client_as("commander")
    client.get(reverse("briefings"))
    with django_assert_num_queries(7):
        body = client.get(reverse("briefings")).content.decode()
    assert body.count(".pdf") == 2 * number


@at_noon
def test_list_shows_a_shift_that_is_no_longer_used_where_it_was_briefed(shift, client_as):
    old = ShiftFactory(name="Old shift", starts_at=time(10), is_active=False)
    BriefingFactory(shift=old, day=DAY - timedelta(days=1))
    body = client_as("commander").get(reverse("briefings")).content.decode()
    assert body.count("Old shift") == 2  # on its one day: the link to its page and that to the PDF
    assert client_as("commander").get(reverse("briefings"), {"day": "2025-05-05"}).content.decode().count("Old") == 0
    assert "no longer in use" in client_as("commander").get(reverse("briefing", args=[DAY, old.pk])).content.decode()


# ---- What a PDF may read


REFUSED = [
    "http://example.com/a.css",
    "https://127.0.0.1/a.png",
    "file:///etc/passwd",
    "ftp://example.com/a",
    "data:text/css,body{}",
    "https://static.invalid.example.com/css/house.css",
    "https://static.invalid/../../../etc/passwd",
    "https://static.invalid/%2e%2e/%2e%2e/manage.py",
    "https://static.invalid//etc/passwd",
    "https://static.invalid/css/there-is-none.css",
    "https://static.invalid/css",
]


@pytest.mark.parametrize("url", REFUSED)
def test_pdf_reads_nothing_but_static_files(url, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it went to the network"))
    with pytest.raises(pdf.Refused):
        pdf.static_file(url)
    with pytest.raises(pdf.Refused):
        pdf.make(
            f'<html lang="en"><title>-</title><link rel="stylesheet" href="{url}"><img alt="-" src="{url}"></html>'
        )


def test_pdf_reads_static_files_from_their_folders_and_from_where_they_are_collected(tmp_path):
    assert pdf.static_file(f"{pdf.ORIGIN}css/briefing.css").name == "briefing.css"
    assert pdf.static_file(f"{pdf.ORIGIN}uswds/img/us_flag_small.png").is_file()
    (tmp_path / "css").mkdir()
    (tmp_path / "css/collected.css").write_text("body { margin: 0 }")
    (tmp_path.parent / "secret.css").write_text("")
    with override_settings(STATIC_ROOT=tmp_path):
        assert pdf.static_file(f"{pdf.ORIGIN}css/collected.css").parent == tmp_path / "css"
        (tmp_path / "link.css").symlink_to(tmp_path.parent / "secret.css")
        with pytest.raises(pdf.Refused):
            pdf.static_file(f"{pdf.ORIGIN}link.css")


def test_text_of_a_plan_cannot_make_the_pdf_read_anything(shift, commander):
    make_plan(problem='<img src="file:///etc/passwd"><link rel="stylesheet" href="http://example.com/">')
    (page,) = text_of(actions.as_pdf(shift, DAY, NOON, commander))
    assert "file:///etc/passwd" in "".join(page.split())  # as text
