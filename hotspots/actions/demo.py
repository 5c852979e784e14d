"""The demo town, put in through the same imports as the files of a real city."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from django.db import transaction

from accounts.agency import agency_zone
from hotspots.actions.concentration import obtain_run
from hotspots.actions.incidents import import_incidents
from hotspots.actions.places import import_places
from hotspots.demo import SOURCE, crime
from hotspots.demo.registry import Say, additions
from hotspots.demo.town import Town, build
from hotspots.ingest.places import Options
from hotspots.models import (
    Area,
    ConcentrationRun,
    HotSpot,
    HotSpotBoundary,
    ImportBatch,
    Incident,
    Location,
    Place,
    Retraction,
    Score,
)
from hotspots.projection import forget_city_srid
from hotspots.queries.concentration import standing_specs

SEED = 1871  # of the town; its crime has a stream of its own
OUTLINE = Path(crime.__file__).with_name("parsons.geojson")
MAPPING = "demo"


class OtherDataPresent(Exception):
    """A made-up town does not belong beside a real city."""


def make_demo(*, until: date | None, say: Say) -> None:
    """Bring the made-up town and its two years of incidents up to `until` (yesterday by default) into the database.

    Nothing changes when they are there already; another `until` replaces the incidents. Ends with the standing runs.
    """
    if Place.objects.exclude(source=SOURCE).exists() or Incident.objects.exclude(source=SOURCE).exists():
        raise OtherDataPresent
    town = demo_town()
    with TemporaryDirectory() as folder:
        for kind, path in write_places(town, Path(folder)).items():
            result = import_places(by=None, path=path, options=Options(kind=kind, id_field="id"), source=SOURCE)
            say(f"{kind}: {result.created:,} made, {result.unchanged:,} there already")
        there = stored_until()
        last_day = until or there or _yesterday()
        if last_day != there:
            for addition in reversed(additions() if there else []):  # each stands on what the one before it made
                addition.remove()
            forget_incidents()
            path = Path(folder) / file_name(last_day)
            crime.write_incidents(path, town, np.random.default_rng([SEED, 1]), last_day)
            batch = import_incidents(by=None, paths=[path], mapping=MAPPING, source=SOURCE)
            say(f"incidents: {batch.created:,} made, {batch.unlocated:,} of them not located")
    for spec in standing_specs(last_day):
        run = obtain_run(by=None, spec=spec, standing=True)
        say(f"computed: {run}")


def make_additions(*, say: Say) -> None:
    """What the other apps add to the town that is there: it needs the demo people."""
    last_day = stored_until()
    assert last_day is not None, "the town comes first"
    for addition in additions():
        addition.make(last_day=last_day, say=say)


def demo_town() -> Town:
    outline = json.loads(OUTLINE.read_text(encoding="utf-8"))["features"][0]["geometry"]
    return build(shapely.from_geojson(json.dumps(outline)), np.random.default_rng(SEED))


def write_places(town: Town, folder: Path) -> dict[str, Path]:
    """The town as files that a city might hand over, by kind and in the order to import them."""
    boundary = pd.DataFrame({"id": ["2054675"], "name": ["Parsons"], "geometry": [town.boundary]})
    odd, even = town.blocks.low + 1, town.blocks.low
    blocks = pd.DataFrame(
        {
            "id": town.blocks.id,
            "fullname": town.blocks.street,
            "lfromadd": even.where(even > 0, 2),
            "ltoadd": town.blocks.high - 1,
            "rfromadd": odd,
            "rtoadd": town.blocks.high,
            "geometry": town.blocks.geometry,
        }
    )
    addresses = town.addresses[["id", "number", "street", "unit", "geometry"]].assign(unit_type="Apt")
    tables = {
        "boundary": boundary,
        "beat": town.beats,
        "block": blocks,
        "complex": town.complexes[["id", "name", "geometry"]],
        "address": addresses,
    }
    paths = {kind: folder / f"{kind}.gpkg" for kind in tables}
    for kind, table in tables.items():
        gpd.GeoDataFrame(table, geometry="geometry", crs=4326).to_file(paths[kind])
    return paths


def file_name(last_day: date) -> str:
    return f"incidents-until-{last_day}.csv"


def stored_until() -> date | None:
    """The last day of the demo incidents that the database holds: their file is named by it."""
    batch = ImportBatch.objects.filter(source=SOURCE, status=ImportBatch.Status.DONE).order_by("pk").last()
    return date.fromisoformat(Path(batch.files[0]["name"]).stem[-10:]) if batch else None


def _yesterday() -> date:
    return datetime.now(agency_zone()).date() - timedelta(days=1)


@transaction.atomic
def forget_incidents() -> None:
    Incident.objects.filter(source=SOURCE).delete()
    Retraction.objects.filter(source=SOURCE).delete()
    ImportBatch.objects.filter(source=SOURCE).delete()
    Location.objects.filter(incident=None).delete()


@transaction.atomic
def remove_demo() -> None:
    """Take the made-up town out again, with what was computed of it, to make room for a real city."""
    for addition in reversed(additions()):
        addition.remove()
    of_demo = Score.objects.filter(place__source=SOURCE).values("run")
    ConcentrationRun.objects.filter(pk__in=of_demo).delete()
    hot_spots = set(HotSpotBoundary.objects.filter(places__source=SOURCE).values_list("hot_spot_id", flat=True))
    HotSpotBoundary.objects.filter(hot_spot__in=hot_spots).delete()
    HotSpot.objects.filter(pk__in=hot_spots).delete()
    forget_incidents()
    Place.objects.filter(source=SOURCE).delete()
    Area.objects.filter(source=SOURCE).delete()
    forget_city_srid()
