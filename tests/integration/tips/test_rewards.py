"""Rewards, from the claim to the cash (check A15): steps, people who differ, what is stored of it and what is not."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from hotspots.models import HotSpot
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory
from tests.factories.rewards import DAY, STEPS, make_reward, read_answers, read_codes
from tests.factories.tips import Reader, make_reader, make_tip
from tips.actions import reward_ledger, reward_offers, rewards
from tips.models import LedgerEntry, Message, Reward, Tip, TipEvent
from tips.queries.rewards import balances
from tips.sealing.tips import bucket, open_case_key, open_texts
from tips.tasks import take_back_uncollected_rewards
from tips.transitions import CannotMove
from tips.transitions_rewards import MOVES
from tips.unlocking import remember

pytestmark = pytest.mark.django_db
State = Reward.State
ARREST = {"arrest-arrests": 2, "arrest-arrested_on": "2026-03-02", "arrest-seized": "0", "arrest-seized_kinds": []}
WRONG = "1234-1234-1234"


def unlock(client: Client, reader: Reader) -> None:
    """As the page where a passphrase is typed does."""
    from django.http import HttpRequest, HttpResponse

    request, response = HttpRequest(), HttpResponse()
    request.session = client.session
    remember(request, response, reader.row, reader.key)
    request.session.save()
    client.cookies.update(response.cookies)


def told_to_readers(tip: Tip, reader: Reader) -> list[str]:
    case = open_case_key(tip.pk, reader.key, bytes(tip.copies.get(reader=reader.row).sealed))
    answers = tip.messages.filter(kind=Message.Kind.REPLY)
    return [open_texts(case, tip.pk, each.pk, bytes(each.sealed))["text"] for each in answers]


# --- the steps --------------------------------------------------------------------------------------------------------


def test_claim_on_the_page_of_a_tip_takes_its_hot_spot_and_draws_a_number(client_as: Callable[..., Client]):
    client, _reader, spot = client_as("detective"), make_reader(), HotSpotFactory()
    tip = make_tip(hot_spot=spot).tip
    address = f"{reverse('reward_new')}?tip={tip.pk}"
    assert client.get(address).context["form"].initial == {"hot_spot": spot.pk}

    answer = client.post(address, {"tip": tip.pk, "hot_spot": spot.pk})

    reward = Reward.objects.get()
    assert answer.url == reverse("reward", args=[reward.code])
    assert (reward.tip, reward.tip_short, reward.hot_spot, reward.submitted_by) == (tip, tip.short, spot, client.user)
    assert (reward.state, reward.trigger, reward.recorders) == ("claimed", "conviction", [client.user.pk])
    assert AuditEntry.objects.get(action="reward_changed").subject == reward.code


def test_claim_without_a_tip_says_where_to_begin(client_as: Callable[..., Client]):
    for query in ("", "?tip=", "?tip=nonsense", "?tip=00000000-0000-0000-0000-000000000000"):
        page = client_as("detective").get(reverse("reward_new") + query)
        assert "on the page of the tip" in page.content.decode()


def test_tip_by_mail_cannot_be_rewarded_and_says_so_before_anything_is_claimed(client_as: Callable[..., Client]):
    make_reader()
    client, tip = client_as("detective"), make_tip(channel="mail").tip
    address = f"{reverse('reward_new')}?tip={tip.pk}"
    assert "came without a receipt" in client.get(address).content.decode()
    assert client.post(address, {"tip": tip.pk}).status_code == 422
    assert not Reward.objects.exists()
    assert "has no receipt" in client.get(reverse("tip_rewards_of", args=[tip.pk])).content.decode()


def test_one_open_reward_for_a_tip():
    made = make_reward()
    with pytest.raises(CannotMove, match="open reward"):
        rewards.claim(by=made.detective, tip=made.reward.tip)
    rewards.withdraw(by=made.detective, reward=made.reward, why="mistake")
    assert rewards.claim(by=made.detective, tip=made.reward.tip).state == "claimed"


def test_arrest_and_conviction_are_recorded_corrected_and_undone(client_as: Callable[..., Client]):
    made = make_reward()
    client, code = client_as(made.detective), made.reward.code
    client.post(
        reverse("reward_arrest", args=[code]), ARREST | {"arrest-seized": "50", "arrest-seized_kinds": ["cash"]}
    )
    client.post(reverse("reward_arrest", args=[code]), ARREST | {"arrest-arrests": 3})
    client.post(
        reverse("reward_conviction", args=[code]),
        {"conviction-convictions": 1, "conviction-convicted_on": "2026-03-09"},
    )
    reward = Reward.objects.get()
    assert (reward.state, reward.arrests, reward.convictions, reward.seized) == ("conviction", 3, 1, 0)
    client.post(reverse("reward_back", args=[code]))
    client.post(reverse("reward_back", args=[code]))
    reward.refresh_from_db()
    assert (reward.state, reward.arrests, reward.arrested_on, reward.convictions) == ("claimed", 0, None, 0)


def test_facts_take_no_words_and_no_day_to_come(client_as: Callable[..., Client]):
    made = make_reward()
    client, address = client_as(made.detective), reverse("reward_arrest", args=[made.reward.code])
    tomorrow = (timezone.localdate() + timedelta(days=2)).isoformat()
    for wrong in (
        {"arrest-arrests": 0},
        {"arrest-arrested_on": tomorrow},
        {"arrest-seized": "10"},
        {"arrest-seized_kinds": ["Robin Example"]},
    ):
        assert client.post(address, ARREST | wrong).status_code == 422
    text_fields = {
        field.name
        for field in Reward._meta.concrete_fields
        if field.get_internal_type() in {"CharField", "TextField", "EmailField", "FileField"} and not field.choices
    }
    assert text_fields == {"code", "tip_short"}, "a name, phone or signature has no place"


@pytest.mark.parametrize(("trigger", "allowed"), [("conviction", False), ("arrest", True)])
def test_what_is_paid_for_is_a_setting(settings: object, trigger: str, allowed: bool):
    settings.REWARD_TRIGGER = trigger
    made = make_reward("arrest")
    reward_ledger.add_budget(by=made.commander, amount=Decimal(500), reason="grant")
    approve = {"by": made.commander, "reward": made.reward, "amount": Decimal(500), "voted_on": DAY}
    if allowed:
        assert rewards.approve(**approve).state == "approved"
    else:
        with pytest.raises(CannotMove, match="Wait for it"):
            rewards.approve(**approve)


def test_every_state_has_its_row_in_the_table():
    assert set(MOVES) == set(State.values)


@pytest.mark.parametrize("state", STEPS)
def test_steps_that_the_table_does_not_have_are_refused(state: str):
    made = make_reward(state)
    if State.WITHDRAWN not in MOVES[state]:
        with pytest.raises(CannotMove):
            rewards.withdraw(by=made.detective, reward=made.reward, why="mistake")
        with pytest.raises(CannotMove):
            rewards.decline(by=made.commander, reward=made.reward, why="no_funds")
    if state not in ("claimed", "arrest", "conviction"):
        with pytest.raises(CannotMove):
            rewards.step_back(by=made.detective, reward=made.reward)
    if state != "paid":
        with pytest.raises(CannotMove):
            rewards.close(by=made.commander, reward=made.reward)
    if state not in ("approved", "offered"):
        with pytest.raises(CannotMove):
            reward_offers.offer(by=made.detective, reward=made.reward)
    made.reward.refresh_from_db()
    assert made.reward.state == state


# --- the people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "other", "name"),
    [
        ("approved_by", "submitted_by", "approver_did_not_submit"),
        ("paid_by", "submitted_by", "payer_did_not_submit"),
        ("paid_by", "approved_by", "payer_did_not_approve"),
    ],
)
def test_database_refuses_one_person_in_two_roles(field: str, other: str, name: str):
    """By its triggers when a row is changed, and by a constraint whatever the triggers knew."""
    reward = make_reward("paid").reward
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(f"UPDATE tips_reward SET {field}_id = {other}_id WHERE code = %s", [reward.code])
    reward.pk, reward.code, reward.tip, reward.recorders = uuid4(), "R-0000-0001", None, []
    setattr(reward, field, getattr(reward, other))
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        reward.save(force_insert=True)


@pytest.mark.parametrize("field", ["approved_by", "paid_by"])
def test_database_refuses_who_told_the_facts(field: str):
    made, other = make_reward("conviction" if field == "approved_by" else "offered"), UserFactory(roles=["detective"])
    Reward.objects.update(recorders=[made.detective.pk, other.pk])
    values = {
        "approved_by": {"state": "approved", "approved_at": timezone.now(), "amount": 5, "voted_on": DAY},
        "paid_by": {"state": "paid", "paid_at": bucket(timezone.now()), "second_code": None},
    }[field]
    with pytest.raises(IntegrityError, match="neither approves nor pays"), transaction.atomic():
        Reward.objects.update(**values, **{field: other})
    Reward.objects.update(**values, **{field: UserFactory()})


def test_page_tells_a_person_with_two_roles_that_somebody_else_votes(client_as: Callable[..., Client]):
    both = UserFactory(roles=["detective", "commander", "clerk"])
    made = make_reward("arrest")
    rewards.record_conviction(by=both, reward=made.reward, convictions=1, convicted_on=DAY)
    client, code = client_as(both), made.reward.code
    reward_ledger.add_budget(by=both, amount=Decimal(900), reason="yearly")
    assert "somebody else enters the vote" in client.get(reverse("reward", args=[code])).content.decode()
    vote = {"approve-amount": "500", "approve-voted_on": "2026-03-02", "approve-seen": Reward.objects.get().facts}
    client.post(reverse("reward_approve", args=[code]), vote)
    assert Reward.objects.get().state == "conviction"
    client_as(made.commander).post(reverse("reward_approve", args=[code]), vote)
    reward = Reward.objects.get()
    assert (reward.state, reward.amount, reward.approved_by) == ("approved", 500, made.commander)
    made.reward = reward_offers.offer(by=made.detective, reward=reward)
    number, second = read_codes(made)
    for person, words in ((both, "told its facts"), (made.detective, "told its facts"), (made.commander, "approved")):
        paid, why_not = reward_offers.pay(by=person, number=number, second=second)
        assert paid is None
        assert words in why_not
    assert Reward.objects.get().state == "offered"


def test_vote_on_facts_that_were_changed_meanwhile_is_refused(client_as: Callable[..., Client]):
    made = make_reward("conviction")
    ledger = reward_ledger.add_budget(by=made.commander, amount=Decimal(900), reason="yearly")
    client, address = client_as(made.commander), reverse("reward_approve", args=[made.reward.code])
    shown = client.get(reverse("reward", args=[made.reward.code])).context["approve_form"]["seen"].value()
    rewards.record_conviction(by=made.detective, reward=made.reward, convictions=2, convicted_on=DAY)
    vote = {"approve-amount": "500", "approve-voted_on": "2026-03-02", "approve-seen": shown}
    assert "changed its facts" in client.post(address, vote, follow=True).content.decode()
    assert balances()["available"] == ledger.amount
    client.post(address, vote | {"approve-seen": Reward.objects.get().facts})
    assert Reward.objects.get().state == "approved"


def test_who_approved_does_not_send_the_second_code():
    made = make_reward("approved")
    with pytest.raises(CannotMove, match="approved this reward"):
        reward_offers.offer(by=made.commander, reward=made.reward)


@pytest.mark.parametrize(
    ("state", "changes", "name"),
    [
        ("approved", {"amount": 0}, "reward_amount_is_some|stays as it is"),
        ("conviction", {"state": "approved"}, "reward_approved_at_and_by_pair"),
        ("approved", {"state": "paid"}, "reward_offered_at_and_by_pair|reward_paid_at_and_by_pair"),
        ("offered", {"state": "paid", "second_code": None}, "reward_paid_at_and_by_pair"),
        ("claimed", {"state": "conviction"}, "reward_state_fits_its_facts"),
        ("arrest", {"arrested_on": None}, "reward_facts_are_whole"),
        ("arrest", {"seized": -1}, "reward_facts_are_whole"),
        ("arrest", {"seized_kinds": ["Robin"]}, "reward_facts_are_whole"),
        ("claimed", {"code": "R-1"}, "reward_code_is_a_number|stays as it is"),
        ("claimed", {"state": "withdrawn"}, "reward_ended_at_by_and_why"),
        ("offered", {"second_code": None}, "second_code_while_offered"),
        ("offered", {"wrong_codes": 6}, "wrong_codes_are_counted_to_five"),
        ("claimed", {"tip": None}, "open_reward_keeps_its_tip"),
        ("approved", {"amount": 900}, "stays as it is"),
        ("approved", {"arrests": 9}, "stays as it is"),
        ("paid", {"paid_at": bucket(timezone.now()) - timedelta(hours=6)}, "stays as it is"),
        ("arrest", {"recorders": []}, "stays as it is"),
    ],
)
def test_database_refuses_what_does_not_fit(state: str, changes: dict[str, object], name: str):
    make_reward(state)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Reward.objects.update(**changes)


def test_payment_is_stored_with_no_finer_time_than_a_quarter_of_the_day():
    made = make_reward("offered")
    exact = bucket(timezone.now()) + timedelta(minutes=7)
    with pytest.raises(IntegrityError, match="reward_paid_in_a_bucket"), transaction.atomic():
        Reward.objects.update(state="paid", second_code=None, paid_by=made.clerk, paid_at=exact)
    assert not any(field.get_internal_type() == "DateTimeField" for field in LedgerEntry._meta.concrete_fields)


def test_tip_of_an_open_reward_cannot_be_deleted_and_one_of_a_decided_reward_can():
    made = make_reward("offered")
    assert made.reward.tip.rewards.open().exists()
    with pytest.raises(IntegrityError, match="open_reward_keeps_its_tip"), transaction.atomic():
        made.reward.tip.delete()
    number, second = read_codes(made)
    reward_offers.pay(by=made.clerk, number=number, second=second)
    assert not Reward.objects.open().exists()
    made.reward.tip.delete()
    reward = Reward.objects.get()
    assert (reward.tip, reward.tip_short, reward.state) == (None, made.reward.tip_short, "paid")


# --- the second code --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_tipster_reads_both_numbers_and_nobody_else_does(language: str):
    reader = make_reader()
    made = make_reward("approved", language=language)
    assert read_answers(made.receipt) == []

    made.reward = reward_offers.offer(by=made.detective, reward=made.reward)

    number, second = read_codes(made)
    assert number == made.reward.code
    (text,) = read_answers(made.receipt)
    assert "$500.00" in text
    assert {"en": "Nobody will ask for your name", "es": "Nadie le pedirá su nombre"}[language] in text
    (told,) = told_to_readers(made.reward.tip, reader)
    assert second not in told
    assert text.replace(second, "") == told.replace(
        {"en": "(only the tipster reads it)"}.get(language, "(solo lo lee quien envió la información)"), ""
    )


def test_offer_needs_an_unlocked_key_and_its_page_never_shows_the_code(client_as: Callable[..., Client]):
    made = make_reward("approved")
    reader = make_reader(made.detective)
    client, address = client_as(made.detective), reverse("reward_offer", args=[made.reward.code])
    page = reverse("reward", args=[made.reward.code])
    assert "Unlock your key first" in client.get(page).content.decode()
    assert client.post(address).url == reverse("tip_unlock")
    assert Reward.objects.get().state == "approved"

    unlock(client, reader)
    answer = client.post(address, follow=True)

    assert Reward.objects.get().state == "offered"
    _number, second = read_codes(made)
    shown = answer.content.decode()
    assert "The second code was sent" in shown
    assert second not in shown
    assert second not in client.get(page).content.decode()


def test_no_table_and_no_trail_holds_the_second_code():
    """A dump of every table; beside what was sealed there is a hash, and after the payment not even that."""
    made = make_reward("offered")
    _number, second = read_codes(made)
    reward_offers.pay(by=made.clerk, number=made.reward.code, second=WRONG)

    dumped = "".join(serialize("json", model.objects.all()) for model in apps.get_models() if model._meta.managed)
    trail = json.dumps(list(AuditEntry.objects.values_list("subject", "details")))

    assert made.reward.code in dumped
    for form in (second, second.replace("-", ""), second.replace("-", " ")):
        assert form not in dumped
        assert form not in trail
    assert WRONG not in dumped
    assert len(bytes(Reward.objects.get().second_code)) == 32
    reward_offers.pay(by=made.clerk, number=made.reward.code, second=second)
    assert Reward.objects.get().second_code is None


def test_trail_tells_codes_states_and_amounts_and_no_tip():
    made = make_reward("closed")
    told = AuditEntry.objects.filter(action="reward_changed").exclude(subject="reward ledger")
    changes = [entry.details["change"] for entry in told.order_by("pk")]
    assert changes == ["claimed", "arrest recorded", "conviction recorded", "approved", "offered", "paid", "closed"]
    assert {entry.subject for entry in told} == {made.reward.code}
    assert made.reward.tip_short not in json.dumps([entry.details for entry in told])
    events = TipEvent.objects.filter(tip=made.reward.tip).values_list("what", flat=True)
    assert not any("paid" in what for what in events), "when a tipster came is not beside the tip"


def test_second_code_sent_again_makes_the_first_one_void():
    made = make_reward("offered")
    _number, first = read_codes(made)
    made.reward = reward_offers.offer(by=made.detective, reward=made.reward)
    number, second = read_codes(made)
    assert first != second
    assert reward_offers.pay(by=made.clerk, number=number, second=first)[0] is None
    assert reward_offers.pay(by=made.clerk, number=number, second=second)[0] is not None
    assert balances() == {"budget": -500, "available": 0, "committed": 0, "paid": 500}


# --- the counter ------------------------------------------------------------------------------------------------------


def test_clerk_pays_by_two_numbers_and_sees_nothing_of_the_tip(client_as: Callable[..., Client]):
    made = make_reward("approved")
    Reward.objects.update(hot_spot=HotSpotFactory(name="Railside lot"))
    made.reward = reward_offers.offer(by=made.detective, reward=made.reward)
    number, second = read_codes(made)
    client, pages = client_as(made.clerk), []
    typed = {"number": number.replace("-", "").lower(), "second": second.replace("-", " ")}

    pages.append(client.post(reverse("reward_pay"), typed))
    assert "$500" in pages[0].content.decode()
    assert Reward.objects.get().state == "offered", "the amount first, then the cash"
    pages.append(client.post(reverse("reward_pay"), typed | {"paid": "yes"}, follow=True))
    pages.append(client.get(reverse("rewards")))

    reward = Reward.objects.get()
    assert (reward.state, reward.paid_by, reward.paid_at) == ("paid", made.clerk, bucket(timezone.now()))
    assert pages[1].redirect_chain == [(reverse("reward_slip", args=[number]), 302)]
    slip = pages[1].content.decode()
    assert all(told in slip for told in (number, "$500", str(made.clerk)))
    for page in pages:
        shown = page.content.decode()
        assert not any(hidden in shown for hidden in (reward.tip_short, "Railside lot", "conviction<", "1 conviction"))
    assert second not in slip


def test_fifth_wrong_code_locks_the_reward_until_a_commander_releases_it(client_as: Callable[..., Client]):
    made = make_reward("offered")
    number, second = read_codes(made)
    clerk, commander = client_as(made.clerk), client_as(made.commander)
    for attempt in range(1, 6):
        answer = clerk.post(reverse("reward_pay"), {"number": number, "second": WRONG, "paid": "yes"})
        assert answer.status_code == 422
        assert "do not belong together" in answer.content.decode()
        assert Reward.objects.get().wrong_codes == attempt
    assert AuditEntry.objects.filter(subject=number, details__change="locked", details__attempts=5).count() == 1

    answer = clerk.post(reverse("reward_pay"), {"number": number, "second": second, "paid": "yes"})
    assert "tried too often" in answer.content.decode()
    assert Reward.objects.get().state == "offered"
    assert Reward.objects.get().wrong_codes == 5
    assert number in commander.get(reverse("reward_approvals")).content.decode()
    commander.post(reverse("reward_release", args=[number]))
    clerk.post(reverse("reward_pay"), {"number": number, "second": second, "paid": "yes"})
    assert Reward.objects.get().state == "paid"


def test_number_that_nobody_knows_answers_like_a_wrong_code(client_as: Callable[..., Client]):
    made = make_reward("offered")
    client = client_as(made.clerk)
    known, unknown = (
        client.post(reverse("reward_pay"), {"number": number, "second": WRONG})
        for number in (made.reward.code, "R-0000-0000")
    )
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_reward_is_paid_once():
    made = make_reward("offered")
    number, second = read_codes(made)
    assert reward_offers.pay(by=made.clerk, number=number, second=second)[0]
    again, why_not = reward_offers.pay(by=made.clerk, number=number, second=second)
    assert again is None
    assert why_not == f"Reward {number} is paid already."
    assert LedgerEntry.objects.filter(to_account="paid").count() == 1


def test_slip_is_of_paid_rewards_only(client_as: Callable[..., Client]):
    made = make_reward("offered")
    assert client_as("clerk").get(reverse("reward_slip", args=[made.reward.code])).status_code == 404


# --- nobody comes -----------------------------------------------------------------------------------------------------


def test_what_nobody_collected_is_available_again(settings: object):
    settings.REWARD_UNCOLLECTED_DAYS = 30
    made, waiting = make_reward("offered"), make_reward("offered")
    Reward.objects.filter(pk=made.reward.pk).update(offered_at=timezone.now() - timedelta(days=31))
    _number, second = read_codes(made)

    take_back_uncollected_rewards()
    take_back_uncollected_rewards()

    made.reward.refresh_from_db()
    waiting.reward.refresh_from_db()
    assert (made.reward.state, made.reward.second_code, made.reward.ended_by) == ("uncollected", None, None)
    assert waiting.reward.state == "offered"
    assert balances() == {"budget": -1000, "available": 500, "committed": 500, "paid": 0}
    assert AuditEntry.objects.filter(subject=made.reward.code, details__change="not collected", actor=None).count() == 1
    assert reward_offers.pay(by=made.clerk, number=made.reward.code, second=second)[0] is None


@pytest.mark.parametrize("step", ["decline", "withdraw"])
def test_money_of_a_reward_that_falls_through_is_available_again(step: str, client_as: Callable[..., Client]):
    made = make_reward("approved")
    client = client_as(made.commander if step == "decline" else made.detective)
    address = reverse(f"reward_{step}", args=[made.reward.code])
    assert client.post(address, {f"{step}-why": "Robin said so"}).status_code == 422
    client.post(address, {f"{step}-why": "charges_dropped"})
    reward = Reward.objects.get()
    assert (reward.state, reward.ended_why) == ("declined" if step == "decline" else "withdrawn", "charges_dropped")
    assert balances()["available"] == 500


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_list_shows_a_clerk_code_amount_and_state_and_a_detective_the_hot_spot(client_as: Callable[..., Client]):
    made = make_reward("approved")
    Reward.objects.update(hot_spot=HotSpotFactory(name="Railside lot"))
    clerk = client_as("clerk").get(reverse("rewards")).content.decode()
    assert made.reward.code in clerk
    assert "$500" in clerk
    assert "conviction" not in clerk.lower().replace('value="conviction"', "").replace(">conviction</option>", "")
    assert "Railside lot" not in clerk
    assert "Railside lot" in client_as("detective").get(reverse("rewards")).content.decode()
    assert "Railside lot" not in client_as("commander").get(reverse("rewards")).content.decode()


def test_commander_and_auditor_see_facts_by_code_and_no_tip(client_as: Callable[..., Client]):
    made = make_reward("conviction")
    Reward.objects.update(hot_spot=HotSpotFactory(name="Railside lot"))
    for role in ("commander", "auditor"):
        shown = client_as(role).get(reverse("reward", args=[made.reward.code])).content.decode()
        assert "$1,200" in shown
        assert made.reward.tip_short not in shown
        assert "Railside lot" not in shown
    assert made.reward.code in client_as("commander").get(reverse("reward_approvals")).content.decode()
    assert (
        made.reward.tip_short in client_as("detective").get(reverse("reward", args=[made.reward.code])).content.decode()
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 2), ("?state=open", 1), ("?state=paid", 1), ("?state=declined", 0), ("?year=1999", 2), ("?state=x", 2)],
)
def test_list_is_filtered_by_the_address(client_as: Callable[..., Client], query: str, shown: int):
    make_reward(), make_reward("paid")
    assert len(client_as("clerk").get(reverse("rewards") + query).context["page"].object_list) == shown


def test_list_of_a_year(client_as: Callable[..., Client]):
    make_reward()
    year = timezone.localdate().year
    assert len(client_as("clerk").get(f"{reverse('rewards')}?year={year}").context["page"].object_list) == 1


@pytest.mark.parametrize("name", ["rewards", "reward_approvals", "reward_ledger", "reward_report", "tip_rewards_of"])
def test_page_takes_the_same_queries_for_one_and_three(client_as: Callable[..., Client], name: str):
    client, counts = client_as("detective", "commander"), []
    tip = None
    for number in (1, 2):
        for _each in range(number):
            make_reward("paid"), make_reward("conviction")
            HotSpot.objects.exists() or HotSpotFactory()
        Reward.objects.update(hot_spot=HotSpot.objects.first())
        tip = Reward.objects.order_by("pk").first().tip
        address = reverse(name, args=[tip.pk] if name == "tip_rewards_of" else [])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
