"""Tips that come by mail: taken out of the box, sealed and stored as all others. They have no receipt."""

import logging
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.agency import current_agency
from hotspots.queries.concentration import session_lock
from tips.mail.box import MailBox
from tips.mail.clean import MailTip
from tips.mail.poll import Polled, poll
from tips.queries import intake
from tips.queries.mailed import Markers
from tips.sealing.tips import Told, seal_tip

MOST_AT_ONCE = 60  # of one look into the box; what is beyond waits in quarantine

log = logging.getLogger(__name__)


def fetch_mail() -> Polled | None:
    """Look into the mailbox. None where there is none, nobody could read a tip yet, or another process is at it."""
    if not settings.TIP_IMAP_HOST:
        return None
    if not intake.readers():
        log.error("Tips in the mailbox wait: there is no reviewer with a key")
        return None
    with session_lock("tips mailbox") as mine:
        if not mine:
            return None
        return _polled(Markers())


def _polled(markers: Markers) -> Polled:
    stored = 0

    def store(mail: MailTip, digest: str) -> None:
        nonlocal stored
        stored += 1
        store_mail(mail, digest, markers, quarantined=stored > MOST_AT_ONCE)

    box = MailBox(
        host=settings.TIP_IMAP_HOST,
        port=settings.TIP_IMAP_PORT,
        user=settings.TIP_IMAP_USER,
        password=settings.TIP_IMAP_PASSWORD,
        tls=settings.TIP_IMAP_TLS,  # type: ignore[arg-type]
        folder=settings.TIP_IMAP_FOLDER,
    )
    with box:
        polled = poll(
            box, store=store, seen=markers, key=salted_hmac("tips.mail", "markers", algorithm="sha256").digest()
        )
    if polled.left is not None:
        markers.forget_all_but(polled.left)
    if polled.failed or polled.undeleted:
        log.error("Mailbox of tips: %d could not be read, %d not deleted", polled.failed, polled.undeleted)
    return polled


@transaction.atomic
def store_mail(mail: MailTip, digest: str, markers: Markers, *, quarantined: bool) -> None:
    """The tip and the marker of its mail, both or neither."""
    texts = {"what": mail.text} | ({"left_out": "; ".join(mail.left_out)} if mail.left_out else {})
    tip = seal_tip(
        Told(texts, mail.photos),
        keys_of_readers=intake.readers(),
        channel="mail",
        language=current_agency().languages[0],
        now=datetime.now(UTC),
        quarantined=quarantined,
    )
    intake.store(tip)
    markers.remember(digest)
