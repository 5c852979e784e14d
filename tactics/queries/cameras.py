"""Registered cameras and what they see."""

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from hotspots.models import HotSpot
from hotspots.statements import statement
from tactics.compass import compass_words
from tactics.models import Camera

SQL = Path(__file__).resolve().parent.parent / "sql" / "measures"


class Seeing(NamedTuple):
    """A camera and its view. Who to ask is not here."""

    measure: UUID
    kind: str
    direction: int
    place: str
    lon: float
    lat: float
    view: dict[str, Any]  # GeoJSON

    @property
    def label(self) -> str:
        return str(Camera.Kind(self.kind).label)

    @property
    def faces(self) -> str:
        return compass_words(self.direction)


def cameras(outline: GEOSGeometry | None = None) -> list[Seeing]:
    """With consent and not closed; with an outline, those that see into it."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "camera_views"), {"outline": outline.hexewkb.decode() if outline else None})
        return [Seeing._make([*row[:-1], json.loads(row[-1])]) for row in cursor.fetchall()]


def cameras_that_see(hot_spot: HotSpot) -> list[Seeing]:
    """The places of a hot spot reach to both sides of their street: its outline is what has to be seen."""
    return cameras(hot_spot.boundaries.latest_version().geometry)


def as_geojson(found: list[Seeing]) -> dict[str, Any]:
    def feature(geometry: dict[str, Any], camera: Seeing) -> dict[str, Any]:
        properties = {"measure": str(camera.measure), "name": f"{camera.label}, {camera.place}"}
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    views = [feature(camera.view, camera) for camera in found]
    points = [feature({"type": "Point", "coordinates": [camera.lon, camera.lat]}, camera) for camera in found]
    return {"type": "FeatureCollection", "features": views + points}
