"""The mail that reminds of weeks of the trail that wait for a review."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import AgencyProfile, AuditEntry, AuditReminder
from accounts.reminders import remind
from accounts.tasks import remind_of_reviews
from tests.factories.accounts import WEEK, AuditReviewFactory, UserFactory, make_week

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NEXT = WEEK + 7 * DAY
THIRD = WEEK + 14 * DAY


@pytest.fixture
def auditor():
    return UserFactory(roles=["auditor"], email="auditor@example.gov")


def test_mail_on_monday_tells_a_number_and_a_link_and_nothing_else(auditor, settings):
    settings.SITE_URL = "https://hotspots.example.gov"
    make_week(action=AuditEntry.Action.EXPORTED, subject="secret")
    assert remind(NEXT) == 1
    (sent,) = mail.outbox
    assert sent.to == ["auditor@example.gov"]
    assert "1 week of the audit trail waits for a review." in sent.body
    assert "https://hotspots.example.gov/audit/weeks/" in sent.body
    assert "overdue" not in sent.body
    assert "secret" not in sent.body


def test_mail_goes_on_mondays_and_daily_while_a_week_is_overdue(auditor):
    make_week()
    assert [remind(NEXT + n * DAY) for n in range(9)] == [1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert "2 weeks of the audit trail wait for a review." in mail.outbox[-1].body
    assert "1 is overdue" in mail.outbox[-1].body
    AuditReviewFactory(week=WEEK)
    assert remind(THIRD + 2 * DAY) == 0


def test_mail_goes_once_a_day(auditor):
    make_week()
    assert remind(NEXT) == 1
    assert remind(NEXT) == 0, "delivered twice"
    assert AuditReminder.objects.get().sent_at
    with pytest.raises(IntegrityError, match="reminded_of_reviews_once_a_day"), transaction.atomic():
        AuditReminder.objects.create(person=auditor, day=NEXT)


def test_mail_goes_to_those_who_may_read_the_trail_and_have_an_address(auditor):
    make_week()
    administrator = UserFactory(roles=["clerk", "administrator"], email="administrator@example.gov")
    UserFactory(roles=["auditor"], email="")
    UserFactory(roles=["commander"], email="commander@example.gov")
    UserFactory(roles=["auditor"], email="left@example.gov", is_active=False)
    assert remind(NEXT) == 2
    assert [sent.to for sent in mail.outbox] == [[auditor.email], [administrator.email]]


def test_mail_that_cannot_be_sent_stops_no_other_and_is_tried_again(auditor, monkeypatch):
    make_week()
    UserFactory(roles=["auditor"], email="second@example.gov")

    def refuse(*args: object, **kwargs: object) -> int:
        if args[3] == [auditor.email]:
            raise smtplib.SMTPServerDisconnected("gone")
        return 1

    with monkeypatch.context() as broken:
        broken.setattr("accounts.reminders.send_mail", refuse)
        assert remind(NEXT) == 1
    assert not AuditReminder.objects.filter(person=auditor).exists()
    assert remind(NEXT) == 1
    assert [sent.to for sent in mail.outbox] == [[auditor.email]]


def test_task_asks_for_the_day_of_the_agency(auditor):
    make_week()
    AgencyProfile.objects.update(time_zone="Pacific/Honolulu")
    with time_machine.travel(datetime(2026, 3, 9, 9, 59, tzinfo=UTC), tick=False):  # still Sunday there
        remind_of_reviews()
    assert mail.outbox == []
    with time_machine.travel(datetime(2026, 3, 9, 10, tzinfo=UTC), tick=False):
        remind_of_reviews()
    assert len(mail.outbox) == 1
