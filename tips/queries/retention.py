"""Which tips have had their time, which come up for review, and what stays of those that went."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Case, DateField, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from hotspots.statements import statement
from tips.models import Reward, Tip

SQL = Path(__file__).resolve().parent.parent / "sql"
LISTED_AHEAD = timedelta(days=14)
Status = Tip.Status


def due(on: date) -> QuerySet[Tip]:
    """Whose time is over on that day. What is held, and what a reward waits for, stays."""
    kept = on - timedelta(days=settings.TIP_KEPT_DAYS)
    unusable_kept = on - timedelta(days=settings.TIP_UNUSABLE_KEPT_DAYS)
    over = Q(status__in=[Status.CLOSED, Status.REFERRED], closed_on__lte=kept)
    over |= Q(status=Status.NOT_ACTIONABLE, closed_on__lte=unusable_kept)
    return Tip.objects.filter(over, held_at=None).exclude(pk__in=_with_open_reward())


def kept_for_reward(tips: QuerySet[Tip]) -> QuerySet[Tip]:
    """Those whose reward has not come to its end: the receipt must open them until then."""
    return tips.filter(pk__in=_with_open_reward())


def _with_open_reward() -> QuerySet[Any]:
    return Reward.objects.filter(state__in=Reward.OPEN, tip__isnull=False).order_by().values("tip")


def about_to_go(today: date) -> QuerySet[Tip]:
    """Within the next fourteen days, the first to go on top; with the day as `goes_on`."""
    days = {
        status: Value(timedelta(days=kept))
        for status, kept in (
            (Status.CLOSED, settings.TIP_KEPT_DAYS),
            (Status.REFERRED, settings.TIP_KEPT_DAYS),
            (Status.NOT_ACTIONABLE, settings.TIP_UNUSABLE_KEPT_DAYS),
        )
    }
    kept = Case(*(When(status=status, then=value) for status, value in days.items()))
    goes_on = Cast(ExpressionWrapper(F("closed_on") + kept, output_field=DateTimeField()), DateField())
    tips = due(today + LISTED_AHEAD).select_related("place", "hot_spot").annotate(goes_on=goes_on)
    return tips.order_by("goes_on", "pk")


def to_review(today: date) -> QuerySet[Tip]:
    """About a person, with the day of review come or within a month; the longest overdue on top."""
    tips = Tip.objects.filter(about_person=True, review_on__lte=today + timedelta(days=30))
    return tips.select_related("place", "assigned_to").order_by("review_on", "pk")


def count_purged(tips: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "count_purged"), {"tips": list(tips)})
