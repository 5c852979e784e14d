"""Mail that came back, from the codes on the envelopes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from hotspots.models import Place
from notices.actions import returns
from notices.models import Batch, Letter, Mailbox, Owner
from notices.queries.recipients import lines_of
from notices.transitions import CannotMove
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import AddressFactory
from tests.factories.notices import BatchFactory, LetterFactory, MailboxFactory, OwnerFactory
from tests.integration.notices.letters import queries_of

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 20)


def mailed(count: int = 3) -> list[Letter]:
    batch = BatchFactory(status="submitted")
    letters = [LetterFactory(batch=batch, number=i + 1) for i in range(count)]
    made = BatchFactory.build(status="mailed", hot_spot=None, version=None)
    fields = ("pdf", "pdf_digest", "ready_at", "approved_at", "mailed_at")
    Batch.objects.filter(pk=batch.pk).update(
        status="mailed",
        approved_by=UserFactory(roles=["commander"]),
        mailed_by=batch.created_by,
        **{name: getattr(made, name) for name in fields},
    )
    return letters


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("B12-0007", ["B12-0007"]),
        ("b12-7, B12-8;B12-9\n\n B12-7", ["B12-7", "B12-8", "B12-9"]),
        ("", []),
    ],
)
def test_codes_are_read_however_they_are_typed(text: str, codes: list[str]) -> None:
    assert returns.codes_in(text) == codes


def test_returned_letters_mark_where_they_went() -> None:
    letters = mailed(3)
    clerk = UserFactory(roles=["clerk"])
    outcome = returns.record_return(
        by=clerk, codes=[letters[0].code, letters[1].code, "B999-1", "NONSENSE"], why="vacant", on=DAY
    )
    assert {letter.pk for letter in outcome.recorded} == {letters[0].pk, letters[1].pk}
    assert outcome.unknown == ["B999-1", "NONSENSE"]
    letters[0].refresh_from_db()
    assert (letters[0].returned_on, letters[0].returned_why, letters[0].returned_by) == (DAY, "vacant", clerk)
    assert Mailbox.objects.get(place=letters[0].place).undeliverable_on == DAY
    assert not Mailbox.objects.filter(place=letters[2].place).exists()
    entry = AuditEntry.objects.get(action=AuditEntry.Action.LETTER_RETURNED)
    assert entry.details["numbers"] == [1, 2]


def mailed_to(owner: Owner, place: Place, **values: Any) -> Letter:
    """A letter to an owner about a household's place."""
    batch = BatchFactory(status="submitted", audience="owners")
    letter = LetterFactory(batch=batch, owner=owner, place=place, number=1, lines=list(lines_of(owner)), **values)
    other = mailed(1)[0].batch_id
    names = ("status", "pdf", "pdf_digest", "ready_at", "approved_by", "approved_at", "mailed_by", "mailed_at")
    Batch.objects.filter(pk=batch.pk).update(**Batch.objects.filter(pk=other).values(*names)[0])
    return letter


def test_returned_letter_of_an_owner_marks_the_owner_and_not_the_place() -> None:
    owner, clerk = OwnerFactory(), UserFactory(roles=["clerk"])
    letter = mailed_to(owner, AddressFactory())
    outcome = returns.record_return(by=clerk, codes=[letter.code], why="moved", on=DAY)
    assert outcome.letter_only == []
    assert Owner.objects.get(pk=owner.pk).undeliverable_why == "Moved, left no address"
    assert not Mailbox.objects.filter(undeliverable_on=DAY).exists()
    returns.undo_return(by=clerk, letter=letter)
    assert Owner.objects.get(pk=owner.pk).undeliverable_on is None


def test_letter_from_an_old_address_leaves_the_new_one_alone(client_as: Callable[..., Client]) -> None:
    owner = OwnerFactory()
    letter = mailed_to(owner, AddressFactory())
    Owner.objects.filter(pk=owner.pk).update(street="9 NEW ST")
    given = {"codes": letter.code, "why": "moved", "on": "2025-03-20"}
    client = client_as("clerk")
    page = client.post(reverse("letters_returned"), given, follow=True).content.decode()
    assert "Recorded on the letter only" in page
    letter.refresh_from_db()
    assert letter.returned_on == DAY
    owner.refresh_from_db()
    assert owner.undeliverable_on is None
    Owner.objects.filter(pk=owner.pk).update(undeliverable_on=DAY, undeliverable_why="Vacant")
    returns.undo_return(by=client.user, letter=letter)
    owner.refresh_from_db()
    assert owner.undeliverable_why == "Vacant"


