"""What is on the table of a meeting, and what must never be."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from notices.agendas import in_words
from notices.queries.agendas import agenda_of, hidden, percent, total
from tests.factories.hotspots import AddressFactory, IncidentFactory, LocationFactory, OffenseFactory
from tests.factories.measures import make_camera, make_case, make_light
from tests.factories.notices import AgreementFactory, MeetingFactory

pytestmark = pytest.mark.django_db
LAST = datetime(2025, 3, 4, 2, tzinfo=UTC)  # the data end here: a Monday, 20:00 in Parsons


def put(place, offense, count, back=timedelta(0)):
    location = LocationFactory(address=place, block=None)
    IncidentFactory.create_batch(count, location=location, offense=offense, occurred_from=LAST - back)


@pytest.fixture
def meeting():
    return MeetingFactory(place=AddressFactory(), starts_at=timezone.now() + timedelta(days=3))


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (2, None), (3, 3)])
def test_count_of_one_or_two_is_hidden(count, shown):
    assert hidden(count) == shown


@pytest.mark.parametrize(
    ("counts", "count", "at_least"),
    [([], 0, False), ([5, 3], 8, False), ([5, 2], 6, True), ([2], None, False), ([2, 2], 2, True)],
)
def test_total_does_not_give_small_counts_away(counts, count, at_least):
    assert total([{"now": number} for number in counts], "now") == {"count": count, "at_least": at_least}


def test_calls_are_counted_by_type_beside_the_year_before(meeting):
    theft = OffenseFactory(name="Theft", category="property")
    put(meeting.place, theft, 4)
    put(meeting.place, theft, 3, timedelta(days=400))
    put(meeting.place, theft, 9, timedelta(days=800))

    agenda = in_words(agenda_of(meeting))

    assert [(row.offense, row.now, row.before) for row in agenda.calls.rows] == [("Theft", "4", "3")]
    assert agenda.times is None, "four calls say nothing about hours"


def test_calls_of_victims_are_nowhere_in_the_agenda(meeting):
    put(meeting.place, OffenseFactory(name="Simple assault at home", victim_sensitive=True), 20)
    agenda = agenda_of(meeting)
    assert "assault" not in json.dumps(agenda)
    assert (agenda["calls"]["now"]["count"], agenda["times"]) == (0, None)


def test_what_police_find_is_not_called_a_call(meeting):
    put(meeting.place, OffenseFactory(name="Drug offense", enforcement_generated=True), 12)
    agenda = in_words(agenda_of(meeting))
    assert agenda.calls.rows == []
    assert [row.now for row in agenda.found.rows] == ["12"]
    assert agenda.times is None


def test_small_counts_are_told_as_fewer_than_three(meeting):
    put(meeting.place, OffenseFactory(name="Burglary"), 2)
    agenda = in_words(agenda_of(meeting))
    assert (agenda.calls.rows[0].now, agenda.calls.now) == ("fewer than 3", "fewer than 3")


def test_hours_are_told_in_the_agencys_time_where_calls_are_enough(meeting):
    put(meeting.place, OffenseFactory(), 30)
    times = in_words(agenda_of(meeting)).times
    assert "; the busiest day was Monday" in times.words
    assert [part.weekdays for part in times.parts] == ["–", "–", "–", "100 %"]
    with translation.override("es"):
        assert [part.weekdays for part in in_words(agenda_of(meeting)).times.parts] == ["–", "–", "–", "100 %"]


def test_hours_of_29_calls_are_not_told(meeting):
    put(meeting.place, OffenseFactory(), 29)
    assert agenda_of(meeting)["times"] is None


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 30, None), (2, 30, None), (3, 30, 10), (8, 31, 30), (3, 99, None)]
)
def test_share_is_told_in_tens_and_not_of_few_calls(part, whole, share):
    assert percent(part, whole) == share


def test_leases_and_cameras_are_on_no_agenda_and_lights_are(meeting):
    make_case(place=meeting.place)
    make_camera(place=meeting.place)
    light = make_light()
    light.survey.measure.place = meeting.place
    light.survey.measure.save()
    agenda = in_words(agenda_of(meeting))
    assert [each.title for each in agenda.measures] == ["Survey the lights"]
    assert [each.title for each in agenda.lights] == ["Parking lot, pole 3"]


def test_agreements_of_the_last_meeting_are_shown_with_what_became_of_them(meeting):
    before = AgreementFactory(meeting__place=meeting.place, meeting__status="held")
    agenda = in_words(agenda_of(meeting))
    assert [each.title for each in agenda.agreed] == [before.measure.title]
    assert agenda.last_day_met == before.meeting.starts_at.date()


def test_agenda_of_a_quiet_place_is_told_in_spanish_too(meeting):
    agenda = agenda_of(meeting)
    with translation.override("es"):
        assert in_words(json.loads(json.dumps(agenda))).calls.rows == []
    assert in_words({}) is None
