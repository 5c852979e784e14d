"""Letters by e-mail, to owners who asked for it: one message each with the letter as PDF, and never twice by itself.

That sending began is stored before the server is spoken to. Where nothing says how it ended (the worker was killed, the
server fell silent), the letter was perhaps sent: only a person who says so sends it again.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from smtplib import SMTPException, SMTPServerDisconnected
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.letters import body_text
from notices.models import Batch, Letter, OptOut
from notices.permissions import WRITE_LETTERS
from notices.printing import Setting, addressee_of, languages_of, setting_of
from notices.queries.recipients import gets_email
from notices.transitions import CannotMove

logger = logging.getLogger(__name__)
SENDABLE = (Batch.Status.READY, Batch.Status.MAILED)
FAULTS = (SMTPException, OSError)  # refused, or the server is away


def unsent(batch: Batch) -> "list[int]":
    """Also what failed, and what was perhaps sent."""
    found = batch.letters.filter(delivery=Letter.Delivery.EMAIL, emailed_at=None)
    return list(found.order_by("number").values_list("pk", flat=True))


def untried(batch: Batch) -> "list[int]":
    """What a worker may send by itself."""
    return list(
        batch.letters.filter(pk__in=unsent(batch), email_problem="").order_by("number").values_list("pk", flat=True)
    )


def check_can_send(user: User, batch: Batch) -> None:
    if not user.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    if batch.status not in SENDABLE:
        raise CannotMove(_("Letters are sent once they were approved and made."))
    if not unsent(batch):
        raise CannotMove(_("No letter is left to send by e-mail."))


@transaction.atomic
def ask_to_send(*, by: User, batch: Batch, queue: Callable[[int, int], object]) -> None:
    """Have a worker send what was not sent yet. Whoever asks has read what failed and what was perhaps sent: both go
    again. The clearing waits for a letter that is being sent right now."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    check_can_send(by, batch)
    batch.letters.filter(emailed_at=None).exclude(email_problem="").update(email_problem="")
    action = AuditEntry.Action.LETTERS_CHANGED
    what, number = _("e-mail begun"), len(unsent(batch))
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=what, number=number)
    transaction.on_commit(lambda: queue(batch.pk, by.pk))


def send_emails(*, by: User, batch: Batch) -> int:
    """Send what was not tried yet, and return how many went. Delivered again, the task leaves out all that it began."""
    waiting, sent = untried(batch), 0
    if batch.status not in SENDABLE or not waiting:
        return 0
    setting, connection = setting_of(batch), get_connection()
    for pk in waiting:
        sent += send_one(pk, batch, setting, connection)
    action = AuditEntry.Action.LETTERS_CHANGED
    what = _("sent by e-mail")
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=what, sent=sent, failed=len(waiting) - sent)
    return sent


def send_one(letter_id: int, batch: Batch, setting: Setting, connection: BaseEmailBackend) -> bool:
    mark = begin(letter_id)
    return bool(mark) and finish(letter_id, mark, batch, setting, connection)


@transaction.atomic(durable=True)
def begin(letter_id: int) -> str:
    """Store that sending begins, and return the words stored; empty where the letter is not to be sent."""
    letter = _locked(letter_id, "")
    if letter is None:
        return ""
    why_not = unwanted(letter)
    letter.email_problem = why_not or _(
        "Sending began, and nothing says how it ended: perhaps it was sent. Sent again, it may arrive twice."
    )
    letter.save(update_fields=["email_problem"])
    return "" if why_not else letter.email_problem


@transaction.atomic(durable=True)
def finish(letter_id: int, mark: str, batch: Batch, setting: Setting, connection: BaseEmailBackend) -> bool:
    """The locks are held while the server is spoken to: whoever cancels the batch or asks to send again waits for it."""
    letter = _locked(letter_id, mark)
    if letter is None:
        return False
    problem = attempt(letter, batch, setting, connection)
    if problem is None:
        return False  # the mark stays
    letter.email_problem = problem
    letter.emailed_at = None if problem else timezone.now()
    letter.save(update_fields=["emailed_at", "email_problem"])
    return not problem


def _locked(letter_id: int, problem: str) -> Letter | None:
    """A letter that was not sent, says that problem, and is of a batch that may be sent. The batch first, as all do."""
    batch = Batch.objects.select_for_update(of=("self",)).filter(letters=letter_id, status__in=SENDABLE).first()
    if batch is None:
        return None
    letters = Letter.objects.select_for_update(of=("self",)).select_related("owner")
    return letters.filter(pk=letter_id, emailed_at=None, email_problem=problem).first()


def unwanted(letter: Letter) -> str:
    """Why the owner wants this e-mail no more, though they did when the batch was submitted."""
    if letter.owner is None:
        return _("Not sent: this owner is no longer on record.")
    if OptOut.objects.in_force().filter(owner=letter.owner).exists():
        return _("Not sent: this owner asked for no letters since.")
    if not gets_email(letter.owner) or letter.owner.email != letter.email:
        return _("Not sent: this owner took back the wish for e-mail to this address since.")
    return ""


def attempt(letter: Letter, batch: Batch, setting: Setting, connection: BaseEmailBackend) -> str | None:
    """Empty once the server took it, the problem where it surely did not, and None where that is not known."""
    speaking = False
    try:
        message = message_of(letter, batch, setting, connection)
        message.message()  # a header that cannot be written is found before the server is spoken to
        connection.open()
        speaking = True
        message.send()
    except DatabaseError:
        raise
    except FAULTS as error:
        logger.warning("Letter %s was not sent: %s", letter.code, type(error).__name__)
        silent = isinstance(error, SMTPServerDisconnected) or not isinstance(error, SMTPException)
        return None if speaking and silent else problem_of(error)
    except Exception as error:
        logger.exception("Letter %s could not be sent", letter.code)
        return None if speaking else _("This letter could not be made: %(error)s") % {"error": type(error).__name__}
    finally:
        with suppress(*FAULTS):  # whatever comes after the letter was taken, it was taken
            connection.close()
    return ""


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
        headers={"Auto-Submitted": "auto-generated", "Message-ID": message_id(letter)},
        connection=connection,
    )
    message.attach(f"{letter.code}.pdf", setting.print([addressee_of(letter)]), "application/pdf")
    return message


def message_id(letter: Letter) -> str:
    """The same each time, so that a mail server can drop a letter that comes twice."""
    return f"<{letter.code}@{urlsplit(settings.SITE_URL).hostname}>"


def problem_of(error: Exception) -> str:
    """In words; what the server said is cut, and its address is not told."""
    refused = getattr(error, "recipients", None)
    code, words = next(iter(refused.values())) if refused else (getattr(error, "smtp_code", None), "")
    words = words or getattr(error, "smtp_error", b"")
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if code:
        return _("The mail server refused it: %(said)s") % {"said": f"{code} {said}"[:200]}
    return _("The mail server cannot be reached. Try again later.")
