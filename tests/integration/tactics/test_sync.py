"""The contract between a phone and the server, rule by rule."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Point
from django.db import OperationalError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from tactics.models import Activity, Arrest, Dog, K9Deployment, Measure, Operation, SyncEntry, VehicleStop
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, HotSpotFactory
from tests.factories.tactics import ActivityFactory, AssignmentFactory, RosterFactory, UnitFactory
from tests.integration.tactics.phone import Phone

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
INSIDE = [WEST + STEP / 2, SOUTH + STEP / 2]
NOWHERE_NEAR = [WEST + 0.5, SOUTH + 0.5]


@pytest.fixture
def phone(officer):
    return Phone(officer)


@pytest.fixture
def hot_spot():
    return HotSpotFactory()


@pytest.fixture
def other():
    return Phone(UserFactory(username="other", roles=["officer"]))


def only() -> Activity:
    return Activity.objects.get()


# What an officer does


def test_visit_is_started_and_ended(phone, hot_spot, officer):
    number = uuid4()
    assert phone.send(phone.start(number, hot_spot=hot_spot.pk))[0]["state"] == "stored"
    running = Activity.objects.get(pk=number)
    assert (running.officer, running.hot_spot, running.ended_at) == (officer, hot_spot, None)

    details = {"mode": "bike", "seen": ["people"]}
    answer = phone.send(phone.end(number, hot_spot=hot_spot.pk, details=details, note="Quiet."))[0]
    assert (answer["state"], answer["flags"]) == ("stored", [])
    activity = only()
    assert activity.ended_at - activity.started_at == pytest.approx(15 * MINUTE, abs=SECOND)
    assert (activity.recorded, activity.note) == ("timed", "Quiet.")
    assert (activity.patrol.mode, activity.patrol.seen) == ("bike", ["people"])


def test_each_kind_is_logged_with_its_own_fields(phone, hot_spot, officer):
    dog, handler = Dog.objects.create(name="Rex"), UserFactory()
    kinds = {
        "saturation_patrol": {},
        "foot_patrol": {
            "route": [INSIDE, [WEST, SOUTH], [WEST, SOUTH]],
            "contacts": 4,
            "businesses": 2,
            "homes": 1,
        },
        "vehicle_stop": {"violation": "speed", "outcomes": ["citation", "tow"]},
        "arrest": {"offenses": ["35A", "90Z"], "basis": "warrant", "case_number": "25-01234"},
        "k9": {
            "handler": handler.pk,
            "dog": dog.pk,
            "sniffed": "vehicle",
            "alert": True,
            "find": "cocaine",
            "grams": 2.5,
        },
        "knock_and_talk": {
            "answer": "answered",
            "consent_to_search": False,
            "materials": ["renters"],
            "language": "es",
            "concerns": ["noise"],
        },
    }
    entries = [phone.log(uuid4(), kind=kind, hot_spot=hot_spot.pk, details=kinds[kind]) for kind in kinds]
    assert [answer["state"] for answer in phone.send(*entries)] == ["stored"] * 6
    by_kind = {activity.kind: activity for activity in Activity.objects.all()}
    assert by_kind["saturation_patrol"].patrol.mode == "vehicle"
    foot = by_kind["foot_patrol"].foot_patrol
    assert (foot.contacts, foot.businesses, foot.homes, len(foot.route)) == (4, 2, 1, 2)
    assert by_kind["vehicle_stop"].vehicle_stop.outcomes == ["citation", "tow"]
    arrest = by_kind["arrest"].arrest
    assert {offense.pk for offense in arrest.offenses.all()} == {"35A", "90Z"}
    assert (arrest.basis, arrest.case_number) == ("warrant", "25-01234")
    k9 = by_kind["k9"].k9
    assert (k9.handler, k9.dog, k9.sniffed, k9.alert, k9.find, k9.grams) == (
        handler,
        dog,
        "vehicle",
        True,
        "cocaine",
        2.5,
    )
    talk = by_kind["knock_and_talk"].knock_and_talk
    assert (talk.answer, talk.consent_to_search, talk.materials, talk.language, talk.concerns) == (
        "answered",
        False,
        ["renters"],
        "es",
        ["noise"],
    )


def test_visit_that_was_not_chosen_from_the_list_counts_as_the_one_on_it(phone, hot_spot, officer):
    now = timezone.now()
    roster = RosterFactory(starts_at=now - 60 * MINUTE, ends_at=now + 60 * MINUTE)
    first, second = (AssignmentFactory(roster=roster, hot_spot=hot_spot, due_at=now + n * MINUTE) for n in (0, 30))
    phone.send(
        phone.log(uuid4(), hot_spot=hot_spot.pk, began=40, minutes_ago=30),
        phone.log(uuid4(), hot_spot=hot_spot.pk),
    )
    assert list(Activity.objects.order_by("started_at").values_list("assignment", flat=True)) == [first.pk, second.pk]


def on_the_list(hot_spot, **more):
    now = timezone.now()
    roster = RosterFactory(day=now.date(), starts_at=now - 60 * MINUTE, ends_at=now + 60 * MINUTE)
    return AssignmentFactory(roster=roster, hot_spot=hot_spot, **more)


def test_visit_meets_the_one_of_its_own_unit_then_a_free_one_then_another_units(phone, hot_spot):
    own, other = UnitFactory(), UnitFactory()
    theirs = on_the_list(hot_spot, unit=other)
    roster, later = theirs.roster, theirs.due_at + MINUTE
    free = AssignmentFactory(roster=roster, hot_spot=hot_spot, due_at=later)
    mine = AssignmentFactory(roster=roster, hot_spot=hot_spot, due_at=later + MINUTE, unit=own)
    met = []
    for minutes_ago in (40, 30, 20):
        phone.send(phone.start(number := uuid4(), minutes_ago, hot_spot=hot_spot.pk, unit=own.pk))
        met.append(Activity.objects.get(pk=number).assignment)
    assert met == [mine, free, theirs]


def test_visit_on_yesterdays_list_does_not_count_for_it(phone, hot_spot):
    todays = on_the_list(hot_spot)
    yesterday = RosterFactory(starts_at=timezone.now() - timedelta(days=1), shift=todays.roster.shift)
    old = AssignmentFactory(roster=yesterday, hot_spot=hot_spot)
    phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk, assignment=old.pk))
    assert only().assignment == todays


@pytest.mark.parametrize("differs", ["hot_spot", "tactic"])
def test_visit_of_another_hot_spot_or_tactic_does_not_count_for_what_was_chosen(phone, hot_spot, differs):
    other = {"hot_spot": HotSpotFactory()} if differs == "hot_spot" else {"tactic": "foot_patrol"}
    chosen = on_the_list(**{"hot_spot": hot_spot} | other)
    phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk, assignment=chosen.pk))
    assert only().assignment is None


@pytest.mark.parametrize(("hours", "counts"), [(0.9, True), (1.1, False)])
def test_visit_on_the_list_may_begin_an_hour_after_its_shift(phone, hot_spot, hours, counts):
    ends_at = timezone.now() - timedelta(hours=hours)
    ended = RosterFactory(starts_at=ends_at - timedelta(hours=8), ends_at=ends_at)
    chosen = AssignmentFactory(roster=ended, hot_spot=hot_spot)
    phone.send(phone.start(uuid4(), 0, hot_spot=hot_spot.pk, assignment=chosen.pk))
    assert only().assignment == (chosen if counts else None)


# Exactly once


def test_repeat_gets_the_same_answer_and_stores_nothing(phone, hot_spot):
    entries = [phone.log(uuid4(), hot_spot=hot_spot.pk), phone.log(uuid4(), kind="no such thing")]
    first = phone.send(*entries)
    assert [answer["state"] for answer in first] == ["stored", "kept"]
    assert phone.send(*entries) == first
    assert phone.send(*reversed(entries)) == first[::-1]
    assert phone.send(entries[0], entries[0]) == [first[0], first[0]]
    assert (Activity.objects.count(), SyncEntry.objects.count()) == (1, 2)


def test_answer_to_a_repeat_stays_what_it_was_though_the_row_changed(phone, hot_spot):
    number = uuid4()
    end = phone.end(number, hot_spot=hot_spot.pk)
    first = phone.send(end)
    assert first[0]["flags"] == ["no_start"]
    phone.send(phone.start(number, hot_spot=hot_spot.pk))
    assert only().flags == []
    assert phone.send(end) == first


# Order


def test_end_before_its_start_is_complete_and_start_fills_in_what_it_knows(phone, hot_spot):
    number, unit = uuid4(), UnitFactory()
    answer = phone.send(phone.end(number, hot_spot=hot_spot.pk, began=19))[0]
    assert (answer["state"], answer["flags"]) == ("stored", ["no_start"])
    start = phone.start(number, hot_spot=hot_spot.pk, unit=unit.pk, point=INSIDE, accuracy_m=8)
    assert phone.send(start)[0]["flags"] == []
    activity = only()
    assert (activity.unit, activity.point.coords, activity.accuracy_m) == (unit, tuple(INSIDE), 8)
    assert activity.started_at == datetime.fromisoformat(start["started_at"])
    assert activity.ended_at is not None


def test_end_listed_before_its_start_in_one_request_has_no_flag(phone, hot_spot):
    number = uuid4()
    answers = phone.send(phone.end(number, hot_spot=hot_spot.pk), phone.start(number, hot_spot=hot_spot.pk))
    assert [answer["flags"] for answer in answers] == [[], []]


def test_cancel_voids_whichever_comes_first(phone, hot_spot, officer):
    one, two = uuid4(), uuid4()
    phone.send(phone.start(one, hot_spot=hot_spot.pk))
    phone.send(phone.entry("cancel", activity=str(one), why="Wrong place"))
    phone.send(phone.entry("cancel", activity=str(two)))
    phone.send(phone.start(two, hot_spot=hot_spot.pk))
    voided = {each.pk: (each.void_reason, each.voided_by) for each in Activity.objects.exclude(voided_at=None)}
    assert voided == {one: ("Wrong place", officer), two: ("Started by mistake", officer)}


def test_cancel_of_what_is_approved_waits_for_a_supervisor(phone, hot_spot, officer, commander):
    activity = ActivityFactory(officer=officer, approved_by=commander, approved_at=timezone.now())
    assert phone.send(phone.entry("cancel", activity=str(activity.pk)))[0]["state"] == "kept"
    assert only().voided_at is None


# Conflicts


def test_second_end_leaves_the_first_and_is_flagged(phone, hot_spot):
    number = uuid4()
    phone.send(phone.end(number, hot_spot=hot_spot.pk, note="first"))
    ended_at = only().ended_at
    answer = phone.send(phone.end(number, hot_spot=hot_spot.pk, minutes_ago=1, note="second"))[0]
    assert answer["state"] == "kept", "for a supervisor, since it says something else"
    assert "ended_twice" in answer["flags"]
    assert (only().ended_at, only().note, only().patrol.mode) == (ended_at, "first", "vehicle")
    assert SyncEntry.objects.filter(payload__note="second", refused=True).exists()


def test_second_end_that_says_the_same_or_brings_details(phone, hot_spot):
    first = phone.end(uuid4(), hot_spot=hot_spot.pk)
    phone.send(first)
    for more, state in (({}, "stored"), ({"details": {"mode": "bike"}}, "kept")):
        answer = phone.send(first | {"id": str(uuid4())} | more)[0]
        assert (answer["state"], answer["flags"]) == (state, ["ended_twice", "no_start"])
    number = uuid4()
    both = [phone.log(number, hot_spot=hot_spot.pk, note=note) for note in ("one", "two")]
    assert [answer["state"] for answer in phone.send(*both)] == ["stored", "kept"]
    assert Activity.objects.get(pk=number).note == "one"


def test_visit_to_a_hot_spot_that_ended_meanwhile_is_flagged(phone):
    ended = HotSpotFactory(ended_on=date(2024, 9, 1))
    answer = phone.send(phone.log(uuid4(), hot_spot=ended.pk))[0]
    assert (answer["state"], answer["flags"]) == ("stored", ["hot_spot_closed"])
    assert only().hot_spot == ended


def test_visit_to_a_hot_spot_that_was_withdrawn_goes_to_its_place(phone):
    block = BlockFactory(at=(50, 0))
    point = [WEST + 50.5 * STEP, SOUTH]
    answer = phone.send(phone.log(uuid4(), hot_spot=987654, point=point))[0]
    assert (answer["state"], answer["flags"]) == ("stored", ["hot_spot_closed"])
    assert (only().hot_spot, only().place) == (None, block)


def test_visit_that_was_dropped_from_the_list_counts_all_the_same(phone, hot_spot, commander):
    roster = RosterFactory(starts_at=timezone.now() - 60 * MINUTE)
    dropped = AssignmentFactory(
        roster=roster, hot_spot=hot_spot, dropped_by=commander, dropped_at=timezone.now(), reason="Rain"
    )
    answer = phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk, assignment=dropped.pk))[0]
    assert (answer["state"], only().assignment) == ("stored", dropped)
    assert "dropped" in answer["message"]


def test_unknown_numbers_of_an_old_list_are_left_out(phone, hot_spot):
    old = {"unit": 999999, "place": 999999, "assignment": 999999, "operation": str(uuid4())}
    answer = phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk, **old))[0]
    assert answer["state"] == "stored"
    activity = only()
    assert (activity.unit, activity.place, activity.assignment, activity.operation) == (None, None, None, None)
    assert SyncEntry.objects.get().payload["unit"] == 999999


def test_details_that_make_no_sense_keep_the_times_and_wait_for_a_supervisor(phone, hot_spot):
    number = uuid4()
    phone.send(phone.start(number, kind="k9", hot_spot=hot_spot.pk))
    details = {"dog": 999999, "sniffed": "vehicle", "alert": False}
    answer = phone.send(phone.end(number, kind="k9", hot_spot=hot_spot.pk, details=details))[0]
    assert answer["state"] == "kept"
    assert "Dog" in answer["message"]
    assert only().ended_at is not None
    assert not K9Deployment.objects.exists()
    assert SyncEntry.objects.get(refused=True).payload["details"] == details


@pytest.mark.parametrize(
    ("type", "damage"),
    [
        ("log", {"officer": None}),
        ("log", {"officer": "7"}),
        ("log", {"kind": "bake"}),
        ("log", {"kind": ["k9"]}),
        ("log", {"hot_spot": None}),
        ("log", {"hot_spot": 10**30}),
        ("log", {"started_at": None}),
        ("log", {"started_at": "yesterday"}),
        ("log", {"started_at": "2025-03-05T12:00:00"}),
        ("log", {"started_at": "0001-01-01T00:00:00Z"}),
        ("log", {"ended_at": "2020-01-01T00:00:00Z"}),
        ("log", {"ended_at": {"at": 1}}),
        ("log", {"activity": "seven"}),
        ("log", {"activity": None}),
        ("end", {"ended_at": None}),
        ("cancel", {"activity": None}),
        ("operation", {"operation": None}),
        ("operation", {"operation": "6f3b1c0e-0000-4000-8000-000000000000", "hot_spot": None}),
        ("measure", {"measure": None}),
        ("dance", {}),
        (None, {}),
    ],
)
def test_what_cannot_be_stored_is_kept_aside_and_the_rest_is_stored(phone, hot_spot, type, damage):
    good = phone.log(uuid4(), hot_spot=hot_spot.pk)
    damaged = phone.log(uuid4(), hot_spot=hot_spot.pk) | {"type": type} | damage
    answers = phone.send(damaged, good)
    assert [answer["state"] for answer in answers] == ["kept", "stored"]
    assert answers[0]["message"]
    kept = SyncEntry.objects.get(refused=True)
    assert {name: kept.payload[name] for name in damage} == damage
    assert phone.send(damaged, good) == answers


def test_entry_without_an_id_and_what_is_no_entry_are_kept_once(phone):
    nameless = phone.log(uuid4()) | {"id": "none"}
    for _again in range(2):
        assert [answer["state"] for answer in phone.send(nameless, "text", 7, None, [])] == ["kept"] * 5
    assert SyncEntry.objects.filter(refused=True).count() == 5


def test_text_that_a_database_cannot_hold_is_no_obstacle(phone, hot_spot):
    entry = phone.log(uuid4(), hot_spot=hot_spot.pk, note="a\x00b\ud800c")
    assert phone.send(entry)[0]["state"] == "stored"
    assert only().note == "abc"


def test_number_beyond_all_bounds_is_no_obstacle(phone, hot_spot):
    entry = f'{{"id":"{uuid4()}","type":"log","officer":{phone.officer.pk},"weight":1e999}}'
    body = f'{{"device":"{phone.device}","sent_at":"{timezone.now().isoformat()}","entries":[{entry}]}}'
    response = phone.client.post("/log/sync/", body, content_type="application/json")
    assert response.json()["answers"][0]["state"] == "kept"


def test_what_the_database_itself_refuses_is_kept_aside_and_spoils_no_other(phone, hot_spot, monkeypatch):
    """A rule of the database that the form does not know."""
    monkeypatch.setattr(
        "tactics.forms.activities.VehicleStopForm.clean_outcomes", lambda form: form.cleaned_data["outcomes"]
    )
    stop = {"kind": "vehicle_stop", "hot_spot": hot_spot.pk}
    bad = phone.log(uuid4(), **stop, details={"violation": "speed", "outcomes": ["none", "tow"]})
    good = phone.log(uuid4(), **stop, details={"violation": "speed", "outcomes": ["tow"]})
    assert [answer["state"] for answer in phone.send(good, bad)] == ["stored", "kept"]
    assert VehicleStop.objects.get().outcomes == ["tow"]
    assert SyncEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        ({"point": [10**400, 37]}, "stored"),
        ({"accuracy_m": 10**400}, "stored"),
        ({"kind": "foot_patrol", "details": {"route": [[10**400, 37], [-95, 37]]}}, "kept"),
        ({"kind": "knock_and_talk", "details": {"answer": "answered", "consent_to_search": []}}, "kept"),
        ({"kind": "k9", "details": {"grams": 10**400, "alert": {}, "dog": {}, "sniffed": []}}, "kept"),
    ],
)
def test_value_of_any_size_or_sort_stops_no_other_entry(phone, hot_spot, damage, state):
    good = phone.log(uuid4(), hot_spot=hot_spot.pk)
    damaged = phone.log(uuid4(), hot_spot=hot_spot.pk) | damage
    assert [answer["state"] for answer in phone.send(damaged, good)] == [state, "stored"]


def test_what_nobody_thought_of_is_kept_aside_and_the_phone_goes_on(phone, hot_spot, monkeypatch):
    def breaks(_form):
        raise RuntimeError

    monkeypatch.setattr("tactics.forms.activities.VehicleStopForm.is_valid", breaks)
    stop = phone.log(uuid4(), kind="vehicle_stop", hot_spot=hot_spot.pk)
    good = phone.log(uuid4(), hot_spot=hot_spot.pk)
    answers = phone.send(stop, good)
    assert [answer["state"] for answer in answers] == ["kept", "stored"]
    assert phone.send(stop)[0] == answers[0]
    assert only().kind == "directed_patrol"


def test_database_that_goes_away_meanwhile_leaves_all_on_the_phone(phone, hot_spot, monkeypatch):
    def away(*_arguments):
        raise OperationalError

    monkeypatch.setattr("tactics.actions.sync.Batch.take", away)
    phone.client.raise_request_exception = False
    assert phone.post(phone.log(uuid4(), hot_spot=hot_spot.pk)).status_code == 503
    assert SyncEntry.objects.count() == 0


# Whose


def test_entry_of_another_officer_stays_on_the_phone(phone, other, hot_spot):
    theirs = other.log(uuid4(), hot_spot=hot_spot.pk)
    own = phone.log(uuid4(), hot_spot=hot_spot.pk)
    answers = phone.send(theirs, own)
    assert [answer["state"] for answer in answers] == ["other_officer", "stored"]
    assert not SyncEntry.objects.filter(pk=theirs["id"]).exists()
    assert other.send(theirs)[0]["state"] == "stored"
    assert {activity.officer for activity in Activity.objects.all()} == {phone.officer, other.officer}
    assert phone.send(theirs | {"officer": phone.officer.pk})[0]["state"] == "other_officer"


@pytest.mark.parametrize("type", ["start", "end", "log", "cancel"])
def test_activity_of_another_officer_is_not_touched(phone, other, hot_spot, type):
    number = uuid4()
    other.send(other.start(number, hot_spot=hot_spot.pk))
    before = Activity.objects.values().get()
    answer = phone.send(phone.log(number, hot_spot=hot_spot.pk) | {"type": type})[0]
    assert (answer["state"], answer["flags"]) == ("kept", [])
    assert Activity.objects.values().get() == before


# Clocks


def test_clock_that_is_hours_ahead_is_set_right_and_flagged(officer, hot_spot):
    phone = Phone(officer, clock=timedelta(hours=3))
    sent = phone.log(uuid4(), hot_spot=hot_spot.pk)
    answer = phone.send(sent)[0]
    assert answer["flags"] == ["clock_wrong"]
    activity = only()
    assert activity.started_at == pytest.approx(timezone.now() - 20 * MINUTE, abs=5 * SECOND)
    assert activity.clock_offset_s == pytest.approx(-3 * 3600, abs=5)
    assert SyncEntry.objects.get().payload["started_at"] == sent["started_at"]


def test_clock_that_is_a_minute_behind_is_left_alone(officer, hot_spot):
    phone = Phone(officer, clock=-MINUTE)
    assert phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk))[0]["flags"] == []
    assert only().started_at == pytest.approx(timezone.now() - 21 * MINUTE, abs=5 * SECOND)


DAY_S = 86_400


@pytest.mark.parametrize(
    ("at_sending", "said", "own", "flagged"),
    [
        (0, {"offset_s": DAY_S}, DAY_S, True),  # a day slow when it was made, set right since
        (0, {"offset_s": -DAY_S, "clock_drift_s": -DAY_S}, -DAY_S, True),  # a day fast, set right
        (0, {"clock_drift_s": -DAY_S}, -DAY_S, True),
        (0, {"offset_s": DAY_S, "clock_drift_s": DAY_S + 3600}, DAY_S, True),  # slow, and asleep for an hour
        (0, {"offset_s": 2, "clock_drift_s": 3600}, 2, False),  # only asleep
        (0, {"clock_drift_s": 3600}, 0, False),
        (-DAY_S, {"offset_s": 0}, 0, True),  # right when it was made, wrong now
        (-DAY_S, {"offset_s": 0, "clock_drift_s": 0}, -DAY_S, True),  # wrong all the while
        (0, {"offset_s": 60, "clock_drift_s": None}, 60, False),
        (0, {"offset_s": None, "clock_drift_s": "x"}, 0, False),
        (0, {"offset_s": 10**400}, 0, False),
        (0, {"offset_s": 10**11, "clock_drift_s": True}, 0, False),
    ],
)
def test_each_entry_goes_by_the_clock_that_it_was_made_with(officer, hot_spot, at_sending, said, own, flagged):
    began = timezone.now() - 20 * MINUTE
    by_its_clock = (began - own * SECOND).isoformat()
    phone = Phone(officer, clock=-at_sending * SECOND)
    answer = phone.send(phone.start(uuid4(), hot_spot=hot_spot.pk, started_at=by_its_clock, **said))[0]
    assert (answer["state"], answer["flags"]) == ("stored", ["clock_wrong"] if flagged else [])
    assert only().started_at == pytest.approx(began, abs=(61 if not flagged else 5) * SECOND)
    assert only().clock_offset_s == pytest.approx(own, abs=5)


def test_end_after_the_clock_was_set_right_meets_its_start(phone, hot_spot):
    now, number = timezone.now(), uuid4()
    fast = {"started_at": (now + timedelta(days=1) - 20 * MINUTE).isoformat(), "offset_s": -DAY_S}
    start = phone.start(number, hot_spot=hot_spot.pk) | fast
    end = phone.end(number, hot_spot=hot_spot.pk, offset_s=0) | {"started_at": fast["started_at"]}
    assert [answer["state"] for answer in phone.send(start, end)] == ["stored", "stored"]
    assert only().ended_at - only().started_at == pytest.approx(15 * MINUTE, abs=5 * SECOND)
    assert only().flags == ["clock_wrong"]


def test_start_in_the_future_is_stored_and_flagged(phone, hot_spot):
    answer = phone.send(phone.start(uuid4(), hot_spot=hot_spot.pk, minutes_ago=-240))[0]
    assert (answer["state"], answer["flags"]) == ("stored", ["clock_wrong"])


# Where


def test_stop_inside_a_hot_spot_belongs_to_it(phone, hot_spot):
    phone.send(phone.log(uuid4(), point=INSIDE))
    assert only().hot_spot == hot_spot


def test_stop_off_any_hot_spot_belongs_to_the_nearest_block_before_an_address(phone):
    AddressFactory(at=(50, 0))
    BlockFactory(at=(52, 0), retired_on=date(2024, 1, 1))
    block = BlockFactory(at=(53, 0))
    phone.send(phone.log(uuid4(), point=[WEST + 50 * STEP, SOUTH]))
    assert (only().hot_spot, only().place) == (None, block)


def test_stop_far_from_every_block_belongs_to_the_nearest_address_else_to_its_position(phone):
    address = AddressFactory(at=(60, 0))
    BlockFactory(at=(0, 0))
    phone.send(phone.log(uuid4(), point=[WEST + 61 * STEP, SOUTH]))
    assert only().place == address
    phone.send(phone.log(uuid4(), point=NOWHERE_NEAR))
    last = Activity.objects.exclude(place=address).get()
    assert (last.place, last.point.coords) == (None, tuple(NOWHERE_NEAR))


def test_place_in_a_hot_spot_counts_for_it(phone, hot_spot):
    address = AddressFactory(geometry=Point(*INSIDE, srid=4326))
    phone.send(phone.log(uuid4(), place=address.pk))
    assert (only().hot_spot, only().place) == (hot_spot, address)


def test_place_that_was_named_decides_wherever_the_phone_was(phone, hot_spot):
    elsewhere = AddressFactory(at=(50, 0))
    phone.send(phone.log(uuid4(), place=elsewhere.pk, point=INSIDE))
    assert (only().hot_spot, only().place) == (None, elsewhere)


def test_place_in_a_hot_spot_that_was_named_from_afar_is_not_far_away(phone, hot_spot):
    address = AddressFactory(geometry=Point(*INSIDE, srid=4326))
    number = uuid4()
    afar = {"place": address.pk, "point": [WEST + 10 * STEP, SOUTH], "accuracy_m": 5}
    assert phone.send(phone.start(number, **afar))[0]["flags"] == []
    assert phone.send(phone.end(number, **afar))[0]["flags"] == []
    assert only().hot_spot == hot_spot


def test_boundary_of_the_day_decides(phone, hot_spot):
    boundary = hot_spot.boundaries.get()
    boundary.valid = DateRange(date(2024, 5, 1), date(2024, 6, 1))
    boundary.save()
    block = BlockFactory(at=(0, 0))
    phone.send(phone.log(uuid4(), point=INSIDE))
    assert (only().hot_spot, only().place) == (None, block)


def test_position_far_from_the_hot_spot_is_flagged_unless_it_is_rough(phone, hot_spot):
    far = {"hot_spot": hot_spot.pk, "point": [WEST + 10 * STEP, SOUTH], "accuracy_m": 20}
    assert phone.send(phone.log(uuid4(), **far))[0]["flags"] == ["far_away"]
    assert phone.send(phone.log(uuid4(), **far | {"accuracy_m": 1500}))[0]["flags"] == []
    near = far | {"point": [WEST + 2 * STEP, SOUTH]}
    assert phone.send(phone.log(uuid4(), **near))[0]["flags"] == []


# What contradicts itself


def test_two_places_at_once_flags_both_until_one_is_cancelled(phone, hot_spot):
    elsewhere, one, two = HotSpotFactory(), uuid4(), uuid4()
    phone.send(phone.log(one, hot_spot=hot_spot.pk))
    assert phone.send(phone.log(two, hot_spot=elsewhere.pk))[0]["flags"] == ["overlaps"]
    assert Activity.objects.get(pk=one).flags == ["overlaps"]
    phone.send(phone.entry("cancel", activity=str(two)))
    assert Activity.objects.get(pk=one).flags == []


def test_stop_during_a_patrol_of_the_same_hot_spot_is_no_contradiction(phone, hot_spot):
    stop = {"kind": "vehicle_stop", "details": {"violation": "speed", "outcomes": ["warning"]}}
    phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk))
    assert phone.send(phone.log(uuid4(), began=15, hot_spot=hot_spot.pk, **stop))[0]["flags"] == []


def test_next_visit_while_the_last_one_still_runs_is_flagged_until_that_is_ended(phone, hot_spot):
    first, second = uuid4(), uuid4()
    phone.send(phone.start(first, hot_spot=hot_spot.pk, minutes_ago=60))
    phone.send(phone.start(second, hot_spot=HotSpotFactory().pk, minutes_ago=20))
    assert {tuple(each.flags) for each in Activity.objects.all()} == {("overlaps",)}
    phone.send(phone.end(first, hot_spot=hot_spot.pk, began=60, minutes_ago=40))
    assert {tuple(each.flags) for each in Activity.objects.all()} == {()}


def test_visit_longer_than_a_shift_is_flagged(phone, hot_spot):
    assert phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk, began=13 * 60))[0]["flags"] == ["too_long"]


# Operations and measures


def test_operation_is_coordinated_joined_and_ended(phone, other, hot_spot):
    number = str(uuid4())
    operation = {"operation": number, "hot_spot": hot_spot.pk, "name": "Friday", "started_at": phone.ago(60)}
    phone.send(phone.entry("operation", **operation, ended_at=None))
    other.send(other.start(uuid4(), kind="saturation_patrol", hot_spot=hot_spot.pk, operation=number))
    assert only().operation.coordinator == phone.officer
    assert other.client.get("/log/state/").json()["operations"][0]["id"] == number
    assert other.send(other.entry("operation", **operation, ended_at=other.ago(1)))[0]["state"] == "kept"
    phone.send(phone.entry("operation", **operation, ended_at=phone.ago(1)))
    assert Operation.objects.get().ended_at == pytest.approx(timezone.now() - MINUTE, abs=5 * SECOND)


def test_operation_that_comes_after_those_who_joined_it_gets_them(phone, hot_spot):
    number = str(uuid4())
    phone.send(phone.start(uuid4(), kind="saturation_patrol", hot_spot=hot_spot.pk, operation=number))
    assert only().operation is None
    phone.send(phone.entry("operation", operation=number, hot_spot=hot_spot.pk, started_at=phone.ago(30)))
    assert only().operation_id == UUID(number)


def test_operation_that_ends_does_not_take_back_what_a_supervisor_took_out(phone, hot_spot):
    number = str(uuid4())
    operation = {"operation": number, "hot_spot": hot_spot.pk, "started_at": phone.ago(60)}
    phone.send(phone.entry("operation", **operation))
    phone.send(phone.start(uuid4(), kind="saturation_patrol", hot_spot=hot_spot.pk, operation=number))
    Activity.objects.update(operation=None)
    phone.send(phone.entry("operation", **operation, ended_at=phone.ago(1)))
    assert only().operation is None


def test_measure_is_reported_once(phone):
    BlockFactory(at=(0, 0))
    number = str(uuid4())
    report = {"measure": number, "kind": "lighting", "place": None, "point": INSIDE, "title": "Lamp out", "note": ""}
    for _again in range(2):
        assert phone.send(phone.entry("measure", **report))[0]["state"] == "stored"
    measure = Measure.objects.get()
    assert (measure.title, measure.status, measure.created_by) == ("Lamp out", "reported", phone.officer)
    assert phone.send(phone.entry("measure", **report | {"point": None, "measure": str(uuid4())}))[0]["state"] == "kept"


# Requests


def test_body_that_is_no_such_thing_is_refused(phone):
    post = phone.client.post
    for body in ("", "{", "[]", '{"device": "x"}', "[" * 100_000):
        assert post("/log/sync/", body, content_type="application/json").status_code == 400
    assert phone.post(sent_at="2025-03-05T12:00:00").status_code == 400
    assert phone.post(device="mine").status_code == 400
    assert phone.post(entries={}).status_code == 400
    assert phone.post(*[{}] * 101).status_code == 413
    assert phone.post("x" * 3_000_000).status_code == 413
    assert SyncEntry.objects.count() == 0


def test_signed_out_meanwhile_is_told_where_to_sign_in(phone, hot_spot, settings):
    entry = phone.log(uuid4(), hot_spot=hot_spot.pk)
    phone.client.logout()
    for response in (phone.post(entry), phone.client.get("/log/state/")):
        assert (response.status_code, response.json()["sign_in"]) == (401, "/accounts/login/")


def test_session_that_ended_by_itself_is_told_where_to_sign_in(phone):
    for name in ("accounts_last_seen_at", "accounts_signed_in_at"):
        session = phone.client.session
        session["accounts_last_seen_at"] = session["accounts_signed_in_at"] = datetime.now(UTC).timestamp()
        session[name] -= 13 * 3600
        session.save()
        response = phone.post()
        assert (response.status_code, response.json()["sign_in"]) == (401, "/accounts/login/")
        phone.__post_init__()


def test_phone_that_looks_by_itself_keeps_no_session_open_and_one_that_sends_does(phone, hot_spot):
    def seen() -> float:
        return phone.client.session["accounts_last_seen_at"]

    session = phone.client.session
    session["accounts_last_seen_at"] = session["accounts_signed_in_at"] = datetime.now(UTC).timestamp() - 600
    session.save()
    before = seen()
    phone.client.get("/log/state/")
    assert seen() == before
    phone.send(phone.log(uuid4(), hot_spot=hot_spot.pk))
    assert seen() > before


def test_database_that_is_away_is_said_in_json(phone, monkeypatch):
    def away(*_arguments: object) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr("tactics.views.sync.receive", lambda **_arguments: away())
    phone.client.raise_request_exception = False
    response = phone.post()
    assert (response.status_code, "database" in response.json()["why"]) == (503, True)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    assert phone.post().status_code == 503
    assert phone.client.get("/log/state/").json()["why"]


def test_one_time_password_and_second_factor_come_first(hot_spot):
    temporary = Phone(UserFactory(roles=["officer"], password_is_temporary=True))
    without = Phone(UserFactory(roles=["officer"], second_factor=False))
    not_shown = Phone(UserFactory(roles=["officer"]))
    session = not_shown.client.session
    session["account_authentication_methods"] = session["account_authentication_methods"][:1]
    session.save()
    for phone, address in (
        (temporary, "/accounts/password/change/"),
        (without, "/accounts/2fa/"),
        (not_shown, "/accounts/2fa/reauthenticate/"),
    ):
        response = phone.post(phone.log(uuid4(), hot_spot=hot_spot.pk))
        assert (response.status_code, response.json()["sign_in"]) == (401, address)
    assert not Activity.objects.exists()


def test_role_taken_away_meanwhile_is_said(hot_spot):
    clerk = Phone(UserFactory(roles=["clerk"]))
    response = clerk.post(clerk.log(uuid4(), hot_spot=hot_spot.pk))
    assert response.status_code == 403
    assert "Officer" in response.json()["why"]


def test_old_csrf_token_is_told_apart_from_being_signed_out(phone):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = phone.client.cookies
    response = strict.post("/log/sync/", {}, content_type="application/json")
    assert (response.status_code, response.json()["stale_token"]) == (403, True)
    token = strict.get("/log/state/").json()["csrf"]
    response = strict.post("/log/sync/", {}, content_type="application/json", headers={"X-CSRFToken": token})
    assert response.status_code == 400
    strict.logout()
    response = strict.post("/log/sync/", {}, content_type="application/json")
    assert (response.status_code, response.json()["sign_in"]) == (401, "/accounts/login/")


# How much it costs


def test_number_of_queries_does_not_grow_with_the_entries(phone, hot_spot, django_assert_max_num_queries):
    dog = Dog.objects.create(name="Rex")
    BlockFactory(at=(0, 0))

    def entries(times: int) -> list[dict]:
        k9 = {"dog": dog.pk, "sniffed": "area", "alert": False}
        arrest = {"offenses": ["35A"], "basis": "warrant"}
        made = []
        for number in [uuid4() for _time in range(times)]:
            made += [
                phone.log(uuid4(), hot_spot=hot_spot.pk, point=INSIDE),
                phone.log(uuid4(), point=INSIDE),
                phone.log(uuid4(), hot_spot=hot_spot.pk, kind="k9", details=k9),
                phone.log(uuid4(), hot_spot=hot_spot.pk, kind="arrest", details=arrest),
                phone.start(number, hot_spot=hot_spot.pk),
                phone.end(number, hot_spot=hot_spot.pk),
            ]
        return made

    with django_assert_max_num_queries(60) as few:
        phone.send(*entries(1))
    with django_assert_max_num_queries(len(few.captured_queries)):
        phone.send(*entries(3))
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert {answer["state"] for answer in phone.send(*entries(16))} == {"stored"}
    assert Arrest.objects.count() == 20


def test_visits_on_a_list_are_met_in_the_same_queries_for_any_number(phone, django_assert_max_num_queries):
    def send(visits: int) -> list:
        spots = HotSpotFactory.create_batch(visits)
        for spot in spots:
            AssignmentFactory(roster=roster, hot_spot=spot)
        with django_assert_max_num_queries(40) as made:
            phone.send(*[phone.log(uuid4(), hot_spot=spot.pk) for spot in spots])
        assert Activity.objects.filter(hot_spot__in=spots).exclude(assignment=None).count() == visits
        return made.captured_queries

    roster = RosterFactory(starts_at=timezone.now() - 60 * MINUTE)
    send(1)
    assert len(send(3)) == len(send(16)) <= 23


@pytest.mark.parametrize("rows", [1, 3])
def test_state_takes_the_same_queries_for_any_number_of_rows(
    phone, hot_spot, officer, rows, django_assert_max_num_queries
):
    now = timezone.now()
    roster = RosterFactory(starts_at=now - MINUTE, ends_at=now + 60 * MINUTE)
    for _row in range(rows):
        spot = HotSpotFactory()
        AssignmentFactory(roster=roster, hot_spot=spot, due_at=now)
        ActivityFactory(officer=officer, hot_spot=spot, minutes=None)
        UnitFactory()
        Dog.objects.create(name=str(uuid4())[:20])
    with django_assert_max_num_queries(30) as made:
        state = phone.client.get("/log/state/").json()
    assert len(state["next"]) == len(state["running"]) == rows
    assert len(made.captured_queries) <= 18, len(made.captured_queries)


def test_state_names_all_that_a_phone_needs(phone, hot_spot, officer):
    phone.send(phone.start(number := uuid4(), hot_spot=hot_spot.pk))
    state = phone.client.get("/log/state/").json()
    assert state["officer"] == {"id": officer.pk, "name": str(officer)}
    assert [each["name"] for each in state["hot_spots"]] == [hot_spot.name]
    assert [each["activity"] for each in state["running"]] == [str(number)]
    assert {"csrf", "server_time", "next", "operations", "units", "dogs", "handlers", "offenses"} <= state.keys()
    assert ["bike", "Bike"] in state["choices"]["patrol.mode"]


def test_state_names_unit_and_end_of_what_is_next_and_the_agencys_zone(phone, hot_spot):
    AgencyProfile.objects.update(time_zone="America/Denver")
    forget_agency()
    free = on_the_list(hot_spot)
    units = AssignmentFactory(roster=free.roster, hot_spot=hot_spot, unit=UnitFactory(), due_at=free.due_at + MINUTE)
    state = phone.client.get("/log/state/").json()
    assert [each["unit"] for each in state["next"]] == [None, {"id": units.unit.pk, "name": units.unit.name}]
    assert datetime.fromisoformat(state["next"][0]["ends_at"]) == free.roster.ends_at
    assert state["zone"] == "America/Denver"


def test_outlines_are_sent_again_only_when_one_changed(phone, hot_spot):
    first = phone.client.get("/log/state/").json()
    assert first["hot_spots"][0]["geometry"]["type"] == "MultiPolygon"
    address = f"/log/state/?outlines={first['outlines']}"
    again = phone.client.get(address).json()
    assert {**again["hot_spots"][0], "geometry": first["hot_spots"][0]["geometry"]} == first["hot_spots"][0]
    assert "geometry" not in again["hot_spots"][0]
    assert (again["outlines"], "csrf" in again, "server_time" in again) == (first["outlines"], True, True)
    boundary = hot_spot.boundaries.get()
    boundary.geometry = MultiPolygon(boundary.geometry.envelope.buffer(STEP))
    boundary.save()
    changed = phone.client.get(address).json()
    assert changed["outlines"] != first["outlines"]
    assert changed["hot_spots"][0]["geometry"] != first["hot_spots"][0]["geometry"]
    HotSpotFactory()
    both = phone.client.get(f"/log/state/?outlines={changed['outlines']}").json()["hot_spots"]
    assert len([each for each in both if "geometry" in each]) == 2
