"""The demo town's police: there after `demo`, the same after a second, gone after `demo --remove`."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.demo import make_demo_people
from accounts.models import User
from hotspots.actions import demo as town
from hotspots.demo.registry import additions
from hotspots.models import HotSpot, HotSpotBoundary
from tactics import models
from tactics.actions import demo as actions
from tactics.catalogue import ACTIVITIES, MEASURES
from tactics.models import Activity, Briefing, Measure, Plan, SyncEntry
from tests.factories.tactics import ActivityFactory, AssignmentFactory, BriefingFactory

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 6, 30)
KEPT = {models.Shift}


def counts() -> dict[str, int]:
    return {name: getattr(models, name).objects.count() for name in models.__all__}


def test_demo_police_work_by_plans_the_same_again_and_go_with_the_town(settings, monkeypatch, officer):
    """One walk for all of it, since the walk takes some seconds; without the town's runs, which take longest."""
    settings.DEMO = True
    monkeypatch.setattr(town, "standing_specs", lambda as_of: [])
    # Higher apps add to the town too, and hold on to what is there; their own tests make and remove all of it.
    monkeypatch.setattr(town, "additions", lambda: additions()[:1])  # lower apps first
    said: list[str] = []
    town.make_demo(until=UNTIL, say=said.append)
    make_demo_people()
    town.make_additions(say=said.append)
    assert HotSpot.objects.filter(commander__username="commander").count() == 3
    assert sorted(Plan.objects.values_list("status", flat=True)) == ["active"] * 3 + ["ended"]
    assert set(Activity.objects.values_list("kind", flat=True)) == set(ACTIVITIES)
    assert set(Measure.objects.values_list("kind", flat=True)) == set(MEASURES)
    assert Measure.objects.overdue_on(UNTIL).count() == 1
    for activity in Activity.objects.select_related(
        "patrol", "foot_patrol", "vehicle_stop", "arrest", "k9", "knock_and_talk"
    ):
        details = {
            "directed_patrol": "patrol", "saturation_patrol": "patrol"
        }.get(activity.kind, activity.kind)  # fmt: skip
        assert getattr(activity, details)
    assert not Activity.objects.filter(kind="saturation_patrol", operation=None).exists()
    assert models.Arrest.objects.filter(offenses=None).count() == 0
    first = Activity.objects.earliest("started_at").started_at.date()
    latest = Activity.objects.latest("started_at").started_at.date()
    assert UNTIL - timedelta(days=183) <= first
    assert UNTIL - timedelta(days=2) <= latest <= UNTIL + timedelta(days=1)
    # The week of the day after: a Wednesday.
    assert models.Roster.objects.count() == 21
    met = Activity.objects.exclude(assignment=None)
    assert met.exists()
    assert not met.exclude(hot_spot=F("assignment__hot_spot"), kind=F("assignment__tactic")).exists()
    assert not met.exclude(
        started_at__gte=F("assignment__roster__starts_at"), started_at__lt=F("assignment__roster__ends_at")
    ).exists()
    there, ids = counts(), set(Activity.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        said.clear()
        town.make_additions(say=said.append)
    assert said == ["hot spots: there already"]
    assert not [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert counts() == there
    # Up to another day, of the same weekday, everything is made anew, by the same seed.
    actions.make_demo(last_day=UNTIL + timedelta(days=7), say=said.append)
    assert counts() == there
    assert set(Activity.objects.values_list("pk", flat=True)) == ids
    assert HotSpot.objects.count() == 3

    # Gone with the town, and with it what people have added to it.
    spot = HotSpot.objects.first()
    there = Activity.objects.filter(hot_spot=spot).first()
    assignment = AssignmentFactory(hot_spot=spot)
    mine = ActivityFactory(hot_spot=spot, officer=officer, assignment=assignment)
    ActivityFactory(hot_spot=None, place=there.hot_spot.boundaries.get().places.first(), officer=officer)
    for payload, activity in ({}, mine.pk), ({"hot_spot": spot.pk}, None):
        SyncEntry.objects.create(
            id=uuid.uuid4(),
            officer=officer,
            device=uuid.uuid4(),
            activity=activity,
            payload=payload,
            made_at=mine.started_at,
            answer={},
            refused=activity is None,
        )
    BriefingFactory(shift=assignment.roster.shift)
    town.remove_demo()
    left = {name: number for name, number in counts().items() if number and getattr(models, name) not in KEPT}
    assert left == {}
    assert not Briefing.objects.exists()
    assert not SyncEntry.objects.exists()
    assert not HotSpot.objects.exists()
    assert not HotSpotBoundary.objects.exists()
    assert not User.objects.filter(username="opal").exists()
    assert User.objects.filter(pk=officer.pk).exists()
