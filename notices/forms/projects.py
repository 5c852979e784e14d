from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hotspots.models import HotSpot
from notices.models import PublicProject
from notices.privacy import names_an_address
from notices.queries.results import is_evaluated
from notices.transitions_public import first_day
from tactics.catalogue import Tactic

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LANGUAGES = ("en", "es")


def refuse_addresses(form: Any, hot_spot: HotSpot | None, names: list[str]) -> None:
    """Words must not undo what the rough area hides."""
    for name in names:
        if hot_spot and (found := names_an_address(form.cleaned_data.get(name) or "", hot_spot)):
            words = _("“%(found)s” names one address of the hot spot. Name the street or its blocks instead.")
            form.add_error(name, words % {"found": found})


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    tactics = forms.MultipleChoiceField(
        label=gettext_lazy("Tactics that may be used"), choices=Tactic.choices, widget=forms.CheckboxSelectMultiple
    )
    with_figures = forms.BooleanField(
        label=gettext_lazy("Show counts before and since"),
        help_text=gettext_lazy(
            "Beside those of the rest of the city, without small counts, and with the words that they prove nothing alone."
        ),
        required=False,
    )

    class Meta:
        model = PublicProject
        fields = (
            *("name_en", "name_es", "summary_en", "summary_es", "tactics", "starts_on", "ends_on", "shown_from"),
            *("slug", "results_en", "results_es"),
        )
        labels = {"slug": gettext_lazy("Address of its page")}
        widgets = {
            **dict.fromkeys(("starts_on", "ends_on", "shown_from"), DATE),
            **{f"{name}_{code}": forms.Textarea({"rows": 6}) for name in ("summary", "results") for code in LANGUAGES},
        }

    def __init__(self, *args: Any, hot_spot: HotSpot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hot_spot = hot_spot
        for code in LANGUAGES:
            for name in ("name", "summary", "results"):
                self.fields[f"{name}_{code}"].widget.attrs["lang"] = code
        self.fields["with_figures"].initial = bool(self.instance.figures)
        if not is_evaluated(hot_spot):
            for name in ("results_en", "results_es", "with_figures"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on, shown_from = (cleaned.get(name) for name in ("starts_on", "ends_on", "shown_from"))
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end must not lie before the start."))
        if starts_on and shown_from:
            least = max(starts_on + timedelta(days=settings.PUBLIC_DELAY_DAYS), first_day(self.hot_spot))
            if shown_from < least:
                day = {"day": date_format(least, "F j, Y")}
                self.add_error("shown_from", _("The public may see it from %(day)s on, not earlier.") % day)
        if bool(cleaned.get("results_en")) != bool(cleaned.get("results_es")):
            missing = "results_es" if cleaned.get("results_en") else "results_en"
            self.add_error(missing, _("Write the results in both languages, or in neither."))
        texts = [f"{name}_{code}" for name in ("name", "summary", "results") for code in LANGUAGES]
        if cleaned.get("slug"):
            cleaned["slug"] = cleaned["slug"].lower()
            if names_an_address(cleaned["slug"].replace("-", " "), self.hot_spot):
                self.add_error("slug", _("It names one address of the hot spot. Name the street instead."))
        refuse_addresses(self, self.hot_spot, [name for name in texts if name in self.fields])
        return cleaned

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        return {name: value for name, value in values.items() if name in self.fields}


class WithdrawForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Why"), max_length=200)
