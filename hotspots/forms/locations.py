from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hotspots.models import Location
from hotspots.queries.locations import with_incidents

STATES = [("unlocated", _("Not on the map")), ("hand", _("Placed by hand"))]


class LocationFilterForm(forms.Form):
    """Which locations the list shows. What is not understood narrows nothing."""

    q = forms.CharField(label=_("Address contains"), max_length=200, required=False)
    problem = forms.ChoiceField(label=_("Problem"), required=False)
    state = forms.ChoiceField(label=_("Which"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        named = [choice for choice in Location.Problem.choices if choice[0]]
        self.fields["problem"].choices = [("", _("All problems")), *named]

    def locations(self) -> QuerySet[Location]:
        asked = self.cleaned_data if self.is_valid() else {}
        found = Location.objects.placed_by_hand() if asked.get("state") == "hand" else Location.objects.unlocated()
        if text := asked.get("q"):
            found = found.filter(address_text__icontains=text)
        if problem := asked.get("problem"):
            found = found.filter(problem=problem)
        return with_incidents(found).select_related("placed_by", "block", "complex", "address")


class PointForm(forms.Form):
    lon = forms.FloatField(min_value=-180, max_value=180)
    lat = forms.FloatField(min_value=-90, max_value=90)

    def point(self) -> Point:
        return Point(self.cleaned_data["lon"], self.cleaned_data["lat"], srid=4326)


class BoxForm(forms.Form):
    west = forms.FloatField(min_value=-180, max_value=180)
    south = forms.FloatField(min_value=-90, max_value=90)
    east = forms.FloatField(min_value=-180, max_value=180)
    north = forms.FloatField(min_value=-90, max_value=90)
