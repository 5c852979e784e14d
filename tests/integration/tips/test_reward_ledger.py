"""Money of rewards: entries that balance, accounts that never go below nothing, and the report for the board."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import AuditEntry
from hotspots.models import HotSpot
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory
from tests.factories.rewards import DAY, make_reward
from tips.actions import reward_ledger as ledger
from tips.actions import reward_offers, rewards
from tips.models import LedgerEntry, Reward
from tips.queries.rewards import balances, report
from tips.transitions import CannotMove

pytestmark = pytest.mark.django_db
TODAY = {"on": DAY, "amount": Decimal(10)}


def entry(**values: object) -> LedgerEntry:
    return LedgerEntry.objects.create(**TODAY | values)


def test_every_step_moves_money_and_the_accounts_balance():
    made = make_reward("conviction")
    ledger.add_budget(by=made.commander, amount=Decimal("800.50"), reason="yearly")
    assert balances() == {"budget": Decimal("-800.50"), "available": Decimal("800.50"), "committed": 0, "paid": 0}
    made.reward = rewards.approve(by=made.commander, reward=made.reward, amount=Decimal("500.25"), voted_on=DAY)
    assert (balances()["available"], balances()["committed"]) == (Decimal("300.25"), Decimal("500.25"))
    make_reward("closed", amount=Decimal(40))
    rewards.decline(by=made.commander, reward=made.reward, why="no_funds")
    found = balances()
    assert found == {"budget": Decimal("-840.50"), "available": Decimal("800.50"), "committed": 0, "paid": 40}
    assert sum(found.values()) == 0


def test_more_than_is_available_is_not_approved(client_as: Callable[..., Client]):
    made = make_reward("conviction")
    ledger.add_budget(by=made.commander, amount=Decimal(499), reason="yearly")
    vote = {"approve-amount": "500", "approve-voted_on": "2026-03-02", "approve-seen": made.reward.facts}
    page = client_as(made.commander).post(reverse("reward_approve", args=[made.reward.code]), vote, follow=True)
    assert "Only $499.00 is available" in page.content.decode()
    assert (Reward.objects.get().state, Reward.objects.get().amount) == ("conviction", None)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_do_not_spend_the_same_money():
    first, second = make_reward("conviction"), make_reward("conviction")
    ledger.add_budget(by=first.commander, amount=Decimal(700), reason="yearly")

    def approve(made: object) -> str:
        rewards.approve(by=made.commander, reward=made.reward, amount=Decimal(500), voted_on=DAY)
        return "approved"

    assert sorted(at_once(approve, [first, second])) == ["CannotMove", "approved"]
    assert balances() == {"budget": -700, "available": 200, "committed": 500, "paid": 0}
    assert sorted(Reward.objects.values_list("state", flat=True)) == ["approved", "conviction"]


@pytest.mark.django_db(transaction=True)
def test_database_itself_lets_no_two_take_the_same_money():
    """Without the check of the action: the trigger alone."""
    people = [make_reward("conviction"), make_reward("conviction")]
    ledger.add_budget(by=people[0].commander, amount=Decimal(700), reason="yearly")

    def take(made: object) -> str:
        values = {"from_account": "available", "to_account": "committed", "amount": Decimal(500)}
        entry(by=made.commander, reward=made.reward, **values)
        return "taken"

    assert sorted(at_once(take, people)) == ["IntegrityError", "taken"]
    assert balances()["available"] == 200


def at_once(step: Callable[[object], str], made: list) -> list[str]:
    """Each in a thread and a transaction of its own, begun together and ended together where both get so far."""
    begin = Barrier(len(made))

    def run(each: object) -> str:
        try:
            with transaction.atomic():
                begin.wait(20)
                return step(each)
        except (CannotMove, DatabaseError) as error:
            return type(error).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(made)) as threads:
        return list(threads.map(run, made))


@pytest.mark.parametrize(
    "values",
    [
        {"amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"reason": ""},
        {"reason": "undone"},
        {"to_account": "paid"},
        {"to_account": "committed"},
        {"from_account": "available", "to_account": "paid"},
        {"from_account": "paid", "to_account": "available"},
        {"from_account": "available", "to_account": "budget", "reason": "undone"},
        {"by": None},
    ],
)
def test_database_refuses_an_entry_that_is_none(values: dict[str, object]):
    by = make_reward("paid").clerk  # so that each account but that of what is set aside has something
    good = {"from_account": "budget", "to_account": "available", "reason": "grant", "by": by}
    entry(**good)
    with pytest.raises(IntegrityError, match=r"ledger_amount_is_some|ledger_entry_is_of_a_kind"), transaction.atomic():
        entry(**good | values)


def test_reward_is_set_aside_once_and_paid_or_released_once():
    made = make_reward("approved")
    ledger.add_budget(by=made.commander, amount=Decimal(2000), reason="donation")
    values = {"reward": made.reward, "by": made.commander, "amount": Decimal(500)}
    with pytest.raises(IntegrityError, match="reward_is_committed_once"), transaction.atomic():
        entry(**values, from_account="available", to_account="committed")
    with pytest.raises(IntegrityError, match="there is less in the account"), transaction.atomic():
        entry(**values | {"amount": Decimal(501)}, from_account="committed", to_account="paid")
    entry(**values | {"amount": Decimal(400)}, from_account="committed", to_account="paid")
    with pytest.raises(IntegrityError, match="reward_is_paid_or_released_once"), transaction.atomic():
        entry(**values | {"amount": Decimal(100)}, from_account="committed", to_account="available")


def test_money_of_one_reward_does_not_pay_another():
    _rich, other = make_reward("approved"), make_reward("conviction")
    with pytest.raises(IntegrityError, match="there is less in the account"), transaction.atomic():
        entry(reward=other.reward, by=other.clerk, from_account="committed", to_account="paid")


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entries_are_never_changed(change: str):
    ledger.add_budget(by=UserFactory(), amount=Decimal(5), reason="grant")
    entries = LedgerEntry.objects.all()
    with pytest.raises(DatabaseError, match=r"append_only|permission denied"), transaction.atomic():
        entries.update(amount=F("amount") + 1) if change == "update" else entries.delete()


def test_commander_adds_to_the_budget_and_takes_it_back(client_as: Callable[..., Client]):
    client = client_as("commander")
    assert client.post(reverse("reward_budget"), {"amount": "1.005", "reason": "yearly"}).status_code == 422
    assert client.post(reverse("reward_budget"), {"amount": "-5", "reason": "yearly"}).status_code == 422
    assert client.post(reverse("reward_budget"), {"amount": "5", "reason": "undone"}).status_code == 422
    client.post(reverse("reward_budget"), {"amount": "1000.50", "reason": "forfeiture"})
    added = LedgerEntry.objects.get()
    page = client.get(reverse("reward_ledger")).content.decode()
    assert "Forfeited money" in page
    assert "$1,000.50" in page
    for _again in range(2):
        client.post(reverse("reward_budget_undo", args=[added.pk]))
    assert balances()["available"] == 0
    assert LedgerEntry.objects.count() == 2
    assert "(taken back)" in client.get(reverse("reward_ledger")).content.decode()
    told = AuditEntry.objects.filter(action="reward_changed", subject="reward ledger").order_by("pk")
    assert [each.details["change"] for each in told] == ["budget added", "budget taken back"]


def test_budget_that_is_set_aside_cannot_be_taken_back():
    made = make_reward("approved")
    added = LedgerEntry.objects.get(from_account="budget")
    with pytest.raises(CannotMove, match="is available"):
        ledger.undo_budget(by=made.commander, entry=added)
    with pytest.raises(CannotMove, match="cannot be taken back"):
        ledger.undo_budget(by=made.commander, entry=LedgerEntry.objects.get(from_account="available"))


def test_counter_entry_is_of_all_that_came_in():
    made = make_reward("approved")
    ledger.add_budget(by=made.commander, amount=Decimal(90), reason="grant")
    undo = {"from_account": "available", "to_account": "budget", "reason": "undone", "by": made.commander}
    for undoes in LedgerEntry.objects.filter(from_account="available"), LedgerEntry.objects.filter(amount=90):
        with pytest.raises(IntegrityError, match="all of it"), transaction.atomic():
            entry(**undo, undoes=undoes.get())


def test_ledger_shows_what_was_left_after_each_entry(client_as: Callable[..., Client]):
    make_reward("paid", amount=Decimal(300))
    made = make_reward("approved", amount=Decimal(200))
    rewards.withdraw(by=made.detective, reward=made.reward, why="not_wanted")
    page = client_as("auditor").get(reverse("reward_ledger"))
    assert [each.left for each in page.context["page"]] == [200, 0, 200, 0, 0, 300]
    assert "Take back" not in page.content.decode()


# --- the report -------------------------------------------------------------------------------------------------------


def make_year() -> dict[str, str]:
    """One paid, one that nobody came for, one declined after an arrest, one waiting; the year's budget is 2,000."""
    paid, gone = make_reward("paid", amount=Decimal(300)), make_reward("offered", amount=Decimal(200))
    Reward.objects.filter(pk=gone.reward.pk).update(offered_at=timezone.now() - timedelta(days=400))
    reward_offers.uncollect(timezone.now())
    declined, waiting = make_reward("arrest"), make_reward("conviction")
    rewards.decline(by=declined.commander, reward=declined.reward, why="other_source")
    ledger.add_budget(by=paid.commander, amount=Decimal(1500), reason="yearly")
    made = {"paid": paid, "gone": gone, "declined": declined, "waiting": waiting}
    return {name: each.reward.code for name, each in made.items()}


