"""What a clerk writes into the fields of a letter: an input for each, in each language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notices.fields import LANGUAGES, Field
from notices.models import Batch

Written = Mapping[str, Mapping[str, str]]  # by language and name


class WordsOfFields(forms.Form):
    """`ask` adds the inputs; `written` has what was typed. All may be empty: whether a letter can do without is asked later."""

    asked: Sequence[Field] = ()

    def ask(self, asked: Sequence[Field], written: Written) -> None:
        self.asked = asked
        for field in asked:
            for language in languages_of(field):
                words = written.get(language, {}).get(field.name, "")
                self.fields[name_of(field, language)] = _input(field, language, words)

    def letter_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("field_")]

    def written(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for field in self.asked:
            for language in languages_of(field):
                text = self.cleaned_data.get(name_of(field, language), "").strip()
                if text:
                    found.setdefault(language, {})[field.name] = text
        return found


def languages_of(field: Field) -> tuple[str, ...]:
    """Those in which it is written: one, where it says the same in all."""
    return LANGUAGES if field.is_per_language else LANGUAGES[:1]


def name_of(field: Field, language: str) -> str:
    return f"field_{field.name}_{language}"


def _input(field: Field, language: str, words: str) -> forms.CharField:
    label = str(field.label)
    if field.is_per_language:
        label = f"{label}, {Batch.Language(language).label}"
    widget = forms.Textarea(attrs={"rows": 4}) if field.is_long else forms.TextInput()
    if field.is_per_language:
        widget.attrs["lang"] = language
    return forms.CharField(
        label=label,
        help_text=_("For example: %(example)s") % {"example": field.example[language]},
        required=False,
        max_length=2000 if field.is_long else 200,
        widget=widget,
        initial=words,
    )
