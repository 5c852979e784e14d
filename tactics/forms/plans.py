from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot
from tactics.catalogue import CATALOGUE, Amount, Tactic
from tactics.models import Plan, PlanTactic, Unit
from tactics.models.plans import HOURS_OF_WEEK
from tactics.permissions import LOG

REVIEW_AFTER = timedelta(days=90)
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HoursField(forms.Field):
    """Boxes of the hours of the week; the page draws them itself, as a table."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[int]:
        hours = super().clean(value) or []
        if not all(hour.isascii() and hour.isdecimal() and int(hour) < HOURS_OF_WEEK for hour in hours):
            raise forms.ValidationError(_("The hours are damaged. Choose them again."))
        return sorted({int(hour) for hour in hours})


class AmountForm(forms.Form):
    """One tactic of the catalogue: whether the plan has it, and how much of it."""

    chosen = forms.BooleanField(required=False)
    visits = forms.IntegerField(
        label=_("visits"), required=False, min_value=1, max_value=200, widget=forms.NumberInput(attrs={"min": 1})
    )
    per = forms.ChoiceField(label=_("per"), required=False, choices=PlanTactic.Per.choices)
    minutes = forms.IntegerField(label=_("minutes a visit"), required=False, min_value=1, max_value=480)

    def __init__(self, *args: Any, tactic: Tactic, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"tactic-{tactic.value}", use_required_attribute=False, **kwargs)
        self.tactic, self.entry = tactic, CATALOGUE[tactic]
        # What has no usual amount is done, not counted: a plan sets no number of arrests.
        self.is_counted = bool(self.entry.visits)
        self.fields["chosen"].label = tactic.label
        if not self.is_counted:
            for name in ("visits", "per", "minutes"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("chosen") and self.is_counted:
            for name in ("visits", "per", "minutes"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Say how much, or take the tactic out."))
        return cleaned

    def amount(self) -> Amount | None:
        if not self.cleaned_data["chosen"]:
            return None
        amounts = {name: self.cleaned_data[name] for name in ("visits", "per", "minutes") if self.is_counted}
        return Amount(self.tactic.value, **amounts)


def usual(name: str) -> Any:
    return Plan._meta.get_field(name).default


class PlanForm(forms.ModelForm):
    """The plan with a row for each tactic of the catalogue. `hot_spot` bounds its dates; `suggested` fills its hours."""

    hours = HoursField(
        label=_("Days and hours"), error_messages={"required": _("Choose at least one hour of the week.")}
    )
    least_minutes = forms.IntegerField(
        initial=usual("least_minutes"), label=_("Shortest visit, minutes"), min_value=1, max_value=480
    )
    most_minutes = forms.IntegerField(
        initial=usual("most_minutes"), label=_("Longest visit, minutes"), min_value=1, max_value=480
    )
    interval_minutes = forms.IntegerField(
        initial=usual("interval_minutes"), label=_("A visit about every, minutes"), min_value=15, max_value=1440
    )
    officers = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Officers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("Units"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Plan
        fields = [
            "problem",
            "hours",
            "least_minutes",
            "most_minutes",
            "interval_minutes",
            "officers",
            "units",
            "starts_on",
            "review_on",
            "ends_on",
        ]
        widgets = {
            "problem": forms.Textarea(attrs={"rows": 2}),
            "starts_on": DATE,
            "review_on": DATE,
            "ends_on": DATE,
        }
        labels = {"problem": _("The problem in a sentence")}
        help_texts = {
            "problem": _("Who does what, where and when, such as “Drug sales in the parking lot in the evening”."),
            "review_on": _("When to look at what was done and what changed."),
            "ends_on": _("From this day on it is out of force. Leave it empty to go on until it is ended."),
        }

    def __init__(self, *args: Any, hot_spot: HotSpot, suggested: list[int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.hot_spot = hot_spot
        plan = self.instance if self.instance.pk else None
        self.fields["officers"].queryset = _officers(plan)
        self.fields["units"].queryset = Unit.objects.filter(_in_use_or_chosen(plan)).distinct()
        if plan is None:
            today = max(timezone.localdate(), hot_spot.starts_on)
            self.initial.update(hours=suggested or [], starts_on=today, review_on=today + REVIEW_AFTER)
        elif plan.activated_at and plan.starts_on <= timezone.localdate():
            self.fields["starts_on"].disabled = True
            self.fields["starts_on"].help_text = _("It has been in force since, which stays so.")
        chosen = {tactic.tactic: tactic for tactic in plan.tactics.all()} if plan else {}
        self.rows = [
            AmountForm(*args[:1], tactic=tactic, initial=_initial(tactic, chosen, is_new=plan is None))
            for tactic in Tactic
        ]

    def is_valid(self) -> bool:
        """Every row is looked at, so that all that is wrong is said at once."""
        wrong = [row for row in self.rows if not row.is_valid()]
        if self.is_bound and not wrong and not self.amounts():
            self.add_error(None, _("Choose at least one tactic."))
        return super().is_valid() and not wrong

    def amounts(self) -> list[Amount]:
        return [amount for row in self.rows if (amount := row.amount())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        least, most = cleaned.get("least_minutes"), cleaned.get("most_minutes")
        if least and most and least > most:
            self.add_error("most_minutes", _("The longest visit is shorter than the shortest."))
        start, review, end = (cleaned.get(name) for name in ("starts_on", "review_on", "ends_on"))
        if start and start < self.hot_spot.starts_on:
            words = _("The hot spot starts on %(day)s; the plan cannot start before.")
            self.add_error("starts_on", forms.ValidationError(words, params={"day": self.hot_spot.starts_on}))
        if start and review and review <= start:
            self.add_error("review_on", _("The review must come after the start."))
        if start and end and end < start:
            self.add_error("ends_on", _("The end must not come before the start."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        return {**self.cleaned_data, "tactics": self.amounts()}

    def chosen_hours(self) -> set[int]:
        """Those that the page shows as chosen, also when they are wrong otherwise."""
        return {int(hour) for hour in self["hours"].value() or [] if str(hour).isascii() and str(hour).isdecimal()}

    def errors_of_rows(self) -> Iterator[tuple[str, str]]:
        for row in self.rows:
            for name, errors in row.errors.items():
                yield row[name].auto_id, f"{row.tactic.label}, {row.fields[name].label}: {errors[0]}"


class FindingForm(forms.Form):
    finding = forms.CharField(
        label=_("What the review found"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=_("What was done, what changed, what people of the neighborhood say."),
    )


class ResumeForm(FindingForm):
    review_on = forms.DateField(label=_("Next review"), widget=DATE)


class EndForm(FindingForm):
    finding = forms.CharField(
        label=_("What the plan achieved, and why it ends"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


class NothingForm(forms.Form):
    """For what asks nothing."""


def _officers(plan: Plan | None) -> Any:
    """Who may log work and can sign in, and who is in the plan already."""
    wanted = Q(is_active=True, roles__overlap=sorted(TABLE[LOG]))
    if plan:
        wanted |= Q(plans=plan)
    return User.objects.filter(wanted).distinct().order_by("last_name", "first_name", "username")


def _in_use_or_chosen(plan: Plan | None) -> Q:
    return Q(is_active=True) | Q(plans=plan) if plan else Q(is_active=True)


def _initial(tactic: Tactic, chosen: dict[str, PlanTactic], *, is_new: bool) -> dict[str, Any]:
    """The plan's own amount, or the usual one of the catalogue. A new plan begins with directed patrol."""
    usual = CATALOGUE[tactic]
    row = chosen.get(tactic)
    if row and row.visits:
        return {"chosen": True, "visits": row.visits, "per": row.per, "minutes": row.minutes}
    return {
        "chosen": row is not None or (is_new and tactic == Tactic.DIRECTED_PATROL),
        "visits": usual.visits or None,
        "per": usual.per,
        "minutes": usual.minutes or None,
    }
