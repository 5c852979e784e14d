"""What is asked of activities: where they belong, what contradicts them, and what a phone has to know."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB, PointOnSurface
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import CharField, Func, Max

from accounts.agency import agency_zone, current_agency
from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot, HotSpotBoundary, Offense
from hotspots.projection import city_srid
from hotspots.statements import statement
from tactics.catalogue import MEASURES, Tactic, choices
from tactics.models import (
    Activity,
    Arrest,
    Dog,
    K9Deployment,
    KnockAndTalk,
    Operation,
    Patrol,
    Plan,
    Shift,
    Unit,
    VehicleStop,
)
from tactics.permissions import LOG
from tactics.queries.rosters import next_visits

SQL = Path(__file__).resolve().parent.parent / "sql" / "activities"
REACH_M = 500  # how far the nearest place may lie
LONGEST_WITHOUT_SHIFTS = timedelta(hours=12)
OPERATION_SHOWN = timedelta(hours=24)


class Whereabouts(NamedTuple):
    hot_spot: int | None
    place: int | None


@dataclass(frozen=True)
class Spot:
    """A position, a place, or both, on a day."""

    point: Point | None
    place: int | None
    day: date


def locate(spots: Sequence[Spot]) -> list[Whereabouts]:
    """Hot spot and place of each spot, in one query."""
    if not spots:
        return []
    values: dict[str, Any] = {
        **_coordinates([spot.point for spot in spots]),
        "places": [spot.place for spot in spots],
        "days": [spot.day for spot in spots],
        "srid": city_srid(),
        "reach_m": REACH_M,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "locate"), values)
        return [Whereabouts(*row) for row in cursor.fetchall()]


def distances_m(points: Sequence[tuple[Point, int, date]]) -> list[float | None]:
    """How far each position lies from a hot spot's boundary of that day."""
    if not points:
        return []
    values: dict[str, Any] = {
        **_coordinates([point for point, _, _ in points]),
        "hot_spots": [hot_spot for _, hot_spot, _ in points],
        "days": [day for _, _, day in points],
        "srid": city_srid(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "far_away"), values)
        return [row[0] for row in cursor.fetchall()]


