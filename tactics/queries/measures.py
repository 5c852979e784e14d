"""What is asked of place measures, whatever their kind."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.utils import timezone

from hotspots.models import HotSpot, HotSpotBoundary, Place
from tactics.clocks import trespass_reminder
from tactics.models import LightingItem, Measure, TrespassAuthorization
from tactics.models.measures import MeasureQuerySet

WEEK = timedelta(days=7)


def overdue(hot_spot: HotSpot | None = None, on: date | None = None) -> MeasureQuerySet:
    """Open measures past their day, the oldest first; those at the places of one hot spot, or all."""
    on = on or timezone.localdate()
    measures = Measure.objects.overdue_on(on).select_related("place").order_by("due_on", "created_at")
    return measures.at_places(places_of(hot_spot, on)) if hot_spot else measures


def at_hot_spot(hot_spot: HotSpot, on: date | None = None) -> MeasureQuerySet:
    """All measures at the places of a hot spot: overdue, then due, then reported, then closed."""
    on = on or timezone.localdate()
    return by_urgency(Measure.objects.at_places(places_of(hot_spot, on)), on).select_related("place")


def at_place(place: Place, on: date | None = None) -> MeasureQuerySet:
    measures = Measure.objects.at_places([place.pk])
    return by_urgency(measures, on or timezone.localdate()).select_related("place")


def by_urgency(measures: MeasureQuerySet, on: date) -> MeasureQuerySet:
    urgency = Case(
        When(status__in=["open", "reported"], due_on__lt=on, then=Value(0)),
        When(status="open", then=Value(1)),
        When(status="reported", then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    closed_last = F("closed_at").desc(nulls_first=True)
    return measures.annotate(urgency=urgency).order_by("urgency", closed_last, "due_on", "created_at", "pk")


def places_of(hot_spot: HotSpot, on: date) -> Any:
    """The places of the boundary of that day, else of the latest one, as a query."""
    boundaries = HotSpotBoundary.objects.filter(hot_spot=hot_spot)
    of_day = boundaries.filter(valid__contains=on)
    latest = boundaries.order_by("-valid")
    chosen = of_day.values("pk")[:1] if of_day.exists() else latest.values("pk")[:1]
    return Place.objects.filter(hot_spot_boundaries__in=chosen).values("pk")


def listed(
    on: date,
    *,
    kind: str = "",
    status: str = "",
    party: str = "",
    overdue_only: bool = False,
    hot_spot: HotSpot | None = None,
) -> MeasureQuerySet:
    """`status`: one of Measure.Status, "all", or "" for what is to be done (open and reported)."""
    measures = Measure.objects.all() if status else Measure.objects.open()
    if status in Measure.Status.values:
        measures = measures.filter(status=status)
    if kind:
        measures = measures.filter(kind=kind)
    if party:
        measures = measures.filter(party=party)
    if overdue_only:
        measures = measures.overdue_on(on)
    if hot_spot:
        measures = measures.at_places(places_of(hot_spot, on))
    return by_urgency(measures, on).select_related("place")


@dataclass(frozen=True)
class Task:
    """One thing that somebody has to see to: a measure, or one light of a survey."""

    measure: Measure
    words: str
    due_on: date


@dataclass
class PartyWeek:
    label: str
    overdue: list[Task]
    due: list[Task]


@dataclass
class Week:
    first_day: date
    last_day: date
    parties: list[PartyWeek]
    expiring: list[TrespassAuthorization]  # within the reminder time, but not this week
    reported: list[Measure]  # nobody has taken them up

    @property
    def is_empty(self) -> bool:
        return not (self.parties or self.expiring or self.reported)


def week_list(on: date) -> Week:
    """What is overdue and what is due within seven days, by who sees to it; and authorizations that expire soon."""
    last_day = on + WEEK - timedelta(days=1)
    tasks: dict[str, list[Task]] = defaultdict(list)
    for party, task in [*measures_due(last_day), *lights_due(last_day)]:
        tasks[party].append(task)
    parties = []
    for party in Measure.Party:
        if found := sorted(tasks[party.value], key=lambda task: (task.due_on, task.measure.place.name)):
            late = [task for task in found if task.due_on < on]
            parties.append(PartyWeek(str(party.label), late, found[len(late) :]))
    reported = Measure.objects.filter(status="reported").select_related("place").order_by("created_at")
    soon = [each for each in authorizations_expiring(on) if each.expires_on > last_day]
    return Week(on, last_day, parties, soon, list(reported))


def measures_due(last_day: date) -> Iterator[tuple[str, Task]]:
    """Without surveys that have lights to fix: there each light is with somebody, by a day of its own."""
    due = Measure.objects.filter(status="open", due_on__lte=last_day).exclude(pk__in=waiting_lights().values("survey"))
    for measure in due.select_related("place"):
        assert measure.due_on
        yield measure.party, Task(measure, measure.title, measure.due_on)


def lights_due(last_day: date) -> Iterator[tuple[str, Task]]:
    due = waiting_lights().filter(due_on__lte=last_day, survey__measure__status="open")
    for item in due.select_related("survey__measure__place"):
        assert item.due_on
        where = f", {item.where}" if item.where else ""
        yield item.party, Task(item.survey.measure, f"{item}{where}", item.due_on)


def waiting_lights() -> Any:
    return LightingItem.objects.filter(fixed_on=None).exclude(state=LightingItem.State.WORKS)


def authorizations_expiring(on: date) -> list[TrespassAuthorization]:
    """In force, and within the reminder time before they expire."""
    found = TrespassAuthorization.objects.filter(ended_on=None, expires_on__gt=on, measure__status="open")
    ordered = found.select_related("measure__place").order_by("expires_on", "pk")
    return [each for each in ordered if trespass_reminder(each.expires_on) <= on]
