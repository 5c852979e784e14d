"""Who can open tips after each change of keys, with real keys and real tips; and what the database refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.tips import PASSPHRASE, WHAT, Reader, make_reader, make_recovery, make_tip
from tips.actions import keys as actions
from tips.models import KeyCopy, ReaderKey, Tip
from tips.queries import intake
from tips.queries import keys as queries
from tips.sealing import keys
from tips.sealing.tips import Told, open_case_key, open_texts, seal_tip
from tips.unlocking import Unlocked

pytestmark = pytest.mark.django_db
NEW = "eleven calm badgers sing"
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)


def unlocked(reader: Reader) -> Unlocked:
    return Unlocked(reader.row, reader.key)


def detective():
    return UserFactory(roles=["detective"])


def read(tip: Tip, opened: Unlocked) -> str:
    """What the tip says, opened as its reviewer does."""
    case = open_case_key(tip.pk, opened.key, KeyCopy.objects.get(tip=tip, reader=opened.reader).sealed)
    message = tip.messages.get(position=1)
    return open_texts(case, tip.pk, message.pk, message.sealed)["what"]


def on_its_way(*readers: ReaderKey) -> Any:
    """A tip that the intake process has sealed, and has not stored yet."""
    to = [(reader.pk, bytes(reader.public)) for reader in readers]
    return seal_tip(Told({"what": WHAT}), keys_of_readers=to, channel="web", language="en", now=NOW)


def trail() -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(action=AuditEntry.Action.TIP_KEY_CHANGED).order_by("pk")
    return [(entry.subject, entry.details["change"]) for entry in entries]


# --- making and letting in --------------------------------------------------------------------------------------------


def test_first_key_is_active_at_once():
    user = detective()
    made = actions.make_key(by=user, passphrase=PASSPHRASE)
    assert (made.reader.status, made.reader.let_in_by) == ("active", user)
    assert trail() == [(user.username, "made, the first: active at once")]
    assert read(make_tip().tip, made) == WHAT


def test_second_key_waits():
    actions.make_key(by=detective(), passphrase=PASSPHRASE)
    made = actions.make_key(by=detective(), passphrase=PASSPHRASE)
    assert (made.reader.status, made.reader.let_in_by, made.reader.let_in_at) == ("waiting", None, None)
    assert not make_tip().tip.copies.filter(reader=made.reader).exists()


def test_key_waits_where_there_are_tips_even_without_a_reviewer():
    make_recovery()
    make_tip()
    assert actions.make_key(by=detective(), passphrase=PASSPHRASE).reader.status == "waiting"


def test_nobody_has_two_keys():
    user = detective()
    actions.make_key(by=user, passphrase=PASSPHRASE)
    with pytest.raises(actions.Refused, match="a key already"):
        actions.make_key(by=user, passphrase=PASSPHRASE)


def test_who_is_let_in_opens_all_tips_and_those_to_come():
    first, second = make_reader(), make_reader(status="waiting")
    old = [make_tip().tip for _ in range(3)]
    row = actions.let_in(by=first.user, reader=second.row)
    copied = actions.catch_up(by=first.user, unlocked=unlocked(first), reader=row)
    assert copied == actions.Copied(3, 0)
    assert [read(tip, unlocked(second)) for tip in [*old, make_tip().tip]] == [WHAT] * 4
    assert trail() == [(second.user.username, "let in"), (second.user.username, "can open earlier tips too")]


def test_who_is_let_in_from_now_on_opens_no_earlier_tip():
    first, second = make_reader(), make_reader(status="waiting")
    old = make_tip().tip
    actions.let_in(by=first.user, reader=second.row)
    later = make_tip().tip
    assert [copy.tip for copy in second.row.copies.all()] == [later]
    assert not old.copies.filter(reader=second.row).exists()


def test_tip_that_was_on_its_way_while_somebody_was_let_in_is_caught_up():
    first, second = make_reader(), make_reader(status="waiting")
    tip = on_its_way(first.row)
    row = actions.let_in(by=first.user, reader=second.row)
    actions.catch_up(by=first.user, unlocked=unlocked(first), reader=row)
    intake.store(tip)
    assert queries.missing(row, first.row).count() == 1
    assert actions.catch_up(by=first.user, unlocked=unlocked(first), reader=row).number == 1
    assert read(Tip.objects.get(), unlocked(second)) == WHAT


def test_damaged_copy_stops_no_other():
    first, second = make_reader(), make_reader()
    KeyCopy.objects.filter(reader=second.row).delete()
    good, bad = make_tip().tip, make_tip().tip
    KeyCopy.objects.filter(reader=second.row).delete()
    KeyCopy.objects.filter(tip=bad, reader=first.row).update(sealed=bytes(113))
    copied = actions.catch_up(by=first.user, unlocked=unlocked(first), reader=second.row)
    assert copied == actions.Copied(1, 1)
    assert read(good, unlocked(second)) == WHAT


@pytest.mark.parametrize("change", [{"roles": ["officer"]}, {"is_active": False}])
def test_who_is_no_detective_is_neither_let_in_nor_given_tips(change):
    first, waiting, active = make_reader(), make_reader(status="waiting"), make_reader()
    for reader in (waiting, active):
        for name, value in change.items():
            setattr(reader.user, name, value)
        reader.user.save()
    make_tip()
    with pytest.raises(actions.Refused, match="no detective"):
        actions.let_in(by=first.user, reader=waiting.row)
    with pytest.raises(actions.Refused, match="no detective"):
        actions.catch_up(by=first.user, unlocked=unlocked(first), reader=active.row)


def test_nobody_lets_themselves_in_or_somebody_in_twice():
    first, second = make_reader(), make_reader(status="waiting")
    with pytest.raises(actions.Refused, match="Another reviewer"):
        actions.let_in(by=second.user, reader=second.row)
    actions.let_in(by=first.user, reader=second.row)
    with pytest.raises(actions.Refused, match="does not wait"):
        actions.let_in(by=first.user, reader=second.row)


def test_nothing_is_copied_for_a_waiting_or_retired_key():
    first, waiting, retired = make_reader(), make_reader(status="waiting"), make_reader()
    actions.retire(by=first.user, reader=retired.row, why=actions.Why.LEFT)
    make_tip()
    for reader in (waiting, retired):
        with pytest.raises(actions.Refused, match="not active"):
            actions.catch_up(by=first.user, unlocked=unlocked(first), reader=reader.row)
    assert KeyCopy.objects.count() == 1


def test_copying_takes_the_same_queries_for_one_and_many(django_assert_max_num_queries):
    first = make_reader()
    for number in (1, 5):
        second = make_reader(status="waiting")
        for _ in range(number):
            make_tip()
        row = actions.let_in(by=first.user, reader=second.row)
        with django_assert_max_num_queries(8):
            assert actions.catch_up(by=first.user, unlocked=unlocked(first), reader=row).number >= number


def test_keys_that_count_are_those_that_the_intake_process_seals_to():
    make_recovery()
    make_reader(status="waiting")
    retired = make_reader()
    actions.retire(by=None, reader=retired.row, why=actions.Why.LEFT)
    for change in ({}, {"is_active": False}, {"roles": ["officer", "auditor"]}, {"roles": ["clerk", "detective"]}):
        user = make_reader().user
        for name, value in change.items():
            setattr(user, name, value)
        user.save()
    read_by_intake = {reader for reader, _ in intake.readers()}
    assert read_by_intake == set(queries.usable().values_list("pk", flat=True))
    assert len(read_by_intake) == 3


# --- a new key or passphrase ------------------------------------------------------------------------------------------


def test_new_key_opens_what_the_old_one_did_and_the_old_one_nothing():
    reader = make_reader()
    tips = [make_tip().tip for _ in range(3)]
    fresh = actions.rotate(by=reader.user, unlocked=unlocked(reader), passphrase=NEW)
    assert [read(tip, fresh) for tip in [*tips, make_tip().tip]] == [WHAT] * 4
    reader.row.refresh_from_db()
    assert (reader.row.status, reader.row.retired_by, reader.row.copies.count()) == ("retired", reader.user, 0)
    assert actions.open_own(by=reader.user, passphrase=NEW).reader == fresh.reader
    with pytest.raises(keys.CannotOpen):
        keys.unlock(reader.row.locked, PASSPHRASE, about=f"tips: private key {reader.row.pk}")


def test_tip_that_was_on_its_way_while_the_key_was_replaced_is_not_lost():
    """It is sealed to the old key alone, which only the new one opens."""
    reader = make_reader()
    tip = on_its_way(reader.row)
    actions.rotate(by=reader.user, unlocked=unlocked(reader), passphrase=NEW)
    intake.store(tip)
    fresh = actions.open_own(by=reader.user, passphrase=NEW)
    assert actions.gather(fresh) == 1
    assert read(Tip.objects.get(), fresh) == WHAT
    assert not reader.row.copies.exists()
    assert actions.gather(fresh) == 0


def test_copy_that_the_new_key_did_not_get_is_not_dropped():
    """Damaged, or stored in that very moment: either way it may be the last one of its tip."""
    reader = make_reader()
    good, bad = make_tip().tip, make_tip().tip
    KeyCopy.objects.filter(tip=bad).update(sealed=bytes(113))
    fresh = actions.rotate(by=reader.user, unlocked=unlocked(reader), passphrase=NEW)
    assert set(KeyCopy.objects.values_list("tip", "reader")) == {(good.pk, fresh.reader.pk), (bad.pk, reader.row.pk)}


def test_last_copy_for_a_key_whose_passphrase_was_lost_stays():
    """The passphrase may be found, while the copy would never come back."""
    reader = make_reader()
    tip = on_its_way(reader.row)
    actions.retire(by=reader.user, reader=reader.row, why=actions.Why.LOST)
    fresh = actions.make_key(by=reader.user, passphrase=NEW)
    intake.store(tip)
    assert actions.gather(fresh) == 0
    assert [copy.reader for copy in KeyCopy.objects.all()] == [reader.row]


def test_retired_key_is_not_replaced():
    first, second = make_reader(), make_reader()
    actions.retire(by=first.user, reader=second.row, why=actions.Why.LEFT)
    with pytest.raises(actions.Refused, match="changed just now"):
        actions.rotate(by=second.user, unlocked=unlocked(second), passphrase=NEW)
    assert ReaderKey.objects.count() == 2


def test_changed_passphrase_opens_the_same_key():
    reader = make_reader()
    actions.change_passphrase(by=reader.user, old=PASSPHRASE, new=NEW)
    opened = actions.open_own(by=reader.user, passphrase=NEW)
    assert keys.private_bytes(opened.key) == keys.private_bytes(reader.key)
    with pytest.raises(actions.Refused, match="not the passphrase"):
        actions.open_own(by=reader.user, passphrase=PASSPHRASE)


# --- retiring ---------------------------------------------------------------------------------------------------------


def test_retired_key_opens_nothing_and_gets_nothing():
    first, second = make_reader(), make_reader()
    make_tip()
    actions.retire(by=first.user, reader=second.row, why=actions.Why.LEFT)
    make_tip()
    assert not second.row.copies.exists()
    entry = AuditEntry.objects.get(action=AuditEntry.Action.TIP_KEY_CHANGED)
    assert (entry.subject, entry.details["why"]) == (second.user.username, "no longer reviews tips")


def test_key_is_not_retired_while_it_alone_opens_a_tip():
    first = make_reader()
    make_tip()
    second = make_reader()
    make_tip()
    with pytest.raises(actions.Refused, match="1 tip could be opened by nobody"):
        actions.retire(by=second.user, reader=first.row, why=actions.Why.LEFT)
    actions.catch_up(by=first.user, unlocked=unlocked(first), reader=second.row)
    actions.retire(by=second.user, reader=first.row, why=actions.Why.LEFT)


def test_recovery_key_stands_in_for_another_reviewer():
    reader, _ = make_reader(), make_recovery()
    make_tip()
    assert actions.can_retire(reader.row)
    KeyCopy.objects.exclude(reader=reader.row).delete()
    assert not actions.can_retire(reader.row)


def test_reviewer_who_is_none_any_more_does_not_stand_in():
    first, gone = make_reader(), make_reader()
    make_tip()
    gone.user.roles = ["clerk"]
    gone.user.save()
    assert not actions.can_retire(first.row)
    assert actions.can_retire(gone.row)


def test_only_key_is_not_retired_but_its_lost_passphrase_can_be_reported_while_there_is_no_tip():
    reader = make_reader()
    with pytest.raises(actions.Refused, match="only key"):
        actions.retire(by=reader.user, reader=reader.row, why=actions.Why.KNOWN)
    actions.retire(by=reader.user, reader=reader.row, why=actions.Why.LOST)
    assert actions.make_key(by=reader.user, passphrase=NEW).reader.status == "active"


def test_waiting_key_can_always_be_retired_and_no_key_twice():
    waiting = make_reader(status="waiting")
    row = actions.retire(by=None, reader=waiting.row, why=actions.Why.MISTAKE)
    with pytest.raises(actions.Refused, match="retired already"):
        actions.retire(by=None, reader=row, why=actions.Why.MISTAKE)


def test_what_comes_late_for_a_retired_key_goes_once_somebody_else_can_open_it():
    first, second = make_reader(), make_reader()
    tip, alone = on_its_way(first.row, second.row), on_its_way(second.row)
    actions.retire(by=first.user, reader=second.row, why=actions.Why.LEFT)
    intake.store(tip)
    intake.store(alone)
    assert second.row.copies.count() == 2
    waiting = make_reader(status="waiting")
    actions.retire(by=first.user, reader=waiting.row, why=actions.Why.MISTAKE)
    assert [copy.tip_id for copy in second.row.copies.all()] == [alone.id], "the last copy of a tip stays"


# --- the recovery key -------------------------------------------------------------------------------------------------


def test_recovery_key_lets_in_whoever_waits():
    recovery, key = make_recovery()
    tips = [make_tip().tip for _ in range(2)]
    waiting = make_reader(status="waiting")
    copied = actions.recover(unlocked=Unlocked(recovery, key), person=waiting.user)
    assert copied == actions.Copied(2, 0)
    assert [read(tip, unlocked(waiting)) for tip in [*tips, make_tip().tip]] == [WHAT] * 3
    assert (waiting.user.username, "let in with the recovery key") in trail()


def test_replaced_recovery_key_is_refused_while_it_alone_opens_a_tip():
    recovery, key = make_recovery()
    make_tip()
    with pytest.raises(actions.Refused, match="recovery key alone"):
        actions.make_recovery_key(replace=True)
    waiting = make_reader(status="waiting")
    actions.recover(unlocked=Unlocked(recovery, key), person=waiting.user)
    made = actions.make_recovery_key(replace=True)
    recovery.refresh_from_db()
    assert (recovery.status, recovery.copies.count(), made.reader.copies.count()) == ("retired", 0, 0)
    actions.catch_up(by=waiting.user, unlocked=unlocked(waiting), reader=made.reader)
    assert read(Tip.objects.get(), made) == WHAT


# --- the database's own rules -----------------------------------------------------------------------------------------


def refused(constraint: str, **fields: Any) -> None:
    row = {"user": UserFactory(), "public": keys.public_bytes(keys.new_key()), "locked": b"x"} | fields
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ReaderKey.objects.create(**row)


def test_database_refuses_keys_of_nobody_and_recovery_keys_with_a_passphrase():
    kind = "tip_key_is_of_a_person_or_recovery"
    refused(kind, user=None)
    refused(kind, locked=b"")
    refused(kind, drilled_at=NOW)
    refused(kind, kind="recovery", status="active", locked=b"")
    refused(kind, kind="recovery", status="active", user=None)


def test_database_refuses_active_keys_that_nobody_let_in():
    refused("tip_key_is_let_in", status="active")
    refused("tip_key_is_let_in", status="active", let_in_at=NOW)
    refused("tip_key_is_let_in", let_in_at=NOW, let_in_by=UserFactory())
    refused("tip_key_is_let_in", kind="recovery", user=None, locked=b"")


def test_database_refuses_retirement_without_a_time_and_a_time_without_retirement():
    refused("tip_key_retired_at_pair", status="retired")
    refused("tip_key_retired_at_pair", retired_at=NOW)
    refused("tip_key_retired_at_pair", retired_by=UserFactory())


def test_database_refuses_two_keys_of_a_person_or_two_recovery_keys_or_one_twice():
    reader, _ = make_reader(), make_recovery()
    refused("one_tip_key_of_a_person", user=reader.user, status="active", let_in_at=NOW, let_in_by=reader.user)
    refused("one_recovery_key", kind="recovery", user=None, locked=b"", status="active")
    refused("tip_key_once", public=bytes(reader.row.public))


def test_database_lets_a_person_have_many_retired_keys():
    user = detective()
    for _ in range(2):
        reader = make_reader(user)
        ReaderKey.objects.filter(pk=reader.row.pk).update(status="retired", retired_at=timezone.now())
    assert user.tip_keys.count() == 2
