"""What the police of the demo town planned and did, written in bulk, and taken out again with the town."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.agency import agency_zone
from accounts.models import User
from accounts.roles import Role
from hotspots.actions import demo as town
from hotspots.actions.hotspots import designate
from hotspots.demo import SOURCE
from hotspots.demo.registry import Say
from hotspots.models import HotSpot, HotSpotBoundary, Place
from tactics.actions import rosters
from tactics.actions.demo_measures import make_measures
from tactics.catalogue import Tactic
from tactics.demo.program import COLLEAGUES, DOG, SPOTS, UNITS, Spot, Work
from tactics.demo.work import DAYS, Done, half_a_year
from tactics.models import (
    Activity,
    Arrest,
    Assignment,
    Briefing,
    Dog,
    FootPatrol,
    K9Deployment,
    KnockAndTalk,
    Measure,
    Operation,
    Patrol,
    Plan,
    PlanTactic,
    Roster,
    Shift,
    SyncEntry,
    Unit,
    VehicleStop,
    VisitImport,
)

STREAM = 2  # of the town's seed
NAMES = [spot.name for spot in SPOTS]
REVIEWED_AFTER = timedelta(days=8)  # approved by the commander, but for the last days
LENGTH = timedelta(days=DAYS)
OFFICE_HOUR = time(9)  # when plans are made and ended
POINTS = 64  # that activities of a hot spot take turns in


@dataclass(frozen=True)
class People:
    commander: User
    officers: list[User]
    units: list[Unit]
    dog: Dog


@transaction.atomic
def make_demo(*, last_day: date, say: Say) -> None:
    """Bring in hot spots, plans, half a year of activities up to `last_day`, the rosters of its week and measures.

    Nothing changes when they are there; another `last_day` replaces them, with what people
    added to these hot spots and to the town's places.
    """
    first_day = last_day - LENGTH + timedelta(days=1)
    there = HotSpot.objects.filter(name__in=NAMES)
    if there.filter(starts_on=first_day).exists():
        say("hot spots: there already")
        return
    remove(there)
    Measure.objects.filter(place__source=SOURCE).delete()
    HotSpotBoundary.objects.filter(hot_spot__in=there).delete()
    there.delete()
    rng = np.random.default_rng([town.SEED, STREAM])
    people = make_people()
    spots = [make_spot(spot, people.commander, first_day) for spot in SPOTS]
    plans = [
        make_plan(spot, work, people, first_day)
        for spot, planned in zip(spots, SPOTS, strict=True)
        for work in planned.works
    ]
    number = make_activities(spots, people, first_day, rng)
    make_rosters(people.commander, last_day + timedelta(days=1))
    made = make_measures(people.commander, last_day)
    say(f"hot spots: {len(spots)} made, with {len(plans)} plans, {number:,} activities and {made} measures")


def make_people() -> People:
    """The demo commander and officer, and colleagues who cannot sign in."""
    officers = [User.objects.get(username=Role.OFFICER.value)]
    for first in COLLEAGUES:
        person, created = User.objects.get_or_create(
            username=first.lower(),
            defaults={"first_name": first, "last_name": "Officer", "roles": [Role.OFFICER.value]},
        )
        if created:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        officers.append(person)
    units = [Unit.objects.get_or_create(name=name)[0] for name in UNITS]
    dog, _ = Dog.objects.get_or_create(name=DOG)
    return People(User.objects.get(username=Role.COMMANDER.value), officers, units, dog)


def make_spot(spot: Spot, commander: User, first_day: date) -> HotSpot:
    return designate(
        by=commander,
        name=spot.name,
        reason=spot.reason,
        commander=commander,
        starts_on=first_day,
        review_on=first_day + LENGTH + timedelta(days=30),
        places=list(Place.objects.filter(source=SOURCE, source_id__in=spot.places).order_by("pk")),
    )


def make_plan(hot_spot: HotSpot, work: Work, people: People, first_day: date) -> Plan:
    starts_on = first_day + timedelta(weeks=work.from_week)
    ends_on = first_day + timedelta(weeks=work.until_week) if work.until_week else None
    ended: dict[str, Any] = {}
    if ends_on:
        ended = {"ended_by": people.commander, "ended_at": at_the_office(ends_on), "finding": work.finding}
    plan = Plan.objects.create(
        hot_spot=hot_spot,
        status=Plan.Status.ENDED if ends_on else Plan.Status.ACTIVE,
        problem=work.problem,
        hours=work.hours,
        interval_minutes=work.interval,
        starts_on=starts_on,
        review_on=ends_on or first_day + LENGTH + timedelta(days=9),
        ends_on=ends_on,
        proposed_by=people.commander,
        activated_by=people.commander,
        activated_at=at_the_office(starts_on),
        **ended,
    )
    plan.units.set([unit for unit in people.units if unit.name.startswith("Car")])
    PlanTactic.objects.bulk_create(
        PlanTactic(plan=plan, tactic=amount.tactic, visits=amount.visits, per=amount.per, minutes=amount.minutes)
        for amount in work.amounts
    )
    return plan


def at_the_office(day: date) -> datetime:
    return datetime.combine(day, OFFICE_HOUR, agency_zone())


def make_activities(spots: Sequence[HotSpot], people: People, first_day: date, rng: np.random.Generator) -> int:
    """Everything that was done, with its details; how much it is."""
    shifts = list(Shift.objects.filter(is_active=True).order_by("starts_at").values_list("starts_at", "minutes"))
    done = half_a_year(SPOTS, first_day, shifts or [(time(), 1440)], len(people.officers), rng)
    operations = make_operations(done, spots, people.commander, rng)
    ways = [Ways(spot, rng) for spot in spots]
    approved_before = at_the_office(first_day + LENGTH - REVIEWED_AFTER)
    rows = []
    for number, each in enumerate(done):
        started_at = each.start.replace(tzinfo=agency_zone())
        ended_at = started_at + timedelta(minutes=each.minutes)
        timed = each.recorded == Activity.Recorded.TIMED
        approved = ended_at < approved_before
        rows.append(
            Activity(
                id=uuid.UUID(bytes=rng.bytes(16), version=4),
                kind=each.kind,
                hot_spot=spots[each.spot],
                officer=people.officers[each.officer],
                unit=people.units[-1 if each.kind == Tactic.K9 else each.officer % 3],
                operation=None if each.operation is None else operations[each.operation],
                point=ways[each.spot].point(number) if timed else None,
                accuracy_m=round(float(rng.uniform(4, 18)), 1) if timed else None,
                started_at=started_at,
                ended_at=ended_at,
                recorded=each.recorded,
                note=each.note,
                approved_by=people.commander if approved else None,
                approved_at=approved_before if approved else None,
            )
        )
    Activity.objects.bulk_create(rows, batch_size=1000)
    make_details(rows, done, ways, people)
    return len(rows)


class Ways:
    """Points and a walk in a hot spot: along its blocks, or around inside of its complex."""

    def __init__(self, hot_spot: HotSpot, rng: np.random.Generator) -> None:
        boundary = HotSpotBoundary.objects.filter(hot_spot=hot_spot).latest_version()
        ground = shapely.from_wkb(bytes(boundary.geometry.wkb))
        west, south, east, north = ground.bounds
        # Of points in the bounding box, those inside; the outline of a hot spot fills far more than a hundredth of it.
        drawn = shapely.points(rng.uniform((west, south), (east, north), (100 * POINTS, 2)))
        self.points = [Point(point.x, point.y, srid=4326) for point in drawn[shapely.contains(ground, drawn)][:POINTS]]
        lines = [place.geometry for place in boundary.places.exclude(kind=Place.Kind.ADDRESS).order_by("pk")]
        self.route = max((LineString(outer(line), srid=4326) for line in lines), key=lambda line: line.length)

    def point(self, number: int) -> Point:
        return self.points[number % len(self.points)]


def outer(geometry: GEOSGeometry) -> Any:
    """The line of a block, or the rim of a complex."""
    shape = shapely.from_wkb(bytes(geometry.wkb))
    return shapely.get_coordinates(shape if shape.geom_type == "LineString" else shapely.get_parts(shape)[0].exterior)


def make_operations(
    done: Sequence[Done], spots: Sequence[HotSpot], commander: User, rng: np.random.Generator
) -> dict[int, Operation]:
    """One for each saturation patrol, from the first unit's start to the last one's end."""
    together: dict[int, list[Done]] = {}
    for each in done:
        if each.operation is not None:
            together.setdefault(each.operation, []).append(each)
    zone = agency_zone()
    operations = {
        key: Operation(
            id=uuid.UUID(bytes=rng.bytes(16), version=4),
            hot_spot=spots[units[0].spot],
            name="Weekend saturation patrol",
            coordinator=commander,
            started_at=min(unit.start for unit in units).replace(tzinfo=zone),
            ended_at=max(unit.start + timedelta(minutes=unit.minutes) for unit in units).replace(tzinfo=zone),
        )
        for key, units in together.items()
    }
    Operation.objects.bulk_create(operations.values())
    return operations


def make_details(rows: Sequence[Activity], done: Sequence[Done], ways: Sequence["Ways"], people: People) -> None:
    def of(*kinds: Tactic) -> Iterator[tuple[Activity, Done]]:
        return ((row, each) for row, each in zip(rows, done, strict=True) if each.kind in kinds)

    Patrol.objects.bulk_create(
        Patrol(activity=row, **each.details) for row, each in of(Tactic.DIRECTED_PATROL, Tactic.SATURATION_PATROL)
    )
    FootPatrol.objects.bulk_create(
        FootPatrol(activity=row, route=ways[each.spot].route if row.point else None, **each.details)
        for row, each in of(Tactic.FOOT_PATROL)
    )
    VehicleStop.objects.bulk_create(VehicleStop(activity=row, **each.details) for row, each in of(Tactic.VEHICLE_STOP))
    K9Deployment.objects.bulk_create(
        K9Deployment(activity=row, handler=row.officer, **{**each.details, "dog": people.dog})
        for row, each in of(Tactic.K9)
    )
    KnockAndTalk.objects.bulk_create(
        KnockAndTalk(activity=row, **each.details) for row, each in of(Tactic.KNOCK_AND_TALK)
    )
    arrests = list(of(Tactic.ARREST))
    Arrest.objects.bulk_create(Arrest(activity=row, basis=each.details["basis"]) for row, each in arrests)
    offenses = Arrest.offenses.through
    offenses.objects.bulk_create(
        offenses(arrest_id=row.pk, offense_id=each.details["offense"]) for row, each in arrests
    )


def make_rosters(commander: User, today: date) -> None:
    """Those of this week. What was done of them before today belongs to their assignments, in its order."""
    monday = today - timedelta(days=today.weekday())
    shifts = list(Shift.objects.filter(is_active=True))
    drawn = [
        rosters.draw(by=commander, shift=shift, day=monday + timedelta(days=day), seed=town.SEED)
        for day in range(7)
        for shift in shifts
    ]
    waiting: dict[tuple[int, int, str], list[Assignment]] = {}
    assigned = Assignment.objects.filter(roster__in=drawn).order_by("due_at", "position")
    for assignment in assigned:
        key = assignment.roster_id, assignment.hot_spot_id, assignment.tactic
        waiting.setdefault(key, []).append(assignment)
    met = []
    done = Activity.objects.filter(started_at__gte=drawn[0].starts_at).order_by("started_at") if drawn else []
    for activity in done:
        roster = next((each for each in drawn if each.starts_at <= activity.started_at < each.ends_at), None)
        mine = waiting.get((roster.pk, activity.hot_spot_id or 0, activity.kind)) if roster else None
        if mine:
            activity.assignment = mine.pop(0)
            met.append(activity)
    Activity.objects.bulk_update(met, ["assignment"], batch_size=500)


@transaction.atomic
def remove_demo() -> None:
    """Take out all that stands on the town's hot spots and places, and what demo people used for it."""
    remove(HotSpot.objects.filter(boundaries__places__source=SOURCE).distinct())
    Activity.objects.filter(place__source=SOURCE).delete()
    Measure.objects.filter(place__source=SOURCE).delete()
    Briefing.objects.all().delete()  # made while the town was there, each may show it
    VisitImport.objects.filter(activities=None).delete()
    Unit.objects.filter(name__in=UNITS, activities=None, assignment=None, plans=None).delete()
    Dog.objects.filter(name=DOG, deployments=None).delete()
    colleagues = User.objects.filter(username__in=[name.lower() for name in COLLEAGUES], last_login=None)
    colleagues.filter(activities=None, assignment=None, audit_entries=None).delete()


def remove(hot_spots: QuerySet[HotSpot]) -> None:
    """Take out everything that stands on these hot spots; they themselves stay, with their boundaries."""
    ids = list(hot_spots.values_list("pk", flat=True))
    activities = Activity.objects.filter(hot_spot__in=ids)
    SyncEntry.objects.filter(Q(activity__in=activities.values("pk")) | Q(payload__hot_spot__in=ids)).delete()
    activities.delete()
    Operation.objects.filter(hot_spot__in=ids).delete()
    Assignment.objects.filter(hot_spot__in=ids).delete()
    Roster.objects.filter(assignments=None).delete()
    Plan.objects.filter(hot_spot__in=ids).delete()
