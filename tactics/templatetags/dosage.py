"""How minutes and visits are written on pages."""

from datetime import datetime
from math import isnan

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from tactics.tables import Done

register = template.Library()

HOUR, TEN_HOURS, TWO_DAYS = 60, 600, 2880  # minutes


def _number(value: float, digits: int) -> str:
    """Rounded first: number_format cuts off what is too much."""
    return formats.number_format(round(value, digits), digits, force_grouping=True)


@register.filter
def duration(minutes: float) -> str:
    """135 is "2 h 15 min"; from ten hours on minutes matter no more."""
    whole = round(minutes)
    if whole < HOUR:
        return _("%(minutes)s min") % {"minutes": whole}
    if whole < TEN_HOURS:
        return _("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR, "minutes": whole % HOUR}
    return _("%(hours)s h") % {"hours": _number(whole / HOUR, 0)}


@register.filter
def visits(value: float) -> str:
    """Visits that were planned come in parts where a plan begins within a week; nobody makes a part of one."""
    return _number(value, 0)


@register.filter
def made_of(done: Done) -> str:
    """Visits made, of those that were due by now: "3 of 28"."""
    made = visits(done.visits)
    return _("%(made)s of %(due)s") % {"made": made, "due": visits(done.due)} if done.planned else made


@register.filter
def amount(value: float | None) -> str:
    """Visits or minutes: with a digit where they are few and not whole."""
    if value is None or isnan(value):
        return "–"
    digits = 0 if value >= 100 or abs(value - round(value)) < 0.05 else 1
    return _number(value, digits)


@register.filter
def moment(value: datetime) -> str:
    """The time of today; for another day the day too."""
    local = timezone.localtime(value)
    return formats.date_format(local, "H:i" if local.date() == timezone.localdate() else "M j, H:i")


@register.filter
def since(value: datetime, now: datetime) -> str:
    minutes = max(0.0, (now - value).total_seconds() / 60)
    if minutes < TWO_DAYS:
        return duration(minutes)
    return _("%(days)s days") % {"days": int(minutes / (24 * HOUR))}
