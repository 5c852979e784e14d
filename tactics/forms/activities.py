"""What each kind of activity has beyond who, where, from when to when: the one place where that is validated.

A phone's entry, the form on the desk and a correction go through the same class. Field names are those of the models.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.gis.geos import LineString
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hotspots.models.places import SRID
from hotspots.projection import city_srid
from tactics.catalogue import Tactic
from tactics.models import (
    Activity,
    Arrest,
    FootPatrol,
    K9Deployment,
    KnockAndTalk,
    Patrol,
    VehicleStop,
)
from tactics.queries.activities import Known

MOST_CONTACTS = 999
UNKNOWN = {"invalid_choice": _("Number %(value)s is not known.")}
MOST_ROUTE_POINTS = 500
ROUTE_TOLERANCES_M = (3, 6, 12, 25, 50, 100, 400)


class DetailsForm(forms.Form):
    """The details of one kind. `known` is what they may name, looked up once for many forms."""

    model: type[Model]

    def __init__(
        self, data: Any = None, *, known: Known | None = None, officer: int | None = None, **more: Any
    ) -> None:
        # What is no object at all has no field either; what is missing is then said field by field.
        super().__init__(data if data is None or hasattr(data, "get") else {}, **more)
        self.officer = officer
        self.offer(known or Known())
        for name, field in self.fields.items():
            field.label = field.label or capfirst(str(self.model._meta.get_field(name).verbose_name))

    def offer(self, known: Known) -> None:
        """Fill in the choices that stand in the database."""

    def values(self) -> dict[str, Any]:
        """The columns of the row."""
        return self.cleaned_data

    def many(self) -> dict[str, Sequence[Any]]:
        """What the row has many of, by the name of the field: primary keys."""
        return {}

    def row(self, activity: Activity) -> Model:
        return self.model(activity=activity, **self.values())

    @classmethod
    def initial_of(cls, row: Model) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.base_fields}


def one_of(choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **more)


def any_of(choices: Any, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **more)


class PatrolForm(DetailsForm):
    model = Patrol
    mode = one_of(Patrol.Mode.choices, required=False, initial=Patrol.Mode.VEHICLE)
    seen = any_of(Patrol.Seen.choices, required=False)

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or Patrol.Mode.VEHICLE

    def clean_seen(self) -> list[str]:
        seen = self.cleaned_data["seen"]
        if Patrol.Seen.NOTHING in seen and len(seen) > 1:
            raise forms.ValidationError(_("Nothing unusual, or what was seen: not both."))
        return seen


class RouteField(forms.Field):
    """A walked route as [[longitude, latitude], …]: simplified until it has few points. None where nobody moved."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> LineString | None:
        if value in (None, "", []):
            return None
        if isinstance(value, LineString):
            return value
        if not (isinstance(value, list) and all(map(_is_position, value))):
            raise forms.ValidationError(_("The route is damaged."))
        points = [(float(point[0]), float(point[1])) for point in value]
        points = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
        return simplified(points) if len(points) > 1 else None


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) >= 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) for part in value[:2])
        and abs(value[0]) <= 180
        and abs(value[1]) <= 90
    )


def simplified(points: Sequence[tuple[float, float]]) -> LineString:
    line = LineString(points, srid=SRID)
    metres = line.transform(city_srid(), clone=True)
    for tolerance in ROUTE_TOLERANCES_M:
        simple = metres.simplify(tolerance)
        if len(simple) <= MOST_ROUTE_POINTS:
            break
    route = LineString(simple.coords[:MOST_ROUTE_POINTS], srid=simple.srid)
    return route.transform(SRID, clone=True)


def number(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=MOST_CONTACTS, required=False, initial=0, **more)


class FootPatrolForm(DetailsForm):
    model = FootPatrol
    route = RouteField(required=False)
    contacts = number()
    businesses = number()
    homes = number()

    def values(self) -> dict[str, Any]:
        counts = {name: self.cleaned_data[name] or 0 for name in ("contacts", "businesses", "homes")}
        return counts | ({"route": self.cleaned_data["route"]} if "route" in self.fields else {})


class VehicleStopForm(DetailsForm):
    model = VehicleStop
    violation = one_of(VehicleStop.Violation.choices)
    outcomes = any_of(VehicleStop.Outcome.choices)

    def clean_outcomes(self) -> list[str]:
        outcomes = self.cleaned_data["outcomes"]
        if VehicleStop.Outcome.NONE in outcomes and len(outcomes) > 1:
            raise forms.ValidationError(_("No action, or what was done: not both."))
        return outcomes


