"""The demo town through the whole walk: what its incidents were planted with is what the map will show."""

from datetime import date

import pytest

from hotspots.actions import demo
from hotspots.demo.crime import APARTMENTS, BARS, NOWHERE, RETRACTED, TRAFFIC_STOPS
from hotspots.models import ConcentrationRun, Incident, Location, Score
from hotspots.queries.charts import hour_matrix, monthly_counts
from hotspots.scoring import SIGNIFICANT_Q
from hotspots.specs import RunSpec

pytestmark = pytest.mark.django_db

LAST_DAY = date(2026, 6, 30)
BLOCKS, COMPLEXES = (RunSpec(kind, LAST_DAY, 365) for kind in ("block", "complex"))


def score_of(spec: RunSpec, source_id: str) -> Score:
    run = ConcentrationRun.objects.published().matching(spec).get()
    return run.scores.select_related("place").get(place__source_id=source_id)


def test_analysis_finds_what_was_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One walk for all of it, since the walk takes some seconds."""
    monkeypatch.setattr(demo, "standing_specs", lambda as_of: [BLOCKS, COMPLEXES])
    demo.make_demo(until=LAST_DAY, say=lambda line: None)

    # Crime concentrates as in real towns, and well beyond chance.
    summary = ConcentrationRun.objects.get(kind="block").summary
    count, chance = summary["count"], summary["count"]["chance"]
    assert 0.03 < count["shares"]["50"] < 0.12
    assert count["shares"]["50"] < chance["equal"]["shares"]["50"][0] / 2
    assert count["gini"] > chance["equal"]["gini"][2] + 0.2

    # The bars of Main Street: top blocks, a cluster, not up, and busy on weekend nights.
    for block in BARS.blocks:
        bar = score_of(BLOCKS, block)
        assert bar.rank <= 8
        assert bar.risk_rank <= 8
        assert bar.z > 0
        assert bar.q < SIGNIFICANT_Q
        assert bar.change_p > 0.01
        hours = hour_matrix(BLOCKS, place=bar.place).by_day
        assert hours[4:6, 21:].sum() + hours[5:7, :3].sum() > hours.sum() / 2

    # The apartments: from month 14 on, so up beyond doubt against the year before.
    apartments = score_of(COMPLEXES, APARTMENTS.complex)
    assert apartments.rank <= 3
    assert apartments.count > 3 * apartments.before_count
    assert apartments.change_p < 1e-6
    months = [month.count for month in monthly_counts(COMPLEXES, place=apartments.place)]
    assert sum(months[14:]) > 5 * sum(months[:10])

    # Traffic stops: near the top by what police found themselves, nowhere without it.
    stops = score_of(BLOCKS, TRAFFIC_STOPS.blocks[0])
    assert stops.rank <= 8
    assert stops.risk_count <= 3
    assert stops.risk_rank > 100

    # Nothing is lost on the way, and what cannot be located is what was misspelt.
    unlocated = Location.objects.unlocated()
    assert {location.address_text for location in unlocated} <= set(NOWHERE)
    assert (
        summary["unlocated"]
        == Incident.objects.filter(
            location__in=unlocated, occurred_from__gte="2025-07-01T05:00Z", retraction=None
        ).count()
    )
    assert Incident.objects.exclude(retraction=None).count() == RETRACTED
    assert ConcentrationRun.objects.get(kind="complex").summary["incidents"] == summary["incidents"]
