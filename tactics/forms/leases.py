"""Forms of lease enforcement and trespass authorizations."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import Incident, Place
from hotspots.queries.place_page import incidents_at
from hotspots.windows import Window
from tactics.forms.measures import USUAL, PastDateField
from tactics.measure_transitions import LEASE_MOVES, OUTCOMES
from tactics.models import LeaseCase, Measure

INCIDENTS_OF = timedelta(days=180)
MOST_INCIDENTS = 200
CALLED = [("yes", _("Yes")), ("no", _("No"))]


def incidents_for(place: Place) -> Any:
    """Incidents at a place that may stand for a violation: none with a victim who may have called for help."""
    today = timezone.localdate()
    found = incidents_at(place, Window(today - INCIDENTS_OF, today)).filter(offense__victim_sensitive=False)
    return found.select_related("offense")


class IncidentField(forms.ModelChoiceField):
    def label_from_instance(self, incident: Incident) -> str:
        when = timezone.localtime(incident.occurred_from)
        return f"{when:%Y-%m-%d %H:%M} {incident.offense.name}, {incident.source_id}"


class LeaseForm(forms.Form):
    """A violation of the lease. The first question comes first: who called."""

    home_called_for_help = forms.ChoiceField(
        label=_("Was somebody of this home the victim, or did they call for help?"),
        choices=CALLED,
        widget=forms.RadioSelect,
        help_text=_(
            "A call for help is never a violation. People who fear for their home stop calling the police, and are "
            "alone with who hurts them. If you do not know who called, find out first."
        ),
    )
    violation = forms.ChoiceField(label=_("Violation"), choices=[("", _("Choose")), *LeaseCase.Violation.choices])
    on = PastDateField(label=_("When it happened"))
    home = forms.CharField(label=_("Apartment or house number"), max_length=20, required=False)
    incident = IncidentField(
        queryset=Incident.objects.none(),
        label=_("Incident"),
        required=False,
        empty_label=_("None"),
        help_text=_("Of the last 180 days at this place. Offenses that have a victim to protect are not in the list."),
    )
    organization = forms.CharField(label=_("Owner or company"), max_length=120, required=False)
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("Nobody's name, please."),
    )

    def __init__(self, *args: Any, place: Place, measure: Measure | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = incidents_for(place).values_list("pk", flat=True)[:MOST_INCIDENTS]
        shown = Incident.objects.filter(pk__in=list(newest)).select_related("offense").order_by("-occurred_from")
        self.fields["incident"].queryset = shown
        if measure:
            self.initial |= {"note": measure.note, "organization": measure.organization}

    def clean_home_called_for_help(self) -> bool:
        if self.cleaned_data["home_called_for_help"] == "yes":
            raise ValidationError(
                _(
                    "Then this is not a violation, and nothing is recorded. Nobody may lose their home for having "
                    "called the police. Offer help instead: a knock-and-talk, or victim services."
                )
            )
        return False

    def values(self) -> dict[str, Any]:
        violation = LeaseCase.Violation(self.cleaned_data["violation"])
        title = f"{USUAL['lease_enforcement'].title}: {violation.label}"
        return {**self.cleaned_data, "title": title, "party": Measure.Party.OWNER}


class StepForm(forms.Form):
    stage = forms.ChoiceField(label=_("What happened"))
    on = PastDateField(label=_("On"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, case: LeaseCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        moves = LEASE_MOVES.get(case.stage, ())
        self.fields["stage"].choices = [(move, LeaseCase.Stage(move).label) for move in moves]
        steps = [move for move in moves if move not in OUTCOMES]
        self.initial.setdefault("stage", (steps or moves or ("",))[0])


class SignatureForm(forms.Form):
    signed_on = PastDateField(label=_("Signed on"))


class EndAuthorizationForm(forms.Form):
    ended_on = PastDateField(label=_("Ended on"))
    owner_changed = forms.BooleanField(label=_("The property has a new owner"), required=False)
