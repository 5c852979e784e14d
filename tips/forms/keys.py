"""Passphrases of reviewers, and who is let in or retired."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tips.actions.keys import Why

LEAST, MOST, LEAST_DIFFERENT = 14, 200, 6


class PassphraseField(forms.CharField):
    """As it was typed, but for accents, which keyboards send in one of two ways."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"})
        super().__init__(strip=False, max_length=MOST, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value))


class UnlockForm(forms.Form):
    passphrase = PassphraseField(label=_("Passphrase"), autocomplete="off")


class NewPassphraseForm(forms.Form):
    new = PassphraseField(
        label=_("New passphrase"),
        help_text=_("At least 14 characters. Five or six words that only you would put together are best."),
        autocomplete="new-password",
    )
    again = PassphraseField(label=_("The same again"), autocomplete="new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        new = self.cleaned_data["new"]
        if len(new) < LEAST:
            raise ValidationError(_("It is too short: take at least %(least)d characters."), params={"least": LEAST})
        if len(set(new)) < LEAST_DIFFERENT:
            raise ValidationError(_("It has too few different characters."))
        if self.user.username.lower() in new.lower():
            raise ValidationError(_("Your username is in it."))
        CommonPasswordValidator().validate(new)
        UserAttributeSimilarityValidator().validate(new, self.user)
        if self.user.check_password(new):
            raise ValidationError(_("This is the password that you sign in with. The two must differ."))
        return new

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two are not the same."))
        return cleaned


class ChangePassphraseForm(NewPassphraseForm):
    old = PassphraseField(label=_("Passphrase now"), autocomplete="off")
    field_order = ["old", "new", "again"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("new") and cleaned.get("new") == cleaned.get("old"):
            self.add_error("new", _("The new passphrase must differ from the one now."))
        return cleaned


class LetInForm(forms.Form):
    ALL, LATER = "all", "later"

    compared = forms.BooleanField(
        label=_("I compared the digits by phone or face to face"),
        help_text=_("Somebody who got hold of a sign-in could have set up this key. The digits tell."),
    )
    which = forms.ChoiceField(
        label=_("What the key opens"),
        choices=[(ALL, _("All tips that I can open, and those to come")), (LATER, _("Only tips from now on"))],
        widget=forms.RadioSelect,
        initial=ALL,
    )


class RetireForm(forms.Form):
    why = forms.ChoiceField(label=_("Why"), choices=Why.choices, widget=forms.RadioSelect)


class LostForm(forms.Form):
    sure = forms.BooleanField(label=_("I cannot remember it. Retire my key."))
