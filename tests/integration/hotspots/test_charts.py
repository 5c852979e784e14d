"""The charts fragment and what it counts."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hotspots.models import Offense, Place, Retraction
from hotspots.queries.charts import Month, hour_matrix, monthly_counts
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
    PublishedRunFactory,
    RunFactory,
)
from tests.unit.hotspots.test_charts import measure

pytestmark = pytest.mark.django_db

SPEC = RunSpec("block", date(2024, 6, 30), 365)


def on_block(*times: datetime, block: Place | None = None, **fields: object) -> Place:
    block = block or BlockFactory()
    location = LocationFactory(block=block)
    for time in times:
        IncidentFactory(location=location, occurred_from=time, **fields)
    return block


def at(month: int, day: int, hour: int = 18, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_hour_matrix_is_in_the_agencys_zone() -> None:
    on_block(at(6, 15, 3))  # Saturday, 03:00 UTC: Friday, 22:00 in Chicago

    assert hour_matrix(SPEC).by_day[4, 22] == 1


def test_hour_matrix_spreads_spans_and_counts_those_too_long() -> None:
    block = on_block(at(6, 15), occurred_to=at(6, 15, 20))
    on_block(at(6, 15), block=block, occurred_to=at(6, 17))

    times = hour_matrix(SPEC)

    assert times.by_day[5, 13:15].tolist() == [0.5, 0.5]
    assert (times.counted, times.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        (datetime(2023, 7, 2, 4, 59, tzinfo=UTC), False),  # 23:59 on the day before the window
        (datetime(2023, 7, 2, 5, 0, tzinfo=UTC), True),
        (datetime(2024, 7, 1, 4, 59, tzinfo=UTC), True),
        (datetime(2024, 7, 1, 5, 0, tzinfo=UTC), False),
    ],
)
def test_hour_matrix_keeps_to_the_days_of_the_window(moment: datetime, counts: bool) -> None:
    on_block(moment)

    assert hour_matrix(SPEC).counted == counts


def test_hour_matrix_counts_what_the_run_counts() -> None:
    """On a place of the kind, standing, of the categories, in the beat, and for risk not found by police alone."""
    beat = AreaFactory()
    drugs = OffenseFactory(code="35A", category=Offense.Category.DRUGS, enforcement_generated=True)
    block = on_block(at(6, 1), block=BlockFactory(beat=beat))
    on_block(at(6, 2), offense=drugs)
    retraction = Retraction.objects.create(
        source="test", source_id="r", match_key=uuid.UUID(int=1), occurred_from=at(6, 3), batch=ImportBatchFactory()
    )
    on_block(at(6, 3), block=block, retraction=retraction)
    IncidentFactory(location=LocationFactory(complex=ComplexFactory()), occurred_from=at(6, 4))
    IncidentFactory(location=LocationFactory(), occurred_from=at(6, 5))

    assert hour_matrix(SPEC).counted == 2
    assert hour_matrix(SPEC, risk=True).counted == 1
    assert hour_matrix(RunSpec("block", SPEC.as_of, 365, ("drugs",))).counted == 1
    assert hour_matrix(RunSpec("block", SPEC.as_of, 365, beat_id=beat.pk)).counted == 1
    assert hour_matrix(SPEC, place=block).counted == 1
    assert hour_matrix(RunSpec("complex", SPEC.as_of, 365)).counted == 1


def test_monthly_counts_end_with_the_window_and_begin_with_the_data() -> None:
    block = on_block(at(4, 10), at(4, 20), at(6, 15))
    on_block(at(6, 30, 23), at(7, 2), block=block)

    assert monthly_counts(SPEC) == [
        Month(date(2024, 4, 1), 2, partial=True),
        Month(date(2024, 5, 1), 0, partial=False),
        Month(date(2024, 6, 1), 2, partial=False),
    ]


def test_monthly_counts_say_that_the_last_month_is_not_over() -> None:
    on_block(at(5, 1), at(6, 10), at(6, 20))

    last = monthly_counts(RunSpec("block", date(2024, 6, 15), 28))[-1]

    assert last == Month(date(2024, 6, 1), 1, partial=True)


def test_monthly_counts_go_back_two_years() -> None:
    on_block(at(6, 15, year=2020), at(7, 15, year=2022), at(6, 30, year=2022))

    months = monthly_counts(SPEC)

    assert (len(months), months[0], months[-1].first_day) == (24, Month(date(2022, 7, 1), 1, False), date(2024, 6, 1))


def test_monthly_counts_without_incidents_are_all_zero() -> None:
    assert not any(month.count for month in monthly_counts(SPEC))


def run_with(**changes: object) -> int:
    summary = {name: measure() for name in ("count", "risk", "harm")}
    return PublishedRunFactory(summary={**summary, **changes}).pk


class Tables(HTMLParser):
    """The tables of a page as rows of text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.tables[-1][-1][-1] += " ".join(data.split())