def test_report_counts_what_happened_in_the_days_asked_for():
    codes = make_year()
    today = timezone.localdate()
    found = report(min(DAY, today), max(DAY, today))
    assert found.figures == {
        "claimed": 4,
        "arrests": 6,
        "convictions": 3,
        "seized": 3600,
        "approved": 2,
        "approved_dollars": 500,
        "paid": 1,
        "paid_dollars": 300,
        "uncollected": 1,
        "uncollected_dollars": 200,
    }
    assert found.budget == {"came_in": 2000, "committed": 0, "left": 1700}
    assert {each.code for each in found.rewards} == set(codes.values())


def test_report_of_other_days_holds_nothing():
    make_year()
    found = report(date(2001, 1, 1), date(2001, 12, 31))
    assert not any(found.figures.values())
    assert not any(found.budget.values())
    assert found.rewards == []


def test_report_as_a_table_and_as_pdf_is_by_code_only_and_recorded(client_as: Callable[..., Client]):
    codes = make_year()
    HotSpotFactory(name="Railside lot")
    Reward.objects.update(hot_spot=HotSpot.objects.get())
    client, query = client_as("commander"), "?first=2020-01-01&last=2090-12-31"
    table = b"".join(client.get(reverse("reward_report_csv") + query).streaming_content).decode()
    rows = {row[0]: row for row in csv.reader(io.StringIO(table))}
    assert rows[codes["paid"]][1:6] == ["paid", "2", "1", "1200.00", "300.00"]
    assert rows["paid dollars"] == ["paid dollars", "300.00"]
    assert rows["budget left"] == ["budget left", "1700.00"]
    pdf = client.get(reverse("reward_report_pdf") + query)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    page = client.get(reverse("reward_report") + query).content.decode()
    for shown in (table, text, page):
        assert codes["gone"] in shown
        assert "Railside lot" not in shown
        assert not any(tip_short in shown for tip_short in Reward.objects.values_list("tip_short", flat=True))
        assert not any(str(each) in shown for each in Reward.objects.values_list("submitted_by__last_name", flat=True))
    told = AuditEntry.objects.filter(action="exported").values_list("subject", flat=True)
    assert set(told) == {"rewards as csv", "rewards as pdf"}


@pytest.mark.parametrize("query", ["", "?first=nonsense", "?first=2026-05-01&last=2026-01-01", "?last=2024-02-29"])
def test_report_of_days_that_are_not_understood_is_shown(client_as: Callable[..., Client], query: str):
    context = client_as("auditor").get(reverse("reward_report") + query).context
    assert context["report"].first <= context["report"].last


def test_report_fills_in_the_days_that_it_shows(client_as: Callable[..., Client]):
    page = client_as("auditor").get(reverse("reward_report") + "?last=2024-02-29").content.decode()
    assert 'value="2024-01-01"' in page
    assert 'value="2024-02-29"' in page


def test_append_only_by_the_rights_of_the_role_too():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('tips_ledgerentry', 'INSERT'), has_table_privilege('tips_ledgerentry', 'UPDATE')"
        )
        assert cursor.fetchone() == (True, False)
