"""Activities in words."""

import json
from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tactics.models import Activity

register = template.Library()
TYPES = {
    "start": gettext_lazy("Start"),
    "end": gettext_lazy("End"),
    "log": gettext_lazy("Logged whole"),
    "cancel": gettext_lazy("Cancel"),
    "operation": gettext_lazy("Saturation patrol"),
    "measure": gettext_lazy("Place measure"),
}


@register.filter
def where(activity: Activity) -> str:
    """Its hot spot, else its place, else that only its position is known."""
    return str(activity.hot_spot or activity.place or _("only its position is known"))


@register.filter
def flags_in_words(activity: Activity) -> list[str]:
    return [str(Activity.Flag(flag).label) for flag in activity.flags]


@register.filter
def length_in_words(activity: Activity) -> str:
    """How long it took, or has been going on."""
    return in_words((activity.ended_at or timezone.now()) - activity.started_at)


def in_words(length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    if minutes < 120:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def unlocalized(number: float) -> str:
    """For drawings, with a point in every language."""
    return f"{number:g}"


@register.filter
def entry_type(type: Any) -> str:
    """What kind of thing a phone sent."""
    return str(TYPES.get(str(type), type or _("no kind of entry")))
