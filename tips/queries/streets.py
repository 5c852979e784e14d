"""Streets and outline for the drawn map, out of two views: all that the intake's database role can see of the city."""

import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]  # west, south, east, north, in degrees

# A street's blocks are joined to lines, for a name needs more room than one block has.
_STREETS = """
SELECT name, ST_AsBinary(ST_Simplify(ST_LineMerge(ST_Collect(ST_ClipByBox2D(line, box))), %(pixel)s, true))
FROM tips_street
CROSS JOIN (
    SELECT ST_MakeBox2D(ST_Point(%(west)s, %(south)s), ST_Point(%(east)s, %(north)s)) AS box
) AS view
WHERE line && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
GROUP BY name
ORDER BY name
"""
_EXTENT = "SELECT min(ST_XMin(line)), min(ST_YMin(line)), max(ST_XMax(line)), max(ST_YMax(line)) FROM tips_street"
_OUTLINE = "SELECT ST_AsBinary(ST_SimplifyPreserveTopology(ST_Union(shape), %(pixel)s)) FROM tips_outline"


def extent_of_streets() -> Bounds | None:
    """None where there is no street yet."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTENT)
        west, south, east, north = cursor.fetchone()
    return None if west is None else (west, south, east, north)


def streets_in(bounds: Bounds, pixel: float) -> list[tuple[str, BaseGeometry]]:
    """The streets within bounds, each one geometry, true to a pixel (in degrees)."""
    values = dict(zip(("west", "south", "east", "north"), bounds, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_STREETS, {**values, "pixel": pixel})
        rows = cursor.fetchall()
    lines = shapely.from_wkb([bytes(line) for _, line in rows])
    return [(name, line) for (name, _), line in zip(rows, lines, strict=True) if not line.is_empty]


def outline(pixel: float) -> BaseGeometry | None:
    """The city as its boundary has it today, or None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINE, {"pixel": pixel})
        (shape,) = cursor.fetchone()
    return None if shape is None else shapely.from_wkb(bytes(shape))
