"""What supervisors do with what was logged: correct it, take it out, approve it, settle what could not be stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, Model, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from tactics.actions.activities import (
    CannotChange,
    flag,
    is_somewhere,
    locate,
    lock_officers,
    mark_overlaps,
    set_flag,
)
from tactics.forms.activities import DetailsForm
from tactics.models import Activity, Arrest, Correction, SyncEntry
from tactics.queries.review import details_of

Action = AuditEntry.Action
# What a correction may change about any kind; its details come on top.
CORRECTABLE = ("hot_spot", "place", "unit", "operation", "started_at", "ended_at", "note")


@transaction.atomic
def correct(
    *, by: User, activity: Activity, reason: str, changes: dict[str, Any], details: DetailsForm | None = None
) -> Activity:
    """Change what was logged, with the reason. `changes`: of CORRECTABLE; `details`: a valid form of its kind.

    What was approved has to be approved anew."""
    activity = _locked(activity)
    check_can_correct(activity)
    reached = [instant for instant in (activity.started_at, activity.ended_at or timezone.now()) if instant]
    was = _in_words(activity)
    for name, value in changes.items():
        if name not in CORRECTABLE:
            raise ValueError(f"{name} is not correctable")
        setattr(activity, name, value)
    if activity.ended_at is not None and activity.ended_at < activity.started_at:
        raise CannotChange(_("It ends before it starts."))
    if not (activity.hot_spot_id or activity.place_id):
        locate([activity])
    if not is_somewhere(activity):
        raise CannotChange(_("Say where it was."))
    flag([activity])
    set_flag(activity, Activity.Flag.NO_START, False)  # a start that comes late would undo the correction
    activity.approved_at = activity.approved_by = None
    activity.save()
    if details is not None:
        _store(activity, details)
    mark_overlaps([activity], before=reached)
    now = _in_words(Activity.objects.get(pk=activity.pk))
    changed = {name: [was.get(name), now.get(name)] for name in [*was, *now] if was.get(name) != now.get(name)}
    if not changed:
        raise CannotChange(_("Nothing was changed."))
    _trail(by, activity, reason, changed)
    return activity


@transaction.atomic
def void(*, by: User, activity: Activity, reason: str) -> Activity:
    """Take out what was logged by mistake: it stays on record and counts no more."""
    activity = _locked(activity)
    if activity.voided_at is not None:
        raise CannotChange(_("It is void already."))
    activity.voided_by, activity.voided_at, activity.void_reason = by, timezone.now(), reason
    activity.approved_at = activity.approved_by = None
    activity.save(update_fields=["voided_by", "voided_at", "void_reason", "approved_at", "approved_by"])
    mark_overlaps([activity])
    _trail(by, activity, reason, {"voided": [False, True]})
    return activity


@transaction.atomic
def restore(*, by: User, activity: Activity, reason: str) -> Activity:
    """Undo a void: it counts again."""
    activity = _locked(activity)
    if activity.voided_at is None:
        raise CannotChange(_("It is not void."))
    activity.voided_by = activity.voided_at = None
    activity.void_reason = ""
    activity.save(update_fields=["voided_by", "voided_at", "void_reason"])
    mark_overlaps([activity])
    _trail(by, activity, reason, {"voided": [True, False]})
    return activity


@dataclass
class Approval:
    """How many were approved, and why others were not."""

    approved: list[UUID] = field(default_factory=list)
    left: list[tuple[Activity, str]] = field(default_factory=list)


@transaction.atomic
def approve(*, by: User, activities: Sequence[UUID]) -> Approval:
    """Approve those that can be; nobody approves their own. One entry of the trail for all."""
    result, now = Approval(), timezone.now()
    lock_officers(Activity.objects.filter(pk__in=activities).order_by().values_list("officer", flat=True).distinct())
    locked = Activity.objects.select_for_update(of=("self",)).select_related("hot_spot", "place")
    for activity in locked.filter(pk__in=activities).order_by("pk"):
        try:
            check_can_approve(by, activity)
        except CannotChange as why:
            result.left.append((activity, str(why)))
        else:
            result.approved.append(activity.pk)
    if result.approved:
        # A start that comes late does not change what was approved.
        no_start, of_flags = Value(Activity.Flag.NO_START.value), Activity._meta.get_field("flags")
        flags = Func(F("flags"), no_start, function="array_remove", output_field=of_flags)
        Activity.objects.filter(pk__in=result.approved).update(approved_by=by, approved_at=now, flags=flags)
        numbers = [str(number) for number in result.approved]
        record(by=by, action=Action.ACTIVITY_APPROVED, subject=f"{len(numbers)}", activities=numbers)
    return result


@transaction.atomic
def settle(*, by: User, entry: SyncEntry, reason: str, activity: Activity | None = None) -> SyncEntry:
    """Take a refused entry off the list: logged properly as `activity`, or closed, with the reason."""
    entry = SyncEntry.objects.select_for_update().get(pk=entry.pk)
    check_can_settle(entry)
    entry.settled_by, entry.settled_at = by, timezone.now()
    entry.save(update_fields=["settled_by", "settled_at"])
    logged = {"activity": str(activity.pk)} if activity else {}
    record(by=by, action=Action.ACTIVITY_CORRECTED, subject=f"entry {entry.pk}", settled=reason, **logged)
    return entry


def check_can_correct(activity: Activity) -> None:
    if activity.voided_at is not None:
        raise CannotChange(_("It is void. Restore it first."))


def check_can_approve(by: User, activity: Activity) -> None:
    if activity.voided_at is not None:
        raise CannotChange(_("It is void."))
    if activity.ended_at is None:
        raise CannotChange(_("It still runs."))
    if activity.approved_at is not None:
        raise CannotChange(_("It is approved already."))
    if activity.officer_id == by.pk:
        raise CannotChange(_("It is your own. Somebody else approves it."))


def check_can_settle(entry: SyncEntry) -> None:
    if not entry.refused:
        raise CannotChange(_("It was stored; there is nothing to settle."))
    if entry.settled_at is not None:
        raise CannotChange(_("It is settled already."))


def why_not(check: Callable[..., None], *arguments: Any) -> str:
    """The reason why a check refuses, for the page; empty where it does not."""
    try:
        check(*arguments)
    except CannotChange as refusal:
        return str(refusal)
    return ""


def _locked(activity: Activity) -> Activity:
    lock_officers([activity.officer_id])
    return Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)


def _store(activity: Activity, form: DetailsForm) -> None:
    """Change the row of details, or make the one that is missing. What the form does not ask stays."""
    row: Model | None = details_of(activity)
    if row is None:
        row = form.row(activity)
        row.save(force_insert=True)
    else:
        for name, value in form.values().items():
            setattr(row, name, value)
        row.save()
    if isinstance(row, Arrest):
        row.offenses.set(form.many()["offenses"])


def _in_words(activity: Activity) -> dict[str, str]:
    """Every field that can be corrected as a text that stays readable when names change."""
    values: dict[str, Any] = {name: getattr(activity, name) for name in CORRECTABLE}
    row = details_of(activity)
    if row is not None:
        fields = [each for each in row._meta.get_fields() if each.concrete and each.name != "activity"]
        for each in fields:
            value = getattr(row, each.name)
            values[each.name] = [str(one) for one in value.all()] if each.many_to_many else value
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _trail(by: User, activity: Activity, reason: str, changed: dict[str, Any]) -> None:
    Correction.objects.create(activity=activity, by=by, reason=reason, changes=changed)
    record(
        by=by,
        action=Action.ACTIVITY_CORRECTED,
        subject=activity,
        activity=str(activity.pk),
        reason=reason,
        changed=changed,
    )
