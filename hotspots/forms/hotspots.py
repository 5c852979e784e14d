from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot, Place
from hotspots.permissions import DESIGNATE

REVIEW_AFTER = timedelta(days=90)
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlacesField(forms.CharField):
    """Places by their numbers, separated by commas, as the map's selection hands them over."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> list[Place]:
        numbers = [number for number in super().clean(value).split(",") if number]
        if not all(number.isascii() and number.isdecimal() and len(number) < 16 for number in numbers):
            raise forms.ValidationError(_("The selection is damaged. Select the places again on the map."))
        if len(numbers) > settings.MOST_HOT_SPOT_PLACES:
            words = _("A hot spot is small: %(most)s places at most, not %(number)s.")
            raise forms.ValidationError(words, params={"most": settings.MOST_HOT_SPOT_PLACES, "number": len(numbers)})
        places = list(Place.objects.current().filter(pk__in=numbers))
        if not places:
            raise forms.ValidationError(_("Select at least one place on the map."))
        return places


def commanders() -> Any:
    return User.objects.filter(is_active=True, roles__overlap=sorted(TABLE[DESIGNATE])).order_by(
        "last_name", "username"
    )


class DesignateForm(forms.ModelForm):
    places = PlacesField(error_messages={"required": _("Select at least one place on the map.")})

    class Meta:
        model = HotSpot
        fields = ["name", "starts_on", "review_on", "commander", "reason"]
        widgets = {"starts_on": DATE, "review_on": DATE, "reason": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "name": _("What it is called at roll call, such as “Grand and Gravois”."),
            "review_on": _("When to look whether it works and goes on."),
            "reason": _("Why these places: what the counts show, what people of the neighborhood asked for."),
        }
        error_messages = {"name": {"unique": _("There is a hot spot of this name already.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["starts_on"].initial = today
        self.fields["review_on"].initial = today + REVIEW_AFTER
        self.fields["commander"].queryset = commanders()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start, review = cleaned.get("starts_on"), cleaned.get("review_on")
        if start and review and review <= start:
            self.add_error("review_on", _("The review must come after the start."))
        return cleaned


class RedrawForm(forms.Form):
    places = PlacesField(error_messages={"required": _("Select at least one place on the map.")})
    starts_on = forms.DateField(label=_("From"), widget=DATE, initial=timezone.localdate)


class ReviewForm(forms.Form):
    finding = forms.CharField(
        label=_("What the review found"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    review_on = forms.DateField(label=_("Next review"), widget=DATE)


class EndForm(forms.Form):
    ended_on = forms.DateField(
        label=_("Ends on"), widget=DATE, initial=timezone.localdate, help_text=_("From this day on it is no hot spot.")
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
