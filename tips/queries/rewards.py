"""What is asked of rewards and of their money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, DecimalField, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce

from accounts.agency import agency_zone
from tips.models import LedgerEntry, Reward
from tips.models.rewards import LEDGER_LOCK

Account, State = LedgerEntry.Account, Reward.State
MONEY = DecimalField(max_digits=14, decimal_places=2)
NOTHING = Value(Decimal(0), output_field=MONEY)
COUNTED = ~Q(state__in=[State.DECLINED, State.WITHDRAWN])


def listed(*, state: str = "", year: str = "") -> QuerySet[Reward]:
    """By code, an order that says nothing."""
    found = Reward.objects.select_related("hot_spot")
    if state == "open":
        found = found.open()
    elif state in State.values:
        found = found.filter(state=state)
    if year.isdigit():
        found = found.filter(submitted_at__year=int(year))
    return found.order_by("code")


def years() -> list[int]:
    return [day.year for day in Reward.objects.datetimes("submitted_at", "year", order="DESC")]


def overdue(now: datetime) -> QuerySet[Reward]:
    """Offered so long ago that nobody will come."""
    before = now - timedelta(days=settings.REWARD_UNCOLLECTED_DAYS)
    return Reward.objects.filter(state=State.OFFERED, offered_at__lt=before)


def lock_ledger() -> None:
    """One transaction at a time moves money; the trigger of the ledger takes the same lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])


def balances(until: date | None = None) -> dict[str, Decimal]:
    """Of each account, the day `until` included. Together they are nothing: the budget stands against all that came in."""
    entries = LedgerEntry.objects.all()
    if until:
        entries = entries.filter(on__lte=until)
    sums = {
        f"{way}_{account}": Coalesce(Sum("amount", filter=Q(**{f"{way}_account": account})), NOTHING)
        for account in Account.values
        for way in ("from", "to")
    }
    found = entries.aggregate(**sums)
    return {account: found[f"to_{account}"] - found[f"from_{account}"] for account in Account.values}


def ledger() -> QuerySet[LedgerEntry]:
    """The latest on top, each with what was available after it."""
    moved = Case(
        When(to_account=Account.AVAILABLE, then=F("amount")),
        When(from_account=Account.AVAILABLE, then=Value(-1) * F("amount")),
        default=NOTHING,
        output_field=MONEY,
    )
    entries = LedgerEntry.objects.annotate(left=Window(Sum(moved), order_by=F("pk").asc()))
    return entries.select_related("by", "reward", "undone_by").order_by("-pk")


@dataclass(frozen=True)
class Report:
    """For the board, of the days `first` to `last`; by code only."""

    first: date
    last: date
    figures: dict[str, Any]
    budget: dict[str, Decimal]
    rewards: list[Reward]

    def rows(self) -> Iterator[list[Any]]:
        yield ["code", "state", "arrests", "convictions", "seized", "approved", "voted on", "paid"]
        for each in self.rewards:
            facts = [each.code, each.state, each.arrests, each.convictions, each.seized]
            paid = each.amount if each.paid_at else ""
            yield [*facts, each.amount or "", each.voted_on or "", paid]
        for name, value in {**self.figures, **{f"budget {name}": each for name, each in self.budget.items()}}.items():
            yield [name.replace("_", " "), value]


def report(first: date, last: date) -> Report:
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    days, moments = (first, last), {"gte": start, "lt": end}
    submitted = Q(**{f"submitted_at__{how}": when for how, when in moments.items()})
    ended = Q(**{f"ended_at__{how}": when for how, when in moments.items()})
    arrested, convicted = Q(COUNTED, arrested_on__range=days), Q(COUNTED, convicted_on__range=days)
    voted = Q(voted_on__range=days)
    uncollected = ended & Q(state=State.UNCOLLECTED)
    figures = Reward.objects.aggregate(
        claimed=Count("pk", filter=submitted),
        arrests=Coalesce(Sum("arrests", filter=arrested), 0),
        convictions=Coalesce(Sum("convictions", filter=convicted), 0),
        seized=Coalesce(Sum("seized", filter=arrested), NOTHING),
        approved=Count("pk", filter=voted),
        approved_dollars=Coalesce(Sum("amount", filter=voted), NOTHING),
        uncollected=Count("pk", filter=uncollected),
        uncollected_dollars=Coalesce(Sum("amount", filter=uncollected), NOTHING),
    )
    moved = LedgerEntry.objects.filter(on__range=days)
    figures |= moved.aggregate(
        paid=Count("pk", filter=Q(to_account=Account.PAID)),
        paid_dollars=Coalesce(Sum("amount", filter=Q(to_account=Account.PAID)), NOTHING),
    )
    in_period = submitted | arrested | convicted | voted | ended | Q(entries__in=moved)
    rewards = Reward.objects.filter(in_period).distinct().order_by("code")
    after = balances(last)
    came_in = moved.aggregate(
        sum=Coalesce(Sum("amount", filter=Q(from_account=Account.BUDGET)), NOTHING)
        - Coalesce(Sum("amount", filter=Q(to_account=Account.BUDGET)), NOTHING)
    )["sum"]
    budget = {"came_in": came_in, "committed": after[Account.COMMITTED], "left": after[Account.AVAILABLE]}
    return Report(first, last, figures, budget, list(rewards))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), agency_zone())
