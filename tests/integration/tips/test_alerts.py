"""Reviewers are told of new tips by number alone (A13)."""

import smtplib

import pytest
from django.conf import settings as config
from django.core import mail

from tests.factories.accounts import UserFactory
from tests.factories.tips import make_reader, make_tip
from tests.integration.tips.inbox import CANARY
from tips.models import Tip
from tips.tasks import alert_reviewers

pytestmark = pytest.mark.django_db


def make_reviewer(email: str, **values: object) -> object:
    return make_reader(UserFactory(roles=["detective"], email=email, **values))


def test_one_mail_to_each_reviewer_says_how_many_and_nothing_else(settings) -> None:
    settings.SITE_URL = "https://example.test"
    make_reviewer("a@example.test")
    make_reviewer("b@example.test")
    make_reviewer("")
    make_reviewer("gone@example.test", is_active=False)
    UserFactory(roles=["detective"], email="no-key@example.test")
    tips = [make_tip(what=CANARY, language="es").tip for _ in range(3)]
    alert_reviewers()
    assert sorted(each.to[0] for each in mail.outbox) == ["a@example.test", "b@example.test"]
    for each in mail.outbox:
        assert each.subject == "3 new tips"
        assert "3 new tips wait." in each.body
        assert "https://example.test/tips/" in each.body
        assert not any(words in each.body for words in (CANARY, *(tip.short for tip in tips), "Spanish", "es."))
    alert_reviewers()
    assert len(mail.outbox) == 2, "nobody is told twice"


def test_nothing_is_sent_without_a_new_tip() -> None:
    make_reviewer("a@example.test")
    make_tip(status="triaged")
    alert_reviewers()
    assert not mail.outbox


def test_flood_is_told_as_a_number_in_quarantine() -> None:
    make_reviewer("a@example.test")
    make_tip()
    make_tip(quarantined=True)
    make_tip(quarantined=True)
    alert_reviewers()
    (sent,) = mail.outbox
    assert sent.subject == "1 new tip"
    assert "2 new tips wait in quarantine." in sent.body


def test_mail_that_is_away_is_tried_again(monkeypatch) -> None:
    make_reviewer("a@example.test")
    make_tip()

    def away(*args: object) -> None:
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as patched:
        patched.setattr("tips.actions.alerts.send_mail", away)
        alert_reviewers()
    assert not Tip.objects.get().alerted
    alert_reviewers()
    assert len(mail.outbox) == 1
    assert Tip.objects.get().alerted


def test_address_that_is_refused_stops_no_other(monkeypatch) -> None:
    make_reviewer("a@example.test")
    make_reviewer("b@example.test")
    make_tip()
    send = mail.send_mail

    def refuse_one(subject: str, body: str, sender: None, to: list[str]) -> int:
        if to == ["a@example.test"]:
            raise smtplib.SMTPRecipientsRefused({})
        return send(subject, body, sender, to)

    monkeypatch.setattr("tips.actions.alerts.send_mail", refuse_one)
    alert_reviewers()
    alert_reviewers()
    assert [each.to for each in mail.outbox] == [["b@example.test"]], "nobody is told twice"


def test_alerts_and_purge_are_on_the_schedule() -> None:
    scheduled = {entry["task"]: entry["schedule"] for entry in config.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled["tips.tasks.alert_reviewers"] == 60 * config.TIP_ALERT_MINUTES
    assert "tips.tasks.purge_tips" in scheduled
