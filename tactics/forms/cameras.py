"""Forms of the camera registry."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tactics.compass import COMPASS, compass_point
from tactics.forms.measures import PastDateField
from tactics.models import Camera


class CameraForm(forms.ModelForm):
    """Where a camera is and which way it looks. Who to ask is not here: that is the detectives' own page."""

    lon = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    direction = forms.TypedChoiceField(label=_("Faces"), choices=COMPASS, coerce=int)
    consent_on = PastDateField(label=_("Owner's consent given on"))
    agreed = forms.BooleanField(label=_("The owner agreed to be in the registry, and may withdraw at any time"))

    class Meta:
        model = Camera
        fields = ["kind", "direction", "angle", "reach_m", "keeps_days", "consent_on"]
        help_texts = {
            "angle": _("A doorbell camera usually sees 160 degrees, a security camera about 90."),
            "reach_m": _("As far as a face or a plate can be told."),
        }

    field_order = ["kind", "direction", "angle", "reach_m", "lon", "lat", "keeps_days", "consent_on", "agreed"]

    def __init__(self, *args: Any, middle: tuple[float, float], **kwargs: Any) -> None:
        """`middle` of the place: longitude and latitude to begin with."""
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        lon, lat = middle if is_new else self.instance.point.coords
        self.initial |= {"lon": round(lon, 6), "lat": round(lat, 6)}
        if not is_new:
            self.initial["direction"] = compass_point(self.instance.direction)
            self.initial["agreed"] = True
        self.fields["kind"].choices = Camera.Kind.choices
        self.fields["angle"].widget.attrs.update(min=1, max=360)
        self.fields["reach_m"].widget.attrs.update(min=1, max=300)
        for name in ("lon", "lat"):
            self.fields[name].widget.attrs["step"] = "any"

    def clean_angle(self) -> int:
        angle = self.cleaned_data["angle"]
        if not 1 <= angle <= 360:
            raise ValidationError(_("Between 1 and 360 degrees."))
        return angle

    def clean_reach_m(self) -> int:
        reach = self.cleaned_data["reach_m"]
        if not 1 <= reach <= 300:
            raise ValidationError(_("Between 1 and 300 meters."))
        return reach

    def values(self) -> dict[str, Any]:
        named = {name: self.cleaned_data[name] for name in self._meta.fields}
        return named | {"point": Point(self.cleaned_data["lon"], self.cleaned_data["lat"], srid=4326)}


class ConfirmForm(forms.Form):
    confirmed_on = PastDateField(label=_("Asked and confirmed on"))


class WithdrawForm(forms.Form):
    withdrawn_on = PastDateField(label=_("Withdrawn on"))


class ReadContactForm(forms.Form):
    reason = forms.CharField(label=_("What for"), max_length=120, help_text=_("Such as a case number. It is recorded."))


class ContactForm(forms.Form):
    contact = forms.CharField(
        label=_("Who to ask, and how"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Detectives alone see it, and each look is recorded. Leave it empty to delete it."),
    )
