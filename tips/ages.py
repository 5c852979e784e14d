"""How old a tip is, as finely as anybody may know: a quarter of a day, then whole days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tips.sealing.tips import BUCKET_HOURS


def age_in_words(received_at: datetime, today: date, zone: ZoneInfo) -> str:
    """As "today, 12–18 h", "yesterday, 18–24 h", then "3 days"; in the agency's own time."""
    first = received_at.astimezone(zone)
    hours = f"{first.hour}\N{EN DASH}{(received_at + timedelta(hours=BUCKET_HOURS)).astimezone(zone).hour or 24} h"
    days = (today - first.date()).days
    if days <= 0:
        return _("today, %(hours)s") % {"hours": hours}
    if days == 1:
        return _("yesterday, %(hours)s") % {"hours": hours}
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
