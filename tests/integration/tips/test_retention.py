"""Tips go when their time is over, wholly; numbers stay (A14). What is about a person comes up for review (S7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory
from tests.factories.rewards import STEPS, make_reward
from tests.factories.tips import make_reader, make_tip
from tests.integration.tips.inbox import CANARY, unlocked_client
from tips.actions import inbox, messages, retention
from tips.forms.inbox import latest_review
from tips.models import KeyCopy, Message, Referral, Reward, Tip, TipCount, TipEvent
from tips.queries import retention as queries
from tips.tasks import purge_tips

pytestmark = pytest.mark.django_db

KEPT, UNUSABLE_KEPT = 180, 30


@pytest.fixture(autouse=True)
def kept(settings) -> None:
    settings.TIP_KEPT_DAYS, settings.TIP_UNUSABLE_KEPT_DAYS = KEPT, UNUSABLE_KEPT


def ended(days_ago: int, status: str = "closed", outcome: str = "solved", **values: object) -> Tip:
    day = timezone.localdate() - timedelta(days=days_ago)
    return make_tip(status=status, outcome=outcome, closed_on=day, **values).tip


def test_each_kind_goes_on_its_day_and_not_before() -> None:
    make_reader()
    gone = [
        ended(KEPT),
        ended(KEPT, "referred", "sent_to_partner"),
        ended(UNUSABLE_KEPT, "not_actionable", "flood", quarantined=True),
    ]
    stay = [
        ended(KEPT - 1),
        ended(UNUSABLE_KEPT),
        ended(UNUSABLE_KEPT - 1, "not_actionable", "too_vague"),
        make_tip(received=timezone.now() - timedelta(days=900)).tip,
    ]
    assert {tip.pk for tip in queries.due(timezone.localdate())} == {tip.pk for tip in gone}
    assert retention.purge(timezone.localdate()) == 3
    assert set(Tip.objects.values_list("pk", flat=True)) == {tip.pk for tip in stay}
    assert AuditEntry.objects.get(action="tips_purged").details == {"tips": 3}
    assert retention.purge(timezone.localdate()) == 0


def test_held_tip_stays_until_the_hold_is_lifted() -> None:
    by = make_reader().user
    tip = ended(KEPT)
    inbox.hold(by=by, tip=tip)
    assert retention.purge(timezone.localdate()) == 0
    inbox.lift_hold(by=by, tip=tip)
    assert retention.purge(timezone.localdate()) == 1


def test_purge_takes_all_of_a_tip_and_leaves_numbers_and_the_log() -> None:
    reader, place = make_reader(), BlockFactory()
    received = datetime(2026, 3, 31, 23, tzinfo=UTC)
    tip = make_tip(what=CANARY, photos=(b"jpeg",), place=place, status="working", received=received).tip
    twin = make_tip(place=place, received=received, status="working").tip
    messages.add_note(by=reader.user, tip=tip, text=CANARY)
    messages.reply(by=reader.user, tip=tip, text=CANARY)
    for each in (tip, twin):
        inbox.end(by=reader.user, tip=each, status="closed", outcome="arrest")
    Tip.objects.update(closed_on=timezone.localdate() - timedelta(days=KEPT))
    referral = Referral.objects.create(
        tip=tip, tip_short=tip.short, partner_name="K-CAT", by=reader.user, why="task_force", what="tip", digest="0"
    )
    make_tip()
    secrets = [bytes(message.sealed) for message in tip.messages.all()]
    secrets += [bytes(message.sealed_for_tipster) for message in tip.messages.filter(kind="reply")]
    secrets += [bytes(copy.sealed) for copy in tip.copies.all()]
    secrets += [bytes(tip.case_key), bytes(tip.receipt), bytes(tip.reply_key), bytes(tip.reply_secret)]
    whole = dump()
    assert all(secret.hex() in whole for secret in secrets), "the search finds what is there"
    assert str(tip.pk) in whole

    purge_tips()

    whole = dump()
    assert not any(secret.hex() in whole for secret in secrets)
    assert str(tip.pk) not in whole
    assert CANARY not in whole
    for model in (KeyCopy, Message, TipEvent):
        assert not model.objects.filter(tip=tip.pk).exists()
    referral.refresh_from_db()
    assert (referral.tip, referral.tip_short) == (None, tip.short)
    count = TipCount.objects.get()
    assert (count.month, count.channel, count.outcome, count.place, count.number) == (
        date(2026, 3, 1),
        "web",
        "arrest",
        place,
        2,
    )


def dump() -> str:
    """Every row of every table, as text, with bytes in hex."""
    told = []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [f'public."{table}"'])
            assert cursor.fetchone()[0], f"{table} cannot be searched"
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            told += [row for (row,) in cursor.fetchall()]
    return "\n".join(told)


def test_numbers_of_later_purges_are_added_up() -> None:
    make_reader()
    received = datetime(2026, 3, 5, 12, tzinfo=UTC)
    for _ in range(2):
        ended(KEPT, received=received)
        retention.purge(timezone.localdate())
    assert TipCount.objects.get().number == 2


def test_purge_goes_on_over_several_batches(monkeypatch) -> None:
    monkeypatch.setattr("tips.actions.retention.AT_ONCE", 2)
    make_reader()
    for _ in range(5):
        ended(KEPT)
    assert retention.purge(timezone.localdate()) == 5
    assert AuditEntry.objects.filter(action="tips_purged").count() == 3


def test_duplicate_outlives_the_tip_that_it_points_to() -> None:
    make_reader()
    tip = ended(KEPT)
    other = make_tip(same_as=tip).tip
    retention.purge(timezone.localdate())
    other.refresh_from_db()
    assert other.same_as is None


def test_page_lists_what_goes_within_two_weeks_and_holds_it() -> None:
    client = unlocked_client(make_reader())
    soon, later = ended(KEPT - 14), ended(KEPT - 15)
    unusable = ended(UNUSABLE_KEPT - 3, "not_actionable", "too_vague")
    page = client.get(reverse("tips_about_to_go"))
    assert [tip.pk for tip in page.context["page"]] == [unusable.pk, soon.pk]
    assert [(tip.goes_on - timezone.localdate()).days for tip in page.context["page"]] == [3, 14]
    assert later.short not in page.content.decode()
    client.post(reverse("tips_keep", args=[soon.pk]))
    soon.refresh_from_db()
    assert soon.held_by == client.user
    assert [tip.pk for tip in client.get(reverse("tips_about_to_go")).context["page"]] == [unusable.pk]
    response = client.post(reverse("tips_keep", args=[soon.pk]), follow=True)
    assert "It is held already." in response.content.decode()


def test_page_without_any_says_so() -> None:
    page = unlocked_client(make_reader()).get(reverse("tips_about_to_go")).content.decode()
    assert "Nothing goes within these days." in page
    assert "180 days" in page


# --- reviews of tips about people (S7) ----------------------------------------------------------------------------------


def about_person(days: int, **values: object) -> Tip:
    day = timezone.localdate() + timedelta(days=days)
    return make_tip(about_person=True, basis="under_evaluation", review_on=day, **values).tip


def test_reviews_list_what_is_overdue_or_comes_up_with_the_oldest_on_top() -> None:
    client = unlocked_client(make_reader())
    soon, late, today = about_person(30), about_person(-5), about_person(0)
    about_person(31)
    page = client.get(reverse("tips_reviews"))
    assert [tip.pk for tip in page.context["page"]] == [late.pk, today.pk, soon.pk]
    assert page.content.decode().count("Overdue since") == 2
    assert set(Tip.objects.review_overdue(timezone.localdate())) == {late, today}


def test_review_keeps_it_on_a_basis_judged_again() -> None:
    client, tip = unlocked_client(make_reader()), about_person(-5)
    address = reverse("tip_review", args=[tip.pk])
    assert client.post(address, {"basis": "", "review_on": ""}).status_code == 422
    past = client.post(address, {"basis": "case", "review_on": tip.review_on.isoformat()})
    assert past.status_code == 422
    too_far = latest_review(tip) + timedelta(days=1)
    assert client.post(address, {"basis": "case", "review_on": too_far.isoformat()}).status_code == 422
    day = timezone.localdate() + timedelta(days=100)
    client.post(address, {"basis": "case", "review_on": day.isoformat()})
    tip.refresh_from_db()
    assert (tip.basis, tip.review_on) == ("case", day)
    entry = AuditEntry.objects.get(action="tip_changed")
    assert entry.details == {"change": "reviewed", "basis": "case", "until": day.isoformat()}


def test_review_can_end_it_and_five_years_are_the_end() -> None:
    client = unlocked_client(make_reader())
    tip = about_person(-5, status="triaged")
    assert "Or end it" in client.get(reverse("tip_review", args=[tip.pk])).content.decode()
    old = about_person(-400, received=timezone.now() - timedelta(days=5 * 366 + 2))
    assert "Five years are over" in client.get(reverse("tip_review", args=[old.pk])).content.decode()
    plain = make_tip().tip
    assert client.get(reverse("tip_review", args=[plain.pk])).status_code == 302


def test_review_that_somebody_else_made_meanwhile_is_told(client: Client) -> None:
    reader = make_reader()
    client, tip = unlocked_client(reader), about_person(-5)
    day = timezone.localdate() + timedelta(days=9)
    inbox.set_review(by=UserFactory(roles=["detective"]), tip=tip, basis="case", review_on=day)
    values = {"basis": "case", "review_on": (day + timedelta(days=1)).isoformat(), "seen": "0"}
    response = client.post(reverse("tip_review", args=[tip.pk]), values)
    assert "worked on this tip while you did" in response.content.decode()


@pytest.mark.parametrize("state", STEPS)
def test_tip_stays_while_a_reward_is_open(state: str) -> None:
    tip = make_reward(state).reward.tip
    Tip.objects.filter(pk=tip.pk).update(
        status="closed", outcome="arrest", closed_on=timezone.localdate() - timedelta(days=KEPT)
    )
    is_open = state in Reward.OPEN
    assert queries.kept_for_reward(Tip.objects.all()).exists() == is_open
    assert retention.purge(timezone.localdate()) == (0 if is_open else 1)
