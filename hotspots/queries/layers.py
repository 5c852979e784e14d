"""What the map draws over its tiles, as GeoJSON made by the database."""

from pathlib import Path

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone

from hotspots.models import Area
from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql"


def areas_version() -> str:
    """Another text whenever the areas that hold today are others: they are never edited in place."""
    newest = Area.objects.current().aggregate(newest=Max("pk"), number=Count("pk"))
    return f"{newest['newest'] or 0}-{newest['number']}"


def areas_geojson() -> str:
    return _geojson("areas")


def hot_spots_geojson() -> str:
    return _geojson("hot_spots")


def _geojson(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), {"today": timezone.localdate()})
        return cursor.fetchone()[0]
