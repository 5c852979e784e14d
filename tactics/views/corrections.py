"""Corrections in the words of their fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tactics.forms.activities import DETAILS
from tactics.forms.review import CorrectForm
from tactics.models import Activity, Correction


@dataclass(frozen=True)
class Line:
    correction: Correction
    changes: list[str]


def correction_lines(activity: Activity) -> list[Line]:
    return [
        Line(each, [sentence(activity.kind, name, *pair) for name, pair in each.changes.items()])
        for each in activity.corrections.select_related("by")
    ]


def sentence(kind: str, name: str, before: Any, after: Any) -> str:
    if name == "voided":
        return _("taken out") if after else _("counts again")
    words = {"field": label_of(kind, name), "before": shown(before), "after": shown(after)}
    return _("%(field)s: from %(before)s to %(after)s") % words


def label_of(kind: str, name: str) -> str:
    for fields in (CorrectForm.base_fields, DETAILS[kind].base_fields):
        if name in fields and fields[name].label:
            return str(fields[name].label)
    model = DETAILS[kind].model
    names = {field.name for field in model._meta.get_fields()}
    return capfirst(str(model._meta.get_field(name).verbose_name)) if name in names else name


def shown(value: Any) -> str:
    if value in ("", None):
        return _("nothing")
    moment = parse_datetime(value) if isinstance(value, str) and "T" in value[:12] else None
    return in_agency_time(moment) if moment else str(value)


def in_agency_time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "M j, Y H:i:s")
