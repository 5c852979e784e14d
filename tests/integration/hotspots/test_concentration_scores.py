"""What a run says, against the same figures computed the slow and obvious way."""

import uuid
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hotspots.actions.concentration import compute_run
from hotspots.models import ConcentrationRun, Offense, Retraction, Score
from hotspots.queries.concentration import default_as_of
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    AddressFactory,
    AreaFactory,
    BlockFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)
from tests.integration.hotspots.cities import AS_OF, by_brute_force, first_beat, on_local_midnight, random_city

pytestmark = pytest.mark.django_db


def scores_of(run: ConcentrationRun) -> pd.DataFrame:
    return pd.DataFrame(Score.objects.filter(run=run).order_by("place_id").values()).set_index("place_id")


@pytest.mark.parametrize(
    ("kind", "days", "choice"),
    [
        ("block", 365, {}),
        ("block", 28, {}),
        ("block", 500, {}),
        ("block", 200, {"categories": ("drugs", "violent")}),
        ("block", 365, {"in_beat": True}),
        ("address", 365, {}),
        ("complex", 91, {"in_beat": True, "categories": ("property",)}),
    ],
)
def test_counts_equal_brute_force(kind: str, days: int, choice: dict[str, Any]) -> None:
    random_city(seed=days)
    beat_id = first_beat() if choice.get("in_beat") else None
    spec = RunSpec(kind, AS_OF, days, choice.get("categories", ()), beat_id)

    run = compute_run(by=None, spec=spec)

    expected, totals = by_brute_force(spec)
    found = scores_of(run)
    assert list(found.index) == list(expected.index)
    assert expected["count"].sum() > 0
    np.testing.assert_allclose(found[expected.columns], expected, atol=1e-6)
    assert {name: run.summary[name] for name in totals} == totals
    assert run.summary["count"]["total"] == totals["located"]
    assert sum(row["count"] for row in run.summary["categories"]) == totals["located"]


def test_ranks_and_shares_follow_counts_then_harm_then_place() -> None:
    random_city(seed=1)

    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 365))

    scores = scores_of(run).reset_index()
    for prefix in ("", "risk_"):
        order = scores.sort_values([f"{prefix}count", "harm", "place_id"], ascending=[False, False, True])
        assert list(order[f"{prefix}rank"]) == list(range(1, len(scores) + 1))
        shares = order[f"{prefix}count"].cumsum() / order[f"{prefix}count"].sum()
        np.testing.assert_allclose(order[f"{prefix}share"], shares)


def test_beats_are_set_against_the_whole_city() -> None:
    random_city(seed=2)

    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 365))

    scores = pd.DataFrame(
        Score.objects.filter(run=run).values("count", "risk_count", "place__beat_id", "place__length_m")
    )
    whole = scores["count"].sum() / scores["place__length_m"].sum()
    rows = run.summary["beats"]
    assert [row["id"] for row in rows] == sorted(scores["place__beat_id"].dropna().unique())
    for row in rows:
        own = scores[scores["place__beat_id"] == row["id"]]
        assert (row["places"], row["count"], row["risk_count"]) == (
            len(own),
            own["count"].sum(),
            own["risk_count"].sum(),
        )
        assert row["lq"] == pytest.approx(own["count"].sum() / own["place__length_m"].sum() / whole)


def test_run_of_the_same_data_is_the_same_to_the_last_digit() -> None:
    random_city(seed=3)
    spec = RunSpec("block", AS_OF, 365)

    one, other = compute_run(by=None, spec=spec), compute_run(by=None, spec=spec)

    assert {**one.summary, "seconds": 0} == {**other.summary, "seconds": 0}
    pd.testing.assert_frame_equal(scores_of(one).drop(columns="run_id"), scores_of(other).drop(columns="run_id"))


def test_chance_stands_beside_every_measure() -> None:
    random_city(seed=4)

    summary = compute_run(by=None, spec=RunSpec("block", AS_OF, 365)).summary

    for name in ("count", "risk", "harm"):
        for weighting in ("equal", "length"):
            chance = summary[name]["chance"][weighting]
            low, median, high = chance["gini"]
            assert 0 < low <= median <= high < 1
            assert median < summary[name]["gini"]  # incidents were heaped on the first places
            assert set(chance["shares"]) == {"25", "50", "80"}
        assert len(summary[name]["curve"]) <= 101


def test_addresses_have_no_chance_by_length() -> None:
    random_city(seed=5)

    summary = compute_run(by=None, spec=RunSpec("address", AS_OF, 365)).summary

    assert summary["count"]["chance"]["length"] is None
    assert summary["size"] == summary["places"] == 8


def test_midnight_belongs_to_the_day_that_begins() -> None:
    location = LocationFactory(block=BlockFactory())
    on_local_midnight(AS_OF, location=location)
    on_local_midnight(AS_OF + timedelta(days=1), location=location)

    score = Score.objects.get(run=compute_run(by=None, spec=RunSpec("block", AS_OF, 1)))

    assert (score.count, score.before_count) == (1, 0)


