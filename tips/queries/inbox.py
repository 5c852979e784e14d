"""What the inbox asks: never contents, one query a list. `tip_by_status` serves the open ones in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot, Place
from tactics.queries.measures import places_of
from tips.models import KeyCopy, Message, ReaderKey, Tip, TipEvent
from tips.permissions import REVIEW_TIPS

NEAR_IN_TIME = timedelta(days=1)
SHOWN_AS_LIKELY = 20
Kind = Message.Kind


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed by; empty narrows nothing."""

    show: str = ""
    status: str = ""
    channel: str = ""
    language: str = ""
    place: Place | None = None
    hot_spot: HotSpot | None = None


def narrowed(asked: Asked, *, user: User, today: date) -> QuerySet[Tip]:
    """Newest first. Without a wish: what is open and not in quarantine."""
    tips: QuerySet[Tip] = Tip.objects.filter(_shown(asked, user, today))
    for name in ("status", "channel", "language"):
        if value := getattr(asked, name):
            tips = tips.filter(**{name: value})
    if asked.place:
        tips = tips.filter(at_place(asked.place))
    if asked.hot_spot:
        tips = tips.filter(at_hot_spot(asked.hot_spot, today))
    return tips


def _shown(asked: Asked, user: User, today: date) -> Q:
    apart = Q(quarantined=True, status=Tip.Status.NEW)
    shown = {
        "new": Q(status=Tip.Status.NEW) & ~apart,
        "mine": Q(assigned_to=user, status__in=Tip.OPEN),
        "unassigned": Q(assigned_to=None, status__in=Tip.OPEN) & ~apart,
        "quarantine": apart,
        "overdue": Q(about_person=True, review_on__lte=today),
        "held": Q(held_at__isnull=False),
        "ended": ~Q(status__in=Tip.OPEN),
        "all": Q(),
    }
    if asked.show in shown:
        return shown[asked.show]
    return Q() if asked.status else Q(status__in=Tip.OPEN) & ~apart


def at_place(place: Place) -> Q:
    """At the place, or at an address of that block or complex."""
    return Q(place=place) | Q(place__block=place) | Q(place__complex=place)


def at_hot_spot(hot_spot: HotSpot, on: date) -> Q:
    """Said to be of it, or at one of its places."""
    places = places_of(hot_spot, on)
    return Q(hot_spot=hot_spot) | Q(place__in=places) | Q(place__block__in=places)


def rows(tips: QuerySet[Tip], today: date) -> QuerySet[Tip]:
    """With all that a line of the list says."""
    messages = Message.objects.filter(tip=OuterRef("pk"))
    photos = messages.filter(kind=Kind.PHOTO).order_by().values("tip").annotate(n=Count("pk")).values("n")
    twice = Tip.objects.filter(sending__isnull=False).values("sending").annotate(n=Count("pk")).filter(n__gt=1)
    return tips.select_related("place", "hot_spot", "assigned_to").annotate(
        photos=Coalesce(Subquery(photos), 0, output_field=IntegerField()),
        has_addition=Exists(messages.filter(kind__in=[Kind.ADDITION, Kind.PHOTO], seen=False))
        & Exists(messages.filter(kind=Kind.TIP, seen=True)),
        waits_for_tipster=Exists(messages.filter(kind=Kind.REPLY, seen=False)),
        is_overdue=Q(about_person=True, review_on__lte=today),
        sent_twice=Case(When(sending__in=twice.order_by().values("sending"), then=True), default=False),
    )


def counts(*, user: User, today: date) -> Mapping[str, int]:
    """Over all tips, for what stands on top of the list."""
    apart = Q(quarantined=True, status=Tip.Status.NEW)
    by_status = {status: Count("pk", filter=Q(status=status) & ~apart) for status in Tip.Status.values}
    return Tip.objects.aggregate(
        **by_status,
        quarantine=Count("pk", filter=apart),
        mine=Count("pk", filter=Q(assigned_to=user, status__in=Tip.OPEN)),
        overdue=Count("pk", filter=Q(about_person=True, review_on__lte=today)),
        held=Count("pk", filter=Q(held_at__isnull=False)),
        everything=Count("pk"),
    )


def new_tips(user: Any) -> int:
    return Tip.objects.filter(status=Tip.Status.NEW, quarantined=False).count()


def places_with_tips() -> QuerySet[Place]:
    return Place.objects.filter(pk__in=Tip.objects.exclude(place=None).values("place")).order_by("name")


def hot_spots_with_tips() -> QuerySet[HotSpot]:
    return HotSpot.objects.filter(pk__in=Tip.objects.exclude(hot_spot=None).values("hot_spot")).order_by("name")


def reviewers() -> QuerySet[User]:
    """Whom a tip can be given to."""
    return User.objects.filter(is_active=True, roles__overlap=list(TABLE[REVIEW_TIPS])).order_by("username")


def who_can_open(tip: Tip) -> list[ReaderKey]:
    """Active readers that hold a copy of its key: they can let others in."""
    copies = KeyCopy.objects.filter(tip=tip).values("reader")
    return list(ReaderKey.objects.active().filter(pk__in=copies).select_related("user"))


def next_new(tip: Tip) -> Tip | None:
    """The new tip further down the list, then from its top: so that many are read one after the other."""
    others = Tip.objects.filter(status=Tip.Status.NEW, quarantined=False).exclude(pk=tip.pk)
    further = Q(received_at__lt=tip.received_at) | Q(received_at=tip.received_at, pk__gt=tip.pk)
    return others.filter(further).first() or others.first()


def last_event(tip: Tip) -> int:
    """Tells whether somebody did something since a page was made."""
    return TipEvent.objects.filter(tip=tip).order_by("-pk").values_list("pk", flat=True).first() or 0


def likely_same(tip: Tip) -> QuerySet[Tip]:
    """Tips that may tell of the same: sent with the same form, at the same place, then near in time. With `why`."""
    near = Q(received_at__range=(tip.received_at - NEAR_IN_TIME, tip.received_at + NEAR_IN_TIME))
    whens = [When(sending=tip.sending, then=Value(0))] if tip.sending else []
    where = Q()
    if tip.place_id:
        where |= Q(place=tip.place_id)
    if tip.hot_spot_id:
        where |= Q(hot_spot=tip.hot_spot_id)
    if where:
        whens.append(When(where, then=Value(1)))
    whens.append(When(near, then=Value(2)))
    found = Tip.objects.exclude(pk=tip.pk).annotate(why=Case(*whens, default=None, output_field=IntegerField()))
    found = found.filter(why__isnull=False).order_by("why", F("received_at").desc(), "pk")
    return found.select_related("place", "hot_spot")[:SHOWN_AS_LIKELY]