def mark_overlaps(officer: int, since: datetime, until: datetime) -> None:
    """Set and clear OVERLAPS among what an officer did between two instants."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "overlaps"), {"officer": officer, "since": since, "until": until})


def longest_shift() -> timedelta:
    longest = Shift.objects.filter(is_active=True).aggregate(most=Max("minutes"))["most"]
    return timedelta(minutes=longest) if longest else LONGEST_WITHOUT_SHIFTS


def local_day(instant: datetime) -> date:
    return instant.astimezone(agency_zone()).date()


class Known:
    """What details may name, each looked up once however many records are checked against it."""

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, str(name)) for code, name in settings.LANGUAGES]

    @cached_property
    def dogs(self) -> list[tuple[int, str]]:
        """Those out of service too: a phone may not have heard of it yet."""
        return list(Dog.objects.values_list("pk", "name"))

    @cached_property
    def people(self) -> list[tuple[int, str]]:
        return [(person.pk, str(person)) for person in User.objects.order_by("last_name", "username")]

    @cached_property
    def offenses(self) -> list[tuple[str, str]]:
        return list(Offense.objects.order_by("name").values_list("code", "name"))


def who_log() -> Any:
    return User.objects.filter(is_active=True, roles__overlap=sorted(TABLE[LOG])).order_by("last_name", "username")


def ongoing_operations(now: datetime) -> Any:
    return Operation.objects.filter(ended_at=None, started_at__gt=now - OPERATION_SHOWN, started_at__lte=now)


def phone_state(user: User, now: datetime, outlines: str = "") -> dict[str, Any]:
    """What a phone keeps so that it works without signal. The number of queries does not grow with the rows.

    `outlines`: the version of those that it has already; they are left out if it is still the same."""
    agency, today = current_agency(), local_day(now)
    version = outlines_version(today)
    running: Iterable[Activity] = Activity.objects.running().filter(officer=user).order_by("started_at")
    return {
        "officer": {"id": user.pk, "name": str(user)},
        "server_time": now.isoformat(),
        "zone": agency.time_zone,
        "outlines": version,
        "hot_spots": _hot_spots(today, with_outlines=version != outlines),
        "next": [
            {
                "assignment": visit.assignment.pk,
                "hot_spot": visit.hot_spot.pk,
                "tactic": visit.tactic,
                "due_at": visit.due_at.isoformat(),
                "minutes": visit.minutes,
                "unit": _unit(visit.assignment.unit),
                "ends_at": visit.assignment.roster.ends_at.isoformat(),
            }
            for visit in next_visits(user, now)
        ],
        "running": [
            {
                "activity": str(each.pk),
                "kind": each.kind,
                "hot_spot": each.hot_spot_id,
                "place": each.place_id,
                "started_at": each.started_at.isoformat(),
            }
            for each in running
        ],
        "operations": [
            {
                "id": str(each.pk),
                "hot_spot": each.hot_spot_id,
                "name": each.name,
                "coordinator": each.coordinator_id,
                "started_at": each.started_at.isoformat(),
            }
            for each in ongoing_operations(now)
        ],
        "units": _named(Unit.objects.filter(is_active=True).values_list("pk", "name")),
        "dogs": _named(Dog.objects.filter(is_active=True).values_list("pk", "name")),
        "handlers": [{"id": person.pk, "name": str(person)} for person in who_log()],
        "offenses": _coded(Offense.objects.values_list("code", "name")),
        "languages": _coded(pair for pair in Known().languages if pair[0] in agency.languages),
        "choices": detail_choices(),
    }


def detail_choices() -> dict[str, list[list[str]]]:
    """Value and label of everything that is chosen, by kind and field."""
    offered: dict[str, Any] = {
        "kind": [(tactic.value, tactic.label) for tactic in Tactic],
        "patrol.mode": Patrol.Mode.choices,
        "patrol.seen": Patrol.Seen.choices,
        "vehicle_stop.violation": VehicleStop.Violation.choices,
        "vehicle_stop.outcomes": VehicleStop.Outcome.choices,
        "arrest.basis": Arrest.Basis.choices,
        "k9.sniffed": K9Deployment.Sniffed.choices,
        "k9.find": K9Deployment.Find.choices,
        "knock_and_talk.answer": KnockAndTalk.Answer.choices,
        "knock_and_talk.materials": KnockAndTalk.Material.choices,
        "knock_and_talk.concerns": KnockAndTalk.Concern.choices,
        "measure.kind": choices(MEASURES),
    }
    return {name: [[str(value), str(label)] for value, label in pairs] for name, pairs in offered.items()}


def outlines_version(today: date) -> str:
    """Another one whenever the outline of any hot spot of today is another. Reads none of them out of the database."""
    shape = Func(AsWKB("geometry"), function="md5", output_field=CharField())
    boundaries = HotSpotBoundary.objects.filter(valid__contains=today).order_by("hot_spot")
    told = json.dumps(list(boundaries.values_list("hot_spot", shape)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _hot_spots(today: date, with_outlines: bool) -> list[dict[str, Any]]:
    plans = {plan.hot_spot_id: plan for plan in Plan.objects.in_force_on(today).prefetch_related("tactics")}
    boundaries = HotSpotBoundary.objects.filter(valid__contains=today).select_related("hot_spot")
    boundaries = boundaries.annotate(inside=PointOnSurface("geometry")).order_by("hot_spot__name")
    if not with_outlines:
        boundaries = boundaries.defer("geometry")
    return [
        _hot_spot(each, plans.get(each.hot_spot_id)) | (_outline(each) if with_outlines else {}) for each in boundaries
    ]


def _outline(boundary: HotSpotBoundary) -> dict[str, Any]:
    return {"geometry": {"type": "MultiPolygon", "coordinates": boundary.geometry.coords}}


def _hot_spot(boundary: Any, plan: Plan | None) -> dict[str, Any]:
    hot_spot: HotSpot = boundary.hot_spot
    return {
        "id": hot_spot.pk,
        "name": hot_spot.name,
        "problem": plan.problem if plan else hot_spot.reason,
        "tactics": [
            {
                "tactic": each.tactic,
                "label": each.get_tactic_display(),
                "visits": each.visits,
                "per": each.per,
                "minutes": each.minutes,
            }
            for each in (plan.tactics.all() if plan else [])
        ],
        "least_minutes": plan.least_minutes if plan else Plan._meta.get_field("least_minutes").default,
        "most_minutes": plan.most_minutes if plan else Plan._meta.get_field("most_minutes").default,
        "center": [boundary.inside.x, boundary.inside.y],
    }


def _unit(unit: Unit | None) -> dict[str, Any] | None:
    return {"id": unit.pk, "name": unit.name} if unit else None


def _named(rows: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"id": number, "name": name} for number, name in rows]


def _coded(rows: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in rows]


def _coordinates(points: Sequence[Point | None]) -> dict[str, list[float | None]]:
    return {
        "lons": [point.x if point else None for point in points],
        "lats": [point.y if point else None for point in points],
    }
