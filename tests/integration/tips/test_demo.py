"""The demo town's tips: there after `demo`, the same after a second, gone after `demo --remove`, refused where money moved."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.demo import make_demo_people
from accounts.models import User
from hotspots.actions import demo as town
from hotspots.demo import registry
from tips import models
from tips.actions import keys, reward_ledger
from tips.actions.demo import PASSPHRASE, make_demo, note, remove_demo
from tips.models import Intake, Reward, Tip
from tips.reading import open_tip

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 6, 30)


def counts() -> dict[str, int]:
    return {name: getattr(models, name).objects.count() for name in models.__all__ if name != Intake.__name__}


@pytest.fixture
def made(settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr(town, "standing_specs", lambda as_of: [])
    town.make_demo(until=UNTIL, say=lambda line: None)
    make_demo_people()
    for addition in registry.additions()[:1]:  # tactics makes the hot spots
        addition.make(last_day=UNTIL, say=lambda line: None)
    said: list[str] = []
    make_demo(last_day=UNTIL, say=said.append)
    return said


def test_demo_detective_has_tips_the_same_again_and_they_go_with_the_town(made):
    there = counts()
    assert there["Tip"] == 16
    assert Tip.objects.filter(quarantined=True).count() == 7
    assert sorted(Tip.objects.filter(quarantined=False).values_list("status", flat=True)) == [
        *("closed", "new", "new", "new", "new", "new", "not_actionable", "triaged", "working"),
    ]
    assert Reward.objects.get().state == "conviction"
    detective = User.objects.get(username="detective")
    unlocked = keys.open_own(by=detective, passphrase=PASSPHRASE)
    assert PASSPHRASE in note()
    for tip in Tip.objects.all():
        assert open_tip(tip, unlocked)
    make_demo(last_day=UNTIL, say=made.append)
    assert made[-1] == "tips: there already"
    assert counts() == there
    remove_demo()
    assert not any(counts().values())


def test_demo_whose_rewards_were_voted_on_stays_and_says_why(made):
    commander = User.objects.get(username="commander")
    reward_ledger.add_budget(by=commander, amount=Decimal(100), reason="grant")
    with pytest.raises(CommandError, match="never emptied"):
        call_command("demo", "--remove", stdout=StringIO())
    assert Tip.objects.count() == 16
