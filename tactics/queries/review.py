"""What supervisors look at: activities with their details, and what could not be stored."""

from datetime import timedelta
from typing import Any

from django.db.models import Model, Q

from accounts.models import User
from tactics.catalogue import Tactic
from tactics.models import Activity, SyncEntry
from tactics.models.activities import ActivityQuerySet

LOOK_BACK = timedelta(days=1)

# Where the details of each kind are.
DETAILS_OF: dict[str, str] = {
    Tactic.DIRECTED_PATROL: "patrol",
    Tactic.SATURATION_PATROL: "patrol",
    Tactic.FOOT_PATROL: "foot_patrol",
    Tactic.VEHICLE_STOP: "vehicle_stop",
    Tactic.ARREST: "arrest",
    Tactic.K9: "k9",
    Tactic.KNOCK_AND_TALK: "knock_and_talk",
}


def details_of(activity: Activity) -> Model | None:
    """The row of its kind; none while it runs, and none for what was imported."""
    return getattr(activity, DETAILS_OF[activity.kind], None)


def activities() -> ActivityQuerySet:
    return Activity.objects.select_related("hot_spot", "place", "officer", "unit")


def visible_to(user: User, may_review: bool) -> ActivityQuerySet:
    """Officers see their own record, supervisors everybody's."""
    beside = ("operation__hot_spot", "batch", "assignment__roster__shift", "approved_by", "voided_by")
    found = activities().select_related(*beside, *set(DETAILS_OF.values()))
    return found if may_review else found.filter(officer=user)


def elsewhere(activity: Activity) -> ActivityQuerySet:
    """What else the officer did at that time, at another place."""
    others = activities().counted().filter(officer=activity.officer).exclude(pk=activity.pk)
    others = others.filter(Q(ended_at=None) | Q(ended_at__gt=activity.started_at))
    others = others.filter(started_at__gt=activity.started_at - LOOK_BACK)
    if activity.ended_at:
        others = others.filter(started_at__lt=activity.ended_at)
    same = Q(hot_spot=activity.hot_spot_id) if activity.hot_spot_id else Q(hot_spot=None, place=activity.place_id)
    return others.exclude(same)[:10]


def entries_to_settle() -> Any:
    return SyncEntry.objects.filter(refused=True, settled_at=None).select_related("officer")


def entries_about(activity: Activity) -> Any:
    return SyncEntry.objects.filter(activity=activity.pk).order_by("received_at")
