"""Entries that come at the same moment, in any order and more than once."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from tactics.actions.review import approve, void
from tactics.models import Activity, Arrest, Operation, Patrol, SyncEntry, VehicleStop
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory, HotSpotFactory
from tests.factories.tactics import UnitFactory
from tests.integration.tactics.phone import Phone
from tests.integration.tactics.test_sync import INSIDE

STOP = {"kind": "vehicle_stop", "details": {"violation": "speed", "outcomes": ["warning"]}}
ARREST = {"kind": "arrest", "details": {"offenses": ["35A", "90Z"], "basis": "warrant"}}


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Each in a thread and with a connection of its own, let go together."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_same_entries_at_the_same_moment_get_the_same_answers_and_are_stored_once():
    phone, hot_spot = Phone(UserFactory(roles=["officer"])), HotSpotFactory()
    entries = [phone.log(uuid4(), hot_spot=hot_spot.pk, **STOP) for _ in range(20)]
    entries += [phone.log(uuid4(), kind="no such thing") for _ in range(5)]
    answers = at_once(*[lambda: phone.send(*entries)] * 4)
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert (Activity.objects.count(), VehicleStop.objects.count(), SyncEntry.objects.count()) == (20, 20, 25)


@pytest.mark.django_db(transaction=True)
def test_two_ends_at_the_same_moment_leave_one_and_a_flag():
    officer, hot_spot, number = UserFactory(roles=["officer"]), HotSpotFactory(), uuid4()
    phone, terminal = Phone(officer), Phone(officer)
    phone.send(phone.start(number, hot_spot=hot_spot.pk))
    ends = [each.end(number, hot_spot=hot_spot.pk, note=str(each.device)) for each in (phone, terminal)]
    at_once(lambda: phone.send(ends[0]), lambda: terminal.send(ends[1]))
    activity = Activity.objects.get()
    assert activity.flags == ["ended_twice"]
    assert activity.note in (str(phone.device), str(terminal.device))
    assert (Patrol.objects.count(), SyncEntry.objects.count()) == (1, 3)
    assert SyncEntry.objects.get(refused=True).payload["note"] != activity.note, "the other one is for a supervisor"


@pytest.mark.django_db(transaction=True)
def test_officers_do_not_wait_for_each_other_and_nothing_is_lost():
    hot_spot = HotSpotFactory()
    phones = [Phone(UserFactory(roles=["officer"])) for _ in range(4)]
    queues = [[phone.log(uuid4(), hot_spot=hot_spot.pk) for _ in range(10)] for phone in phones]
    at_once(*[lambda i=i: phones[i].send(*queues[i]) for i in range(4)])
    assert {str(number) for number in Activity.objects.values_list("pk", flat=True)} == {
        entry["activity"] for queue in queues for entry in queue
    }


def a_night(phone: Phone) -> list[dict]:
    """Entries of every kind, of one officer."""
    one, two = HotSpotFactory(), HotSpotFactory()
    BlockFactory(at=(0, 0))
    operation, numbers = str(uuid4()), [uuid4() for _ in range(6)]
    unit = UnitFactory().pk
    visit = {"hot_spot": one.pk, "unit": unit, "point": INSIDE, "accuracy_m": 5}
    joined = {"kind": "saturation_patrol", "hot_spot": two.pk, "operation": operation}
    of_operation = {"operation": operation, "hot_spot": two.pk, "name": "Friday", "started_at": phone.ago(150)}
    return [
        phone.start(numbers[0], minutes_ago=200, **visit),
        phone.end(numbers[0], began=199, minutes_ago=185, hot_spot=one.pk, details={"seen": ["people"]}, note="Quiet."),
        phone.entry("operation", **of_operation, ended_at=None),
        phone.start(numbers[1], minutes_ago=150, **joined),
        phone.end(numbers[1], began=150, minutes_ago=100, **joined),
        phone.entry("operation", **of_operation, ended_at=phone.ago(90)),
        phone.log(numbers[2], began=80, minutes_ago=70, point=INSIDE, **STOP),
        phone.log(numbers[3], began=60, minutes_ago=50, hot_spot=two.pk, **ARREST),
        phone.start(numbers[4], minutes_ago=40, hot_spot=one.pk),
        phone.entry("cancel", activity=str(numbers[4]), why="Wrong place"),
        phone.start(numbers[5], minutes_ago=10, hot_spot=two.pk),
        phone.entry("dance"),
    ]


def rows() -> dict[str, list]:
    """All that was stored, but when it came and by which number it is known."""
    come = ("received_at", "voided_at", "clock_offset_s")
    activities = [
        {name: value for name, value in row.items() if name not in come} | {"flags": sorted(row["flags"])}
        for row in Activity.objects.order_by("pk").values()
    ]
    return {
        "activities": activities,
        "patrols": list(Patrol.objects.order_by("pk").values()),
        "stops": list(VehicleStop.objects.order_by("pk").values()),
        "arrests": list(Arrest.objects.order_by("pk", "offenses").values("pk", "basis", "offenses")),
        "operations": list(Operation.objects.values()),
        "entries": list(SyncEntry.objects.order_by("pk").values("pk", "payload", "refused")),
    }


def forget_all() -> None:
    for model in (SyncEntry, Patrol, VehicleStop, Arrest, Activity, Operation):
        model.objects.all().delete()


@pytest.mark.django_db
def test_any_order_and_any_repeats_in_any_requests_give_the_same_rows():
    phone, chance = Phone(UserFactory(roles=["officer"])), random.Random(5)
    night = a_night(phone)
    phone.send(*night)
    expected = rows()
    assert len(expected["activities"]) == 6
    for _try in range(25):
        forget_all()
        queue = night + chance.choices(night, k=5)
        chance.shuffle(queue)
        while queue:
            size = chance.randint(1, 6)
            phone.send(*queue[:size])
            queue = queue[size:]
        assert rows() == expected


@pytest.mark.django_db(transaction=True)
def test_any_order_at_the_same_moment_gives_the_same_rows():
    phone, chance = Phone(UserFactory(roles=["officer"])), random.Random(7)
    night = a_night(phone)
    phone.send(*night)
    expected = rows()
    for _try in range(3):
        forget_all()
        mixed = chance.sample(night, len(night))
        at_once(*[lambda part=mixed[i : i + 6]: phone.send(*part) for i in (0, 3, 6)])
        assert rows() == expected


@pytest.mark.django_db(transaction=True)
def test_corrections_approvals_and_entries_at_the_same_moment_do_not_block_each_other():
    """Each changes flags of other rows of the officer, in whatever order."""
    officer, boss = UserFactory(roles=["officer"]), UserFactory(roles=["commander"])
    phone, spots = Phone(officer), [HotSpotFactory() for _ in range(8)]
    numbers = [uuid4() for _ in spots]
    phone.send(*[phone.log(number, hot_spot=spot.pk) for number, spot in zip(numbers, spots, strict=True)])
    found = list(Activity.objects.order_by("-pk"))

    def take_out() -> None:
        for each in found[:4]:
            void(by=boss, activity=each, reason="Twice")

    def approve_all() -> None:
        for each in reversed(found):
            approve(by=boss, activities=[each.pk, *numbers])

    def send() -> None:
        for spot in spots:
            phone.send(phone.log(uuid4(), hot_spot=spot.pk))

    at_once(take_out, approve_all, send)
    assert Activity.objects.count() == 16
    assert Activity.objects.exclude(voided_at=None).count() == 4
