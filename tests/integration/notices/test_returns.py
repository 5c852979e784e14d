"""Mail that came back, from the codes on the envelopes."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from notices.actions import returns
from notices.models import Batch, Letter, Mailbox, Owner
from notices.transitions import CannotMove
from tests.factories.accounts import UserFactory
from tests.factories.notices import BatchFactory, LetterFactory, OwnerFactory
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


def test_returned_letter_of_an_owner_marks_the_owner_and_not_the_place() -> None:
    letters = mailed(1)
    owner = OwnerFactory()
    letter = letters[0]
    batch = BatchFactory(status="submitted", audience="owners")
    to_owner = LetterFactory(batch=batch, owner=owner, place=letter.place, number=1)
    Batch.objects.filter(pk=batch.pk).update(
        **Batch.objects.filter(pk=letter.batch_id).values(
            "status", "pdf", "pdf_digest", "ready_at", "approved_by", "approved_at", "mailed_by", "mailed_at"
        )[0]
    )
    returns.record_return(by=UserFactory(roles=["clerk"]), codes=[to_owner.code], why="moved", on=DAY)
    assert Owner.objects.get(pk=owner.pk).undeliverable_why == "Moved, left no address"
    assert not Mailbox.objects.filter(undeliverable_on=DAY).exists()


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
