"""Saturation patrols: several units over a period under one coordinator, who starts and ends it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can
from hotspots.models import HotSpot
from tactics.actions.activities import CannotChange
from tactics.models import Operation
from tactics.permissions import REVIEW_ACTIVITY


@transaction.atomic
def start_operation(*, by: User, hot_spot: HotSpot, name: str, started_at: datetime) -> Operation:
    """Whoever starts it coordinates it; units join by logging a saturation patrol in it."""
    if started_at > timezone.now():
        raise CannotChange(_("It cannot have started in the future."))
    return Operation.objects.create(hot_spot=hot_spot, name=name, coordinator=by, started_at=started_at)


@transaction.atomic
def end_operation(*, by: User, operation: Operation, ended_at: datetime) -> Operation:
    """Nobody can join it any more; units that are still out end their own patrols."""
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    check_can_end(by, operation)
    if not operation.started_at <= ended_at <= timezone.now():
        raise CannotChange(_("It ends between its start and now."))
    operation.ended_at = ended_at
    operation.save(update_fields=["ended_at"])
    return operation


def check_can_end(by: User, operation: Operation) -> None:
    if operation.ended_at is not None:
        raise CannotChange(_("It has ended."))
    if operation.coordinator_id != by.pk and not can(by, REVIEW_ACTIVITY):
        raise CannotChange(_("Its coordinator or a commander ends it."))
