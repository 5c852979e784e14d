"""The contract between a phone and the server, rule by rule."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tactics.models import Activity, SyncEntry
from tests.factories.hotspots import HotSpotFactory
from tests.integration.tactics.phone import Phone

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def phone(officer):
    return Phone(officer)


@pytest.fixture
def hot_spot():
    return HotSpotFactory()


def test_visit_is_started_and_ended(phone, hot_spot, officer):
    number = uuid4()
    assert phone.send(phone.start(number, hot_spot=hot_spot.pk))[0]["state"] == "stored"
    running = Activity.objects.get(pk=number)
    assert (running.officer, running.hot_spot, running.ended_at) == (officer, hot_spot, None)

    details = {"mode": "bike", "seen": ["people"]}
    answer = phone.send(phone.end(number, hot_spot=hot_spot.pk, details=details, note="Quiet."))[0]
    assert (answer["state"], answer["flags"]) == ("stored", [])
    activity = Activity.objects.get(pk=number)
    assert activity.ended_at - activity.started_at == pytest.approx(timedelta(minutes=15), abs=SECOND)
    assert (activity.recorded, activity.note) == ("timed", "Quiet.")
    assert (activity.patrol.mode, activity.patrol.seen) == ("bike", ["people"])


def test_repeat_gets_the_same_answer_and_stores_nothing(phone, hot_spot):
    entries = [phone.log(uuid4(), hot_spot=hot_spot.pk), phone.log(uuid4(), kind="no such thing")]
    first = phone.send(*entries)
    assert [answer["state"] for answer in first] == ["stored", "kept"]
    assert phone.send(*entries) == first
    assert phone.send(*reversed(entries)) == first[::-1]
    assert phone.send(entries[0], entries[0]) == [first[0], first[0]]
    assert (Activity.objects.count(), SyncEntry.objects.count()) == (1, 2)


def test_state_names_all_that_a_phone_needs(phone, hot_spot, officer):
    phone.send(phone.start(number := uuid4(), hot_spot=hot_spot.pk))
    state = phone.client.get("/log/state/").json()
    assert state["officer"] == {"id": officer.pk, "name": str(officer)}
    assert [each["name"] for each in state["hot_spots"]] == [hot_spot.name]
    assert [each["activity"] for each in state["running"]] == [str(number)]
    assert {"csrf", "server_time", "next", "operations", "units", "dogs", "handlers", "offenses"} <= state.keys()
    assert ["bike", "Bike"] in state["choices"]["patrol.mode"]
