"""What detectives do with a tip, alone and two at once."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory, HotSpotFactory
from tests.factories.tips import make_reader, make_tip
from tests.integration.tips.inbox import CANARY, trail, unlocked_client
from tips.actions import inbox as actions
from tips.forms.inbox import JudgeForm, latest_review
from tips.models import Tip
from tips.queries import inbox as queries
from tips.transitions import CannotMove

pytestmark = pytest.mark.django_db

PLAIN = {"judge-credibility": "high", "judge-language": "es"}


@pytest.fixture
def client() -> Client:
    return unlocked_client(make_reader())


def post(client: Client, name: str, tip: Tip, **values: object) -> object:
    response = client.post(reverse(name, args=[tip.pk]), values)
    tip.refresh_from_db()
    return response


def said(client: Client, tip: Tip) -> str:
    return client.get(reverse("tip", args=[tip.pk])).content.decode()


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_tip_is_triaged_taken_put_back_closed_and_reopened(client: Client) -> None:
    tip = make_tip(what=CANARY, quarantined=True).tip
    post(client, "tip_judge", tip, **PLAIN)
    assert (tip.status, tip.credibility, tip.language, tip.quarantined) == ("triaged", "high", "es", False)
    post(client, "tip_take", tip)
    assert (tip.status, tip.assigned_to) == ("working", client.user)
    post(client, "tip_put_back", tip)
    assert (tip.status, tip.assigned_to) == ("triaged", None)
    post(client, "tip_take", tip)
    post(client, "tip_end", tip, **{"end-end": "closed/arrest"})
    assert (tip.status, tip.outcome, tip.closed_on) == ("closed", "arrest", timezone.localdate())
    post(client, "tip_reopen", tip)
    assert (tip.status, tip.outcome, tip.closed_on) == ("working", "", None)
    assert list(tip.events.order_by("pk").values_list("what", flat=True)) == [
        "triaged: credibility high, changed credibility, language",
        "taken",
        "put back",
        "taken",
        "closed: outcome arrest",
        "reopened",
    ]
    rows = AuditEntry.objects.filter(action="tip_changed")
    assert {row.subject for row in rows} == {f"tip {tip.short}"}
    assert rows.count() == 6
    assert CANARY not in trail()


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({}, "This field is required."),
        ({"end-end": "referred/sent_to_partner"}, "not one of the available choices"),
        ({"end-end": "not_actionable/arrest"}, "not one of the available choices"),
    ],
)
def test_tip_ends_only_as_the_table_says(client: Client, end: dict, words: str) -> None:
    tip = make_tip(status="triaged").tip
    response = post(client, "tip_end", tip, **end)
    assert response.status_code == 422
    assert "Not saved." in response.content.decode()
    assert words in response.content.decode()
    assert tip.status == "triaged"


def test_refused_form_without_a_key_says_why(client_as: Callable[..., Client]) -> None:
    make_reader()
    client, tip = client_as("detective"), make_tip(status="triaged").tip
    response = client.post(reverse("tip_end", args=[tip.pk]), {}, follow=True)
    assert "This field is required." in response.content.decode()


def test_new_tip_is_not_closed_before_it_was_judged() -> None:
    make_reader()
    tip, by = make_tip().tip, UserFactory(roles=["detective"])
    with pytest.raises(CannotMove):
        actions.end(by=by, tip=tip, status="closed", outcome="arrest")
    actions.judge(by=by, tip=tip, values=_judged(tip))
    with pytest.raises(CannotMove, match="partner first"):
        actions.end(by=by, tip=tip, status="referred", outcome="sent_to_partner")


def _judged(tip: Tip, **values: object) -> dict[str, object]:
    return {name: getattr(tip, name) for name in actions.JUDGED} | values


def test_second_detective_is_told_who_was_first(client: Client) -> None:
    other = UserFactory(roles=["detective"], first_name="Sam", last_name="Lee")
    tip = make_tip(status="triaged").tip
    seen = queries.last_event(tip)
    actions.take(by=other, tip=tip)
    post(client, "tip_end", tip, **{"end-end": "not_actionable/too_vague", "seen": seen})
    assert tip.status == "working"
    page = said(client, tip)
    assert "worked on this tip while you did: taken" in page
    post(client, "tip_take", tip, seen=queries.last_event(tip))
    assert tip.assigned_to == other
    assert "works on it by now." in said(client, tip)
    post(client, "tip_end", tip, **{"end-end": "not_actionable/too_vague", "seen": queries.last_event(tip)})
    assert tip.status == "not_actionable", "whoever saw the newest may go on"


def test_own_steps_in_two_tabs_do_not_stand_in_the_way(client: Client) -> None:
    tip = make_tip(status="triaged").tip
    seen = queries.last_event(tip)
    actions.take(by=client.user, tip=tip)
    post(client, "tip_hold", tip, seen=seen)
    assert tip.held_by == client.user


def test_same_step_twice_changes_nothing(client: Client) -> None:
    tip = make_tip(status="triaged").tip
    actions.end(by=client.user, tip=tip, status="closed", outcome="arrest")
    with pytest.raises(CannotMove, match="cannot become closed"):
        actions.end(by=client.user, tip=tip, status="closed", outcome="solved")
    with pytest.raises(CannotMove, match="has ended"):
        actions.take(by=client.user, tip=tip)
    actions.reopen(by=client.user, tip=tip)
    with pytest.raises(CannotMove, match="open already"):
        actions.reopen(by=client.user, tip=tip)


def test_step_on_a_purged_tip_says_so(client: Client) -> None:
    tip = make_tip().tip
    stale = Tip.objects.get(pk=tip.pk)
    Tip.objects.filter(pk=tip.pk).delete()
    with pytest.raises(CannotMove, match="was deleted"):
        actions.take(by=client.user, tip=stale)


def test_tip_is_given_to_a_detective_only(client: Client) -> None:
    tip, detective, clerk = (
        make_tip(status="triaged").tip,
        UserFactory(roles=["detective"]),
        UserFactory(roles=["clerk"]),
    )
    assert post(client, "tip_assign", tip, **{"assign-to": clerk.pk}).status_code == 422
    post(client, "tip_assign", tip, **{"assign-to": detective.pk})
    assert (tip.assigned_to, tip.status) == (detective, "working")


# --- about a person (S7) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"judge-basis": "", "judge-review_on": in_days(30)}, "A record about a person needs this."),
        ({"judge-basis": "case", "judge-review_on": ""}, "A record about a person needs this."),
        ({"judge-basis": "case", "judge-review_on": in_days(5 * 366 + 2)}, "more than five years"),
        ({"judge-basis": "case", "judge-review_on": in_days(-1)}, "Choose a day that lies ahead."),
    ],
)
def test_tip_about_a_person_needs_basis_and_review(client: Client, values: dict, words: str) -> None:
    tip = make_tip().tip
    response = post(client, "tip_judge", tip, **PLAIN, **{"judge-about_person": "on"}, **values)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert (tip.status, tip.about_person) == ("new", False)


def test_tip_about_a_person_keeps_basis_and_review_until_it_is_not(client: Client) -> None:
    tip = make_tip().tip
    person = {"judge-about_person": "on", "judge-basis": "case", "judge-review_on": in_days(90)}
    post(client, "tip_judge", tip, **PLAIN, **person)
    assert (tip.about_person, tip.basis, tip.review_on.isoformat()) == (True, "case", in_days(90))
    post(client, "tip_judge", tip, **PLAIN, **{"judge-basis": "case", "judge-review_on": in_days(90)})
    assert (tip.about_person, tip.basis, tip.review_on) == (False, "", None)
    assert tip.events.first().what == "judged: changed about person, basis, review on"


def test_database_refuses_a_person_without_basis_and_a_review_after_five_years() -> None:
    make_reader()
    tip = make_tip().tip
    last = latest_review(tip)
    for values in ({"review_on": None, "basis": "case"}, {"review_on": last, "basis": ""}):
        with pytest.raises(IntegrityError, match="basis_and_review"), transaction.atomic():
            Tip.objects.filter(pk=tip.pk).update(about_person=True, **values)
    with pytest.raises(IntegrityError, match="within_five_years"), transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(about_person=True, basis="case", review_on=last + timedelta(days=1))
    Tip.objects.filter(pk=tip.pk).update(about_person=True, basis="case", review_on=last)


def test_latest_review_of_a_leap_day_is_the_database_s_own() -> None:
    make_reader()
    tip = make_tip(received=datetime(2024, 2, 29, 7, tzinfo=UTC)).tip
    assert latest_review(tip).isoformat() == "2029-02-28"
    Tip.objects.filter(pk=tip.pk).update(about_person=True, basis="case", review_on=latest_review(tip))


def test_overdue_review_that_is_not_touched_does_not_stop_other_changes(client: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    tip = make_tip(about_person=True, basis="case", review_on=yesterday, status="triaged").tip
    values = {"judge-about_person": "on", "judge-basis": "case", "judge-review_on": yesterday.isoformat()}
    form = JudgeForm(PLAIN | values, tip=tip, prefix="judge")
    assert form.is_valid(), form.errors


# --- where --------------------------------------------------------------------------------------------------------------


def test_place_is_searched_by_post_and_set_with_its_hot_spot(client: Client) -> None:
    tip, place = make_tip().tip, BlockFactory(name="500 block of Elm St")
    spot = HotSpotFactory(places=[place])
    response = post(client, "tip_place", tip, **{"place-q": "elm"})
    assert "500 block of Elm St" in response.content.decode()
    assert client.get(reverse("tip_place", args=[tip.pk]), {"place-q": "elm"}).status_code == 405
    post(client, "tip_place", tip, place=place.pk)
    assert (tip.place, tip.hot_spot) == (place, spot)
    post(client, "tip_place", tip, place="none")
    assert (tip.place, tip.hot_spot) == (None, spot)
    assert "Elm" not in trail()


def test_place_that_is_not_there_is_not_found(client: Client) -> None:
    assert post(client, "tip_place", make_tip().tip, place=999999).status_code == 404


def test_hot_spot_is_set_and_taken_off(client: Client) -> None:
    tip, spot = make_tip().tip, HotSpotFactory()
    post(client, "tip_hot_spot", tip, **{"spot-hot_spot": spot.pk})
    assert tip.hot_spot == spot
    post(client, "tip_hot_spot", tip, **{"spot-hot_spot": ""})
    assert tip.hot_spot is None


# --- told twice ---------------------------------------------------------------------------------------------------------


def test_likely_same_ones_come_with_the_likeliest_first(client: Client) -> None:
    sending, place, old = uuid.uuid4(), BlockFactory(), timezone.now() - timedelta(days=30)
    tip = make_tip(sending=sending, place=place).tip
    near = make_tip().tip
    there = make_tip(place=place, received=old).tip
    again = make_tip(sending=sending).tip
    make_tip(received=old)
    assert [(each.pk, each.why) for each in queries.likely_same(tip)] == [(again.pk, 0), (there.pk, 1), (near.pk, 2)]
    page = client.get(reverse("tip_same", args=[tip.pk])).content.decode()
    assert "Sent with the same form" in page


def test_duplicate_shows_on_both_and_can_end_at_once(client: Client) -> None:
    tip, other = make_tip().tip, make_tip().tip
    post(client, "tip_same_set", tip, other=other.pk, ends="on")
    assert (tip.same_as, tip.status, tip.outcome) == (other, "not_actionable", "duplicate")
    assert other.short in said(client, tip)
    assert tip.short in said(client, other)
    post(client, "tip_same_undo", tip)
    assert tip.same_as is None


def test_duplicates_of_one_matter_point_to_one_tip(client: Client) -> None:
    first, second, third = (make_tip().tip for _ in range(3))
    actions.mark_same(by=client.user, tip=second, other=first)
    actions.mark_same(by=client.user, tip=third, other=second)
    third.refresh_from_db()
    assert third.same_as == first
    with pytest.raises(CannotMove, match="already"):
        actions.mark_same(by=client.user, tip=first, other=second)
    with pytest.raises(CannotMove, match="another tip"):
        actions.mark_same(by=client.user, tip=first, other=first)
    fourth = make_tip().tip
    actions.mark_same(by=client.user, tip=first, other=fourth)
    assert set(fourth.duplicates.values_list("pk", flat=True)) == {first.pk, second.pk, third.pk}


def test_database_refuses_a_tip_that_is_its_own_duplicate() -> None:
    make_reader()
    tip = make_tip().tip
    with pytest.raises(IntegrityError, match="own_duplicate"), transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(same_as=tip)


# --- held ---------------------------------------------------------------------------------------------------------------


def test_hold_is_set_once_and_lifted_once(client: Client) -> None:
    tip = make_tip().tip
    post(client, "tip_hold", tip)
    assert tip.held_by == client.user
    with pytest.raises(CannotMove):
        actions.hold(by=client.user, tip=tip)
    post(client, "tip_lift", tip)
    assert (tip.held_at, tip.held_by) == (None, None)
    with pytest.raises(CannotMove):
        actions.lift_hold(by=client.user, tip=tip)


# --- quarantine ---------------------------------------------------------------------------------------------------------


def test_flood_of_a_quarter_of_a_day_ends_in_one_statement_and_waits_again(client: Client) -> None:
    flood = [make_tip(quarantined=True).tip for _ in range(3)]
    apart = make_tip(quarantined=True, received=timezone.now() - timedelta(days=2)).tip
    good = make_tip().tip
    page = client.get(reverse("tips_quarantine"))
    assert [number for _, number in page.context["buckets"]] == [3, 1]
    with CaptureQueriesContext(connection) as made:
        client.post(reverse("tips_quarantine_act"), {"do": "flood", "bucket": flood[0].received_at.isoformat()})
    assert len([query for query in made if "tips_tip" in query["sql"] and "UPDATE" in query["sql"]]) == 1
    assert set(Tip.objects.filter(outcome="flood").values_list("pk", flat=True)) == {each.pk for each in flood}
    assert flood[0].events.get().by == client.user
    entry = AuditEntry.objects.get(action="tip_changed")
    assert (entry.subject, entry.details["tips"]) == ("quarantine", 3)
    (ended,) = client.get(reverse("tips_quarantine")).context["floods"]
    assert ended.number == 3
    Tip.objects.filter(pk=flood[2].pk).delete()  # purged meanwhile
    client.post(reverse("tips_flood_undo"), {"code": ended.code})
    waiting = Tip.objects.filter(status="new", quarantined=True)
    assert set(waiting.values_list("pk", flat=True)) == {flood[0].pk, flood[1].pk, apart.pk}
    assert not client.get(reverse("tips_quarantine")).context["floods"]
    good.refresh_from_db()
    assert good.status == "new"


def test_chosen_ones_are_let_out_or_ended(client: Client) -> None:
    first, second, third = (make_tip(quarantined=True).tip for _ in range(3))
    client.post(reverse("tips_quarantine_act"), {"do": "release", "tip": [first.pk, "nonsense"]})
    client.post(reverse("tips_quarantine_act"), {"do": "flood", "tip": [second.pk]})
    states = {tip.pk: (tip.status, tip.quarantined) for tip in Tip.objects.all()}
    assert states == {
        first.pk: ("new", False),
        second.pk: ("not_actionable", True),
        third.pk: ("new", True),
    }
    response = client.post(reverse("tips_quarantine_act"), {"do": "flood"}, follow=True)
    assert "Choose some tips first." in response.content.decode()


def test_one_tip_is_let_out_once(client: Client) -> None:
    tip = make_tip(quarantined=True).tip
    post(client, "tip_release", tip)
    assert not tip.quarantined
    post(client, "tip_release", tip)
    assert "in quarantine no more" in said(client, tip)


def test_quarantine_costs_the_same_for_one_and_three(client: Client) -> None:
    client.get(reverse("tips_quarantine"))
    numbers = []
    for _ in range(3):
        make_tip(quarantined=True, place=BlockFactory())
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("tips_quarantine"))
        numbers.append(len(made))
    assert numbers[0] == numbers[2]
