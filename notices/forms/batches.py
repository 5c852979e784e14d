"""What a clerk says of a batch: its letter, its area, who is left out."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot, Place
from hotspots.models.places import SRID
from notices.forms.words import WordsOfFields
from notices.letters import clerk_fields
from notices.models import Batch, Letter, TemplateVersion
from notices.queries.areas import boundary_of
from notices.queries.batches import complexes_near

FOOT = 0.3048
FEET = (10, 16_000)
MOST_POINTS = 500
MOST_CODES = 20_000  # characters
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
Scope = Batch.Scope


def feet_of(meters: int | None) -> int | None:
    """As it was typed: whole meters and back lose at most two feet, so that tens stay tens."""
    if meters is None:
        return None
    exact = meters / FOOT
    return round(exact / 10) * 10 if abs(exact - round(exact / 10) * 10) <= 2 else round(exact)


class AreaForm(forms.Form):
    """Where the letters go. What is drawn comes from the map as GeoJSON; without one, it starts as the hot spot."""

    scope = forms.ChoiceField(label=_("Where"), choices=Scope.choices, widget=forms.RadioSelect, initial=Scope.WITHIN)
    distance_ft = forms.IntegerField(
        label=_("Distance, feet"), required=False, min_value=FEET[0], max_value=FEET[1], initial=500
    )
    around = forms.ModelChoiceField(Place.objects.none(), label=_("Complex"), required=False)
    shape = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100_000)

    def __init__(self, *args: Any, hot_spot: HotSpot, batch: Batch | None = None, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.hot_spot, self.batch = hot_spot, batch
        self.fields["around"].queryset = complexes_near(hot_spot)
        if batch:
            self.initial |= {"scope": batch.scope, "around": batch.around_id}
            self.initial |= {"distance_ft": feet_of(batch.distance_m) or 500}
        self.fields["distance_ft"].help_text = _("From the outline of the hot spot. 500 feet are 152 meters.")

    def clean_shape(self) -> MultiPolygon | None:
        text = self.cleaned_data["shape"]
        return drawn_shape(text) if text else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        scope = cleaned.get("scope")
        if scope == Scope.DISTANCE and not cleaned.get("distance_ft") and "distance_ft" not in self.errors:
            self.add_error("distance_ft", _("Say how far."))
        if scope == Scope.COMPLEX and not cleaned.get("around") and "around" not in self.errors:
            self.add_error("around", _("Choose the complex."))
        return cleaned

    def area(self) -> dict[str, Any]:
        """The fields of Batch that say where; only those of the chosen scope are set."""
        scope = self.cleaned_data["scope"]
        area: dict[str, Any] = {"scope": scope, "distance_m": None, "shape": None, "around": None}
        if scope == Scope.DISTANCE:
            area["distance_m"] = round(self.cleaned_data["distance_ft"] * FOOT)
        elif scope == Scope.COMPLEX:
            area["around"] = self.cleaned_data["around"]
        elif scope == Scope.DRAWN:
            before = self.batch.shape if self.batch else None
            area["shape"] = self.cleaned_data.get("shape") or before or self.outline()
        return area

    def outline(self) -> MultiPolygon:
        shape = boundary_of(self.hot_spot).geometry
        shape.srid = SRID
        return shape


def drawn_shape(text: str) -> MultiPolygon:
    """What was drawn by hand: a line that crosses itself is cut into parts, each of which counts."""
    try:
        points = json.loads(text)["coordinates"][0]
        shape = GEOSGeometry(json.dumps({"type": "Polygon", "coordinates": [points]}))
    except (ValueError, LookupError, TypeError, GEOSException) as error:
        raise forms.ValidationError(_("What was drawn is damaged. Draw it again.")) from error
    if len(points) > MOST_POINTS:
        raise forms.ValidationError(_("What was drawn has too many corners. Draw it again."))
    shape.srid = SRID
    parts = _polygons(shape if shape.valid else shape.make_valid())
    if not parts or not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in _corners(shape)):
        raise forms.ValidationError(_("What was drawn has no area. Draw around the addresses."))
    return MultiPolygon(parts, srid=SRID)


def _corners(shape: GEOSGeometry) -> Iterator[tuple[float, float]]:
    west, south, east, north = shape.extent
    yield from ((west, south), (east, north))


def _polygons(shape: GEOSGeometry) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [shape] if shape.area else []
    return (
        [part for each in shape for part in _polygons(each)] if shape.num_geom > 1 or "Multi" in shape.geom_type else []
    )


class BatchForm(AreaForm, WordsOfFields):
    """A whole batch. The fields that the clerk fills in are those that the template has, in the batch's languages."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For the list of letters; it is not printed."))
    audience = forms.ChoiceField(
        label=_("Who gets one"), choices=Batch.Audience.choices, widget=forms.RadioSelect, initial="households"
    )
    language = forms.ChoiceField(label=_("Language"), choices=Batch.Language.choices, initial=Batch.Language.BOTH)
    dated = forms.DateField(label=_("Date of the letter"), widget=DATE)
    with_map = forms.BooleanField(label=_("With a map of the area"), required=False, initial=True)
    main = ("name", "audience", "language", "dated", "with_map", "scope", "distance_ft", "around")

    def __init__(self, *args: Any, version: TemplateVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        if self.batch:
            self.initial |= {name: getattr(self.batch, name) for name in self.main[:5]}
        else:
            self.initial |= {"name": f"{self.hot_spot}: {version.template.name}"[:120], "dated": timezone.localdate()}
        self.ask(clerk_fields(version, self.hot_spot), self.batch.fields if self.batch else {})

    def main_fields(self) -> list[Any]:
        return [self[name] for name in self.main]

    def clean(self) -> dict[str, Any]:
        """What is not filled in may be later: a draft is a draft. The submission asks for all of it."""
        cleaned = super().clean()
        if cleaned.get("language") == Batch.Language.OWNERS and cleaned.get("audience") != Batch.Audience.OWNERS:
            self.add_error("language", _("Only letters to owners can be in the language of each owner."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        plain = {name: self.cleaned_data[name] for name in self.main[:5]}
        return {**plain, **self.area(), "fields": self.written()}


class StartForm(forms.Form):
    """Which letter, about which hot spot."""

    hot_spot = forms.ModelChoiceField(HotSpot.objects.none(), label=_("Hot spot"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["hot_spot"].queryset = HotSpot.objects.order_by("ended_on", "name")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class SendBackForm(forms.Form):
    reason = forms.CharField(label=_("What is to be changed"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200, required=False)


class MailedForm(forms.Form):
    on = forms.DateField(label=_("Mailed on"), widget=DATE, initial=timezone.localdate)


class ApproveForm(forms.Form):
    """Carries which submission was read; the action compares it."""

    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class NothingForm(forms.Form):
    """For what asks nothing."""


class ReturnsForm(forms.Form):
    codes = forms.CharField(
        label=_("Codes"),
        max_length=MOST_CODES,
        widget=forms.Textarea(attrs={"rows": 5, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("The code stands on each letter, such as B12-0007. Many at once: one a line, or with spaces."),
    )
    why = forms.ChoiceField(label=_("Why they came back"), choices=Letter.Returned.choices)
    on = forms.DateField(label=_("Came back on"), widget=DATE, initial=timezone.localdate)

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("The day is in the future."))
        return on


class ListFilter(forms.Form):
    """Of the list of batches; nonsense in the address filters nothing."""

    q = forms.CharField(label=_("Name or template"), required=False, max_length=80)
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("in_play", _("Not mailed yet")), *Batch.Status.choices],
    )
    hot_spot = forms.ModelChoiceField(HotSpot.objects.order_by("name"), label=_("Hot spot"), required=False)
