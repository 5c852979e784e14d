"""The ground that the map of a batch shows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from hotspots.projection import city_srid
from hotspots.statements import statement
from notices.models import Batch
from notices.queries.areas import area_of

SQL = Path(__file__).resolve().parent.parent / "sql"
LEAST_M = 260  # of ground around a small area
PROPORTION = 2  # of ground on each side to the area, so that a map of any shape finds its streets


@dataclass(frozen=True)
class Street:
    """Its blocks in one geometry, in degrees; `own`: within the area."""

    name: str
    geometry: BaseGeometry
    own: bool = False


@dataclass(frozen=True)
class Ground:
    outline: BaseGeometry
    streets: tuple[Street, ...]
    complexes: tuple[BaseGeometry, ...]
    srid: int  # in which it is drawn


def ground_of(batch: Batch) -> Ground:
    """One query more than the area takes, whatever stands there."""
    srid = city_srid()
    area = area_of(batch)
    asked: dict[str, Any] = {
        "area": area.ewkb,
        "srid": srid,
        "least_m": LEAST_M,
        "proportion": PROPORTION,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "batch_map"), asked)
        rows = cursor.fetchall()
    shapes = [(layer, name, own, shapely.from_wkb(bytes(geometry))) for layer, name, own, geometry in rows]
    streets = tuple(Street(name, geometry, own) for layer, name, own, geometry in shapes if layer == "street")
    complexes = tuple(geometry for layer, _name, _own, geometry in shapes if layer == "complex")
    return Ground(shapely.from_wkb(bytes(area.wkb)), streets, complexes, srid)
