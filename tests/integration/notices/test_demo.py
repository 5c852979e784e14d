"""The demo town's clerk: there after `demo`, the same after a second, gone after `demo --remove`."""

from datetime import date

import pytest

from accounts.demo import make_demo_people
from hotspots.actions import demo as town
from hotspots.models import HotSpot
from notices import models
from notices.actions import making
from notices.models import Batch, LetterTemplate, TemplateVersion

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 6, 30)
KEPT = {LetterTemplate, TemplateVersion}


def counts() -> dict[str, int]:
    stored = [getattr(models, name) for name in models.__all__]
    return {each.__name__: each.objects.count() for each in stored if hasattr(each, "objects") and each not in KEPT}


def test_demo_clerk_wrote_letters_the_same_again_and_they_go_with_the_town(settings, monkeypatch):
    """One walk for all of it, since the walk takes some seconds; without the town's runs, which take longest."""
    settings.DEMO = True
    monkeypatch.setattr(town, "standing_specs", lambda as_of: [])
    said: list[str] = []
    town.make_demo(until=UNTIL, say=said.append)
    make_demo_people()
    town.make_additions(say=said.append)
    there = counts()
    assert sorted(Batch.objects.values_list("status", flat=True)) == ["mailed", "submitted"]
    mailed = Batch.objects.get(status="mailed")
    assert making.verify(batch=mailed).clean
    assert mailed.letters.filter(returned_why="vacant").count() == 2
    assert there["Publication"] == 2
    assert there["PublicProject"] == 2
    assert there["Meeting"] == 2
    assert there["HelpRequest"] == 1
    town.make_additions(say=said.append)
    assert counts() == there
    assert "letters: there already" in said
    town.make_demo(until=date(2026, 7, 1), say=said.append)
    town.make_additions(say=said.append)
    assert counts() == there
    town.remove_demo()
    assert not any(counts().values()), counts()
    assert not HotSpot.objects.exists()
