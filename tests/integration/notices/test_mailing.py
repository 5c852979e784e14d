"""Letters by e-mail through a real SMTP server on this machine: once each, and what failed can be tried again."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.mail import get_connection
from django.db import OperationalError
from django.test import override_settings
from pypdf import PdfReader

from accounts.models import AuditEntry
from notices import tasks
from notices.actions import batches as actions
from notices.actions import mailing
from notices.models import Letter, Owner
from notices.printing import setting_of
from notices.transitions import CannotMove
from tests.factories.accounts import UserFactory
from tests.factories.notices import OptOutFactory
from tests.integration.notices.letters import batch_to_owners, draft

pytestmark = pytest.mark.django_db


class Inbox:
    """Keeps what comes, and refuses the addresses named."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.refused: set[str] = set()
        self.hangs_up = False  # once it took the letter, before it says so

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.hangs_up:
            server.transport.close()
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    handler = Inbox()
    loop = asyncio.new_event_loop()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), loop=loop)
    controller.start()
    mail = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": controller.port,
        "EMAIL_USE_TLS": False,
        "EMAIL_TIMEOUT": 5,
    }
    with override_settings(**mail):
        yield handler
    controller.stop()


def test_owner_gets_one_message_with_the_letter(inbox: Inbox) -> None:
    batch = batch_to_owners(2, emails=1)
    clerk = UserFactory(roles=["clerk"])
    tasks.send_letters(batch.pk, clerk.pk)
    tasks.send_letters(batch.pk, clerk.pk)  # delivered again
    (message,) = inbox.messages
    letter = batch.letters.get(delivery="email")
    assert message["To"] == "owner0@example.org"
    assert message["From"] == settings.DEFAULT_FROM_EMAIL
    assert message["Subject"] == "Working together in Main Street"
    text = message.get_body(("plain",)).get_content()
    assert "will spend more time in Main Street" in text
    assert letter.code in text
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"{letter.code}.pdf"
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(attached.get_content())).pages)
    assert letter.lines[0] in printed
    assert letter.emailed_at is not None
    paper = batch.letters.get(delivery="mail")
    assert paper.emailed_at is None
    entry = AuditEntry.objects.filter(details__what="sent by e-mail").first()
    assert (entry.details["sent"], entry.details["failed"]) == (1, 0)


def test_refused_address_is_named_and_the_others_go(inbox: Inbox) -> None:
    batch = batch_to_owners(3, emails=3)
    inbox.refused.add("owner1@example.org")
    clerk = UserFactory(roles=["clerk"])
    assert mailing.send_emails(by=clerk, batch=batch) == 2
    refused = batch.letters.get(email="owner1@example.org")
    assert refused.emailed_at is None
    assert "550 No such mailbox here" in refused.email_problem
    inbox.refused.clear()
    assert mailing.send_emails(by=clerk, batch=batch) == 0  # only somebody who asks for it tries it again
    mailing.ask_to_send(by=clerk, batch=batch, queue=print)
    assert mailing.send_emails(by=clerk, batch=batch) == 1
    refused.refresh_from_db()
    assert refused.email_problem == ""
    assert sorted(message["To"] for message in inbox.messages) == [f"owner{i}@example.org" for i in range(3)]


def test_server_that_is_away_loses_no_letter(inbox: Inbox) -> None:
    batch = batch_to_owners(2, emails=2)
    clerk = UserFactory(roles=["clerk"])
    with override_settings(EMAIL_PORT=free_port()):
        assert mailing.send_emails(by=clerk, batch=batch) == 0
    for letter in batch.letters.all():
        assert letter.email_problem == "The mail server cannot be reached. Try again later."
    mailing.ask_to_send(by=clerk, batch=batch, queue=print)
    assert mailing.send_emails(by=clerk, batch=batch) == 2
    assert len(inbox.messages) == 2


def test_send_before_the_letters_are_made_is_refused() -> None:
    batch = draft(1)
    with pytest.raises(CannotMove, match="approved and made"):
        mailing.ask_to_send(by=batch.created_by, batch=batch, queue=print)
    assert mailing.send_emails(by=batch.created_by, batch=batch) == 0


def test_asking_to_send_queues_once_and_not_when_all_went(
    inbox: Inbox, django_capture_on_commit_callbacks: Callable
) -> None:
    batch, clerk, queued = batch_to_owners(1, emails=1), UserFactory(roles=["clerk"]), []
    with django_capture_on_commit_callbacks(execute=True):
        mailing.ask_to_send(by=clerk, batch=batch, queue=lambda *given: queued.append(given))
    assert queued == [(batch.pk, clerk.pk)]
    tasks.send_letters(*queued[0])
    with pytest.raises(CannotMove, match="No letter is left"):
        mailing.ask_to_send(by=clerk, batch=batch, queue=print)


