"""Forms of a permit program."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tactics.forms.measures import PastDateField, date_input
from tactics.models import PermitProgram

HOME_LETTERS = 20
MOST_HOMES = 1000


class ProgramForm(forms.ModelForm):
    class Meta:
        model = PermitProgram
        fields = ["starts_on", "permits_per_home", "visitor_spaces", "towing_company"]
        widgets = {"starts_on": date_input()}


def tidy_home(text: str) -> str:
    """Homes are compared as written: "4b " and "4B" are the same."""
    return " ".join(text.upper().split())


class IssueForm(forms.Form):
    homes = forms.CharField(
        label=_("Homes"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Apartment or house numbers, one to a line. No names and no plates."),
    )
    each = forms.IntegerField(label=_("Permits for each"), min_value=1, max_value=10, initial=1)
    issued_on = PastDateField(label=_("Issued on"))
    expires_on = forms.DateField(label=_("Expire on"), widget=date_input(), required=False)

    def clean_homes(self) -> list[str]:
        homes = [home for line in self.cleaned_data["homes"].splitlines() if (home := tidy_home(line))]
        if too_long := next((home for home in homes if len(home) > HOME_LETTERS), ""):
            raise ValidationError(_("“%(home)s” is too long for the number of a home."), params={"home": too_long[:40]})
        if not 0 < len(homes) <= MOST_HOMES:
            raise ValidationError(_("Name between 1 and %(most)s homes."), params={"most": MOST_HOMES})
        if twice := next((home for home in homes if homes.count(home) > 1), ""):
            raise ValidationError(_("“%(home)s” stands here twice."), params={"home": twice})
        return homes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        issued, expires = cleaned.get("issued_on"), cleaned.get("expires_on")
        if issued and expires and expires <= issued:
            self.add_error("expires_on", _("This is not after the day of issue."))
        return cleaned


class ImpoundForm(forms.Form):
    towed_on = PastDateField(label=_("Towed on"))
    warned_on = PastDateField(label=_("Warned on"), required=False, initial=None)
    case_number = forms.CharField(label=_("Case number"), max_length=30, required=False, help_text=_("No plate."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        towed, warned = cleaned.get("towed_on"), cleaned.get("warned_on")
        if towed and warned and warned > towed:
            self.add_error("warned_on", _("The warning comes before the tow."))
        return cleaned
