"""The weekly review of the trail."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts import reviews, weeks
from accounts.actions import add_person, record, reset_sign_in
from accounts.models import AuditEntry, AuditReview
from tests.factories.accounts import (
    WEEK,
    AuditReviewFactory,
    AuditReviewNoteFactory,
    UserFactory,
    make_week,
)

pytestmark = pytest.mark.django_db

Action = AuditEntry.Action
DAY = timedelta(days=1)
NEXT = WEEK + 7 * DAY
THIRD = WEEK + 14 * DAY
ADDRESS = f"/audit/weeks/{WEEK}/"


def at(day: date, hour: int = 18, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.fixture
def clock():
    """Wednesday of the third week: two are over."""
    with time_machine.travel(at(THIRD + 2 * DAY), tick=False) as clock:
        yield clock


def add(moment: datetime, **entry: object) -> AuditEntry:
    with time_machine.travel(moment, tick=False):
        return record(**{"by": None, "action": Action.RUN_PUBLISHED, **entry})


def titles(tallies: list) -> dict[str, int]:
    return {str(each.title): each.number for each in tallies}


# Which weeks wait


def test_weeks_wait_from_that_of_the_first_entry_on_once_they_are_over(clock):
    assert weeks.waiting(weeks.today()) == []
    make_week()
    assert weeks.waiting(weeks.today()) == [NEXT, WEEK]
    AuditReviewFactory(week=NEXT)
    assert weeks.waiting(weeks.today()) == [WEEK]


def test_week_begins_and_ends_at_midnight_of_the_agency():
    add(at(WEEK, 5, 59), subject="Sunday, 23:59")  # winter time in Kansas
    add(at(WEEK, 6), subject="Monday, 0:00")
    add(at(NEXT, 4, 59), subject="Sunday, 23:59 of summer time")  # clocks went forward that night
    add(at(NEXT, 5), subject="Monday, 0:00 of summer time")
    assert [entry.subject for entry in weeks.entries_of(WEEK).order_by("pk")] == [
        "Monday, 0:00",
        "Sunday, 23:59 of summer time",
    ]
    assert weeks.numbers_of([WEEK, NEXT]) == {WEEK: 2, NEXT: 1}
    assert weeks.waiting(NEXT) == [WEEK, WEEK - 7 * DAY]


def test_week_is_overdue_when_the_next_is_over_too():
    assert not weeks.is_overdue(WEEK, THIRD - DAY)
    assert weeks.is_overdue(WEEK, THIRD)


def test_list_shows_waiting_weeks_newest_first_and_reviewed_ones_when_asked(client_as, clock):
    make_week()
    client = client_as("auditor")
    content = client.get("/audit/weeks/").content.decode()
    assert content.index("Mar 9") < content.index("Mar 2 – Mar 8, 2026")
    assert content.count("overdue</span>") == 1
    assert "1 entry" in content
    AuditReviewNoteFactory(review=AuditReviewFactory(week=WEEK), text="Quiet.")
    assert "Mar 2 –" not in client.get("/audit/weeks/").content.decode()
    reviewed = client.get("/audit/weeks/?show=reviewed").content.decode()
    assert "Mar 2 –" in reviewed
    assert "Quiet." in reviewed
    assert "Mar 9" not in reviewed
    assert '<option value="reviewed" selected>' in reviewed


def test_list_is_paged_and_stays_filtered(client_as, clock):
    first = WEEK - 29 * 7 * DAY
    make_week(first)
    page = client_as("auditor").get("/audit/weeks/?page=2").context["page"]
    assert (page.paginator.count, page.object_list[-1], len(page)) == (31, first, 5)
    for ago in range(31):
        AuditReviewFactory(week=NEXT - ago * 7 * DAY)
    content = client_as("auditor").get("/audit/weeks/?show=reviewed").content.decode()
    assert "?show=reviewed&amp;page=2" in content


def test_list_without_a_trail_says_that_nothing_waits(client_as):
    with time_machine.travel(at(WEEK), tick=False):
        assert "No week waits for a review." in client_as("auditor").get("/audit/weeks/").content.decode()


# A week


def test_summary_shows_first_what_stands_out(clock):
    ana, ben = UserFactory(first_name="Ana", last_name="A"), UserFactory(first_name="Ben", last_name="B")
    reader = UserFactory()
    noon, night = at(WEEK + DAY), at(WEEK + DAY, 4, 30)  # 22:30 of Monday in Kansas
    for _n in range(2):
        add(noon, action=Action.SIGN_IN_FAILED, subject="ana")
    add(noon, action=Action.SIGN_IN_FAILED, subject="a name that does not exist")
    add(noon, action=Action.SIGN_IN_LOCKED, subject="ana")
    add(noon, by=ana, action=Action.SIGNED_IN)
    add(night, by=ben, action=Action.SIGNED_IN)
    add(at(WEEK + DAY, 12), by=ben, action=Action.SIGNED_IN)  # 6:00
    add(at(WEEK + DAY, 11, 59), by=ben, action=Action.SIGNED_IN)
    add(noon, by=ana, action=Action.SECOND_FACTOR_CHANGED, subject="ben", change="removed all")
    add(noon, by=ana, action=Action.SECOND_FACTOR_CHANGED, subject="ana", change="added")
    add(noon, by=ana, action=Action.EXPORTED, subject="incidents")
    found = weeks.summary(WEEK, reader)
    assert [(str(each.title), each.number, each.whose) for each in found.notable] == [
        ("Lock-outs", 1, (("ana", 1),)),
        ("Failed sign-ins", 3, (("ana", 2), ("a name that does not exist", 1))),
        ("Second factors removed", 1, (("ben", 1),)),
        ("Exports", 1, (("Ana A", 1),)),
        ("Sign-ins between 22:00 and 6:00", 2, (("Ben B", 2),)),
    ]
    assert {str(title) for title in found.absent} >= {"People added", "People changed", "Reading the audit trail"}
    assert found.number == 11
    assert titles(found.by_person) == {"Ana A": 4, "Ben B": 3, "System": 4}
    assert titles(found.by_action)["signed in"] == 4
    assert found.own == 0


def test_summary_counts_what_people_do_as_the_actions_record_it(clock):
    administrator = UserFactory(roles=["administrator"])
    with time_machine.travel(at(WEEK), tick=False):
        person, _password = add_person(by=administrator, username="new", roles=["clerk"], last_name="N")
        reset_sign_in(by=administrator, person=person, second_factor=True)
    found = titles(weeks.summary(WEEK, administrator).notable)
    assert found == {"Second factors removed": 1, "People added": 1}


def test_summary_shows_who_opened_tips_and_sent_them_away(clock):
    ana, other = UserFactory.create_batch(2, first_name="Ana", last_name="A")
    add(at(WEEK), by=other, action=Action.TIP_OPENED, subject="tip 2")
    for action in (Action.TIP_OPENED, Action.TIP_OPENED, Action.TIP_REFERRED, Action.TIP_KEY_CHANGED):
        add(at(WEEK), by=ana, action=action, subject="tip 1")
    assert [(str(each.title), each.whose) for each in weeks.summary(WEEK, UserFactory()).notable] == [
        ("Tips sent to a partner", (("Ana A", 1),)),
        ("Tips opened", (("Ana A", 2), ("Ana A", 1))),
        ("Changes of who can open tips", (("Ana A", 1),)),
    ]


def test_links_of_a_summary_show_on_the_trail_what_was_counted(client_as, clock):
    add(at(WEEK + DAY), by=UserFactory(), action=Action.EXPORTED)
    add(at(NEXT), by=UserFactory(), action=Action.EXPORTED)
    client = client_as("auditor")
    summary = client.get(ADDRESS).context["summary"]
    for tally in (*summary.notable, *summary.by_action, *summary.by_person):
        assert client.get(f"/audit/?{tally.query}").context["page"].paginator.count == tally.number
    page = client.get(f"/audit/?{weeks.query_of(WEEK)}").content.decode()
    assert f'value="{WEEK}"' in page
    assert f'value="{WEEK + 6 * DAY}"' in page


def test_reading_a_week_is_recorded_as_reading_the_trail(client_as, clock):
    make_week()
    client = client_as("auditor")
    client.get(ADDRESS)
    client.get("/audit/weeks/")
    assert AuditEntry.objects.filter(actor=client.user, action=Action.AUDIT_READ).count() == 1


@pytest.mark.parametrize("text", ["2026-03-03", "2026-02-23", "2026-03-23", "2026-W10", "march", "9999-12-27"])
def test_week_that_is_none_of_the_trail_is_not_found(client_as, clock, text):
    make_week()
    assert client_as("auditor").get(f"/audit/weeks/{text}/").status_code == 404


def test_own_changes_are_hinted_at_and_do_not_forbid(client_as, clock):
    administrator = UserFactory(roles=["administrator"])
    add(at(WEEK), by=administrator, action=Action.SIGNED_IN)
    client = client_as(administrator)
    assert "something that you did" not in client.get(ADDRESS).content.decode()
    add(at(WEEK), by=administrator, action=Action.PERSON_CHANGED, subject="ana")
    assert "1 entry of this week is of something that you did" in client.get(ADDRESS).content.decode()
    client.post(f"{ADDRESS}reviewed/")
    assert AuditReview.objects.get().reviewed_by == administrator


# Reviewing


def test_review_keeps_who_when_and_the_range_and_is_recorded(client_as, clock):
    make_week()
    last = add(at(WEEK + 3 * DAY))
    first = AuditEntry.objects.order_by("pk")[0]
    client = client_as("auditor")
    response = client.post(f"{ADDRESS}reviewed/", {"note": "Asked Ben about Monday."})
    assert urlsplit(response.url).path == "/audit/weeks/"
    review = AuditReview.objects.get(week=WEEK)
    assert (review.reviewed_by, review.reviewed_at) == (client.user, at(THIRD + 2 * DAY))
    assert (review.entries, review.first_entry, review.last_entry) == (2, first.pk, last.pk)
    assert [note.text for note in review.notes.all()] == ["Asked Ben about Monday."]
    entry = AuditEntry.objects.get(action=Action.AUDIT_REVIEWED)
    assert (entry.actor, entry.subject) == (client.user, "week of 2026-03-02")
    assert entry.details == {"entries": 2, "first_entry": first.pk, "last_entry": last.pk}
    content = client.get(ADDRESS).content.decode()
    assert "with 2 entries" in content
    assert "Asked Ben about Monday." in content
    assert "not the same now" not in content


def test_quiet_week_is_reviewed_too(clock):
    make_week()
    review = reviews.review_week(by=UserFactory(), week=NEXT)
    assert (review.entries, review.first_entry, review.last_entry) == (0, None, None)
    assert not review.notes.exists()


def test_week_that_is_not_over_cannot_be_reviewed(client_as, clock):
    make_week()
    client = client_as("auditor")
    address = f"/audit/weeks/{THIRD}/"
    assert "This week is not over yet" in client.get(address).content.decode()
    response = client.post(f"{address}reviewed/", follow=True)
    assert "This week is not over yet." in response.content.decode()
    assert not AuditReview.objects.exists()
    clock.move_to(at(THIRD + 7 * DAY, 4, 59))
    assert not reviews.can_review(THIRD, weeks.today())
    clock.move_to(at(THIRD + 7 * DAY, 5))
    assert reviews.can_review(THIRD, weeks.today())


def test_week_is_reviewed_once(client_as, clock, monkeypatch):
    make_week()
    first = AuditReviewFactory()
    content = client_as("auditor").post(f"{ADDRESS}reviewed/", follow=True).content.decode()
    assert "This week was reviewed already." in content
    monkeypatch.setattr(reviews, "check_can_review", lambda *args: None)  # both were let through at once
    with pytest.raises(reviews.CannotReview, match="reviewed already"):
        reviews.review_week(by=UserFactory(), week=WEEK)
    assert AuditReview.objects.get() == first
    assert not AuditEntry.objects.filter(action=Action.AUDIT_REVIEWED).exists()


def test_wrong_note_is_followed_by_another(client_as, clock):
    make_week()
    AuditReviewNoteFactory(text="Ben was off.")
    client = client_as("auditor")
    client.post(f"{ADDRESS}note/", {"note": "Ben was on duty after all."})
    content = client.get(ADDRESS).content.decode()
    assert content.index("Ben was off.") < content.index("Ben was on duty after all.")
    assert AuditEntry.objects.get(action=Action.AUDIT_REVIEWED).details == {"change": "added a note"}


@pytest.mark.parametrize("note", ["", "   ", "x" * 1001])
def test_note_says_something_and_is_not_too_long(client_as, clock, note):
    make_week()
    AuditReviewFactory()
    assert client_as("auditor").post(f"{ADDRESS}note/", {"note": note}).status_code == 422
    assert AuditReview.objects.get().notes.count() == 0


def test_note_needs_a_review(client_as, clock):
    make_week()
    assert client_as("auditor").post(f"{ADDRESS}note/", {"note": "x"}).status_code == 404


def test_too_long_a_note_leaves_the_week_to_be_reviewed(client_as, clock):
    make_week()
    response = client_as("auditor").post(f"{ADDRESS}reviewed/", {"note": "x" * 1001})
    assert response.status_code == 422
    assert not AuditReview.objects.exists()


def test_entry_that_came_late_is_told(client_as, clock):
    make_week()
    reviews.review_week(by=UserFactory(), week=WEEK)
    add(at(WEEK + DAY))
    assert "not the same now" in client_as("auditor").get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("reviewed_week_begins_on_monday", {"week": WEEK + DAY}),
        ("reviewed_week_is_over", {"reviewed_at": at(WEEK + 6 * DAY, 9, 59)}),
        ("review_tells_its_range", {"entries": 1}),
        ("review_tells_its_range", {"entries": 0, "first_entry": 1, "last_entry": 1}),
        ("review_tells_its_range", {"entries": 2, "first_entry": 3, "last_entry": 2}),
        ("reviewed_by_id", {"reviewed_by": None}),
        ("reviewed_at", {"reviewed_at": None}),
    ],
)
def test_review_refuses(constraint, values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AuditReviewFactory(**values)


def test_review_is_the_only_one_of_its_week_and_a_note_says_something():
    review = AuditReviewFactory(reviewed_at=at(WEEK + 6 * DAY, 10))
    with pytest.raises(IntegrityError, match="week"), transaction.atomic():
        AuditReviewFactory()
    with pytest.raises(IntegrityError, match="review_note_says_something"), transaction.atomic():
        AuditReviewNoteFactory(review=review, text="")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    # session, user, weeks, weeks in the navigation, and: numbers of entries; or number, reviews, their notes;
    # or review, groups and their people
    [("/audit/weeks/", 5), ("/audit/weeks/?show=reviewed", 7), (ADDRESS, 7)],
)
def test_pages_take_the_same_queries_for_any_number(
    client_as, clock, django_assert_num_queries, rows, address, queries
):
    client = client_as("auditor")
    make_week(WEEK - rows * 7 * DAY)
    for n in range(1, rows + 1):
        AuditReviewNoteFactory(review=AuditReviewFactory(week=WEEK - n * 7 * DAY))
        add(at(WEEK), by=UserFactory(), action=Action.EXPORTED)
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


# What the rest of the house shows of it


def test_trail_and_navigation_tell_how_many_weeks_wait(client_as, clock):
    make_week()
    for role in ("auditor", "administrator"):
        content = client_as(role).get("/audit/").content.decode()
        assert "2 weeks wait for a review." in content
        assert "1 overdue" in content
        assert "(2 waiting)" in content
    AuditReviewFactory(week=WEEK)
    AuditReviewFactory(week=NEXT)
    content = client_as("auditor").get("/audit/").content.decode()
    assert "waiting" not in content
    assert "wait for a review" not in content


def test_navigation_asks_for_the_number_only_where_it_is_shown(client_as, clock, django_assert_num_queries):
    make_week()
    client = client_as("administrator")
    fragment = "/agency/time/?time_zone=America/Chicago"
    client.get(fragment)
    with django_assert_num_queries(2):  # session and user
        client.get(fragment)
    assert "waiting)" not in client_as("officer").get("/no/such/page/").content.decode()
