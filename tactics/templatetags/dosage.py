"""How minutes and visits are written on pages."""

from datetime import datetime
from math import isnan

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

register = template.Library()

HOUR, DAY = 60, 1440  # minutes


@register.filter
def duration(minutes: float) -> str:
    """135 is "2 h 15 min", 3000 is "2 d 2 h"."""
    whole = int(minutes)
    if whole < HOUR:
        return _("%(minutes)s min") % {"minutes": whole}
    if whole < DAY:
        return _("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR, "minutes": whole % HOUR}
    return _("%(days)s d %(hours)s h") % {"days": whole // DAY, "hours": whole % DAY // HOUR}


@register.filter
def amount(value: float | None) -> str:
    """Visits or minutes: with a digit where they are few and not whole."""
    if value is None or isnan(value):
        return "–"
    digits = 0 if value >= 100 or abs(value - round(value)) < 0.05 else 1
    return formats.number_format(value, digits, force_grouping=True)


@register.filter
def moment(value: datetime) -> str:
    """The time of today; for another day the day too."""
    local = timezone.localtime(value)
    return formats.date_format(local, "H:i" if local.date() == timezone.localdate() else "M j, H:i")


@register.filter
def since(value: datetime, now: datetime) -> str:
    return duration(max(0.0, (now - value).total_seconds() / 60))
