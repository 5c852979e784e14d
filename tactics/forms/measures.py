"""Forms of place measures whatever their kind."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from tactics.catalogue import MEASURES, Tactic, choices
from tactics.models import Measure
from tactics.models.measures import MeasureQuerySet
from tactics.queries.measures import listed

Party, Status = Measure.Party, Measure.Status


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PastDateField(forms.DateField):
    """A day that has come: what happened cannot lie ahead."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=date_input(), **{"initial": timezone.localdate, **options})

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day


@dataclass(frozen=True)
class Usual:
    """What a plan of a kind usually says; `begin` names the button that goes straight on to the details."""

    title: str | Promise
    party: str
    days: int
    begin: str | Promise = ""
    begin_url: str = ""


USUAL: dict[str, Usual] = {
    Tactic.LIGHTING: Usual(_("Survey the lights"), Party.POLICE, 14, _("Save and start the walk"), "survey"),
    Tactic.CAMERAS: Usual(_("Ask the owner about the camera"), Party.POLICE, 30, _("Save and register it"), "camera"),
    Tactic.VEHICLE_PERMITS: Usual(_("Start parking by permit"), Party.MANAGER, 30, _("Save and set it up"), "program"),
    Tactic.TRESPASS: Usual(_("Get the authorization signed"), Party.OWNER, 30, _("Save and enter it"), "signature"),
    Tactic.LEASE_ENFORCEMENT: Usual(_("Lease violation"), Party.OWNER, 30),
    Tactic.UPKEEP: Usual(_("Trim the bushes"), Party.OWNER, 30),
}


class MeasureFilterForm(forms.Form):
    """Which measures the list shows. What is not understood narrows nothing."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All kinds")), *choices(MEASURES)], required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("To be done")), *Status.choices, ("all", _("All"))],
        required=False,
    )
    party = forms.ChoiceField(label=_("With"), choices=[("", _("Everybody")), *Party.choices], required=False)
    hot_spot = forms.ModelChoiceField(
        HotSpot.objects.order_by("name"), label=_("Hot spot"), required=False, empty_label=_("The whole city")
    )
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def measures(self) -> MeasureQuerySet:
        self.full_clean()
        asked = self.cleaned_data
        return listed(
            timezone.localdate(),
            kind=asked.get("kind") or "",
            status=asked.get("status") or "",
            party=asked.get("party") or "",
            overdue_only=bool(asked.get("overdue")),
            hot_spot=asked.get("hot_spot"),
        )


class PlanForm(forms.ModelForm):
    """What is to be done, who sees to it and by when."""

    class Meta:
        model = Measure
        fields = ["title", "party", "organization", "due_on", "note"]
        widgets = {"due_on": date_input(), "note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "organization": _("Such as the name of the company. No person's name."),
            "note": _("Nobody's name, please."),
        }

    def __init__(self, *args: Any, kind: str, clocked: bool = False, **kwargs: Any) -> None:
        """`clocked`: the day, and who is next, follow from what was recorded, and are not typed."""
        super().__init__(*args, **kwargs)
        usual = USUAL[kind]
        self.fields["due_on"].required = True
        self.initial["title"] = self.initial.get("title") or usual.title
        if not self.instance.due_on:  # planned anew, or reported from the street and taken up now
            self.initial["party"] = usual.party
            self.initial["due_on"] = timezone.localdate() + timedelta(days=usual.days)
        if clocked:
            del self.fields["due_on"], self.fields["party"]


class FinishForm(forms.Form):
    outcome = forms.CharField(label=_("What came of it"), max_length=200, required=False)


class DropForm(forms.Form):
    reason = forms.CharField(label=_("Why it is not to be done"), max_length=200)
