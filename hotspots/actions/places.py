"""Imports of places and areas, and what lies on what."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd
from django.db import transaction

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.ingest.places import AREA_KINDS, Options, read_rows
from hotspots.projection import forget_city_srid
from hotspots.queries import places as queries


@dataclass
class PlacesResult:
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    retired: int
    seconds: float
    rejects: pd.DataFrame = field(repr=False)

    def counts(self) -> dict[str, float]:
        return {name: value for name, value in asdict(self).items() if name != "rejects"}


def _silent(_: str) -> None:
    pass


@transaction.atomic
def import_places(
    *, by: User | None, path: Path, options: Options, source: str = "", say: Callable[[str], None] = _silent
) -> PlacesResult:
    """Bring the places or areas of one kind and source to what a file says; all of it or, on an error, nothing.

    The file is taken as the source's whole: what it no longer holds is retired (an area's version ends), and comes
    back with a later file that holds it again. Rows that cannot be used are rejected, and what they name stays as it is.
    Afterwards addresses, beats and the locations of incidents are attached anew. `source` is the file's name by default.
    """
    started = time.monotonic()
    queries.lock_imports()
    source = (source or Path(path).name.split(".")[0])[:60]
    boundary = None if options.kind in AREA_KINDS else queries.city_boundary()
    rows = read_rows(Path(path), options, boundary=boundary, say=say)
    say(f"{len(rows.good):,} to store, {len(rows.rejects):,} rejected.")
    queries.stage(rows.good, options.kind)
    store = queries.store_areas if options.kind in AREA_KINDS else queries.store_places
    counts = store(
        kind=options.kind,
        source=source,
        today=datetime.now(agency_zone()).date(),
        kept_ids=[name for name in rows.rejects.id.astype(str) if name],
    )
    if counts["retired"]:
        say(f"{counts['retired']:,} that this file of {source} no longer holds are retired.")
    if options.kind == "boundary":
        transaction.on_commit(forget_city_srid)
    result = PlacesResult(
        read=rows.read,
        rejected=len(rows.rejects),
        seconds=round(time.monotonic() - started, 2),
        rejects=rows.rejects,
        **counts,
    )
    record(
        by=by,
        action=AuditEntry.Action.PLACES_IMPORTED,
        subject=source,
        kind=options.kind,
        file=Path(path).name,
        **result.counts(),
    )
    return result