def test_letter_to_an_owner_who_is_gone_does_not_mark_the_tenant() -> None:
    owner, place, clerk = OwnerFactory(), AddressFactory(), UserFactory(roles=["clerk"])
    letter = mailed_to(owner, place)
    owner.delete()
    MailboxFactory(place=place, undeliverable_on=DAY, undeliverable_why="Vacant")
    outcome = returns.record_return(by=clerk, codes=[letter.code], why="moved", on=DAY)
    assert outcome.letter_only == [letter]
    assert Mailbox.objects.get(place=place).undeliverable_why == "Vacant"
    returns.undo_return(by=clerk, letter=letter)
    assert Mailbox.objects.get(place=place).undeliverable_why == "Vacant"


def test_letter_by_email_can_come_back_and_says_nothing_of_the_street_address() -> None:
    owner = OwnerFactory()
    letter = mailed_to(owner, AddressFactory(), delivery="email", email="owner@example.org")
    outcome = returns.record_return(by=UserFactory(roles=["clerk"]), codes=[letter.code], why="unknown", on=DAY)
    assert outcome.recorded == outcome.letter_only == [letter]
    owner.refresh_from_db()
    assert owner.undeliverable_on is None


def test_the_same_letter_typed_twice_is_one_return() -> None:
    letter = mailed(1)[0]
    clerk = UserFactory(roles=["clerk"])
    outcome = returns.record_return(by=clerk, codes=[letter.code, f"B{letter.batch_id}-1"], why="moved", on=DAY)
    assert len(outcome.recorded) == 1
    again = returns.record_return(by=clerk, codes=[letter.code], why="vacant", on=DAY)
    assert (again.recorded, again.again) == ([], [letter.code])
    letter.refresh_from_db()
    assert letter.returned_why == "moved"


def test_letters_not_mailed_yet_cannot_come_back() -> None:
    letter = LetterFactory()
    outcome = returns.record_return(by=UserFactory(roles=["clerk"]), codes=[letter.code], why="moved", on=DAY)
    assert outcome.unknown == [letter.code]


def test_undo_makes_the_address_good_again() -> None:
    letter = mailed(1)[0]
    clerk = UserFactory(roles=["clerk"])
    returns.record_return(by=clerk, codes=[letter.code], why="vacant", on=DAY)
    returns.undo_return(by=clerk, letter=letter)
    letter.refresh_from_db()
    assert (letter.returned_on, letter.returned_why, letter.returned_by) == (None, "", None)
    mailbox = Mailbox.objects.get(place=letter.place)
    assert (mailbox.undeliverable_on, mailbox.undeliverable_why) == (None, "")
    with pytest.raises(CannotMove, match="did not come back"):
        returns.undo_return(by=clerk, letter=letter)


def test_return_by_an_officer_is_refused() -> None:
    with pytest.raises(CannotMove):
        returns.record_return(by=UserFactory(roles=["officer"]), codes=[], why="moved", on=DAY)


def test_page_keeps_unknown_codes_to_be_mended(client_as: Callable[..., Client]) -> None:
    letter = mailed(1)[0]
    client, address = client_as("clerk"), reverse("letters_returned")
    given = {"codes": f"{letter.code}\nB0-1", "why": "vacant", "on": "2025-03-20"}
    answer = client.post(address, given)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "1 letter is recorded as come back" in page
    assert ">\nB0-1</textarea>" in page
    assert letter.code in page
    answer = client.post(reverse("letters_return_undo", args=[letter.pk]), follow=True)
    assert "did not come back after all" in answer.content.decode()


def test_page_refuses_a_day_in_the_future(client_as: Callable[..., Client]) -> None:
    answer = client_as("clerk").post(
        reverse("letters_returned"), {"codes": "B1-1", "why": "vacant", "on": "2999-01-01"}
    )
    assert answer.status_code == 422
    assert "in the future" in answer.content.decode()


def test_page_takes_the_same_queries_for_one_and_three_letters(client_as: Callable[..., Client]) -> None:
    letters = mailed(3)
    client, address = client_as("clerk"), reverse("letters_returned")
    counts = []
    for codes in ([letters[0].code], [letter.code for letter in letters[1:]]):
        returns.record_return(by=client.user, codes=codes, why="vacant", on=DAY)
        counts.append(queries_of(client, address))
    assert client.get(address).content.decode().count("letters-link") == 3
    assert counts[0] == counts[1]
