"""Activities as rows for files: who, what, where and when, with the details of every kind beside each other."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import Coalesce

from accounts.agency import agency_zone
from hotspots.models import HotSpotBoundary
from hotspots.models.places import SRID
from tactics.models import Arrest
from tactics.models.activities import ActivityQuerySet

CHUNK = 2000
# Column of the file to where its value is.
DETAILS = {
    "mode": "patrol__mode",
    "seen": "patrol__seen",
    "contacts": "foot_patrol__contacts",
    "businesses": "foot_patrol__businesses",
    "homes": "foot_patrol__homes",
    "violation": "vehicle_stop__violation",
    "outcomes": "vehicle_stop__outcomes",
    "basis": "arrest__basis",
    "case_number": "arrest__case_number",
    "handler": "k9__handler__username",
    "dog": "k9__dog__name",
    "sniffed": "k9__sniffed",
    "alert": "k9__alert",
    "find": "k9__find",
    "grams": "k9__grams",
    "door": "knock_and_talk__answer",
    "consent_to_search": "knock_and_talk__consent_to_search",
    "materials": "knock_and_talk__materials",
    "language": "knock_and_talk__language",
    "concerns": "knock_and_talk__concerns",
}
COLUMNS = [
    *("id", "kind", "hot_spot", "place", "officer", "unit", "operation", "started_at", "ended_at", "minutes"),
    *("recorded", "flags", "approved_by", "voided", "note", "lon", "lat", "offenses", *DETAILS),
]


def export_rows(found: ActivityQuerySet) -> Iterator[dict[str, Any]]:
    """Read in pieces. Where the phone did not say where it was, a point inside its place or hot spot stands."""
    offenses = Arrest.offenses.through._default_manager.filter(arrest=OuterRef("pk")).order_by("offense")
    own = {
        "activity_kind": F("kind"),
        "hot_spot_name": F("hot_spot__name"),
        "place_name": F("place__name"),
        "officer_name": F("officer__username"),
        "unit_name": F("unit__name"),
        "operation_name": F("operation__name"),
        "approver": F("approved_by__username"),
        "offense_codes": ArraySubquery(offenses.values("offense")),
        "spot": Coalesce("point", PointOnSurface("place__geometry"), output_field=PointField(srid=SRID)),
    }
    details = {f"detail_{name}": F(path) for name, path in DETAILS.items()}
    plain = ("id", "hot_spot_id", "started_at", "ended_at", "recorded", "flags", "voided_at", "note")
    rows = found.select_related(None).order_by("started_at", "pk").values(*plain, **own, **details)
    zone, inside = agency_zone(), _inside()
    for row in rows.iterator(chunk_size=CHUNK):
        yield _named(row, zone, inside)


def _inside() -> dict[int, list[tuple[Any, Point]]]:
    """The dates of each boundary of a hot spot and a point inside it: few, so that rows need not look them up."""
    found: dict[int, list[tuple[Any, Point]]] = defaultdict(list)
    points = HotSpotBoundary.objects.annotate(inside=PointOnSurface("geometry"))
    for hot_spot, valid, point in points.values_list("hot_spot", "valid", "inside"):
        found[hot_spot].append((valid, point))
    return found


def _named(row: dict[str, Any], zone: ZoneInfo, inside: dict[int, list[tuple[Any, Point]]]) -> dict[str, Any]:
    started_at = row["started_at"].astimezone(zone)
    ended_at = row["ended_at"] and row["ended_at"].astimezone(zone)
    of_hot_spot = (point for valid, point in inside.get(row["hot_spot_id"], []) if started_at.date() in valid)
    spot = row["spot"] or next(of_hot_spot, None)
    return {
        "id": str(row["id"]),
        "kind": row["activity_kind"],
        "hot_spot": row["hot_spot_name"],
        "place": row["place_name"],
        "officer": row["officer_name"],
        "unit": row["unit_name"],
        "operation": row["operation_name"],
        "started_at": started_at,
        "ended_at": ended_at,
        "minutes": round((ended_at - started_at).total_seconds() / 60, 2) if ended_at else None,
        "recorded": row["recorded"],
        "flags": _list(row["flags"]),
        "approved_by": row["approver"],
        "voided": row["voided_at"] is not None,
        "note": row["note"],
        "lon": round(spot.x, 6) if spot else None,
        "lat": round(spot.y, 6) if spot else None,
        "offenses": _list(row["offense_codes"]),
        **{name: _list(row[f"detail_{name}"]) for name in DETAILS},
    }


def _list(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value
