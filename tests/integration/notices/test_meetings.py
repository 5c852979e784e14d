"""Planning, holding and following up meetings, through the pages as far as they go."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from notices.actions import meetings as actions
from notices.models import Agreement, HelpRequest, Meeting
from notices.queries.meetings import outcome
from notices.transitions_meetings import CannotMove
from notices.views.meetings import IN_A_PANEL, PER_PAGE
from tactics.actions.measures import finish
from tactics.models import Measure
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory, ComplexFactory, HotSpotFactory
from tests.factories.measures import clean_picture
from tests.factories.notices import (
    AgreementFactory,
    AttendeeFactory,
    CheckpointFactory,
    HelpRequestFactory,
    IssueFactory,
    MeetingFactory,
    OwnerFactory,
    OwnershipFactory,
)

pytestmark = pytest.mark.django_db
WHEN = {"starts_at": "2030-03-05T18:00", "where": "At the office", "asked_by": "owner", "agenda_notes": ""}
AGREED = {
    "agree-kind": "upkeep",
    "agree-title": "Trim the bushes",
    "agree-party": "owner",
    "agree-organization": "",
    "agree-due_on": "2030-04-01",
    "agree-note": "",
}


def test_meeting_is_planned_from_a_place_with_its_owner_and_an_agenda(client_as: Callable[..., Client]):
    client, owned = client_as("clerk"), OwnershipFactory(place=ComplexFactory())
    address = f"{reverse('meeting_new')}?place={owned.place.pk}"
    assert client.get(address).context["form"].initial["owner"] == owned.owner.pk

    client.post(address, WHEN | {"owner": owned.owner.pk, "from_place": owned.place.pk})

    meeting = Meeting.objects.get()
    assert (meeting.place, meeting.owner, meeting.status) == (owned.place, owned.owner, "planned")
    assert meeting.agenda["calls"] == {
        "rows": [],
        "now": {"count": 0, "at_least": False},
        "before": {"count": 0, "at_least": False},
    }
    assert AuditEntry.objects.filter(action="meeting_changed", actor=client.user).exists()


def test_meeting_without_a_place_asks_for_it(client_as: Callable[..., Client]):
    BlockFactory(name="100 block of Main St")
    page = client_as("clerk").get(f"{reverse('meeting_new')}?q=main").content.decode()
    assert "100 block of Main St" in page


def test_meeting_from_a_hot_spot_offers_its_places(client_as: Callable[..., Client]):
    block = BlockFactory(name="100 block of Main St")
    hot_spot = HotSpotFactory(places=[block])
    page = client_as("clerk").get(f"{reverse('meeting_new')}?hot_spot={hot_spot.pk}").content.decode()
    assert f"?place={block.pk}&amp;hot_spot={hot_spot.pk}" in page


def test_meeting_from_a_request_takes_it_up_and_says_who_asked(client_as: Callable[..., Client]):
    client, asked, place = client_as("clerk"), HelpRequestFactory(role="group"), BlockFactory()
    address = f"{reverse('meeting_new')}?place={place.pk}&help_request={asked.pk}"
    assert client.get(address).context["form"].initial["asked_by"] == "neighborhood"

    client.post(address, WHEN | {"asked_by": "neighborhood", "from_place": place.pk, "help_request": asked.pk})

    asked.refresh_from_db()
    meeting = Meeting.objects.get()
    assert (meeting.help_request, meeting.asked_by) == (asked, "neighborhood")
    assert (asked.status, asked.handled_by) == (HelpRequest.Status.TAKEN, client.user)


def test_meeting_is_held_cancelled_and_planned_again(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()
    client.post(reverse("meeting_hold", args=[meeting.pk]))
    meeting.refresh_from_db()
    assert meeting.status == "held"
    client.post(reverse("meeting_plan_again", args=[meeting.pk]))
    assert client.post(reverse("meeting_cancel", args=[meeting.pk]), {"cancel-reason": ""}).status_code == 422
    client.post(reverse("meeting_cancel", args=[meeting.pk]), {"cancel-reason": "The owner is ill."})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.cancelled_why) == ("cancelled", "The owner is ill.")
    client.post(reverse("meeting_plan_again", args=[meeting.pk]))
    meeting.refresh_from_db()
    assert (meeting.status, meeting.cancelled_why) == ("planned", "")


def test_meeting_to_come_cannot_have_been_held():
    meeting = MeetingFactory(starts_at=timezone.now() + timedelta(days=1))
    with pytest.raises(CannotMove, match="still to come"):
        actions.hold(by=meeting.created_by, meeting=meeting)


def test_cancelled_meeting_takes_no_record():
    meeting = MeetingFactory(status="cancelled", cancelled_why="Snow.")
    with pytest.raises(CannotMove, match="was cancelled"):
        actions.add_attendee(by=meeting.created_by, meeting=meeting, role="owner")


def test_what_was_recorded_is_on_the_page_and_can_be_removed(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()
    for name, values in {
        "attendee_add": {"attendee-role": "manager", "attendee-name": "", "attendee-organization": "Railside"},
        "issue_add": {"issue-what": "Strangers in the lot", "issue-raised_by": "manager"},
        "meeting_talk": {"talk-summary": "The manager had lamps ordered.", "talk-tips": ["lighting", "permits"]},
    }.items():
        assert client.post(reverse(name, args=[meeting.pk]), values).status_code == 302
    page = client.get(reverse("meeting", args=[meeting.pk])).content.decode()
    for words in ("Manager, Railside", "Strangers in the lot", "The manager had lamps ordered.", "Parking permits"):
        assert words in page
    client.post(reverse("attendee_remove", args=[meeting.attendees.get().pk]))
    client.post(reverse("issue_remove", args=[meeting.issues.get().pk]))
    assert not meeting.attendees.exists()
    assert not meeting.issues.exists()


def test_agreement_is_a_measure_of_the_place_and_done_when_that_is(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()

    client.post(reverse("meeting_agree", args=[meeting.pk]), AGREED)

    measure = Measure.objects.get()
    assert (measure.place, measure.kind, measure.due_on) == (meeting.place, "upkeep", date(2030, 4, 1))
    assert "Trim the bushes" in client.get(reverse("place_measures_panel", args=[meeting.place_id])).content.decode()
    assert "Trim the bushes" in client.get(reverse("agreements")).content.decode()
    finish(by=client.user, measure=measure, outcome="Looks good.")
    assert "Looks good." in client.get(reverse("meeting", args=[meeting.pk])).content.decode()
    assert "Trim the bushes" not in client.get(reverse("agreements")).content.decode()
    assert "Trim the bushes" in client.get(f"{reverse('agreements')}?status=done").content.decode()


def test_lease_case_is_not_agreed_at_a_table(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()
    answer = client.post(reverse("meeting_agree", args=[meeting.pk]), AGREED | {"agree-kind": "lease_enforcement"})
    assert answer.status_code == 422
    with pytest.raises(CannotMove, match="lease case"):
        actions.agree(
            by=client.user, meeting=meeting, kind="lease_enforcement", title="x", party="owner", due_on=date(2030, 1, 1)
        )
    assert not Measure.objects.exists()


def test_agreement_taken_back_drops_the_measure(client_as: Callable[..., Client]):
    client, agreement = client_as("clerk"), AgreementFactory()
    client.post(reverse("agreement_remove", args=[agreement.pk]))
    agreement.measure.refresh_from_db()
    assert (agreement.measure.status, Agreement.objects.count()) == ("dropped", 0)


def test_agreement_that_is_done_is_not_taken_back(client_as: Callable[..., Client]):
    client, agreement = client_as("clerk"), AgreementFactory()
    finish(by=client.user, measure=agreement.measure)
    client.post(reverse("agreement_remove", args=[agreement.pk]))
    assert Agreement.objects.count() == 1


def test_next_meeting_follows_and_shows_what_was_agreed(client_as: Callable[..., Client]):
    client, agreement = client_as("clerk"), AgreementFactory()
    first = agreement.meeting
    address = f"{reverse('meeting_new')}?follows={first.pk}"
    client.post(address, WHEN | {"from_follows": first.pk})
    following = Meeting.objects.get(follows=first)
    assert following.agenda["last_meeting"]["agreements"][0]["title"] == agreement.measure.title
    assert client.post(address, WHEN | {"from_follows": first.pk}).status_code == 422, "there is one already"


def test_walk_keeps_each_point_at_once_and_shows_its_photo(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()
    address = reverse("walk_item", args=[meeting.pk, "lamps-work"])
    answer = client.post(
        address,
        {"finding": "needs_work", "note": "Two are out.", "photo": clean_picture()},
        headers={"HX-Request": "true"},
    )
    assert "Saved" in answer.content.decode()
    point = meeting.checkpoints.get()
    assert (point.finding, point.note) == ("needs_work", "Two are out.")
    photo = client.get(reverse("walk_photo", args=[point.pk]))
    assert (photo["Content-Type"], photo.content[:2]) == ("image/jpeg", b"\xff\xd8")

    client.post(address, {"finding": "good", "note": ""})
    point.refresh_from_db()
    assert (point.finding, bool(point.photo)) == ("good", True), "a later answer leaves the photo"
    client.post(reverse("walk_photo_remove", args=[point.pk]))
    assert client.get(reverse("walk_photo", args=[point.pk])).status_code == 404


def test_walk_says_what_is_wrong_with_a_photo(client_as: Callable[..., Client]):
    client, meeting = client_as("clerk"), MeetingFactory()
    values = {"finding": "good", "photo": SimpleUploadedFile("a.jpg", b"no photo")}
    address = reverse("walk_item", args=[meeting.pk, "lamps-work"])
    answer = client.post(address, values, headers={"HX-Request": "true"})
    assert "cannot be read as a photo" in answer.content.decode()
    assert client.post(reverse("walk_item", args=[meeting.pk, "unknown"]), {"finding": "good"}).status_code == 404


def test_officer_sees_meetings_without_owners_and_changes_nothing(client_as: Callable[..., Client]):
    meeting = MeetingFactory(owner=OwnerFactory(name="EXAMPLE LLC"))
    officer, clerk = client_as("officer"), client_as("clerk")
    address = reverse("meeting", args=[meeting.pk])
    assert "EXAMPLE LLC" not in officer.get(address).content.decode()
    assert "EXAMPLE LLC" in clerk.get(address).content.decode()
    assert officer.post(reverse("meeting_hold", args=[meeting.pk])).status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"late", "soon"}),
        ("?status=overdue", {"late"}),
        ("?status=done", {"done"}),
        ("?status=all", {"late", "soon", "done"}),
        ("?party=city", {"soon"}),
        ("?party=nobody", {"late", "soon"}),
    ],
)
def test_agreements_are_filtered_by_the_address(client_as: Callable[..., Client], query: str, shown: set[str]):
    client, today = client_as("clerk"), timezone.localdate()
    late, soon, done = AgreementFactory.create_batch(3)
    for agreement, title, days, party in (
        (late, "late", -3, "owner"),
        (soon, "soon", 3, "city"),
        (done, "done", 3, "owner"),
    ):
        due_on = today + timedelta(days=days)
        Measure.objects.filter(pk=agreement.measure_id).update(title=title, due_on=due_on, party=party)
    finish(by=client.user, measure=Measure.objects.get(title="done"))
    page = client.get(reverse("agreements") + query).context["page"]
    assert {each.measure.title for each in page} == shown


def test_agreements_of_an_owner_and_of_a_place(client_as: Callable[..., Client]):
    client = client_as("clerk")
    mine, _other = AgreementFactory(meeting__owner=OwnerFactory()), AgreementFactory()
    for query in (f"?owner={mine.meeting.owner_id}", f"?place={mine.measure.place_id}"):
        assert [each.pk for each in client.get(reverse("agreements") + query).context["page"]] == [mine.pk]


@pytest.mark.parametrize(
    ("status", "due_on", "closed_at", "expected"),
    [
        ("done", date(2025, 3, 5), datetime(2025, 3, 5, 20, tzinfo=UTC), "kept"),
        ("done", date(2025, 3, 5), datetime(2025, 3, 6, 20, tzinfo=UTC), "late"),
        ("dropped", date(2025, 3, 5), datetime(2025, 3, 1, 20, tzinfo=UTC), "broken"),
        ("open", date(2025, 3, 5), None, "broken"),
        ("open", date(2025, 3, 9), None, "running"),
    ],
)
def test_agreement_was_kept_or_not(status: str, due_on: date, closed_at: datetime | None, expected: str):
    assert outcome(status, due_on, closed_at, UTC, date(2025, 3, 6)) == expected


def test_history_counts_what_was_kept_at_a_place_and_with_an_owner(client_as: Callable[..., Client]):
    client, owner = client_as("clerk"), OwnerFactory()
    agreement = AgreementFactory(meeting__owner=owner, meeting__status="held", meeting__tips=["lighting"])
    finish(by=client.user, measure=agreement.measure)
    Measure.objects.filter(pk=agreement.measure_id).update(due_on=timezone.localdate() + timedelta(days=5))
    for address in (
        reverse("owner_meetings", args=[owner.pk]),
        reverse("place_meetings", args=[agreement.meeting.place_id]),
    ):
        record = client.get(address).context["record"]
        assert (record.held, record.kept, record.broken) == (1, 1, 0)
        assert [str(title) for title, _number in record.tips] == ["Lighting"]


@pytest.mark.parametrize("name", ["meetings", "agreements", "help_requests"])
def test_list_takes_the_same_queries_for_one_and_three(client_as: Callable[..., Client], name: str):
    client = client_as("clerk")
    make = HelpRequestFactory if name == "help_requests" else AgreementFactory
    counts = []
    for number in (1, 2):
        make.create_batch(number)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_page_of_a_meeting_takes_the_same_queries_for_one_and_three_of_each(client_as: Callable[..., Client]):
    client, counts = client_as("clerk"), []
    meetings = [MeetingFactory(), MeetingFactory()]
    items = ("lamps-work", "trash", "corners")
    for meeting, number in zip(meetings, (1, 3), strict=True):
        for make in (AttendeeFactory, IssueFactory, AgreementFactory):
            make.create_batch(number, meeting=meeting)
        for item in items[:number]:
            CheckpointFactory(meeting=meeting, item=item)
        client.get(reverse("meeting", args=[meeting.pk]))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("meeting", args=[meeting.pk]))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_panels_show_the_meetings_of_the_place_and_of_the_hot_spot(client_as: Callable[..., Client]):
    client, meeting = client_as("officer"), MeetingFactory()
    hot_spot = HotSpotFactory(places=[meeting.place])
    link = reverse("meeting", args=[meeting.pk])
    assert link in client.get(reverse("place_meetings_panel", args=[meeting.place_id])).content.decode()
    assert link in client.get(reverse("meetings_panel", args=[hot_spot.pk])).content.decode()
    assert "No meeting" in client.get(reverse("place_meetings_panel", args=[BlockFactory().pk])).content.decode()


@pytest.mark.parametrize("name", ["place_meetings", "place_meetings_panel", "meetings_panel", "owner_meetings"])
def test_history_and_panels_take_the_same_queries_for_one_and_three(client_as: Callable[..., Client], name: str):
    client, place, owner = client_as("clerk"), BlockFactory(), OwnerFactory()
    hot_spot, counts = HotSpotFactory(places=[place]), []
    key = {"meetings_panel": hot_spot, "owner_meetings": owner}.get(name, place).pk
    for number in (1, 2):
        for _each in range(number):
            held = MeetingFactory(place=place, owner=owner, hot_spot=hot_spot, status="held", tips=["lighting"])
            AgreementFactory.create_batch(number, meeting=held)
        client.get(reverse(name, args=[key]))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse(name, args=[key])).content.decode()
        counts.append(len(captured))
    assert page.count(f'href="{reverse("meetings")}') >= 3
    assert counts[0] == counts[1]


def test_history_is_shown_page_by_page_and_a_panel_leads_to_it(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), BlockFactory()
    MeetingFactory.create_batch(PER_PAGE + 1, place=place, status="held")
    address = reverse("place_meetings", args=[place.pk])
    first, second = client.get(address), client.get(f"{address}?page=2")
    assert [len(page.context["page"].object_list) for page in (first, second)] == [PER_PAGE, 1]
    assert first.context["record"].held == PER_PAGE + 1
    panel = client.get(reverse("place_meetings_panel", args=[place.pk]))
    assert len(panel.context["meetings"]) == IN_A_PANEL
    assert address in panel.content.decode()


def test_page_of_meetings_tells_the_planner_what_is_due_and_how_many_ask(client_as: Callable[..., Client]):
    clerk = UserFactory(roles=["clerk"])
    client = client_as(clerk)
    agreement = AgreementFactory(meeting__created_by=clerk)
    Measure.objects.filter(pk=agreement.measure_id).update(due_on=timezone.localdate() - timedelta(days=2))
    HelpRequestFactory()
    page = client.get(reverse("meetings")).content.decode()
    assert "Overdue since" in page
    assert "1 new request for help" in page


def test_navigation_tells_how_many_requests_wait(client_as):
    HelpRequestFactory.create_batch(2)
    HelpRequestFactory(status="closed", handled_by=UserFactory(), handled_at=timezone.now(), outcome="Lights")
    page = client_as("clerk").get(reverse("meetings")).content.decode()
    assert "(2 waiting)" in page
    assert "(2 waiting)" not in client_as("officer").get(reverse("meetings")).content.decode()
