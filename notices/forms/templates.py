from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from notices import fields
from notices.actions.templates import WORDS
from notices.models import LetterTemplate

MOST_CHARACTERS = 20_000


def _body(label: Any, language: str) -> forms.CharField:
    area = forms.Textarea({"rows": 24, "lang": language, "spellcheck": "true", "class": "usa-textarea letter-source"})
    return forms.CharField(label=label, widget=area, max_length=MOST_CHARACTERS)


def _subject(label: Any, language: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=120, widget=forms.TextInput({"lang": language}))


class WordsForm(forms.Form):
    subject_en = _subject(_("Subject, English"), "en")
    body_en = _body(_("Letter, English"), "en")
    subject_es = _subject(_("Subject, Spanish"), "es")
    body_es = _body(_("Letter, Spanish"), "es")
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        for name in WORDS:
            if unknown := fields.unknown(self.cleaned_data.get(name, "")):
                self.add_error(name, [str(error) for error in unknown])
        return self.cleaned_data

    def words(self) -> dict[str, str]:
        """A browser sends line ends of its own."""
        return {name: "\n".join(self.cleaned_data[name].splitlines()) for name in WORDS}


class NewTemplateForm(WordsForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=LetterTemplate.Purpose.choices)

    field_order = ["name", "purpose"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if LetterTemplate.objects.filter(name__iexact=name).exists():
            raise ValidationError(_("There is a template of this name."))
        return name


class CopyForm(forms.Form):
    """A copy to print, for a hot spot or for none."""

    hot_spot = forms.ModelChoiceField(
        HotSpot.objects.filter(ended_on=None).order_by("name"),
        label=_("Hot spot"),
        required=False,
        empty_label=_("None"),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("en", _("English")), ("es", _("Spanish"))], initial="en"
    )


class ShownForm(forms.Form):
    """What the preview is filled with."""

    shown = forms.ModelChoiceField(
        HotSpot.objects.filter(ended_on=None).order_by("name"),
        label=_("Filled in with"),
        required=False,
        empty_label=_("Examples"),
        widget=forms.Select({"form": "editor"}),
    )
