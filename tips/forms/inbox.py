"""Forms of the inbox and of a tip's page."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from hotspots.models import HotSpot, Place
from tactics.forms.measures import date_input
from tips.languages import LANGUAGES
from tips.models import Tip
from tips.queries import inbox as queries
from tips.questions import questions_in
from tips.transitions import MOVES, OUTCOMES

LONG = 5000
REVIEW_YEARS = 5


class FilterForm(forms.Form):
    """What is not understood narrows nothing."""

    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[
            ("", gettext_lazy("Open")),
            ("new", gettext_lazy("New")),
            ("mine", gettext_lazy("Mine")),
            ("unassigned", gettext_lazy("Nobody’s")),
            ("quarantine", gettext_lazy("In quarantine")),
            ("overdue", gettext_lazy("Review overdue")),
            ("held", gettext_lazy("Held")),
            ("ended", gettext_lazy("Ended")),
            ("all", gettext_lazy("All")),
        ],
        required=False,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("", gettext_lazy("Any")), *Tip.Status.choices], required=False
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Came by"), choices=[("", gettext_lazy("Any")), *Tip.Channel.choices], required=False
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("", gettext_lazy("Any")), *LANGUAGES.items()], required=False
    )
    place = forms.ModelChoiceField(
        Place.objects.all(), label=gettext_lazy("Place"), empty_label=gettext_lazy("Any"), required=False
    )
    hot_spot = forms.ModelChoiceField(
        HotSpot.objects.all(), label=gettext_lazy("Hot spot"), empty_label=gettext_lazy("Any"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        asked_place, asked_spot = self.data.get("place", ""), self.data.get("hot_spot", "")
        self.fields["place"].choices = _choices(queries.places_with_tips(), Place, asked_place)
        self.fields["hot_spot"].choices = _choices(queries.hot_spots_with_tips(), HotSpot, asked_spot)

    def asked(self) -> queries.Asked:
        self.full_clean()
        return queries.Asked(
            **{name: self.cleaned_data.get(name) or None for name in ("place", "hot_spot")}
            | {name: self.cleaned_data.get(name) or "" for name in ("show", "status", "channel", "language")}
        )


def _choices(rows: Any, model: Any, asked: str) -> list[tuple[Any, Any]]:
    """Those that have tips, and the one that a link names."""
    listed = list(rows.values_list("pk", "name"))
    if asked.isdecimal() and len(asked) < 10 and int(asked) not in dict(listed):
        listed += list(model.objects.filter(pk=asked).values_list("pk", "name"))
    return [("", gettext_lazy("Any")), *listed]


def latest_review(tip: Tip) -> date:
    """28 CFR 23.20(h): five years at most. The database counts from the same day."""
    came = tip.received_at.date()
    try:
        return came.replace(year=came.year + REVIEW_YEARS)
    except ValueError:  # February 29
        return came.replace(year=came.year + REVIEW_YEARS, day=28)


class ReviewFields(forms.Form):
    """About a person: on what basis it is kept, and until when."""

    basis = forms.ChoiceField(
        label=gettext_lazy("Why it may be kept"), choices=[("", gettext_lazy("Choose")), *Tip.Basis.choices]
    )
    review_on = forms.DateField(label=gettext_lazy("Review by"), widget=date_input())

    def __init__(self, *args: Any, tip: Tip, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tip = tip
        last = latest_review(tip)
        self.fields["review_on"].help_text = _("Until %(last)s at the latest: five years after it came.") % {
            "last": f"{last:%b} {last.day}, {last.year}"
        }

    def clean_review_on(self) -> date | None:
        chosen = self.cleaned_data.get("review_on")
        if chosen and chosen > latest_review(self.tip):
            raise ValidationError(_("That is more than five years after it came."))
        if chosen and chosen != self.tip.review_on and chosen <= timezone.localdate():
            raise ValidationError(_("Choose a day that lies ahead."))
        return chosen


class ReviewForm(ReviewFields):
    """Kept on, after it was reviewed: another day, with the basis judged again."""

    def clean_review_on(self) -> date | None:
        chosen = super().clean_review_on()
        if chosen and chosen <= timezone.localdate():
            raise ValidationError(_("Choose a day that lies ahead."))
        return chosen


class JudgeForm(ReviewFields):
    credibility = forms.ChoiceField(
        label=gettext_lazy("How credible"), choices=Tip.Credibility.choices, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=list(LANGUAGES.items()))
    about_person = forms.BooleanField(
        label=gettext_lazy("It names or describes a person"),
        help_text=gettext_lazy("Then it needs a basis, and a day when it is reviewed or goes (28 CFR Part 23)."),
        required=False,
    )
    field_order = ["credibility", "language", "about_person", "basis", "review_on"]

    def __init__(self, *args: Any, tip: Tip, **kwargs: Any) -> None:
        initial = {name: getattr(tip, name) for name in self.base_fields}
        initial["review_on"] = tip.review_on or timezone.localdate() + timedelta(days=365)
        super().__init__(*args, tip=tip, initial=initial, **kwargs)
        for name in ("basis", "review_on"):
            self.fields[name].required = False
            self.fields[name].depends = True  # on the box above: not "optional"
        if tip.language not in LANGUAGES:
            self.fields["language"].choices = [(tip.language, tip.language), *LANGUAGES.items()]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not values.get("about_person"):
            self.errors.pop("review_on", None)
            return values | {"basis": "", "review_on": None}
        for name in ("basis", "review_on"):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("A record about a person needs this."))
        return values


class PlaceSearchForm(forms.Form):
    """By POST: what somebody types here may come from a tip, and stands in no address and no log."""

    q = forms.CharField(label=gettext_lazy("Street, address or complex"), max_length=120)


class HotSpotForm(forms.Form):
    hot_spot = forms.ModelChoiceField(
        HotSpot.objects.filter(ended_on=None).order_by("name"),
        label=gettext_lazy("Hot spot"),
        empty_label=gettext_lazy("None"),
        required=False,
    )


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who works on it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = queries.reviewers()


class EndForm(forms.Form):
    """Closed or not actionable, and why: one list of the ends that this tip can come to."""

    end = forms.ChoiceField(label=gettext_lazy("How it ends"))

    def __init__(self, *args: Any, tip: Tip, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends = [status for status in MOVES[tip.status] if status in (Tip.Status.CLOSED, Tip.Status.NOT_ACTIONABLE)]
        self.fields["end"].choices = [
            ("", gettext_lazy("Choose")),
            *(
                (Tip.Status(status).label, [(f"{status}/{why}", Tip.Outcome(why).label) for why in OUTCOMES[status]])
                for status in ends
            ),
        ]

    def clean_end(self) -> tuple[str, str]:
        status, outcome = self.cleaned_data["end"].split("/")
        return status, outcome


class SameForm(forms.Form):
    other = forms.ModelChoiceField(Tip.objects.all(), widget=forms.HiddenInput)
    ends = forms.BooleanField(required=False)


class NoteForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("Note"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 3}))


class TranslationForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your translation"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 5})
    )


class ReplyForm(forms.Form):
    """Ready questions in the language of the tip, words of one's own, or both."""

    questions = forms.MultipleChoiceField(
        label=gettext_lazy("Ready to use"), widget=forms.CheckboxSelectMultiple, required=False
    )
    text = forms.CharField(
        label=gettext_lazy("Your words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = questions_in(language)
        self.fields["questions"].choices = list(self.words.items())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        chosen = [self.words[name] for name in values.get("questions", [])]
        whole = "\n".join([*chosen, values.get("text", "")]).strip()
        if not whole and not self.errors:
            self.add_error("text", _("Choose a question, or write one."))
        return values | {"whole": whole}


class SearchForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Words"), max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
