"""One mail a day at most to those who read the trail: how many weeks wait for a review, and nothing of what is in them."""

import logging
from datetime import date

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.agency import current_agency
from accounts.models import AuditReminder, User
from accounts.permissions import READ_AUDIT
from accounts.roles import TABLE
from accounts.weeks import is_overdue, waiting

MONDAY = 0

logger = logging.getLogger(__name__)


def remind(on: date) -> int:
    """On Mondays while a week waits for a review, on other days while one is overdue. Returns how many mails were sent.

    A mail that cannot be sent stops no other, and is tried again when this is called again."""
    weeks = waiting(on)
    overdue = sum(is_overdue(week, on) for week in weeks)
    if not weeks or (on.weekday() != MONDAY and not overdue):
        return 0
    readers = User.objects.filter(is_active=True, roles__overlap=list(TABLE[READ_AUDIT])).exclude(email="")
    return sum(_remind_once(person, on, len(weeks), overdue) for person in readers.order_by("pk"))


def _remind_once(person: User, on: date, number: int, overdue: int) -> bool:
    """The row is there before the mail goes: whatever dies in between, nobody gets it twice."""
    try:
        with transaction.atomic():
            reminder = AuditReminder.objects.create(person=person, day=on)
    except IntegrityError:
        return False
    subject, body = _words(number, overdue)
    try:
        send_mail(subject, body, None, [person.email])
    except OSError:  # what smtplib raises, and what a socket does
        logger.exception("The reminder of %s to review the trail cannot be sent", person.username)
        reminder.delete()
        return False
    reminder.sent_at = timezone.now()
    reminder.save(update_fields=["sent_at"])
    return True


def _words(number: int, overdue: int) -> tuple[str, str]:
    agency = current_agency()
    url = settings.SITE_URL.rstrip("/") + reverse("audit_weeks")
    with translation.override(agency.languages[0] if agency.languages else "en"):
        context = {"number": number, "overdue": overdue, "url": url, "agency": agency}
        return _("Weekly review of the audit trail"), render_to_string("accounts/review_reminder.txt", context)
