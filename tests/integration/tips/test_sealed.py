"""From what is told to what is stored and back, with real keys and the real statement."""

import pytest

from tests.factories.tips import WHAT, make_reader, make_recovery, make_tip
from tips.models import Message, Tip
from tips.queries import intake
from tips.sealing import receipts
from tips.sealing.tips import open_case_key, open_reply_key, open_texts

pytestmark = pytest.mark.django_db


def test_tip_is_opened_by_each_reader_and_the_recovery_key():
    readers = [make_reader(), make_reader()]
    recovery, recovery_key = make_recovery()
    tip = make_tip().tip
    message = tip.messages.get()
    for row, key in [*((each.row, each.key) for each in readers), (recovery, recovery_key)]:
        case = open_case_key(tip.pk, key, tip.copies.get(reader=row).sealed)
        assert open_texts(case, tip.pk, message.pk, message.sealed) == {"what": WHAT}


def test_tip_is_sealed_to_nobody_who_is_no_reviewer_any_more():
    reader, gone, retired, waiting = make_reader(), make_reader(), make_reader(), make_reader(status="waiting")
    gone.user.roles = ["officer"]
    gone.user.save()
    retired.user.is_active = False
    retired.user.save()
    assert [copy.reader for copy in make_tip().tip.copies.all()] == [reader.row]
    assert waiting.row.status == "waiting"


def test_receipt_opens_its_tip_alone():
    make_reader()
    sent, other = make_tip(), make_tip()
    salt = intake.salt()
    opened = receipts.open_receipt(receipts.read_receipt(sent.receipt), salt)
    found = intake.opened(opened.stored)
    assert found.tip == sent.tip.pk
    open_reply_key(found.tip, opened, found.reply_secret)
    stranger = receipts.open_receipt(receipts.read_receipt(receipts.new_receipt("en")), salt)
    assert intake.opened(stranger.stored) is None
    assert other.tip.pk != sent.tip.pk


def test_stored_time_is_a_quarter_of_the_day():
    make_reader()
    tip = make_tip().tip
    assert tip.received_at.hour % 6 == 0
    assert (tip.received_at.minute, tip.received_at.second, tip.received_at.microsecond) == (0, 0, 0)
    assert set(Message.objects.values_list("received_at", flat=True)) == {tip.received_at}


def test_columns_of_staff_begin_empty():
    make_reader()
    tip = Tip.objects.get(pk=make_tip().tip.pk)
    assert (tip.status, tip.credibility, tip.outcome, tip.about_person, tip.alerted) == (
        "new",
        "unknown",
        "",
        False,
        False,
    )
