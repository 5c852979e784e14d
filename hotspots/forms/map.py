from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hotspots.models import Area, Offense, Place
from hotspots.specs import MOST_DAYS, RunSpec

COLORS = [
    ("count", _("Number of incidents")),
    ("harm", _("Harm")),
    ("change", _("Change")),
    ("significance", _("Clusters beyond chance")),
]
MEASURES = [("all", _("All incidents")), ("risk", _("Without what police activity itself finds"))]
STANDING = [(str(days), _("%(days)s days") % {"days": days}) for days in settings.STANDING_WINDOWS]


@dataclass(frozen=True)
class MapRequest:
    """What the address of the map asks for."""

    spec: RunSpec
    color: str
    measure: str


class MapForm(forms.Form):
    """The controls of the map. Everything has a default, so that /map/ alone is an address of the map."""

    kind = forms.ChoiceField(label=_("Places"), choices=Place.Kind.choices, initial="block", required=False)
    days = forms.ChoiceField(
        label=_("Window"), choices=[*STANDING, ("custom", _("Other dates"))], initial="365", required=False
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    as_of = forms.DateField(label=_("Up to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    category = forms.ChoiceField(
        label=_("Offenses"), choices=[("", _("All offenses")), *Offense.Category.choices], required=False
    )
    beat = forms.ModelChoiceField(
        label=_("Beat"), queryset=Area.objects.none(), empty_label=_("Whole city"), required=False
    )
    measure = forms.ChoiceField(label=_("Count"), choices=MEASURES, initial="all", required=False)
    color = forms.ChoiceField(label=_("Color by"), choices=COLORS, initial="count", required=False)

    def __init__(self, data: Any, *, latest: dict[tuple[str, int], date], otherwise: date) -> None:
        """`latest`: last day of the newest standing run by kind and days; `otherwise`: what to end on without one."""
        super().__init__({**self._initials(), **{name: data[name] for name in data if data[name]}})
        self.latest, self.otherwise = latest, otherwise
        self.fields["beat"].queryset = Area.objects.beats().current().order_by("name")
        for field in self.fields.values():
            kind = "usa-select" if isinstance(field.widget, forms.Select) else "usa-input"
            field.widget.attrs["class"] = kind

    @classmethod
    def _initials(cls) -> dict[str, Any]:
        return {name: field.initial for name, field in cls.base_fields.items() if field.initial}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        latest = self._latest_day(cleaned)
        cleaned["as_of"] = cleaned["as_of"] or latest
        # The field shows the day; while it is the latest, the address leaves it out and so moves on every night.
        self.fields["as_of"].widget.attrs["data-latest"] = latest.isoformat()
        self.data["as_of"] = cleaned["as_of"].isoformat()
        if cleaned["days"] == "custom":
            cleaned["since"] = cleaned["since"] or cleaned["as_of"]
            length = (cleaned["as_of"] - cleaned["since"]).days + 1
            if length < 1:
                self.add_error("since", _("The first day must not be after the last."))
            elif length > MOST_DAYS:
                self.add_error("since", _("A window has %(most)s days at most.") % {"most": MOST_DAYS})
        return cleaned

    def _latest_day(self, cleaned: dict[str, Any]) -> date:
        days = cleaned["days"]
        found = self.latest.get((cleaned["kind"], int(days))) if days != "custom" else None
        return found or max(self.latest.values(), default=self.otherwise)

    def request(self) -> MapRequest:
        """Call on a valid form."""
        given = self.cleaned_data
        length = (given["as_of"] - given["since"]).days + 1 if given["days"] == "custom" else int(given["days"])
        spec = RunSpec(
            kind=given["kind"],
            as_of=given["as_of"],
            days=length,
            categories=(given["category"],) if given["category"] else (),
            beat_id=given["beat"].pk if given["beat"] else None,
        )
        return MapRequest(spec, given["color"], given["measure"])
