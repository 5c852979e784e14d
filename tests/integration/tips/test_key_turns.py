"""Keys that are changed by several people at the same moment, while tips come in: real transactions, real threads."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.tips import PASSPHRASE, make_reader, make_tip
from tips.actions import keys as actions
from tips.models import KeyCopy, ReaderKey, Tip
from tips.queries import keys as queries
from tips.unlocking import Unlocked

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, do: Callable[[int], Any]) -> list[Any]:
    """Each in a thread and a connection of its own, all let go together; what they returned, or why they were refused."""
    gate = Barrier(number)

    def run(which: int) -> Any:
        try:
            gate.wait(10)
            return do(which)
        except actions.Refused as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_one_of_several_first_keys_is_active():
    people = [UserFactory(roles=["detective"]) for _ in range(4)]
    at_once(4, lambda which: actions.make_key(by=people[which], passphrase=PASSPHRASE))
    assert Counter(ReaderKey.objects.values_list("status", flat=True)) == {"active": 1, "waiting": 3}


def test_of_two_last_keys_only_one_is_retired():
    readers = [make_reader(), make_reader()]
    make_tip()
    answers = at_once(2, lambda which: actions.retire(by=None, reader=readers[which].row, why=actions.Why.LEFT))
    assert sum(isinstance(answer, actions.Refused) for answer in answers) == 1
    assert KeyCopy.objects.count() == 1


def test_guesses_at_the_same_moment_are_counted_one_by_one():
    reader = make_reader()
    at_once(12, lambda which: actions.open_own(by=reader.user, passphrase=f"guess {which}"))
    changes = AuditEntry.objects.filter(action=AuditEntry.Action.TIP_KEY_CHANGED).values_list(
        "details__change", flat=True
    )
    assert Counter(changes) == {actions.WRONG: 5, actions.LOCKED: 1}


def test_tips_come_in_while_keys_are_changed_and_none_is_missed():
    """Whatever a tip was sealed to when it came, catching up afterwards lets the new reviewer open all."""
    first, second = make_reader(), make_reader(status="waiting")
    unlocked = Unlocked(first.row, first.key)
    for _ in range(5):
        make_tip()

    def work(which: int) -> None:
        if which:
            for _ in range(5):
                make_tip()
        else:
            row = actions.let_in(by=first.user, reader=second.row)
            actions.catch_up(by=first.user, unlocked=unlocked, reader=row)

    at_once(4, work)
    second.row.refresh_from_db()
    actions.catch_up(by=first.user, unlocked=unlocked, reader=second.row)
    assert Tip.objects.count() == 20
    assert second.row.copies.count() == first.row.copies.count() == 20


def test_change_of_keys_holds_up_no_tip():
    """The intake process stores a tip while a change of keys is not committed, and waits for nothing."""
    first, second = make_reader(), make_reader(status="waiting")
    make_tip()

    def store() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 2000")
            make_tip()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        queries.take_turns()
        row = actions.let_in(by=first.user, reader=second.row)
        actions.catch_up(by=first.user, unlocked=Unlocked(first.row, first.key), reader=row)
        actions.open_own(by=first.user, passphrase=PASSPHRASE)
        pool.submit(store).result(timeout=10)
    assert Tip.objects.count() == 2
    assert KeyCopy.objects.filter(reader=first.row).count() == 2


def test_tip_that_goes_while_it_is_copied_gets_no_copy():
    first, second = make_reader(), make_reader()
    kept, gone = make_tip().tip, make_tip().tip
    KeyCopy.objects.filter(reader=second.row).delete()
    copies = [(tip.pk, bytes(113)) for tip in (kept, gone)]
    gone.delete()
    assert queries.give(second.row, copies) == 1
    assert queries.give(second.row, copies) == 0, "each once"
    assert KeyCopy.objects.filter(reader__in=[first.row, second.row]).count() == 2
