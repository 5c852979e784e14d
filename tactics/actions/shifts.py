"""Shifts, units and dogs."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from tactics.models import Dog, Shift, Unit

Action = AuditEntry.Action
Thing = Shift | Unit | Dog


class CannotDelete(Exception):
    """It is in use; the text says so, for the page."""


@transaction.atomic
def save(*, by: User, thing: Thing) -> Thing:
    """Rosters that are drawn keep their times; the next ones have the new."""
    what = "changed" if thing.pk else "added"
    thing.save()
    times = {"starts_at": f"{thing.starts_at:%H:%M}", "minutes": thing.minutes} if isinstance(thing, Shift) else {}
    kind = thing._meta.model_name
    record(by=by, action=Action.SHIFTS_CHANGED, subject=thing, kind=kind, what=what, in_use=thing.is_active, **times)
    return thing


@transaction.atomic
def delete(*, by: User, thing: Thing) -> None:
    """Take back one that was never used."""
    name = str(thing)
    record(by=by, action=Action.SHIFTS_CHANGED, subject=name, kind=thing._meta.model_name, what="deleted")
    try:
        thing.delete()
    except ProtectedError as error:
        words = _("%(name)s has been used and stays on record. Take it out of use instead.")
        raise CannotDelete(words % {"name": name}) from error
