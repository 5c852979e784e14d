from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from hotspots.demo import SOURCE
from hotspots.models import Area, ConcentrationRun, HotSpot, Incident, Location, Place
from tests.factories.hotspots import BlockFactory

pytestmark = pytest.mark.django_db

UNTIL = date(2024, 6, 30)


@pytest.fixture
def demo(settings, capsys):
    settings.DEMO = True

    def run(**options):
        call_command("demo", **options)
        return capsys.readouterr().out

    return run


def test_demo_makes_a_town_with_runs_and_sign_ins_and_again_changes_nothing(demo):
    out = demo(until=UNTIL)
    assert User.objects.filter(username="commander").exists()
    assert "Sign in as:" in out
    assert {*Place.objects.values_list("source", flat=True), *Incident.objects.values_list("source", flat=True)} == {
        SOURCE
    }
    assert Place.objects.filter(kind="address", block=None).count() == 0
    assert Place.objects.filter(beat=None).count() == 0
    assert Area.objects.boundaries().current().get().name == "Parsons"
    newest = Incident.objects.latest("occurred_from").occurred_from
    assert UNTIL - timedelta(days=2) < newest.date() <= UNTIL + timedelta(days=1)
    assert Location.objects.unlocated().count() / Location.objects.count() < 0.01
    assert ConcentrationRun.objects.published().filter(standing=True).count() == 9

    counts = [model.objects.count() for model in (Place, Area, Incident, Location, ConcentrationRun)]
    history = Place.pgh_event_model.objects.count() + Incident.pgh_event_model.objects.count()
    assert "0 made" in demo()
    assert [model.objects.count() for model in (Place, Area, Incident, Location, ConcentrationRun)] == counts
    assert Place.pgh_event_model.objects.count() + Incident.pgh_event_model.objects.count() == history

    designate(Place.objects.filter(kind="block")[:2])
    demo(remove=True)
    for model in (Place, Area, Incident, Location, ConcentrationRun, HotSpot):
        assert not model.objects.exists(), model


def designate(places):
    from tests.factories.accounts import UserFactory

    person = UserFactory()
    spot = HotSpot.objects.create(
        name="Main St",
        reason="-",
        commander=person,
        designated_by=person,
        starts_on=UNTIL,
        review_on=UNTIL + timedelta(days=30),
    )
    boundary = spot.boundaries.create(
        geometry=Area.objects.boundaries().get().geometry, valid=(UNTIL, None), drawn_by=person
    )
    boundary.places.set(places)


def test_demo_does_not_mix_with_a_real_city(demo):
    BlockFactory()
    with pytest.raises(CommandError, match="real city"):
        demo(until=UNTIL)


def test_demo_without_demo_makes_no_sign_ins(settings, capsys, monkeypatch):
    settings.DEMO = False
    monkeypatch.setattr("hotspots.management.commands.demo.make_demo", lambda **_: None)
    call_command("demo")
    assert "no demo sign-ins" in capsys.readouterr().out
    assert not User.objects.exists()
