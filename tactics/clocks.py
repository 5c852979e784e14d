"""Legal clocks of place measures: pure dates from the settings. Days are the agency's local days."""

from calendar import monthrange
from datetime import date, timedelta

from django.conf import settings

from tactics.models import LeaseCase

Stage = LeaseCase.Stage
MOST_TRESPASS_MONTHS = 12  # the database refuses a longer authorization


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the last one of a shorter month: 12 months after February 29 is February 28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def lease_step_due(stage: str, on: date) -> date | None:
    """The day by which the step after `stage` is to follow; None after an outcome.

    After a notice it is also the first day on which an eviction may be filed (K.S.A. 22-3902: 30 days' notice).
    """
    days = {
        Stage.VIOLATION: settings.LEASE_NOTICE_WITHIN_DAYS,
        Stage.NOTICE: settings.LEASE_NOTICE_DAYS,
        Stage.FILED: settings.LEASE_COURT_DAYS,
    }.get(Stage(stage))
    return None if days is None else on + timedelta(days=days)


def trespass_months() -> int:
    return min(settings.TRESPASS_MONTHS, MOST_TRESPASS_MONTHS)


def trespass_expiry(signed_on: date) -> date:
    """The first day on which an authorization no longer holds."""
    return months_later(signed_on, trespass_months())


def trespass_reminder(expires_on: date) -> date:
    return expires_on - timedelta(days=settings.TRESPASS_REMINDER_DAYS)


def consent_due(confirmed_on: date) -> date:
    """When to ask the owner of a camera again."""
    return months_later(confirmed_on, settings.CAMERA_CONSENT_MONTHS)