def test_batch_with_unsent_email_is_not_marked_as_mailed(inbox: Inbox) -> None:
    batch = batch_to_owners(2, emails=1)
    today = batch.approved_at.date()
    with pytest.raises(CannotMove, match="go by e-mail"):
        actions.mark_mailed(by=batch.created_by, batch=batch, on=today)


def test_letters_that_went_by_email_are_not_cancelled(inbox: Inbox) -> None:
    batch = batch_to_owners(1, emails=1)
    mailing.send_emails(by=batch.created_by, batch=batch)
    with pytest.raises(CannotMove, match="sent by e-mail"):
        actions.cancel(by=batch.created_by, batch=batch)


def test_letter_whose_sending_was_cut_off_goes_again_only_when_asked_for(inbox: Inbox) -> None:
    batch = batch_to_owners(1, emails=1)
    clerk = UserFactory(roles=["clerk"])
    inbox.hangs_up = True
    assert mailing.send_emails(by=clerk, batch=batch) == 0
    letter = batch.letters.get()
    assert letter.emailed_at is None
    assert "perhaps it was sent" in letter.email_problem
    inbox.hangs_up = False
    tasks.send_letters(batch.pk, clerk.pk)  # delivered again
    assert len(inbox.messages) == 1
    mailing.ask_to_send(by=clerk, batch=batch, queue=print)
    tasks.send_letters(batch.pk, clerk.pk)
    first, second = inbox.messages
    assert first["Message-ID"] == second["Message-ID"] == f"<{letter.code}@localhost>"
    letter.refresh_from_db()
    assert letter.emailed_at is not None
    assert letter.email_problem == ""


def test_letter_of_a_worker_that_was_killed_stays_perhaps_sent(inbox: Inbox) -> None:
    batch = batch_to_owners(1, emails=1)
    assert mailing.begin(batch.letters.get().pk)
    tasks.send_letters(batch.pk, UserFactory(roles=["clerk"]).pk)
    assert inbox.messages == []
    assert "perhaps it was sent" in batch.letters.get().email_problem


def test_cancelling_stops_the_letters_that_did_not_go(inbox: Inbox) -> None:
    batch = batch_to_owners(2, emails=2)
    first, second = batch.letters.order_by("number")
    mark = mailing.begin(first.pk)
    actions.cancel(by=batch.created_by, batch=batch)
    setting, connection = setting_of(batch), get_connection()
    assert not mailing.finish(first.pk, mark, batch, setting, connection)
    assert not mailing.send_one(second.pk, batch, setting, connection)
    assert inbox.messages == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda owner: OptOutFactory(place=None, owner=owner), "asked for no letters"),
        (lambda owner: Owner.objects.filter(pk=owner.pk).update(email=""), "took back the wish"),
        (lambda owner: Owner.objects.filter(pk=owner.pk).update(email="new@example.org"), "took back the wish"),
        (lambda owner: owner.delete(), "no longer on record"),
    ],
)
def test_owner_who_wants_it_no_more_is_left_out(inbox: Inbox, change: Callable[[Owner], object], said: str) -> None:
    batch = batch_to_owners(2, emails=2)
    clerk = UserFactory(roles=["clerk"])
    change(Owner.objects.get(email="owner0@example.org"))
    assert mailing.send_emails(by=clerk, batch=batch) == 1
    assert [message["To"] for message in inbox.messages] == ["owner1@example.org"]
    assert said in batch.letters.get(email="owner0@example.org").email_problem


def test_letter_that_cannot_be_made_does_not_stop_the_others(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_to_owners(2, emails=2)
    message_of = mailing.message_of

    def fails(letter: Letter, *given: Any) -> Any:
        if letter.number == 1:
            raise ValueError("does not fit")
        return message_of(letter, *given)

    monkeypatch.setattr(mailing, "message_of", fails)
    assert mailing.send_emails(by=UserFactory(roles=["clerk"]), batch=batch) == 1
    assert "could not be made" in batch.letters.get(number=1).email_problem


def test_fault_of_the_database_is_not_the_letters(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_to_owners(1, emails=1)

    def fails(*given: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(mailing, "message_of", fails)
    with pytest.raises(OperationalError):
        mailing.send_emails(by=UserFactory(roles=["clerk"]), batch=batch)
