"""What the page of keys says: who can open how much, and what is missing for a passphrase to be lost without harm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tips.models import ReaderKey, Tip
from tips.permissions import REVIEW_TIPS
from tips.queries import keys as queries

DRILL_EVERY = timedelta(days=91)
RETIRED_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """A key as the page shows it. `give`: how many tips the visitor could let it open that it cannot open yet."""

    key: ReaderKey
    reviews: bool
    closed: int
    give: int

    @property
    def is_active(self) -> bool:
        return self.key.status == ReaderKey.Status.ACTIVE

    @property
    def is_waiting(self) -> bool:
        return self.key.status == ReaderKey.Status.WAITING


@dataclass(frozen=True)
class Overview:
    tips: int
    rows: list[Row]
    recovery: Row | None
    retired: list[ReaderKey]
    drill_is_due: bool

    @property
    def working(self) -> int:
        """How many reviewers can open tips."""
        return sum(row.is_active and row.reviews for row in self.rows)


def overview(visitor: ReaderKey | None) -> Overview:
    """`visitor`: the unlocked key of whoever looks."""
    found = list(queries.with_number_of_tips(ReaderKey.objects.exclude(status=ReaderKey.Status.RETIRED)))
    retired = ReaderKey.objects.filter(status=ReaderKey.Status.RETIRED).order_by("-retired_at")
    tips = Tip.objects.count()
    shared = queries.can_give(visitor) if visitor else {}
    mine = shared.get(visitor.pk, 0) if visitor else 0
    rows = [_row(key, tips, mine, shared) for key in found]
    recovery = next((row for row in rows if row.key.kind == ReaderKey.Kind.RECOVERY), None)
    return Overview(
        tips,
        [row for row in rows if row.key.kind == ReaderKey.Kind.REVIEWER],
        recovery,
        list(queries.with_number_of_tips(retired)[:RETIRED_SHOWN]),
        recovery is not None and drill_is_due(recovery.key, timezone.now()),
    )


def drill_is_due(recovery: ReaderKey, now: datetime) -> bool:
    """Each quarter; and at once for a key that nobody tried yet, for it may have been copied wrong."""
    return recovery.drilled_at is None or now - recovery.drilled_at >= DRILL_EVERY


def _row(key: ReaderKey, tips: int, mine: int, shared: dict[UUID, int]) -> Row:
    reviews = key.user is None or key.user.allows(REVIEW_TIPS)
    opens: int = key.opens  # type: ignore[attr-defined]
    may_get = key.status == ReaderKey.Status.ACTIVE and reviews
    return Row(key, reviews, tips - opens, mine - shared.get(key.pk, 0) if may_get else 0)