def test_retracted_incident_does_not_count() -> None:
    incident = IncidentFactory(location=LocationFactory(block=BlockFactory()))
    incident.retraction = Retraction.objects.create(
        source="test",
        source_id="r",
        match_key=uuid.UUID(int=1),
        occurred_from=incident.occurred_from,
        batch=ImportBatchFactory(),
    )
    incident.save()

    assert compute_run(by=None, spec=RunSpec("block", AS_OF, 365)).summary["incidents"] == 0


def test_empty_city_is_a_valid_run() -> None:
    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 28))

    assert run.status == ConcentrationRun.Status.PUBLISHED
    assert run.summary["places"] == run.summary["incidents"] == 0
    assert run.summary["count"]["gini"] is None


def test_city_without_incidents_is_a_valid_run() -> None:
    BlockFactory.create_batch(3)

    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 28))

    assert run.summary["count"]["total"] == 0
    assert (
        list(run.scores.order_by("rank").values_list("count", "share", "z", "q", "change_p"))
        == [(0, 0, None, None, 1)] * 3
    )


def test_one_place_with_all_incidents_is_a_valid_run() -> None:
    location = LocationFactory(block=BlockFactory())
    IncidentFactory.create_batch(5, location=location)

    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 28))

    score = run.scores.get()
    assert (score.count, score.rank, score.share, score.z) == (5, 1, 1, None)
    assert run.summary["count"]["shares"] == {"25": 1, "50": 1, "80": 1}


def test_all_incidents_at_one_of_many_places_are_found() -> None:
    blocks = [BlockFactory(at=(i % 15, i // 15)) for i in range(150)]
    IncidentFactory.create_batch(60, location=LocationFactory(block=blocks[80]))

    run = compute_run(by=None, spec=RunSpec("block", AS_OF, 28))

    top = run.scores.get(rank=1)
    assert (top.place, top.count, top.share) == (blocks[80], 60, 1)
    assert top.z > 3
    assert top.q < 0.05
    assert run.summary["count"]["gini"] == pytest.approx(149 / 150)
    assert run.summary["count"]["generalised_gini"] == pytest.approx(1 - 150 / 60 / 150)
    assert run.summary["gi"]["significant"] >= 1


def test_weight_that_an_agency_changes_changes_harm() -> None:
    offense = OffenseFactory(code="H1", harm_weight=2)
    IncidentFactory.create_batch(3, offense=offense, location=LocationFactory(block=BlockFactory()))
    spec = RunSpec("block", AS_OF, 28)
    before = compute_run(by=None, spec=spec).scores.get().harm

    Offense.objects.filter(pk="H1").update(harm_weight=0.5)

    assert (before, compute_run(by=None, spec=spec).scores.get().harm) == (6, 1.5)


def test_beat_counts_what_is_not_located_of_the_whole_city() -> None:
    """It may lie in the beat, and nobody can tell."""
    beat = AreaFactory()
    BlockFactory(beat=beat)
    IncidentFactory(location=LocationFactory())
    IncidentFactory(location=LocationFactory(address=AddressFactory(beat=beat)))
    IncidentFactory(location=LocationFactory(address=AddressFactory(beat=AreaFactory())))

    summary = compute_run(by=None, spec=RunSpec("block", AS_OF, 28, (), beat.pk)).summary

    assert (summary["incidents"], summary["elsewhere"], summary["unlocated"]) == (2, 1, 1)


def test_neighbor_distance_can_be_set(settings: Any) -> None:
    for i in range(12):
        BlockFactory(at=(i, 0))

    chosen = compute_run(by=None, spec=RunSpec("block", AS_OF, 28)).summary["gi"]
    settings.GI_BAND_M = 100
    fixed = compute_run(by=None, spec=RunSpec("block", AS_OF, 28)).summary["gi"]

    assert chosen["band_m"] % 50 == 0
    assert chosen["band_m"] > 350  # eight neighbors in a row of blocks of 90 m
    assert fixed["band_m"] == 100
    assert fixed["mean_neighbors"] == pytest.approx(2 * 11 / 12)


def test_queries_do_not_grow_with_the_city() -> None:
    counts = []
    for seed in (6, 7):
        random_city(seed, blocks=10 * (seed - 5), incidents=50 * (seed - 5))
        compute_run(by=None, spec=RunSpec("block", AS_OF, 28))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            compute_run(by=None, spec=RunSpec("block", AS_OF, 28))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_last_day_is_the_last_with_incidents() -> None:
    IncidentFactory()

    assert default_as_of() == date(2024, 6, 15)


def test_last_day_is_yesterday_without_incidents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda timezone: date(2024, 3, 1))

    assert default_as_of() == date(2024, 2, 29)
