"""Letters by e-mail, to owners who asked for it: one message each with the letter as PDF, and never twice."""

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.letters import body_text
from notices.models import Batch, Letter
from notices.permissions import WRITE_LETTERS
from notices.printing import Setting, addressee_of, languages_of, setting_of
from notices.transitions import CannotMove

logger = logging.getLogger(__name__)
SENDABLE = (Batch.Status.READY, Batch.Status.MAILED)
FAULTS = (SMTPException, OSError)  # refused, or the server is away


def unsent(batch: Batch) -> "list[int]":
    found = batch.letters.filter(delivery=Letter.Delivery.EMAIL, emailed_at=None)
    return list(found.order_by("number").values_list("pk", flat=True))


def check_can_send(user: User, batch: Batch) -> None:
    if not user.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    if batch.status not in SENDABLE:
        raise CannotMove(_("Letters are sent once they were approved and made."))
    if not unsent(batch):
        raise CannotMove(_("No letter is left to send by e-mail."))


@transaction.atomic
def ask_to_send(*, by: User, batch: Batch, queue: Callable[[int, int], object]) -> None:
    """Have a worker send what was not sent yet, also what failed before."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    check_can_send(by, batch)
    batch.letters.filter(emailed_at=None).exclude(email_problem="").update(email_problem="")
    action = AuditEntry.Action.LETTERS_CHANGED
    what, number = _("e-mail begun"), len(unsent(batch))
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=what, number=number)
    transaction.on_commit(lambda: queue(batch.pk, by.pk))


def send_emails(*, by: User, batch: Batch) -> int:
    """Send what was not sent yet, and return how many went. Each letter is its own transaction under its row's lock,
    so that neither a second worker nor a second delivery of the task sends it again."""
    if batch.status not in SENDABLE:
        return 0
    waiting, sent = unsent(batch), 0
    if not waiting:
        return 0
    setting, connection = setting_of(batch), get_connection()
    try:
        for pk in waiting:
            sent += send_one(pk, batch, setting, connection)
    finally:
        connection.close()
    action = AuditEntry.Action.LETTERS_CHANGED
    what = _("sent by e-mail")
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=what, sent=sent, failed=len(waiting) - sent)
    return sent


@transaction.atomic
def send_one(letter_id: int, batch: Batch, setting: Setting, connection: BaseEmailBackend) -> bool:
    """The lock is held while the server is spoken to: whoever else has it waits, or goes past."""
    letter = Letter.objects.select_for_update(skip_locked=True).filter(pk=letter_id, emailed_at=None).first()
    if letter is None:
        return False
    try:
        message_of(letter, batch, setting, connection).send()
    except FAULTS as error:
        logger.warning("Letter %s was not sent: %s", letter.code, type(error).__name__)
        letter.email_problem = problem_of(error)
        connection.close()  # after a fault, the next letter gets a new connection
    else:
        letter.emailed_at, letter.email_problem = timezone.now(), ""
    letter.save(update_fields=["emailed_at", "email_problem"])
    return letter.emailed_at is not None


def message_of(
    letter: Letter, batch: Batch, setting: Setting, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """Plain text of the letter's languages, and the letter itself as PDF."""
    languages = languages_of(letter.language)
    texts = [body_text(batch.version, language, batch.facts[language]) for language in languages]
    subject = " / ".join(setting.bodies[language].subject for language in languages)
    about = f"{letter.about}\n\n" if letter.about else ""
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=about + "\n\n* * *\n\n".join(texts) + f"\n\n{letter.code}\n",
        to=[letter.email],
        headers={"Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    message.attach(f"{letter.code}.pdf", setting.print([addressee_of(letter)]), "application/pdf")
    return message


def problem_of(error: Exception) -> str:
    """In words; what the server said is cut, and its address is not told."""
    refused = getattr(error, "recipients", None)
    code, words = next(iter(refused.values())) if refused else (getattr(error, "smtp_code", None), "")
    words = words or getattr(error, "smtp_error", b"")
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if code:
        return _("The mail server refused it: %(said)s") % {"said": f"{code} {said}"[:200]}
    return _("The mail server cannot be reached. Try again later.")
