"""What is asked of meetings: the lists, what was agreed, the walk, and how an owner or a place kept its word."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise

from hotspots.models import HotSpot, Place
from notices.models import Agreement, Checkpoint, HelpRequest, Meeting, Owner, Ownership
from notices.topics import CHECKLIST, TOPICS, Check
from tactics.models import Measure
from tactics.queries.measures import places_of

OPEN = Q(measure__status__in=["open", "reported"])


def listed(*, status: str = "", place: Place | None = None, owner: Owner | None = None) -> QuerySet[Meeting]:
    """Planned ones first, the next on top; then the others, the latest on top."""
    meetings = Meeting.objects.all()
    if status in Meeting.Status.values:
        meetings = meetings.filter(status=status)
    if place:
        meetings = meetings.filter(place=place)
    if owner:
        meetings = meetings.filter(owner=owner)
    is_past = Case(When(status="planned", then=Value(0)), default=Value(1), output_field=IntegerField())
    to_come = Case(When(status="planned", then=F("starts_at")))
    open_agreements = Count("agreements", filter=Q(agreements__measure__status__in=["open", "reported"]))
    counted = meetings.annotate(is_past=is_past, agreed=Count("agreements"), open_agreements=open_agreements)
    ordered = counted.order_by("is_past", to_come.asc(nulls_last=True), "-starts_at", "-pk")
    return ordered.select_related("place", "hot_spot")


def at_place(place: Place) -> QuerySet[Meeting]:
    """At the place, or at the complex or block that it belongs to, or at its addresses."""
    around = Q(place=place) | Q(place__block=place) | Q(place__complex=place)
    return listed().filter(around | Q(place__in=[pk for pk in (place.block_id, place.complex_id) if pk]))


def at_hot_spot(hot_spot: HotSpot, on: date) -> QuerySet[Meeting]:
    places = places_of(hot_spot, on)
    return listed().filter(Q(hot_spot=hot_spot) | Q(place__in=places) | Q(place__block__in=places))


def owners_of(place: Place, on: date) -> list[Owner]:
    """Of the place itself, else of the complex that it lies in."""
    for each in (place.pk, place.complex_id):
        if each and (found := list(Ownership.objects.on(on).filter(place=each).select_related("owner"))):
            return [ownership.owner for ownership in found]
    return []


def agreements(
    today: date,
    *,
    status: str = "",
    party: str = "",
    owner: Owner | None = None,
    place: Place | None = None,
) -> QuerySet[Agreement]:
    """Over all meetings. `status`: open (or nothing), overdue, done, dropped, all."""
    found = Agreement.objects.select_related("measure__place", "meeting")
    late = OPEN & Q(measure__due_on__lt=today)
    narrow = {"": OPEN, "open": OPEN, "overdue": late, "all": Q()}
    found = found.filter(narrow.get(status, Q(measure__status=status)))
    if party:
        found = found.filter(measure__party=party)
    if owner:
        found = found.filter(meeting__owner=owner)
    if place:
        found = found.filter(measure__place=place)
    closed_last = F("measure__closed_at").desc(nulls_first=True)
    return found.order_by(closed_last, F("measure__due_on").asc(nulls_last=True), "pk")


def agreements_of(meeting: Meeting) -> QuerySet[Agreement]:
    return meeting.agreements.select_related("measure__place", "meeting").order_by("measure__due_on", "pk")


@dataclass(frozen=True)
class Step:
    """One point of the walk-through, looked at or not yet."""

    slug: str
    check: Check
    point: Checkpoint | None

    @property
    def finding(self) -> str:
        return self.point.finding if self.point else Checkpoint.Finding.NOT_SEEN

    @property
    def finding_words(self) -> str:
        return str(Checkpoint.Finding(self.finding).label)

    @property
    def topic(self) -> str | Promise:
        return TOPICS[self.check.topic].title


@dataclass(frozen=True)
class Group:
    name: str | Promise
    steps: list[Step]


def walk_of(meeting: Meeting) -> list[Group]:
    """The whole list, group by group, with what was found so far."""
    points = {point.item: point for point in meeting.checkpoints.all()}
    groups: dict[str, Group] = {}
    for slug, check in CHECKLIST.items():
        groups.setdefault(str(check.group), Group(check.group, [])).steps.append(Step(slug, check, points.get(slug)))
    return list(groups.values())


def seen_on(walk: list[Group]) -> list[Group]:
    """What was looked at, without groups of which nothing was."""
    seen = [
        Group(group.name, [step for step in group.steps if step.finding != Checkpoint.Finding.NOT_SEEN])
        for group in walk
    ]
    return [group for group in seen if group.steps]


@dataclass(frozen=True)
class Record:
    """How agreements turned out: kept in time, kept late, broken (past the day, or dropped), and still running."""

    held: int
    kept: int
    late: int
    broken: int
    running: int
    tips: list[tuple[str | Promise, int]]


def record_of(meetings: Iterable[Meeting], zone: Any, today: date) -> Record:
    """Of the meetings given, which have been narrowed to a place or an owner."""
    held = [meeting for meeting in meetings if meeting.status == Meeting.Status.HELD]
    turned: Counter[str] = Counter()
    found = Measure.objects.filter(agreement__meeting__in=held).values_list("status", "due_on", "closed_at")
    for status, due_on, closed_at in found:
        turned[outcome(status, due_on, closed_at, zone, today)] += 1
    given = Counter(slug for meeting in held for slug in meeting.tips if slug in TOPICS)
    tips = [(TOPICS[slug].title, number) for slug, number in given.most_common()]
    return Record(len(held), turned["kept"], turned["late"], turned["broken"], turned["running"], tips)


def outcome(status: str, due_on: date | None, closed_at: datetime | None, zone: Any, today: date) -> str:
    if status == Measure.Status.DONE:
        in_time = closed_at is None or due_on is None or closed_at.astimezone(zone).date() <= due_on
        return "kept" if in_time else "late"
    if status == Measure.Status.DROPPED or (due_on and due_on < today):
        return "broken"
    return "running"


def requests(status: str = "") -> QuerySet[HelpRequest]:
    """New and taken ones; or those of one status, or all. New first, then the latest."""
    found = HelpRequest.objects.annotate(number_of_meetings=Count("meetings")).select_related("handled_by")
    if status in HelpRequest.Status.values:
        found = found.filter(status=status)
    elif status != "all":
        found = found.exclude(status=HelpRequest.Status.CLOSED)
    order = Case(When(status="new", then=Value(0)), When(status="taken", then=Value(1)), default=Value(2))
    return found.order_by(order, "-received_at", "pk")


def new_requests() -> int:
    return HelpRequest.objects.filter(status=HelpRequest.Status.NEW).count()
