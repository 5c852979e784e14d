"""One mail a day to whoever planned meetings: what is tomorrow, and what of the agreements is late or due soon."""

import logging
from datetime import date

from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.agency import agency_zone, current_agency
from notices.models import Reminder
from notices.queries.reminders import Digest, digests

logger = logging.getLogger(__name__)


def remind(today: date) -> int:
    """Send each person's mail of a day; a second delivery sends none. Returns how many were sent.

    A mail that cannot be sent stops no other, and is tried again when this is called again."""
    return sum(remind_once(digest, today) for digest in digests(today) if digest.person.email)


def remind_once(digest: Digest, today: date) -> bool:
    """The row is there before the mail goes: whatever dies in between, nobody gets it twice."""
    try:
        with transaction.atomic():
            reminder = Reminder.objects.create(person=digest.person, day=today)
    except IntegrityError:
        return False
    subject, body = words(digest)
    try:
        send_mail(subject, body, None, [digest.person.email])
    except OSError:  # what smtplib raises, and what a socket does
        logger.exception("The reminder of %s cannot be sent", digest.person.username)
        reminder.delete()
        return False
    reminder.sent_at = timezone.now()
    reminder.save(update_fields=["sent_at"])
    return True


def words(digest: Digest) -> tuple[str, str]:
    agency = current_agency()
    with timezone.override(agency_zone()), translation.override(agency.languages[0] if agency.languages else "en"):
        body = render_to_string("notices/meetings/reminder.txt", {"digest": digest, "agency": agency})
        return _("Meetings and agreements"), body
