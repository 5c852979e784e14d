"""What the database refuses, whoever asks; and two detectives at the same moment."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories.accounts import UserFactory
from tests.factories.tips import make_reader, make_tip
from tips.actions import inbox, messages
from tips.models import Message, Tip, TipCount
from tips.sealing.tips import bucket
from tips.transitions import CannotMove

TODAY = date(2026, 5, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("ended_tip_says_why_and_when", {"status": "closed"}),
        ("ended_tip_says_why_and_when", {"status": "closed", "outcome": "arrest"}),
        ("ended_tip_says_why_and_when", {"status": "referred", "closed_on": TODAY}),
        ("ended_tip_says_why_and_when", {"outcome": "arrest"}),
        ("tip_held_at_and_by_pair", {"held_at": timezone.now()}),
        ("tip_received_in_a_bucket", {"received_at": timezone.now().replace(minute=1)}),
        ("tip_has_receipt_and_reply_key_or_none", {"receipt": None}),
    ],
)
def test_tip_is_refused(constraint: str, values: dict) -> None:
    make_reader()
    make_tip()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Tip.objects.update(**values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("staff_message_says_by_whom", {"kind": "note"}),
        ("only_answers_go_to_the_tipster", {"sealed_for_tipster": b"x"}),
        ("message_received_in_a_bucket", {"received_at": timezone.now().replace(minute=1)}),
    ],
)
def test_message_is_refused(constraint: str, values: dict) -> None:
    make_reader()
    make_tip()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.update(**values)


@pytest.mark.django_db
def test_message_of_a_tipster_names_nobody_and_has_its_own_position() -> None:
    by = make_reader().user
    tip = make_tip().tip
    with pytest.raises(IntegrityError, match="staff_message_says_by_whom"), transaction.atomic():
        Message.objects.update(by=by)
    with pytest.raises(IntegrityError, match="message_has_its_position"), transaction.atomic():
        Message.objects.create(tip=tip, position=1, kind="addition", sealed=b"x", received_at=bucket(timezone.now()))


@pytest.mark.django_db
def test_numbers_of_purged_tips_are_one_row_of_a_kind() -> None:
    TipCount.objects.create(month=TODAY, channel="web", outcome="arrest", number=1)
    with pytest.raises(IntegrityError, match="one_count_of_a_kind"), transaction.atomic():
        TipCount.objects.create(month=TODAY, channel="web", outcome="arrest", number=1)
    with pytest.raises(IntegrityError, match="counted_tips_are_some"), transaction.atomic():
        TipCount.objects.update(number=0)


def at_once(*steps: object) -> list[str]:
    """Each in a thread and a connection of its own, all let go together; what came of them."""
    barrier, results = threading.Barrier(len(steps)), []

    def run(step: object) -> None:
        try:
            barrier.wait(timeout=20)
            step()
            results.append("done")
        except CannotMove as error:
            results.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_tip_at_once_one_gets_it_and_one_is_told() -> None:
    make_reader()
    tip = make_tip(status="triaged").tip
    first, second = (UserFactory(roles=["detective"]) for _ in range(2))
    results = at_once(*(lambda by=by: inbox.take(by=by, tip=tip) for by in (first, second)))
    assert sorted(result == "done" for result in results) == [False, True]
    assert any("works on it by now." in result for result in results)
    assert tip.events.count() == 1


@pytest.mark.django_db(transaction=True)
def test_notes_written_at_once_get_positions_of_their_own() -> None:
    by = make_reader().user
    tip = make_tip().tip
    results = at_once(*(lambda n=n: messages.add_note(by=by, tip=tip, text=str(n)) for n in range(6)))
    assert results == ["done"] * 6
    assert sorted(tip.messages.values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6, 7]
