from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.agency import agency_zone
from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot
from tactics.catalogue import ASSIGNABLE, choices
from tactics.models import Dog, Roster, Shift, Unit
from tactics.permissions import LOG

REASON = forms.CharField(
    label=_("Reason"), max_length=200, help_text=_("It stays beside the visit, for everybody who sees the roster.")
)
DAY = timedelta(days=1)


class DrawForm(forms.Form):
    shift = forms.ModelChoiceField(Shift.objects.filter(is_active=True))
    day = forms.DateField()


class ReasonForm(forms.Form):
    reason = REASON


class WhoForm(forms.Form):
    """An officer or a unit, not both; neither is whoever is next."""

    officer = forms.ModelChoiceField(
        User.objects.none(), label=_("Officer"), required=False, empty_label=_("Whoever is next")
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("Any unit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        officers = User.objects.filter(is_active=True, roles__overlap=sorted(TABLE[LOG]))
        self.fields["officer"].queryset = officers.order_by("last_name", "first_name", "username")
        self.fields["unit"].queryset = Unit.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("officer") and cleaned.get("unit"):
            self.add_error("unit", _("Choose an officer or a unit, not both."))
        return cleaned


class HandOverForm(WhoForm):
    reason = REASON


class AddForm(WhoForm):
    hot_spot = forms.ModelChoiceField(HotSpot.objects.none(), label=_("Hot spot"))
    tactic = forms.ChoiceField(label=_("Tactic"), choices=choices(ASSIGNABLE))
    at = forms.TimeField(label=_("Due at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=480, initial=15)
    reason = REASON

    field_order = ["hot_spot", "tactic", "at", "minutes", "officer", "unit", "reason"]

    def __init__(self, *args: Any, roster: Roster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = roster
        self.fields["hot_spot"].queryset = HotSpot.objects.active_on(roster.day).order_by("name")
        times = {"start": local(roster.starts_at).strftime("%H:%M"), "end": local(roster.ends_at).strftime("%H:%M")}
        self.fields["at"].help_text = _("Within the shift, %(start)s to %(end)s.") % times

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if at := cleaned.pop("at", None):
            due_at = moment_in_shift(self.roster, at)
            if due_at is None:
                self.add_error("at", _("This is outside of the shift."))
            cleaned["due_at"] = due_at
        return cleaned


class ShiftForm(forms.ModelForm):
    hours = forms.IntegerField(label=_("Hours"), min_value=0, max_value=24)
    more_minutes = forms.IntegerField(label=_("and minutes"), min_value=0, max_value=59, initial=0)

    class Meta:
        model = Shift
        fields = ["name", "starts_at", "is_active"]
        widgets = {"starts_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
        help_texts = {
            "starts_at": _("Local time. A shift over midnight belongs to the day on which it starts."),
            "is_active": _("Rosters are drawn for shifts in use."),
        }
        error_messages = {"name": {"unique": _("There is a shift of this name already.")}}

    field_order = ["name", "starts_at", "hours", "more_minutes", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["hours"], self.initial["more_minutes"] = divmod(self.instance.minutes, 60)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "hours" in cleaned and "more_minutes" in cleaned:
            self.instance.minutes = cleaned["hours"] * 60 + cleaned["more_minutes"]
            if not 60 <= self.instance.minutes <= 1440:
                self.add_error("hours", _("A shift lasts from one hour to a day."))
        return cleaned


class UnitForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ["name", "is_active"]
        help_texts = {"name": _("What the radio calls it, such as “Car 12” or “Bike 3”.")}
        error_messages = {"name": {"unique": _("There is a unit of this call sign already.")}}


class DogForm(forms.ModelForm):
    class Meta:
        model = Dog
        fields = ["name", "is_active"]
        error_messages = {"name": {"unique": _("There is a dog of this name already.")}}


def local(instant: datetime) -> datetime:
    return timezone.localtime(instant, agency_zone())


def moment_in_shift(roster: Roster, at: time) -> datetime | None:
    """When the clock shows this time in the shift, which may go over midnight; None where it never does."""
    for day in (roster.day, roster.day + DAY):
        moment = datetime.combine(day, at, tzinfo=agency_zone())
        if roster.starts_at <= moment < roster.ends_at:
            return moment
    return None
