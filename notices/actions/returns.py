"""Mail that came back: typed from the envelopes, so that nobody pays for the same stamp twice."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.models import Batch, Letter, Mailbox, Owner
from notices.permissions import WRITE_LETTERS
from notices.queries.recipients import lines_of
from notices.transitions import CannotMove

CODE = re.compile(r"B(\d{1,9})-(\d{1,6})", re.IGNORECASE)
BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Outcome:
    """What became of the codes that were typed."""

    recorded: list[Letter]
    letter_only: list[Letter]  # of those: they say nothing of where mail goes today
    again: list[str]  # came back before
    unknown: list[str]


def codes_in(text: str) -> list[str]:
    """Each as it was typed, once."""
    return list(dict.fromkeys(filter(None, BETWEEN.split(text.upper()))))


def numbers_of(code: str) -> tuple[int, int] | None:
    """Batch and letter: B12-0007 and B12-7 are the same."""
    match = CODE.fullmatch(code)
    return (int(match[1]), int(match[2])) if match else None


@transaction.atomic
def record_return(*, by: User, codes: Iterable[str], why: str, on: date) -> Outcome:
    """Mark letters as come back, and where they went as undeliverable if mail still goes there. Codes that are none are
    named, the others kept."""
    if not by.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    found = _letters(codes)
    fresh = list({letter.pk: letter for letter in found.values() if letter and not letter.returned_on}.values())
    for letter in fresh:
        letter.returned_on, letter.returned_why, letter.returned_by = on, why, by
    Letter.objects.bulk_update(fresh, ["returned_on", "returned_why", "returned_by"])
    telling = [letter for letter in fresh if _tells_of_address(letter)]
    _mark(telling, on, str(Letter.Returned(why).label))
    for batch in {letter.batch for letter in fresh}:
        numbers = [letter.number for letter in fresh if letter.batch_id == batch.pk]
        _record(by, batch, _("mail came back"), numbers, why=str(Letter.Returned(why).label))
    return Outcome(
        recorded=fresh,
        letter_only=[letter for letter in fresh if letter not in telling],
        again=[code for code, letter in found.items() if letter and letter not in fresh],
        unknown=[code for code, letter in found.items() if letter is None],
    )


@transaction.atomic
def undo_return(*, by: User, letter: Letter) -> None:
    """Typed by mistake: the letter did not come back, and its address is good unless another one says otherwise."""
    if not by.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    letter = Letter.objects.select_for_update(of=("self",)).select_related("batch", "owner").get(pk=letter.pk)
    if letter.returned_on is None:
        raise CannotMove(_("This letter did not come back."))
    letter.returned_on, letter.returned_why, letter.returned_by = None, "", None
    letter.save(update_fields=["returned_on", "returned_why", "returned_by"])
    if _tells_of_address(letter):
        _unmark(letter)
    _record(by, letter.batch, _("did not come back after all"), [letter.number])


def _letters(codes: Iterable[str]) -> dict[str, Letter | None]:
    """Locked, of batches that were mailed."""
    wanted = {code: numbers_of(code) for code in codes}
    mailed = Letter.objects.filter(batch__status=Batch.Status.MAILED)
    asked = Q(pk=None)
    for batch, number in filter(None, wanted.values()):
        asked |= Q(batch=batch, number=number)
    rows = mailed.filter(asked).select_for_update(of=("self",)).select_related("batch", "owner").order_by("pk")
    by_number = {(letter.batch_id, letter.number): letter for letter in rows}
    return {code: by_number.get(numbers) if numbers else None for code, numbers in wanted.items()}


def _is_to_owner(letter: Letter) -> bool:
    """Also where the owner is no longer on record: then it is still no letter to the household."""
    return letter.batch.audience == Batch.Audience.OWNERS


def _tells_of_address(letter: Letter) -> bool:
    """Whether it went where paper mail would go today. An e-mail did not, nor a letter to an owner who moved since."""
    if letter.delivery != Letter.Delivery.MAIL:
        return False
    if _is_to_owner(letter):
        return letter.owner is not None and list(lines_of(letter.owner)) == letter.lines
    return letter.place_id is not None


def _mark(letters: list[Letter], on: date, why: str) -> None:
    """An owner's mail goes to the owner's address, not to the property."""
    values = {"undeliverable_on": on, "undeliverable_why": why}
    Owner.objects.filter(pk__in=[letter.owner_id for letter in letters if _is_to_owner(letter)]).update(**values)
    places = [letter.place_id for letter in letters if letter.place_id and not _is_to_owner(letter)]
    Mailbox.objects.bulk_create([Mailbox(place_id=pk) for pk in dict.fromkeys(places)], ignore_conflicts=True)
    Mailbox.objects.filter(pk__in=places).update(**values)


def _unmark(letter: Letter) -> None:
    """Unless another letter that went to the same address came back."""
    others = Letter.objects.filter(
        returned_on__isnull=False, delivery=Letter.Delivery.MAIL, batch__audience=letter.batch.audience
    ).order_by("-returned_on")
    rows: QuerySet[Owner] | QuerySet[Mailbox]
    if letter.owner_id and _is_to_owner(letter):
        rows = Owner.objects.filter(pk=letter.owner_id)
        other = others.filter(owner=letter.owner_id, lines=letter.lines).first()
    else:
        rows = Mailbox.objects.filter(pk=letter.place_id)
        other = others.filter(place=letter.place_id).first()
    why = str(Letter.Returned(other.returned_why).label) if other else ""
    rows.update(undeliverable_on=other.returned_on if other else None, undeliverable_why=why)


def _record(by: User, batch: Batch, what: str, numbers: list[int], **details: str) -> None:
    action = AuditEntry.Action.LETTER_RETURNED
    record(by=by, action=action, subject=batch.name, letters=batch.pk, what=what, numbers=numbers, **details)
