"""Forms of lighting surveys, made for a phone in one hand."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tactics.forms.measures import PastDateField, date_input
from tactics.models import LightingItem, LightingSurvey, Measure
from tactics.photos import PhotoError, clean_photo

DAYS_TO_FIX = timedelta(days=14)


class SurveyForm(forms.ModelForm):
    class Meta:
        model = LightingSurvey
        fields = ["surveyed_at", "with_owner", "with_renters"]
        widgets = {
            "surveyed_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["surveyed_at"].initial = lambda: timezone.localtime().replace(second=0, microsecond=0)

    def clean_surveyed_at(self) -> Any:
        when = self.cleaned_data["surveyed_at"]
        if when > timezone.now() + timedelta(minutes=5):
            raise ValidationError(_("This is still to come."))
        return when


class PhotoInput(forms.FileInput):
    """The browser's own field: it offers camera and gallery on a phone, and leaves it to us to say what is wrong."""

    template_name = "tactics/measures/photo_input.html"


class LightForm(forms.ModelForm):
    """One light. Where it works, nobody has to fix it."""

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=PhotoInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("The light or the dark spot; no faces, no plates. Where and when it was taken is removed from it."),
    )
    lon = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)

    class Meta:
        model = LightingItem
        fields = ["kind", "state", "where", "party", "due_on"]
        widgets = {"kind": forms.RadioSelect, "state": forms.RadioSelect, "due_on": date_input()}
        help_texts = {"where": _("Such as: pole 3, north stairs.")}

    def __init__(self, *args: Any, last: LightingItem | None = None, **kwargs: Any) -> None:
        """`last`: the light before on the same walk; who fixes it and by when are likely the same."""
        super().__init__(*args, **kwargs)
        for name in ("kind", "state"):  # no empty choice among the buttons
            self.fields[name].choices = [choice for choice in self.fields[name].choices if choice[0]]
        self.fields["party"].choices = [("", _("Choose")), *Measure.Party.choices]
        works = self.is_bound and self.data.get("state") == LightingItem.State.WORKS
        for name, missing in (("party", _("Choose who fixes it.")), ("due_on", _("Give a day by when."))):
            self.fields[name].required = not works
            self.fields[name].error_messages["required"] = missing
        if self.instance._state.adding:
            self.initial["kind"] = last.kind if last else LightingItem.Kind.PARKING
            self.initial["party"] = (last and last.party) or Measure.Party.OWNER
            self.initial["due_on"] = (last and last.due_on) or timezone.localdate() + DAYS_TO_FIX
        elif self.instance.point:
            self.initial["lon"], self.initial["lat"] = self.instance.point.coords

    def clean_photo(self) -> ContentFile | None:
        photo = self.cleaned_data.get("photo")
        if not photo:
            return None
        try:
            return clean_photo(photo)
        except PhotoError as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("state") == LightingItem.State.WORKS:
            cleaned["party"], cleaned["due_on"], self.instance.fixed_on = "", None, None
        return cleaned

    def item(self) -> LightingItem:
        lon, lat = self.cleaned_data.get("lon"), self.cleaned_data.get("lat")
        self.instance.point = None if lon is None or lat is None else Point(lon, lat, srid=4326)
        return self.save(commit=False)


class FixedForm(forms.Form):
    fixed_on = PastDateField(label=_("Fixed on"), required=False)
