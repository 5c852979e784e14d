"""Tips go when their time is over: with every copy of their key, message and event. Numbers stay, and the log of referrals."""

from datetime import date

from django.db import transaction

from accounts.actions import record
from accounts.models import AuditEntry
from tips.models import Tip
from tips.queries import retention as queries

AT_ONCE = 500


def purge(today: date) -> int:
    """Returns how many went. Some hundred at a time, each time counted and deleted together; stopped anywhere, it goes on."""
    gone = 0
    while number := _purge_some(today):
        gone += number
    return gone


@transaction.atomic
def _purge_some(today: date) -> int:
    """Whoever works on a tip just now keeps it till the next time; a hold that was set meanwhile counts."""
    due = queries.due(today).order_by().select_for_update(skip_locked=True, of=("self",))
    tips = list(due.values_list("pk", flat=True)[:AT_ONCE])
    if tips:
        queries.count_purged(tips)
        Tip.objects.filter(pk__in=tips).delete()
        record(by=None, action=AuditEntry.Action.TIPS_PURGED, subject="tips", tips=len(tips))
    return len(tips)
