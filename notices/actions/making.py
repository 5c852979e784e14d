"""The PDF of a batch, made by a worker out of the frozen rows, and made again to prove that nothing changed."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueError

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.models import Batch
from notices.permissions import WRITE_LETTERS
from notices.printing import addressee_of, on_paper, setting_of
from notices.transitions import CannotMove

logger = logging.getLogger(__name__)
STEP = 20  # letters between two looks at the progress bar
Status = Batch.Status


def make(*, batch_id: int) -> None:
    """Called by the task. A batch that is made, or was cancelled meanwhile, is left alone, so that a task which comes
    twice does no harm; one whose worker was killed is made from the start. What goes wrong stands on its page.
    """
    batch = _found(batch_id)
    if batch.status != Status.APPROVED:
        return
    rows = Batch.objects.filter(pk=batch_id, status=Status.APPROVED)
    rows.update(made=0, problem="")

    def progress(made: int) -> None:
        if made % STEP == 0:
            rows.update(made=made)

    try:
        pdf = printed(batch, progress)
        _store(batch_id, pdf)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the task comes again
    except Exception as error:
        logger.exception("The letters of batch %s cannot be made", batch_id)
        rows.update(problem=f"{type(error).__name__}: {error}"[:2000])


def hand_over(batch_id: int, queue: Callable[[int], object]) -> None:
    """Give a batch to the worker, or say on its page why not: it was approved, whatever becomes of the queue."""
    try:
        queue(batch_id)
    except QueueError:
        Batch.objects.filter(pk=batch_id).update(problem=_("The queue cannot be reached. Try again in a minute."))


def printed(batch: Batch, progress: Callable[[int], None] | None = None) -> bytes:
    """The PDF out of the rows of a submitted batch: the same bytes each time."""
    addressees = [addressee_of(letter) for letter in on_paper(batch.letters.order_by("number"))]
    return setting_of(batch).print(addressees, progress)


@transaction.atomic
def _store(batch_id: int, pdf: bytes) -> None:
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status != Status.APPROVED:
        return
    digest = hashlib.sha256(pdf).hexdigest()
    batch.pdf.save(f"{batch.code}.pdf", ContentFile(pdf), save=False)
    batch.status, batch.pdf_digest, batch.ready_at = Status.READY, digest, timezone.now()
    batch.made, batch.problem = batch.letters.count(), ""
    batch.save(update_fields=["pdf", "pdf_digest", "status", "ready_at", "made", "problem"])
    action = AuditEntry.Action.LETTERS_CHANGED
    record(by=None, action=action, subject=batch.name, letters=batch.pk, what=_("PDF made"), digest=digest)


@transaction.atomic
def try_again(*, by: User, batch: Batch, queue: Callable[[int], object]) -> None:
    """After making failed, or where nothing seems to move: a second worker at the same batch does no harm."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if not by.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    if batch.status != Status.APPROVED:
        raise CannotMove(_("These letters are not waiting to be made."))
    batch.problem, batch.made = "", 0
    batch.save(update_fields=["problem", "made"])
    action = AuditEntry.Action.LETTERS_CHANGED
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=_("making tried again"))
    transaction.on_commit(lambda: hand_over(batch.pk, queue))


@dataclass
class Findings:
    """What a batch says today that it did not say when it was made; nothing where it is as it was."""

    letters: list[str] = field(default_factory=list)
    stored: bool = True  # the stored file is the one that was made
    again: bool = True  # and it would be made the same today

    @property
    def clean(self) -> bool:
        return self.stored and self.again and not self.letters


def verify(*, batch: Batch) -> Findings:
    """Make the PDF again and compare it, the stored file and the digest of each letter with what was recorded."""
    found, setting = Findings(), setting_of(batch)
    for letter in batch.letters.order_by("number"):
        if setting.digest(addressee_of(letter), letter.delivery, letter.email) != letter.digest:
            found.letters.append(letter.code)
    found.again = hashlib.sha256(printed(batch)).hexdigest() == batch.pdf_digest
    try:
        with batch.pdf.open("rb") as stored:
            found.stored = hashlib.file_digest(stored, "sha256").hexdigest() == batch.pdf_digest
    except OSError:
        found.stored = False
    return found


def _found(batch_id: int) -> Batch:
    return Batch.objects.select_related("version").get(pk=batch_id)
