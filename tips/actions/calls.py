"""A tip that somebody tells on the phone: sealed at once like any other, with nobody's name, number or trail (A10)."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tips.queries import intake
from tips.sealing import receipts
from tips.sealing.tips import Told, seal_tip


class NobodyReads(Exception):
    """There is no reviewer with a key, so that nothing can be sealed."""


@transaction.atomic
def take_call(*, texts: Mapping[str, str], language: str, sending: uuid.UUID) -> list[str]:
    """The words of the receipt, to be read out once. Who took the call is stored nowhere."""
    readers = intake.readers()
    if not readers:
        raise NobodyReads(_("No detective has a key yet, so nobody could read it. Write it down and call a detective."))
    receipt = receipts.new_receipt(language)
    tip = seal_tip(
        Told(dict(texts)),
        keys_of_readers=readers,
        channel="phone",
        language=language,
        now=datetime.now(UTC),
        receipt=receipts.open_receipt(receipts.read_receipt(receipt), intake.salt()),
        sending=sending,
    )
    intake.store(tip)
    return receipt.split()