def test_charts_say_how_far_crime_concentrates(client_as: Callable[..., Client]) -> None:
    on_block(at(6, 15, 3), at(5, 15))

    content = client_as("officer").get(f"/map/charts/?run={run_with()}").content.decode()

    text = " ".join(content.replace("&nbsp;", "\N{NO-BREAK SPACE}").split()).replace("\N{NO-BREAK SPACE}", " ")
    assert "50 % of crime in 10.0 % of blocks; chance alone would need 40 %" in text
    assert "June 2024: 1 incident" in text
    assert "style=" not in content


def test_charts_are_tables_too(client_as: Callable[..., Client]) -> None:
    on_block(at(6, 15, 3), at(5, 15))

    content = client_as("officer").get(f"/map/charts/?run={run_with()}").content.decode()

    portions, curve, hours, months = Tables(content).tables
    assert portions[2][0].startswith("50")
    assert curve[1][0].startswith("10")
    assert len(hours) == 26
    assert all(len(row) == 8 for row in hours)
    assert hours[23][5] == "1"
    assert months[1:] == [["Jun 2024", "1", "–"], ["May 2024 (part of the month)", "1", "–"]]


def test_charts_of_harm_and_of_risk_read_their_own_figures(client_as: Callable[..., Client]) -> None:
    run = run_with(
        risk=measure(shares={"25": 0.01, "50": 0.07, "80": 0.3}),
        harm=measure(shares={"25": 0.01, "50": 0.02, "80": 0.3}),
    )
    client = client_as("officer")

    risk = client.get(f"/map/charts/?run={run}&measure=risk").content.decode()
    harm = client.get(f"/map/charts/?run={run}&measure=risk&color=harm").content.decode()

    assert "7.0\N{NO-BREAK SPACE}%" in risk
    assert "of harm in 2.0\N{NO-BREAK SPACE}% of blocks" in harm


def test_charts_without_incidents_say_so(client_as: Callable[..., Client]) -> None:
    content = client_as("officer").get(f"/map/charts/?run={run_with(count=measure(total=0))}").content.decode()

    assert "No incidents in this window." in content
    assert "No incidents with a known hour in this window." in content
    assert "No incidents in these months." in content
    assert "<svg" not in content


@pytest.mark.parametrize("query", ["", "?run=", "?run=abc", "?run=-1", "?run=99999999", "?run=²"])
def test_charts_of_no_run_are_not_found(client_as: Callable[..., Client], query: str) -> None:
    assert client_as("officer").get(f"/map/charts/{query}").status_code == 404


def test_charts_of_a_run_that_is_not_published_are_not_found(client_as: Callable[..., Client]) -> None:
    assert client_as("officer").get(f"/map/charts/?run={RunFactory().pk}").status_code == 404


def test_charts_need_a_sign_in(client: Client) -> None:
    assert client.get("/map/charts/?run=1").status_code == 302


def test_charts_take_as_many_queries_for_one_incident_as_for_three(client_as: Callable[..., Client]) -> None:
    client, run = client_as("officer"), run_with()
    url, taken = f"/map/charts/?run={run}", []
    client.get(url)  # fills what is kept for half a minute
    block = None
    for times in ([at(6, 15)], [at(6, 16), at(5, 17)]):
        block = on_block(*times, block=block)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        taken.append(len(queries))

    assert taken[0] == taken[1] <= 7
