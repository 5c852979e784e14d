"""Work of tips that a page does not wait for."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.tasks import WAIT_FOR_DATABASE
from tips.actions import alerts, mailed, retention, reward_offers
from tips.mail.box import MailboxAway

log = logging.getLogger(__name__)


@shared_task(**WAIT_FOR_DATABASE)
def take_back_uncollected_rewards() -> None:
    """Money that nobody came for is available again; a second delivery finds nothing more."""
    reward_offers.uncollect(timezone.now())


@shared_task(**WAIT_FOR_DATABASE)
def purge_tips() -> None:
    """Delete tips whose time is over; stopped anywhere, the next delivery goes on."""
    retention.purge(timezone.localdate(timezone=agency_zone()))


@shared_task(**WAIT_FOR_DATABASE)
def alert_reviewers() -> None:
    """Mail reviewers how many new tips wait, if any that they were not told of."""
    alerts.alert()


@shared_task(**WAIT_FOR_DATABASE)
def fetch_mailed_tips() -> None:
    """Look into the mailbox of tips, if there is one. A server that is away is asked again next time."""
    try:
        mailed.fetch_mail()
    except MailboxAway as away:
        log.error("Mailbox of tips: %s", away)
