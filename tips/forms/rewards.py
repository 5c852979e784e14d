"""Forms of rewards. Numbers, days and choices: nowhere could a name be typed."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from tactics.forms.measures import date_input
from tips.models import LedgerEntry, Reward
from tips.queries import rewards as queries

MOST_PEOPLE, MOST_DOLLARS, MOST_SEIZED = 99, Decimal(99_999), Decimal(99_999_999)
IN_DOLLARS = {"decimal_places": 2, "min_value": Decimal("0.01"), "max_value": MOST_DOLLARS}


def past_day(value: date) -> None:
    if value > timezone.localdate():
        raise ValidationError(_("This day is still to come."))


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=date_input(), validators=[past_day], initial=timezone.localdate)


class RewardFilterForm(forms.Form):
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("All")), ("open", _("Open")), *Reward.State.choices], required=False
    )
    year = forms.ChoiceField(label=_("Claimed in"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["year"].choices = [("", _("All years")), *[(str(year), str(year)) for year in queries.years()]]

    def asked(self) -> dict[str, str]:
        """What is not understood narrows nothing."""
        self.full_clean()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class ClaimForm(forms.Form):
    hot_spot = forms.ModelChoiceField(
        label=_("Hot spot"), queryset=HotSpot.objects.order_by("name"), required=False, empty_label=_("None")
    )


class ArrestForm(forms.Form):
    arrests = forms.IntegerField(label=_("Arrests"), min_value=1, max_value=MOST_PEOPLE)
    arrested_on = day_field(_("Date of arrest"))
    seized_kinds = forms.MultipleChoiceField(
        label=_("What was seized"), choices=Reward.Seized.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    seized = forms.DecimalField(
        label=_("Its value in dollars"), decimal_places=2, min_value=Decimal(0), max_value=MOST_SEIZED, initial=0
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("seized") and not found.get("seized_kinds"):
            self.add_error("seized_kinds", _("Choose what was seized."))
        return found


class ConvictionForm(forms.Form):
    convictions = forms.IntegerField(label=_("Convictions"), min_value=1, max_value=MOST_PEOPLE)
    convicted_on = day_field(_("Date of conviction"))


class ApproveForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount in dollars"), **IN_DOLLARS)
    voted_on = day_field(_("Date of the board’s vote"))
    seen = forms.CharField(widget=forms.HiddenInput)  # the facts that the page showed


class FallThroughForm(forms.Form):
    why = forms.ChoiceField(label=_("Why"), choices=[("", _("Choose")), *Reward.Why.choices])


class BudgetForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount in dollars"), **{**IN_DOLLARS, "max_value": MOST_SEIZED})
    reason = forms.ChoiceField(
        label=_("What it is"),
        choices=[("", _("Choose")), *[each for each in LedgerEntry.Reason.choices if each[0] != "undone"]],
    )


class PayForm(forms.Form):
    number = forms.CharField(label=_("Code number"), max_length=20, help_text=_("Such as R-4821-7730."))
    second = forms.CharField(label=_("Second code"), max_length=24, help_text=_("Twelve digits."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}
        self.fields["number"].widget.attrs["inputmode"] = "text"


class PeriodForm(forms.Form):
    first = forms.DateField(label=_("From"), widget=date_input(), required=False)
    last = forms.DateField(label=_("To"), widget=date_input(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def days(self) -> tuple[date, date]:
        """This year so far, where nothing else is asked or understood, and the right way round."""
        self.full_clean()
        asked = self.cleaned_data if self.is_bound else {}
        last = asked.get("last") or timezone.localdate()
        first = asked.get("first") or last.replace(month=1, day=1)
        return (first, last) if first <= last else (last, first)
