"""Batches as the pages list them, and where one goes."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Q, QuerySet

from accounts.models import AuditEntry
from hotspots.models import HotSpot, Place
from notices.models import Batch, Letter, LetterTemplate, TemplateVersion
from notices.queries.areas import boundary_of

IN_PLAY = ("draft", "submitted", "approved", "ready")


def with_counts(batches: "QuerySet[Batch]") -> "QuerySet[Batch]":
    """Each with how many letters it has, how many of them go by e-mail, and how many came back."""
    email = Q(letters__delivery=Letter.Delivery.EMAIL)
    return batches.annotate(
        number=Count("letters"),
        number_email=Count("letters", filter=email),
        number_emailed=Count("letters", filter=email & Q(letters__emailed_at__isnull=False)),
        number_returned=Count("letters", filter=Q(letters__returned_on__isnull=False)),
    )


def listed(*, status: str = "", hot_spot_id: int | None = None, words: str = "") -> "QuerySet[Batch]":
    """The latest first. `status` is one of Batch.Status, `in_play` for all that go on, or empty for every one."""
    found = Batch.objects.select_related("hot_spot", "version__template", "created_by")
    if status == "in_play":
        found = found.filter(status__in=IN_PLAY)
    elif status:
        found = found.filter(status=status)
    if hot_spot_id:
        found = found.filter(hot_spot=hot_spot_id)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(version__template__name__icontains=words))
    return with_counts(found).order_by("-created_at", "-pk")


def to_approve(user: Any) -> int:
    """How many wait for this person, who approves none of their own."""
    waiting = Batch.objects.filter(status=Batch.Status.SUBMITTED)
    return waiting.exclude(Q(created_by=user) | Q(submitted_by=user)).count()


def templates() -> list[LetterTemplate]:
    """Those in use, each with its `latest_versions` of one. A leave-behind and a form to sign go to no list."""
    latest = TemplateVersion.objects.order_by("template_id", "-number").distinct("template_id")
    found = LetterTemplate.objects.filter(is_active=True).order_by("name")
    return list(found.prefetch_related(Prefetch("versions", queryset=latest, to_attr="latest_versions")))


def complexes_near(hot_spot: HotSpot) -> "QuerySet[Place]":
    """Those that its outline touches first, then the others by name: what a batch can be about."""
    outline = boundary_of(hot_spot).geometry
    is_near = ExpressionWrapper(Q(geometry__intersects=outline), output_field=BooleanField())
    return Place.objects.filter(kind=Place.Kind.COMPLEX).annotate(is_near=is_near).order_by("-is_near", "name")


def points_of(place_ids: list[int]) -> list[tuple[float, float]]:
    """Where places stand, to be drawn; a complex or a block with its middle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(ST_X(middle)::numeric, 6)::float8, round(ST_Y(middle)::numeric, 6)::float8"
            " FROM (SELECT ST_PointOnSurface(geometry) AS middle FROM hotspots_place WHERE id = ANY(%s)) found",
            [place_ids],
        )
        return cursor.fetchall()


@dataclass(frozen=True)
class Happened:
    """A line of the history of a batch."""

    at: Any
    actor: Any
    what: str
    note: str


def history(batch: Batch) -> list[Happened]:
    """What the trail says of it, the latest first."""
    actions = (AuditEntry.Action.LETTERS_CHANGED, AuditEntry.Action.LETTER_RETURNED, AuditEntry.Action.EXPORTED)
    entries = AuditEntry.objects.filter(action__in=actions, details__letters=batch.pk).select_related("actor")
    return [
        Happened(entry.at, entry.actor, entry.details.get("what", ""), entry.details.get("why", ""))
        for entry in entries[:200]
    ]


def returned(batch_id: int | None = None) -> "QuerySet[Letter]":
    """Letters that came back, the latest first; of all batches or of one."""
    found = Letter.objects.filter(returned_on__isnull=False).select_related("batch", "returned_by")
    if batch_id:
        found = found.filter(batch=batch_id)
    return found.order_by("-returned_on", "-pk")
