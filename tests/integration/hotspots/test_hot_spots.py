"""Designating hot spots: what is written, what is refused, what the trail keeps, and who may."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.permissions import USE_STAFF_PAGES
from hotspots import panels
from hotspots.actions import hotspots as actions
from hotspots.actions.concentration import compute_run
from hotspots.models import HotSpot, HotSpotBoundary, Place
from hotspots.permissions import DESIGNATE
from hotspots.projection import city_srid
from hotspots.queries.hotspots import compare, outline
from hotspots.specs import RunSpec
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import (
    AddressFactory,
    BlockFactory,
    ComplexFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = timedelta(days=1)


def given(who: User, selected: list[Place], **others: Any) -> dict[str, Any]:
    return {
        "places": ",".join(str(place.pk) for place in selected),
        "name": "Main and First",
        "reason": "Thefts at night.",
        "commander": who.pk,
        "starts_on": TODAY().isoformat(),
        "review_on": (TODAY() + 90 * DAY).isoformat(),
    } | others


def test_commander_designates_what_was_selected(client_as: Callable[..., Client]) -> None:
    client, places = client_as("commander"), [BlockFactory(at=(0, 0)), BlockFactory(at=(1, 0))]

    response = client.post("/hotspots/new/", given(client.user, places), follow=True)

    hot_spot = HotSpot.objects.get()
    assert response.redirect_chain == [(f"/hotspots/{hot_spot.pk}/", 302)]
    assert hot_spot.designated_by == client.user
    boundary = hot_spot.boundaries.get()
    assert set(boundary.places.all()) == set(places)
    assert (boundary.valid.lower, boundary.valid.upper) == (TODAY(), None)
    entry = AuditEntry.objects.get(action=AuditEntry.Action.HOT_SPOT_DESIGNATED)
    assert entry.actor == client.user
    assert entry.details["places"] == [place.pk for place in places]


def test_form_starts_with_today_and_a_review_in_ninety_days(client_as: Callable[..., Client]) -> None:
    client, block = client_as("commander"), BlockFactory(name="100 block of Main St")

    page = client.get("/hotspots/new/", {"places": block.pk}).content.decode()

    assert f'value="{TODAY().isoformat()}"' in page
    assert f'value="{(TODAY() + 90 * DAY).isoformat()}"' in page
    assert "100 block of Main St" in page
    assert f'<option value="{client.user.pk}" selected>' in page


def test_selection_shows_the_counts_of_its_run(client_as: Callable[..., Client]) -> None:
    block = BlockFactory()
    IncidentFactory.create_batch(4, location=LocationFactory(block=block))
    run = compute_run(by=None, spec=RunSpec("block", date(2024, 6, 15), 28))

    response = client_as("commander").get("/hotspots/new/", {"places": block.pk, "run": run.pk})

    assert [each.count for each in response.context["places"]] == [4]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "Taken"}, "hot spot of this name already"),
        ({"review_on": "2020-01-01"}, "must come after the start"),
        ({"starts_on": "soon"}, "valid date"),
        ({"reason": ""}, "required"),
        ({"commander": "0"}, "valid choice"),
        ({"places": "1;DROP"}, "selection is damaged"),
        ({"places": "999999"}, "at least one place"),
        ({"places": ",".join(map(str, range(201)))}, "200 places at most, not 201"),
    ],
)
def test_mistake_is_explained_and_what_was_typed_is_kept(
    client_as: Callable[..., Client], wrong: dict[str, str], words: str
) -> None:
    HotSpotFactory(name="Taken")
    client, block = client_as("commander"), BlockFactory()

    response = client.post("/hotspots/new/", given(client.user, [block], **wrong))

    errors = str(response.context["form"].errors)
    assert words in errors
    assert "reason" in wrong or "Thefts at night." in response.content.decode()
    assert HotSpot.objects.count() == 1


def test_page_without_a_selection_sends_to_the_map(client_as: Callable[..., Client]) -> None:
    assert "No place is selected." in client_as("commander").get("/hotspots/new/").content.decode()


def test_commander_of_a_hot_spot_is_somebody_who_may_designate(client_as: Callable[..., Client]) -> None:
    officer, gone = UserFactory(roles=["officer"]), UserFactory(roles=["commander"], is_active=False)
    client = client_as("commander")

    choices = client.get("/hotspots/new/", {"places": BlockFactory().pk}).context["form"].fields["commander"].queryset

    assert client.user in choices
    assert officer not in choices
    assert gone not in choices


@pytest.mark.parametrize("role", ["officer", "clerk", "detective", "administrator", "auditor"])
def test_others_read_and_change_nothing(client_as: Callable[..., Client], role: str) -> None:
    hot_spot, client = HotSpotFactory(name="Main and First"), client_as(role)

    page = client.get(f"/hotspots/{hot_spot.pk}/").content.decode()
    assert "Main and First" in page
    assert "End it" not in page
    assert "Main and First" in client.get("/hotspots/").content.decode()
    for address in (
        "new/",
        f"{hot_spot.pk}/redraw/",
        f"{hot_spot.pk}/end/",
        f"{hot_spot.pk}/review/",
        f"{hot_spot.pk}/withdraw/",
    ):
        assert client.post(f"/hotspots/{address}").status_code == 403


def test_outline_lies_around_its_places() -> None:
    block, home, complex_ = BlockFactory(at=(0, 0)), AddressFactory(at=(8, 0)), ComplexFactory(at=(0, 3))

    whole = outline([block.pk, home.pk, complex_.pk])

    assert isinstance(whole, MultiPolygon)
    assert len(whole) == 3
    assert all(whole.contains(place.geometry) for place in (block, home, complex_))
    meters = outline([home.pk]).transform(city_srid(), clone=True)
    assert meters.area == pytest.approx(3.14159 * 20**2, rel=0.04)  # a circle of 32 corners
    meters = outline([block.pk]).transform(city_srid(), clone=True)
    assert meters.area == pytest.approx(
        3.14159 * 20**2 + 40 * block.geometry.transform(city_srid(), clone=True).length, rel=0.02
    )


def test_redraw_makes_a_new_version_and_keeps_the_old(client_as: Callable[..., Client]) -> None:
    first, second = BlockFactory(), BlockFactory(at=(1, 0))
    hot_spot, client = HotSpotFactory(places=[first]), client_as("commander")

    response = client.post(
        f"/hotspots/{hot_spot.pk}/redraw/", {"places": f"{second.pk}", "starts_on": "2024-06-01"}, follow=True
    )

    assert response.status_code == 200
    old, new = hot_spot.boundaries.order_by("valid")
    assert (old.valid.lower, old.valid.upper) == (date(2024, 5, 1), date(2024, 6, 1))
    assert (new.valid.lower, new.valid.upper) == (date(2024, 6, 1), None)
    assert list(old.places.all()) == [first]
    assert list(new.places.all()) == [second]
    assert hot_spot.boundary_on(date(2024, 5, 31)) == old
    assert AuditEntry.objects.get(action="hot_spot_changed").details["redrawn"]["places"] == [second.pk]
    page = response.content.decode()
    assert "May 1, 2024 until Jun 1, 2024" in page
    assert "Since Jun 1, 2024" in page


@pytest.mark.parametrize("day", ["2024-05-01", "2024-04-30"])
def test_redraw_never_reaches_back(client_as: Callable[..., Client], day: str) -> None:
    hot_spot, block = HotSpotFactory(), BlockFactory()

    response = client_as("commander").post(f"/hotspots/{hot_spot.pk}/redraw/", {"places": block.pk, "starts_on": day})

    assert response.context["form"].errors["starts_on"]
    assert hot_spot.boundaries.count() == 1


def test_map_starts_a_redraw_with_the_places_it_has(client_as: Callable[..., Client]) -> None:
    block = BlockFactory()
    hot_spot = HotSpotFactory(places=[block])

    response = client_as("commander").get("/map/", {"redraw": hot_spot.pk})

    assert response.context["page_state"]["redraw"]["places"][0]["id"] == block.pk
    assert f'action="/hotspots/{hot_spot.pk}/redraw/"' in response.content.decode()
    assert client_as("officer").get("/map/", {"redraw": hot_spot.pk}).context["page_state"]["redraw"] is None


def test_end_closes_the_boundary_and_says_why(client_as: Callable[..., Client]) -> None:
    hot_spot, client = HotSpotFactory(), client_as("commander")

    client.post(f"/hotspots/{hot_spot.pk}/end/", {"ended_on": "2024-08-01", "reason": "Quiet for two months."})

    hot_spot.refresh_from_db()
    assert hot_spot.ended_on == date(2024, 8, 1)
    assert hot_spot.boundaries.get().valid.upper == date(2024, 8, 1)
    assert AuditEntry.objects.get(action="hot_spot_changed").details["reason"] == "Quiet for two months."
    assert "Change it" not in client.get(f"/hotspots/{hot_spot.pk}/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ended_on": "2024-05-01", "reason": "x"},
        {"ended_on": "2024-08-01", "reason": ""},
        {"ended_on": "", "reason": "x"},
    ],
)
def test_end_that_makes_no_sense_comes_back_with_the_form_open(
    client_as: Callable[..., Client], wrong: dict[str, str]
) -> None:
    hot_spot = HotSpotFactory()

    response = client_as("commander").post(f"/hotspots/{hot_spot.pk}/end/", wrong)

    assert response.status_code == 422
    assert "<details open><summary>End it" in response.content.decode()
    hot_spot.refresh_from_db()
    assert hot_spot.ended_on is None


@pytest.mark.parametrize("action", ["end", "review", "redraw"])
def test_ended_hot_spot_stays_as_it_is(client_as: Callable[..., Client], action: str) -> None:
    hot_spot = HotSpotFactory(ended_on=date(2024, 6, 1))
    later = (TODAY() + DAY).isoformat()
    everything = {
        "ended_on": later,
        "reason": "x",
        "finding": "x",
        "review_on": later,
        "starts_on": later,
        "places": BlockFactory().pk,
    }

    response = client_as("commander").post(f"/hotspots/{hot_spot.pk}/{action}/", everything, follow=True)

    assert "has ended" in response.content.decode()
    assert hot_spot.boundaries.count() == 1


def test_review_sets_the_next_one(client_as: Callable[..., Client]) -> None:
    hot_spot, client = HotSpotFactory(review_on=date(2024, 8, 1)), client_as("commander")
    later = TODAY() + 30 * DAY

    assert (
        client.post(
            f"/hotspots/{hot_spot.pk}/review/", {"finding": "Down by half.", "review_on": TODAY().isoformat()}
        ).status_code
        == 422
    )
    client.post(f"/hotspots/{hot_spot.pk}/review/", {"finding": "Down by half.", "review_on": later.isoformat()})

    hot_spot.refresh_from_db()
    assert hot_spot.review_on == later
    assert AuditEntry.objects.get(action="hot_spot_changed").details["reviewed"] == "Down by half."


def test_mistake_of_today_is_withdrawn_and_the_trail_keeps_it(client_as: Callable[..., Client]) -> None:
    hot_spot, client = HotSpotFactory(name="Wrong street", starts_on=TODAY()), client_as("commander")

    client.post(f"/hotspots/{hot_spot.pk}/withdraw/")

    assert not HotSpot.objects.exists()
    assert not HotSpotBoundary.objects.exists()
    assert AuditEntry.objects.get(action="hot_spot_changed").subject == "Wrong street"


def test_hot_spot_that_took_effect_is_not_withdrawn(client_as: Callable[..., Client]) -> None:
    hot_spot, client = HotSpotFactory(starts_on=TODAY() - DAY), client_as("commander")

    page = client.post(f"/hotspots/{hot_spot.pk}/withdraw/", follow=True).content.decode()

    assert "It can be ended, not withdrawn." in page
    assert HotSpot.objects.exists()


def test_action_leaves_nothing_behind_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**anything: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    user, block = UserFactory(), BlockFactory()

    with pytest.raises(RuntimeError):
        actions.designate(
            by=user, name="x", reason="x", commander=user, starts_on=TODAY(), review_on=TODAY() + DAY, places=[block]
        )

    assert not HotSpot.objects.exists()


def test_list_is_filtered_by_status(client_as: Callable[..., Client]) -> None:
    HotSpotFactory(name="Going on")
    HotSpotFactory(name="Overdue", review_on=date(2024, 6, 1))
    HotSpotFactory(name="Over", ended_on=date(2024, 6, 1))
    client = client_as("officer")

    def names(status: str) -> set[str]:
        return {spot.name for spot in client.get("/hotspots/", {"status": status}).context["spots"]}

    assert names("active") == {"Going on", "Overdue"}
    assert names("due") == {"Overdue"}
    assert names("ended") == {"Over"}
    assert names("all") == {"Going on", "Overdue", "Over"}
    assert "1 hot spot is due for review" in client.get("/hotspots/").content.decode()


def test_list_counts_the_places_of_today(client_as: Callable[..., Client]) -> None:
    blocks = [BlockFactory(at=(n, 0)) for n in range(3)]
    hot_spot = HotSpotFactory(places=blocks)
    actions.redraw(by=hot_spot.commander, hot_spot=hot_spot, places=blocks[:1], starts_on=date(2024, 6, 1))

    assert client_as("officer").get("/hotspots/").context["spots"][0].number_of_places == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [("active", "No hot spot is designated"), ("due", "Nothing is due"), ("ended", "No hot spot has ended")],
)
def test_empty_list_says_so(client_as: Callable[..., Client], status: str, words: str) -> None:
    assert words in client_as("commander").get("/hotspots/", {"status": status}).content.decode()


def test_comparison_counts_each_incident_once_in_equal_windows() -> None:
    block, home = BlockFactory(), AddressFactory()
    hot_spot = HotSpotFactory(places=[block, home], starts_on=date(2024, 6, 11))
    both, elsewhere = LocationFactory(block=block, address=home), LocationFactory(block=BlockFactory(at=(5, 0)))
    drugs = OffenseFactory(code="Z1", enforcement_generated=True)

    def on(day: str, **others: object) -> None:
        IncidentFactory(occurred_from=f"{day}T18:00Z", **{"location": both, **others})

    for day in ("2024-06-11", "2024-06-15", "2024-06-06"):
        on(day)
    on("2024-06-12", offense=drugs)
    on("2024-06-05")  # five days before the start are compared with the five since
    on("2024-06-16")
    on("2024-06-12", location=elsewhere)

    found = compare(hot_spot, [block.pk, home.pk], date(2024, 6, 15))

    assert (found.count, found.before_count) == (3, 1)
    assert (found.risk_count, found.before_risk_count) == (2, 1)
    assert (found.before.first_day, found.before.last_day) == (date(2024, 6, 6), date(2024, 6, 10))
    assert found.p > 0.05
    assert compare(hot_spot, [block.pk], date(2024, 6, 10)) is None


def test_panels_of_higher_apps_show_to_who_may_see_them(
    client_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_panels", {})
    panels.register(
        panels.Panel("Plans", USE_STAFF_PAGES, "hot_spot", order=2),
        panels.Panel("Tactics", DESIGNATE, "hot_spot_redraw", order=1),
    )
    hot_spot = HotSpotFactory()

    commanders = client_as("commander").get(f"/hotspots/{hot_spot.pk}/").content.decode()
    officers = client_as("officer").get(f"/hotspots/{hot_spot.pk}/").content.decode()

    assert commanders.index("<h2>Tactics</h2>") < commanders.index("<h2>Plans</h2>")
    assert f'hx-get="/hotspots/{hot_spot.pk}/"' in officers
    assert "Tactics" not in officers


def test_map_draws_hot_spots_that_are_not_over(client_as: Callable[..., Client]) -> None:
    HotSpotFactory(name="Going on")
    HotSpotFactory(name="Later", starts_on=TODAY() + 9 * DAY)
    HotSpotFactory(name="Over", ended_on=date(2024, 6, 1))

    response = client_as("officer").get("/map/hot-spots.geojson")

    assert [each["properties"]["name"] for each in response.json()["features"]] == ["Going on", "Later"]
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", ["/hotspots/", "/map/hot-spots.geojson"])
def test_queries_do_not_grow_with_hot_spots(client_as: Callable[..., Client], address: str) -> None:
    client, counts = client_as("commander"), []
    for number in (1, 2):  # one, then three in all
        HotSpotFactory.create_batch(number)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


def test_queries_do_not_grow_with_the_places_of_a_hot_spot(client_as: Callable[..., Client]) -> None:
    client, counts = client_as("commander"), []
    for number in (1, 3):
        hot_spot = HotSpotFactory(places=[BlockFactory() for _ in range(number)])
        client.get(f"/hotspots/{hot_spot.pk}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/hotspots/{hot_spot.pk}/")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 18
