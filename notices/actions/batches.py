"""Writing a batch of letters and moving it through its states (notices/transitions.py).

Every action locks the batch first, so that of two people who do something at once, the second sees what the first did.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from notices.actions.making import hand_over
from notices.letters import missing
from notices.models import Batch, Exclusion, Letter
from notices.press import Addressee
from notices.printing import Setting, facts_of, languages_of, setting_of, values_of
from notices.queries.recipients import Recipient, recipients
from notices.transitions import CannotMove, check_can_change, check_can_move

Action = AuditEntry.Action
Status = Batch.Status
AREA = ("scope", "distance_m", "shape", "around")
BATCH_ROWS = 1000


@transaction.atomic
def create(*, by: User, **values: Any) -> Batch:
    """Begin a draft. `values` are the plain fields of Batch."""
    batch = Batch(created_by=by, **values)
    check_can_change(by, batch)
    batch.save()
    _record(by, batch, _("begun"))
    return batch


@transaction.atomic
def change(*, by: User, batch: Batch, **values: Any) -> Batch:
    """Change a draft: what its letters say, or where they go."""
    batch = _locked(batch)
    check_can_change(by, batch)
    changed = [name for name, value in values.items() if getattr(batch, name) != value]
    for name in changed:
        setattr(batch, name, values[name])
    if changed:
        batch.save(update_fields=changed)
        what = _("other area") if set(changed) <= set(AREA) else _("changed")
        _record(by, batch, what, fields=changed, edited=True)
    return batch


@transaction.atomic
def copy(*, by: User, batch: Batch) -> Batch:
    """A new draft of the same letters to the same area, with the latest words of the template and nobody excluded."""
    values = {name: getattr(batch, name) for name in ("hot_spot", "audience", "language", "with_map", "fields", *AREA)}
    version = batch.version.template.latest()
    name = _("Copy of %(name)s") % {"name": batch.name}
    return create(by=by, name=name[:120], version=version, dated=timezone.localdate(), **values)


@transaction.atomic
def exclude(
    *, by: User, batch: Batch, reason: str, place_ids: Iterable[int] = (), owner_ids: Iterable[int] = ()
) -> int:
    """Leave people out of a draft; whoever is left out already stays so, with the first reason."""
    batch = _locked(batch)
    check_can_change(by, batch)
    rows = [Exclusion(batch=batch, place_id=pk, reason=reason, excluded_by=by) for pk in place_ids]
    rows += [Exclusion(batch=batch, owner_id=pk, reason=reason, excluded_by=by) for pk in owner_ids]
    Exclusion.objects.bulk_create(rows, ignore_conflicts=True)
    # Not `why`, which the history shows to everybody who sees letters: the reason may say something of a household.
    _record(by, batch, _("left somebody out"), reason=reason, number=len(rows), edited=True)
    return len(rows)


@transaction.atomic
def include(*, by: User, batch: Batch, exclusion_ids: Iterable[int]) -> int:
    """Take exclusions back."""
    batch = _locked(batch)
    check_can_change(by, batch)
    number, _rows = batch.exclusions.filter(pk__in=list(exclusion_ids)).delete()
    if number:
        _record(by, batch, _("took back who was left out"), number=number, edited=True)
    return number


@transaction.atomic
def submit(*, by: User, batch: Batch) -> Batch:
    """Freeze a draft: who gets a letter and everything that it says become rows, and wait for a second person."""
    from notices.maps import batch_map_svg  # draws with matplotlib

    batch = _locked(batch)
    target = check_can_move(by, batch, "submit").target
    found = recipients(batch).letters
    check_can_be_submitted(batch, len(found))
    batch.facts = facts_of(batch)
    batch.map_svg = batch_map_svg(batch) if batch.with_map else ""
    setting = setting_of(batch)
    batch.letters.all().delete()
    rows = (_letter(batch, setting, number, each) for number, each in enumerate(found, start=1))
    Letter.objects.bulk_create(rows, batch_size=BATCH_ROWS)
    batch.status, batch.submitted_by, batch.submitted_at = target, by, timezone.now()
    batch.sent_back_why = ""
    batch.save(update_fields=["status", "submitted_by", "submitted_at", "sent_back_why", "facts", "map_svg"])
    _record(by, batch, _("submitted"), number=len(found), template_version=batch.version_id)
    return batch


def check_can_be_submitted(batch: Batch, number: int) -> None:
    """Raise CannotMove with everything that is missing."""
    reasons = []
    if not number:
        reasons.append(_("Nobody would get a letter. Choose another area."))
    if number > settings.MOST_LETTERS:
        words = _("%(number)s letters are more than the %(most)s that one batch may have. Choose a smaller area.")
        reasons.append(words % {"number": number, "most": settings.MOST_LETTERS})
    for language in languages_of(batch.language):
        for error in missing(batch.version, values_of(batch, language), language):
            reasons.append(f"{Batch.Language(language).label}: {error}")
    if reasons:
        raise CannotMove(" ".join(reasons))


def _letter(batch: Batch, setting: Setting, number: int, to: Recipient) -> Letter:
    addressee = Addressee(number, tuple(to.lines), to.about, to.language)
    return Letter(
        batch=batch,
        number=number,
        place_id=to.place_id,
        owner_id=to.owner_id,
        lines=list(to.lines),
        about=to.about,
        language=to.language,
        delivery=to.delivery,
        email=to.email,
        digest=setting.digest(addressee, to.delivery, to.email),
    )


@transaction.atomic
def take_back(*, by: User, batch: Batch) -> Batch:
    """Make a draft again of what was submitted, before anybody approved it."""
    batch = _locked(batch)
    target = check_can_move(by, batch, "take_back").target
    return _thaw(by, batch, target, _("taken back"))


@transaction.atomic
def send_back(*, by: User, batch: Batch, reason: str) -> Batch:
    """Not approved: a draft again, with the reason on its page."""
    batch = _locked(batch)
    target = check_can_move(by, batch, "send_back").target
    return _thaw(by, batch, target, _("sent back"), reason)


def _thaw(by: User, batch: Batch, target: Batch.Status, what: str, why: str = "") -> Batch:
    batch.letters.all().delete()
    batch.status, batch.sent_back_why = target, why
    batch.submitted_by = batch.submitted_at = None
    batch.facts, batch.map_svg = {}, ""
    batch.save(update_fields=["status", "sent_back_why", "submitted_by", "submitted_at", "facts", "map_svg"])
    _record(by, batch, what, why=why)
    return batch


@transaction.atomic
def approve(*, by: User, batch: Batch, queue: Callable[[int], object], seen: str | None = None) -> Batch:
    """By a second person. Once that is stored, `queue` has a worker make the PDF.

    `seen` is when what they read was submitted, in ISO format: what was sent back and submitted meanwhile is not that.
    """
    batch = _locked(batch)
    target = check_can_move(by, batch, "approve").target
    if seen is not None and batch.submitted_at and seen != batch.submitted_at.isoformat():
        raise CannotMove(_("These letters were submitted anew since you looked. Read them again."))
    batch.status = target
    batch.approved_by, batch.approved_at = by, timezone.now()
    batch.save(update_fields=["status", "approved_by", "approved_at"])
    number = batch.letters.count()
    _record(by, batch, _("approved"), number=number)
    transaction.on_commit(lambda: hand_over(batch.pk, queue))
    return batch


@transaction.atomic
def cancel(*, by: User, batch: Batch, reason: str = "") -> Batch:
    """For good; what was approved is kept."""
    batch = _locked(batch)
    batch.status = check_can_move(by, batch, "cancel").target
    batch.save(update_fields=["status"])
    _record(by, batch, _("cancelled"), why=reason)
    return batch


@transaction.atomic
def mark_mailed(*, by: User, batch: Batch, on: date) -> Batch:
    """The letters went out that day. There is no way back: what was mailed was mailed."""
    batch = _locked(batch)
    target = check_can_move(by, batch, "mark_mailed").target
    if not (batch.approved_at and timezone.localdate(batch.approved_at, agency_zone()) <= on <= timezone.localdate()):
        raise CannotMove(_("The day must lie between the approval and today."))
    batch.status, batch.mailed_by = target, by
    batch.mailed_at = datetime.combine(on, time(12), tzinfo=agency_zone())
    batch.save(update_fields=["status", "mailed_by", "mailed_at"])
    number = batch.letters.count()
    _record(by, batch, ngettext("%(n)s letter mailed", "%(n)s letters mailed", number) % {"n": number}, on=str(on))
    return batch


@transaction.atomic
def note_export(*, by: User, batch: Batch, what: str) -> None:
    """Before the answer: who took which file, though all of them can be had again."""
    number = batch.letters.count()
    record(by=by, action=Action.EXPORTED, subject=batch.name, letters=batch.pk, what=what, rows=number)


def _locked(batch: Batch) -> Batch:
    related = ("version__template", "hot_spot", "around")
    return Batch.objects.select_for_update(of=("self",)).select_related(*related).get(pk=batch.pk)


def _record(by: User | None, batch: Batch, what: str, **details: Any) -> None:
    record(by=by, action=Action.LETTERS_CHANGED, subject=batch.name, letters=batch.pk, what=what, **details)
