"""Small made-up cities for tests of concentration, and the same figures computed the slow and obvious way."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from hotspots.models import Area, Incident, Offense, Place
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    AddressFactory,
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)

ZONE = ZoneInfo("America/Chicago")
AS_OF = date(2024, 6, 30)


def random_city(seed: int, blocks: int = 30, incidents: int = 400) -> None:
    """Blocks, addresses and complexes in two beats and none; incidents over two and a half years, some of them
    located on nothing, on other kinds, on a retired place, or retracted."""
    rng = np.random.default_rng(seed)
    beats = [AreaFactory(), AreaFactory(), None]
    all_blocks = [
        BlockFactory(at=(i % 6, i // 6), length_m=float(rng.uniform(40, 300)), beat=beats[rng.integers(3)])
        for i in range(blocks)
    ]
    addresses = [AddressFactory(at=(i % 6, i // 6), beat=beats[rng.integers(3)]) for i in range(8)]
    complexes = [ComplexFactory(at=(i, i), beat=beats[i]) for i in range(3)]
    retired = BlockFactory(at=(9, 9), beat=beats[0], retired_on=date(2024, 1, 1))
    offenses = [
        OffenseFactory(code="A1", category="violent", harm_weight=12.5),
        OffenseFactory(code="a2", category="property", harm_weight=0.1),
        OffenseFactory(code="B1", category="drugs", harm_weight=1.7, enforcement_generated=True),
        OffenseFactory(code="C1", category="disorder", harm_weight=0),
    ]

    def one_of(places: list[Place], likely: float) -> Place | None:
        return places[int(len(places) * rng.random() ** 2)] if rng.random() < likely else None

    locations = [
        LocationFactory(block=one_of(all_blocks, 0.8), address=one_of(addresses, 0.3), complex=one_of(complexes, 0.3))
        for _ in range(60)
    ] + [LocationFactory(block=retired), LocationFactory(block=retired, complex=complexes[0]), LocationFactory()]
    batch = ImportBatchFactory()
    start = datetime.combine(AS_OF - timedelta(days=900), time(), ZONE)
    Incident.objects.bulk_create(
        IncidentFactory.build(
            source_id=f"{seed}-{i}",
            offense=offenses[rng.integers(len(offenses))],
            location=locations[int(len(locations) * rng.random() ** 2)],
            batch=batch,
            occurred_from=start + timedelta(minutes=int(rng.integers(902 * 24 * 60))),
        )
        for i in range(incidents)
    )


def on_local_midnight(day: date, **others: object) -> Incident:
    return IncidentFactory(occurred_from=datetime.combine(day, time(), ZONE), **others)


def by_brute_force(spec: RunSpec) -> tuple[pd.DataFrame, dict[str, int]]:
    """Counts per place of a spec, one incident after the other, and the totals of those on none of its places."""
    places = Place.objects.filter(kind=spec.kind, retired_on=None)
    if spec.beat_id:
        places = places.filter(beat_id=spec.beat_id)
    columns = [
        "count",
        "risk_count",
        "harm",
        "before_count",
        "before_risk_count",
        "year_ago_count",
        "year_ago_risk_count",
    ]
    table = pd.DataFrame(0.0, index=sorted(places.values_list("pk", flat=True)), columns=columns)
    totals = {"incidents": 0, "located": 0, "elsewhere": 0, "unlocated": 0}
    last = {"": spec.as_of, "before_": spec.first_day - timedelta(days=1), "year_ago_": a_year_before(spec.as_of)}
    for incident in Incident.objects.filter(retraction=None).select_related("location", "offense"):
        if spec.categories and incident.offense.category not in spec.categories:
            continue
        location = incident.location
        lies_on = [
            getattr(location, kind) for kind in (spec.kind, "block", "address", "complex") if getattr(location, kind)
        ]
        if spec.beat_id and lies_on and lies_on[0].beat_id != spec.beat_id:
            continue
        own = getattr(location, f"{spec.kind}_id")
        day = incident.occurred_from.astimezone(ZONE).date()
        for prefix, as_of in last.items():
            if not as_of - timedelta(days=spec.days) < day <= as_of:
                continue
            risk = not incident.offense.enforcement_generated
            if own in table.index:
                table.loc[own, f"{prefix}count"] += 1
                table.loc[own, f"{prefix}risk_count"] += risk
                if not prefix:
                    table.loc[own, "harm"] += incident.offense.harm_weight
            if not prefix:
                where = "located" if own in table.index else "elsewhere" if lies_on else "unlocated"
                totals[where] += 1
                totals["incidents"] += 1
    return table, totals


def a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 2, 28)


def first_beat() -> int:
    return Area.objects.filter(kind="beat").order_by("pk")[0].pk


def offense_categories() -> list[str]:
    return list(Offense.Category.values)