class ArrestForm(DetailsForm):
    model = Arrest
    offenses = any_of([])
    basis = one_of(Arrest.Basis.choices)
    case_number = forms.CharField(max_length=30, required=False, help_text=_("A number only; nobody is named."))

    def offer(self, known: Known) -> None:
        self.fields["offenses"].choices = known.offenses

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("basis", "case_number")}

    def many(self) -> dict[str, Sequence[Any]]:
        return {"offenses": self.cleaned_data["offenses"]}

    @classmethod
    def initial_of(cls, row: Model) -> dict[str, Any]:
        offenses = [offense.pk for offense in row.offenses.all()]
        return {"basis": row.basis, "case_number": row.case_number, "offenses": offenses}


class K9Form(DetailsForm):
    model = K9Deployment
    handler = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, error_messages=UNKNOWN)
    dog = forms.TypedChoiceField(coerce=int, error_messages=UNKNOWN)
    sniffed = one_of(K9Deployment.Sniffed.choices)
    alert = forms.BooleanField(required=False, label=_("The dog alerted"))
    find = one_of(K9Deployment.Find.choices, required=False, initial=K9Deployment.Find.NOTHING)
    grams = forms.DecimalField(required=False, min_value=0, max_digits=10, decimal_places=2)

    def offer(self, known: Known) -> None:
        self.fields["handler"].choices = [("", _("The officer")), *known.people]
        self.fields["dog"].choices = [("", _("Choose")), *known.dogs]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["find"] = cleaned.get("find") or K9Deployment.Find.NOTHING
        weighed = cleaned.get("grams")
        if not weighed:
            cleaned["grams"] = None
        elif cleaned["find"] in (K9Deployment.Find.NOTHING, K9Deployment.Find.PARAPHERNALIA):
            self.add_error("grams", _("A weight is that of a drug: choose which was found."))
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        return {
            "handler_id": cleaned.pop("handler") or self.officer,
            "dog_id": cleaned.pop("dog"),
            **cleaned,
        }

    @classmethod
    def initial_of(cls, row: Model) -> dict[str, Any]:
        return super().initial_of(row) | {"handler": row.handler_id, "dog": row.dog_id}


class KnockAndTalkForm(DetailsForm):
    model = KnockAndTalk
    answer = one_of(KnockAndTalk.Answer.choices)
    consent_to_search = forms.NullBooleanField()  # also "not asked"
    materials = any_of(KnockAndTalk.Material.choices, required=False)
    language = forms.ChoiceField(required=False)
    concerns = any_of(KnockAndTalk.Concern.choices, required=False)

    def offer(self, known: Known) -> None:
        self.fields["consent_to_search"].widget.choices = [
            ("unknown", _("Not asked")),
            ("true", _("Yes")),
            ("false", _("No")),
        ]
        self.fields["language"].choices = [("", _("Choose")), *known.languages]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") != KnockAndTalk.Answer.ANSWERED:
            if cleaned.get("consent_to_search"):
                self.add_error("consent_to_search", _("Only somebody who answers can consent."))
            cleaned["consent_to_search"] = None
        if not cleaned.get("materials"):
            cleaned["language"] = ""
        elif not cleaned.get("language") and "language" not in self.errors:
            self.add_error("language", _("Choose the language of what was left behind."))
        return cleaned


DETAILS: dict[str, type[DetailsForm]] = {
    Tactic.DIRECTED_PATROL: PatrolForm,
    Tactic.SATURATION_PATROL: PatrolForm,
    Tactic.FOOT_PATROL: FootPatrolForm,
    Tactic.VEHICLE_STOP: VehicleStopForm,
    Tactic.ARREST: ArrestForm,
    Tactic.K9: K9Form,
    Tactic.KNOCK_AND_TALK: KnockAndTalkForm,
}


def words_of(kind: str, values: dict[str, Any], known: Known | None = None) -> list[tuple[str, str]]:
    """Labels and values as people read them, of a row's `initial_of` or of what a phone sent; empty ones are left out."""
    form = DETAILS[kind](known=known)
    named = ((str(field.label), _value_in_words(field, values.get(name))) for name, field in form.fields.items())
    return [(label, words) for label, words in named if words]


def _value_in_words(field: forms.Field, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, LineString):
        return str(_("%(km).1f km, on the map") % {"km": value.transform(city_srid(), clone=True).length / 1000})
    if isinstance(field, RouteField):
        return str(_("%(number)s positions") % {"number": len(value)}) if isinstance(value, list) else str(value)
    labels = {str(each): str(label) for each, label in getattr(field, "choices", [])}
    many = value if isinstance(value, list | tuple) else [value]
    return ", ".join(labels.get(str(each), str(each)) for each in many)


def errors_in_words(form: forms.Form) -> str:
    """ "Outcome: This field is required. …" """
    named = {name: str(form.fields[name].label) for name in form.errors if name in form.fields}
    return " ".join(
        f"{named[name]}: {' '.join(errors)}" if name in named else " ".join(errors)
        for name, errors in form.errors.items()
    )
