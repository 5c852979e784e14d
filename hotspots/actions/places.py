"""Imports of places and areas, and what lies on what."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from django.conf import settings
from django.db import transaction

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.actions.incidents import relocate
from hotspots.actions.locations import refit_placed_by_hand
from hotspots.ingest.addresses import normalize_street
from hotspots.ingest.block_names import name_by_addresses
from hotspots.ingest.places import AREA_KINDS, Options, read_rows
from hotspots.projection import city_srid, forget_city_srid
from hotspots.queries import places as queries
from hotspots.queries.incidents import gather_statistics

SAME_STREET_M = 250  # how far from its own street an address may lie before the nearest block of another is taken


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
    queries.check_at_once()
    store = queries.store_areas if options.kind in AREA_KINDS else queries.store_places
    counts = store(
        kind=options.kind,
        source=source,
        today=_today(),
        kept_ids=[name for name in rows.rejects.id.astype(str) if name],
    )
    if counts["retired"]:
        say(f"{counts['retired']:,} that this file of {source} no longer holds are retired.")
    forget_city_srid()
    if counts["created"]:
        gather_statistics("hotspots_place")
    say("Attaching places to blocks, complexes and beats.")
    changed = attach_addresses() + counts["created"] + counts["updated"] + counts["retired"]
    if changed and (moved := relocate() + refit_placed_by_hand()):
        say(f"Locations of incidents that lie on other places now: {moved:,}.")
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
        changed=changed > 0,  # what is computed from places need not be computed anew where nothing did
        **result.counts(),
    )
    return result


@transaction.atomic
def attach_addresses() -> int:
    """Let every address lie on its block and in its complex and every place in its beat, and number and name the blocks
    that have no house numbers of their own by the addresses on them. How many places changed."""
    changed = queries.attach(
        srid=city_srid(), today=_today(), same_street_m=SAME_STREET_M, near_m=settings.BLOCK_DISTANCE_M
    )
    blocks = queries.numbers_on_blocks()
    if blocks.empty:
        return changed
    blocks["name"] = name_by_addresses(blocks, normalize_street).str.slice(0, 200)
    blocks["source_name"] = blocks.source_name.where(blocks.low.notna(), "")
    return changed + queries.rename_blocks(blocks)


def _today() -> date:
    return datetime.now(agency_zone()).date()
