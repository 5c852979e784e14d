"""Minutes as PDF, and reminders by mail."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from notices.actions import meetings, minutes, walks
from notices.actions.reminders import remind
from notices.models import Reminder
from notices.transitions_meetings import CannotMove
from tactics.models import Measure
from tests.factories.accounts import UserFactory
from tests.factories.measures import clean_picture
from tests.factories.notices import AgreementFactory, AttendeeFactory, MeetingFactory, OwnerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    meeting = MeetingFactory(status="held", summary="Lamps are ordered.", tips=["lighting"], owner=OwnerFactory())
    AttendeeFactory(meeting=meeting, organization="Railside")
    AgreementFactory(meeting=meeting)
    walks.save_checkpoint(
        by=meeting.created_by,
        meeting=meeting,
        item="lamps-work",
        finding="needs_work",
        note="Pole 3",
        photo=clean_picture(),
    )
    return meeting


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_minutes_tell_what_was_recorded_and_not_whom_the_place_belongs_to(held):
    pdf = minutes.minutes_pdf(held)
    text = words(pdf)
    for told in ("Manager, Railside", "Lamps are ordered.", "Pole 3", held.agreements.get().measure.title):
        assert told in text
    assert held.owner.name not in text
    reader = PdfReader(BytesIO(pdf))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own boolean
    assert sum(len(page.images) for page in reader.pages) == 1


def test_minutes_are_kept_and_made_anew_only_after_a_change(held, client_as: Callable[..., Client]):
    client = client_as("clerk")
    make, page = reverse("meeting_minutes_make", args=[held.pk]), reverse("meeting", args=[held.pk])
    client.post(make)
    held.refresh_from_db()
    first = held.minutes_digest
    assert held.minutes_by == client.user
    assert client.get(reverse("meeting_minutes", args=[held.pk])).content == held.minutes.open().read()

    client.post(make)
    held.refresh_from_db()
    assert held.minutes_digest == first
    assert not held.minutes_are_old

    meetings.add_issue(by=client.user, meeting=held, what="Strangers in the lot", raised_by="manager")
    assert "changed after these minutes" in client.get(page).content.decode()
    client.post(make)
    held.refresh_from_db()
    assert held.minutes_digest != first
    assert not held.minutes_are_old


def test_minutes_are_not_made_before_the_meeting():
    meeting = MeetingFactory()
    with pytest.raises(CannotMove, match="Mark it as held"):
        minutes.make_minutes(by=meeting.created_by, meeting=meeting)


def test_meeting_with_minutes_was_held(held):
    minutes.make_minutes(by=held.created_by, meeting=held)
    with pytest.raises(CannotMove, match="minutes were made"):
        meetings.plan_again(by=held.created_by, meeting=held)


def test_agenda_is_printed(held, client_as: Callable[..., Client]):
    meetings.plan_again(by=held.created_by, meeting=held)
    meetings.make_agenda(by=held.created_by, meeting=held)
    answer = client_as("officer").get(reverse("meeting_agenda", args=[held.pk]))
    assert "Open measures at the place" in words(answer.content)


# Reminders


def make_due(email: str = "clerk@example.gov"):
    """An agreement that is late, one that is due soon, and a meeting tomorrow, all of one clerk."""
    clerk, today = UserFactory(roles=["clerk"], email=email), timezone.localdate()
    for days, title in ((-2, "Late one"), (3, "Soon one"), (30, "Far one")):
        agreement = AgreementFactory(meeting__created_by=clerk)
        due_on = today + timedelta(days=days)
        Measure.objects.filter(pk=agreement.measure_id).update(due_on=due_on, title=title)
    MeetingFactory(created_by=clerk, starts_at=timezone.now() + timedelta(days=1), where="At the diner")
    return clerk, today


def test_reminder_is_one_mail_a_day_with_all_of_it():
    clerk, today = make_due()
    assert remind(today) == 1
    assert remind(today) == 0, "delivered twice"
    (sent,) = mail.outbox
    assert sent.to == [clerk.email]
    for told in ("Late one", "Soon one", "At the diner"):
        assert told in sent.body
    assert "Far one" not in sent.body
    assert Reminder.objects.get().sent_at
    assert remind(today + timedelta(days=1)) == 1


def test_reminder_goes_to_nobody_without_an_address_or_who_left():
    _clerk, today = make_due(email="")
    left, _today = make_due(email="left@example.gov")
    left.is_active = False
    left.save()
    assert remind(today) == 0
    assert mail.outbox == []


def test_reminder_that_cannot_be_sent_is_tried_again(monkeypatch):
    _clerk, today = make_due()

    def refuse(*args: object, **kwargs: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr("notices.actions.reminders.send_mail", refuse)
        assert remind(today) == 0
    assert not Reminder.objects.exists()
    assert remind(today) == 1
