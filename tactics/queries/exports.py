"""Activities as rows for files: who, what, where and when, with the details of every kind beside each other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
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
    """One query, read in pieces. Where the phone did not say where it was, the middle of its place or hot spot stands."""
    offenses = Arrest.offenses.through._default_manager.filter(arrest=OuterRef("pk")).order_by("offense")
    boundary = HotSpotBoundary.objects.filter(
        hot_spot=OuterRef("hot_spot"), valid__contains=OuterRef("started_at__date")
    )
    own = {
        "activity_kind": F("kind"),
        "hot_spot_name": F("hot_spot__name"),
        "place_name": F("place__name"),
        "officer_name": F("officer__username"),
        "unit_name": F("unit__name"),
        "operation_name": F("operation__name"),
        "approver": F("approved_by__username"),
        "offense_codes": ArraySubquery(offenses.values("offense")),
        "middle": Coalesce(
            "point",
            PointOnSurface("place__geometry"),
            Subquery(boundary.annotate(inside=PointOnSurface("geometry")).values("inside")[:1]),
            output_field=PointField(srid=SRID),
        ),
    }
    details = {f"detail_{name}": F(path) for name, path in DETAILS.items()}
    plain = ("id", "started_at", "ended_at", "recorded", "flags", "voided_at", "note")
    rows = found.select_related(None).order_by("started_at", "pk").values(*plain, **own, **details)
    for row in rows.iterator(chunk_size=CHUNK):
        yield _named(row)


def _named(row: dict[str, Any]) -> dict[str, Any]:
    started_at, ended_at, middle = row["started_at"], row["ended_at"], row["middle"]
    return {
        "id": str(row["id"]),
        "kind": row["activity_kind"],
        "hot_spot": row["hot_spot_name"],
        "place": row["place_name"],
        "officer": row["officer_name"],
        "unit": row["unit_name"],
        "operation": row["operation_name"],
        "started_at": local(started_at),
        "ended_at": local(ended_at) if ended_at else None,
        "minutes": round((ended_at - started_at).total_seconds() / 60, 2) if ended_at else None,
        "recorded": row["recorded"],
        "flags": _list(row["flags"]),
        "approved_by": row["approver"],
        "voided": row["voided_at"] is not None,
        "note": row["note"],
        "lon": round(middle.x, 6) if isinstance(middle, Point) else None,
        "lat": round(middle.y, 6) if isinstance(middle, Point) else None,
        "offenses": _list(row["offense_codes"]),
        **{name: _list(row[f"detail_{name}"]) for name in DETAILS},
    }


def local(moment: datetime) -> datetime:
    return moment.astimezone(agency_zone())


def _list(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value
