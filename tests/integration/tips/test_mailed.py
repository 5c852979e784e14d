"""From a real mailbox into the database: sealed, once, and gone from the box."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from hotspots.queries.concentration import lock_key
from tests.database import as_owner
from tests.factories.tips import make_reader
from tests.integration.tips.imap import PASSWORD, USER, ImapServer, imap_server
from tips.actions import mailed
from tips.mail.box import MailBox, MailboxAway
from tips.models import FetchedMail, Tip
from tips.sealing.tips import open_case_key, open_texts
from tips.tasks import fetch_mailed_tips

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path, settings, monkeypatch) -> Iterator[ImapServer]:
    with imap_server(tmp_path) as running:
        settings.TIP_IMAP_HOST, settings.TIP_IMAP_PORT = "localhost", running.ports["plain"]
        settings.TIP_IMAP_USER, settings.TIP_IMAP_PASSWORD, settings.TIP_IMAP_TLS = USER, PASSWORD, "none"
        yield running


def mail(text: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Casey Canary <casey.canary@example.org>", "tips@example.org", "A house"
    made["Received"] = "from [203.0.113.77] by mail.example.org"
    made.set_content(f"{text}\n\n-- \nCasey Canary\n620-555-0142\n")
    return made.as_bytes()


def test_mails_become_sealed_tips_and_leave_the_box(server):
    reader = make_reader()
    server.append(mail("Cars all night"), mail("And again"))
    assert mailed.fetch_mail().stored == 2
    assert server.left() == []
    assert FetchedMail.objects.count() == 0
    told = []
    for tip in Tip.objects.all():
        assert (tip.channel, tip.receipt, tip.sending) == ("mail", None, None)
        case = open_case_key(tip.pk, reader.key, tip.copies.get().sealed)
        message = tip.messages.get()
        told.append(open_texts(case, tip.pk, message.pk, message.sealed)["what"])
    assert sorted(told) == ["A house\n\nAnd again", "A house\n\nCars all night"]


def test_mail_whose_deletion_failed_is_stored_once(server, monkeypatch):
    make_reader()
    server.append(mail("Cars all night"))
    delete = MailBox.delete

    def cut_off(box, uid):
        raise MailboxAway("cut off")

    monkeypatch.setattr(MailBox, "delete", cut_off)
    fetch_mailed_tips()
    assert (Tip.objects.count(), FetchedMail.objects.count(), len(server.left())) == (1, 1, 1)
    monkeypatch.setattr(MailBox, "delete", delete)
    fetch_mailed_tips()
    assert (Tip.objects.count(), FetchedMail.objects.count(), len(server.left())) == (1, 0, 0)


def test_tip_that_cannot_be_stored_leaves_mail_and_no_marker(server, monkeypatch):
    make_reader()
    server.append(mail("Cars all night"))
    monkeypatch.setattr(mailed.Markers, "remember", lambda *given: 1 / 0)
    assert mailed.fetch_mail().failed == 1
    assert (Tip.objects.count(), len(server.left())) == (0, 1)


def test_mails_wait_while_nobody_could_read_them(server):
    server.append(mail("Cars all night"))
    assert mailed.fetch_mail() is None
    make_reader()
    assert mailed.fetch_mail().stored == 1


def test_box_is_looked_into_by_one_process_at_a_time(server):
    make_reader()
    server.append(mail("Cars all night"))
    with as_owner() as cursor:  # a session of its own
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock_key("tips mailbox")])
        assert mailed.fetch_mail() is None
    assert mailed.fetch_mail().stored == 1


def test_more_than_a_look_takes_wait_in_quarantine(server, monkeypatch):
    make_reader()
    monkeypatch.setattr(mailed, "MOST_AT_ONCE", 1)
    server.append(mail("One"), mail("Two"))
    mailed.fetch_mail()
    assert sorted(Tip.objects.values_list("quarantined", flat=True)) == [False, True]


def test_server_that_is_away_is_told_without_the_password(server, settings, caplog):
    make_reader()
    settings.TIP_IMAP_PORT = 1
    fetch_mailed_tips()
    assert "Mailbox of tips:" in caplog.text
    assert PASSWORD not in caplog.text


def test_without_a_mailbox_nothing_is_asked(settings):
    settings.TIP_IMAP_HOST = ""
    assert mailed.fetch_mail() is None
