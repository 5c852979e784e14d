"""Who can open which tips, and copies of case keys in bulk."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.roles import Role
from tips.models import KeyCopy, ReaderKey, Tip

TURN = 0x7469_7073  # any number that nothing else takes
# A tip that is purged meanwhile gets no copy; one that is there cannot be purged before the copy is in.
_GIVE = """
WITH tip AS (SELECT id FROM tips_tip WHERE id = ANY(%(tips)s::uuid[]) FOR KEY SHARE)
INSERT INTO tips_keycopy (tip_id, reader_id, sealed)
SELECT tip.id, %(reader)s, copy.sealed
FROM unnest(%(tips)s::uuid[], %(copies)s::bytea[]) AS copy (tip, sealed) JOIN tip ON tip.id = copy.tip
ON CONFLICT DO NOTHING
"""


def take_turns() -> None:
    """Changes of keys happen one after another, each to the end of its transaction. Tips that come in wait for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


def usable() -> QuerySet[ReaderKey]:
    """What tips are sealed to; the same as the view `tips_reader`, which the intake process reads."""
    reviews = Q(user__is_active=True, user__roles__contains=[Role.DETECTIVE])
    return ReaderKey.objects.active().filter(Q(kind=ReaderKey.Kind.RECOVERY) | reviews)


def missing(reader: ReaderKey, by: ReaderKey) -> QuerySet[KeyCopy]:
    """Of the copies that `by` has, those of tips that `reader` cannot open."""
    theirs = KeyCopy.objects.filter(tip=OuterRef("tip"), reader=reader)
    return KeyCopy.objects.filter(~Exists(theirs), reader=by)


def give(reader: ReaderKey, copies: Sequence[tuple[UUID, bytes]]) -> int:
    """Store copies for a reader; returns how many were new."""
    row: dict[str, Any] = {
        "reader": reader.pk,
        "tips": [tip for tip, _ in copies],
        "copies": [sealed for _, sealed in copies],
    }
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, row)
        return cursor.rowcount


def opened_alone(reader: ReaderKey) -> int:
    """How many tips no other key could open that anybody has: they would be lost with this one."""
    others = KeyCopy.objects.filter(tip=OuterRef("tip"), reader__in=usable().exclude(pk=reader.pk))
    return KeyCopy.objects.filter(~Exists(others), reader=reader).count()


def strays(of: QuerySet[ReaderKey]) -> QuerySet[KeyCopy]:
    """Copies for retired keys: of tips that were on their way in when the key was retired."""
    return KeyCopy.objects.filter(reader__in=of.filter(status=ReaderKey.Status.RETIRED))


def needless(copies: QuerySet[KeyCopy]) -> QuerySet[KeyCopy]:
    """Those of tips that a key can open which is in use."""
    others = KeyCopy.objects.filter(tip=OuterRef("tip"), reader__in=usable())
    return copies.filter(Exists(others))


def of_nobody() -> QuerySet[ReaderKey]:
    """Keys of people who have no other that could open what the old one did, and former recovery keys."""
    newer = ReaderKey.objects.active().filter(user=OuterRef("user"))
    return ReaderKey.objects.filter(~Exists(newer))


def with_number_of_tips(of: QuerySet[ReaderKey]) -> QuerySet[ReaderKey]:
    copies = KeyCopy.objects.filter(reader=OuterRef("pk")).order_by().values("reader")
    number = Subquery(copies.annotate(number=Count("*")).values("number"), output_field=IntegerField())
    return of.select_related("user", "let_in_by", "retired_by").annotate(opens=Coalesce(number, 0))


def can_give(by: ReaderKey) -> dict[UUID, int]:
    """By key: how many of the tips that `by` opens it opens too. A key that is not there opens none of them."""
    shared = KeyCopy.objects.filter(tip__copies__reader=by).order_by().values("reader")
    return dict(shared.annotate(number=Count("*")).values_list("reader", "number"))


def nobody_reads_yet() -> bool:
    """No reviewer, and no tip: the first key may open what comes, for there is nobody to let it in."""
    reviewers = ReaderKey.objects.active().filter(kind=ReaderKey.Kind.REVIEWER)
    return not reviewers.exists() and not Tip.objects.exists()


def key_of(user: User) -> ReaderKey | None:
    return ReaderKey.objects.of(user).select_related("user").first()
