from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from notices import fields
from notices.actions.templates import WORDS
from notices.forms.words import WordsOfFields, languages_of, name_of
from notices.letters import clerk_fields, missing, needed, values_for
from notices.models import LetterTemplate, TemplateVersion

MOST_CHARACTERS = 20_000
PRINTED = [("en", _("English")), ("es", _("Spanish")), ("both", _("English and Spanish"))]


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


class CopyForm(WordsOfFields):
    """Copies to print, for a hot spot or for none. What its plan says can be written over."""

    hot_spot = forms.ModelChoiceField(
        HotSpot.objects.order_by("ended_on", "name"),
        label=_("Hot spot"),
        required=False,
        empty_label=_("None"),
    )
    language = forms.ChoiceField(label=_("Language"), choices=PRINTED, initial="en")
    dated = forms.DateField(
        label=_("Date of the letter"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), initial=timezone.localdate
    )
    with_map = forms.BooleanField(
        label=_("With a map of the hot spot"), required=False, initial=True, help_text=_("Where a hot spot is chosen.")
    )

    def __init__(self, *args: Any, version: TemplateVersion, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.version = version
        wanted = needed(version)
        if "map" not in wanted:
            del self.fields["with_map"]
        self.ask(clerk_fields(version), {})
        for field in self.asked:
            if field.filler is fields.Filler.PLAN:
                for language in languages_of(field):
                    name = name_of(field, language)
                    self.fields[name].help_text = _("Left empty, it is as the plan of the hot spot says.")

    def main_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith("field_")]

    def languages(self) -> tuple[str, ...]:
        language = self.cleaned_data["language"]
        return fields.LANGUAGES if language == "both" else (language,)

    def values(self, language: str) -> dict[str, str]:
        """What stands in the letter's fields."""
        given = self.cleaned_data
        return values_for(
            hot_spot=given.get("hot_spot"), place=None, dated=given["dated"], fields=self.written(), language=language
        )

    def clean(self) -> dict[str, Any]:
        """A copy is printed at once, so that here nothing may be left open."""
        if {"language", "dated"} <= self.cleaned_data.keys():
            for language in self.languages():
                for error in missing(self.version, self.values(language), language):
                    self._tell(error, language)
        return self.cleaned_data

    def _tell(self, error: fields.FieldError, language: str) -> None:
        """At the input where it can be mended; what the agency lacks has none."""
        field = fields.FIELDS.get(error.name)
        own = name_of(field, language if field.is_per_language else fields.LANGUAGES[0]) if field else ""
        name = own if own in self.fields else None
        if name not in self.errors:
            self.add_error(name, str(error))


class ShownForm(forms.Form):
    """What the preview is filled with."""

    shown = forms.ModelChoiceField(
        HotSpot.objects.filter(ended_on=None).order_by("name"),
        label=_("Filled in with"),
        required=False,
        empty_label=_("Examples"),
        widget=forms.Select({"form": "editor"}),
    )
