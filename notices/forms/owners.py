from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hotspots.models import Place
from notices import postal
from notices.models import Owner


class ZipCodeField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("ZIP Code"), "max_length": 10, **kwargs})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not postal.zip_text(text):
            raise forms.ValidationError(_("A ZIP Code has five digits, or nine as 67357-1234."))
        return postal.zip_text(text) if text else ""


class OwnerAddressForm(forms.ModelForm):
    zip_code = ZipCodeField()

    class Meta:
        model = Owner
        fields = ("name", "care_of", "street", "city", "state", "zip_code")

    def clean_state(self) -> str:
        state = str(self.cleaned_data["state"]).upper()
        if state not in postal.STATES:
            raise forms.ValidationError(_("Two letters, such as KS."))
        return state

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            lines = postal.owner_lines(*(cleaned[name] for name in self.Meta.fields))
            if problems := postal.check(lines):
                self.add_error(None, _("Mail would not get there: %(what)s.") % {"what": ", ".join(problems)})
        return cleaned


class OwnerWishesForm(forms.ModelForm):
    class Meta:
        model = Owner
        fields = ("language", "email", "email_asked_on")
        widgets = {"email_asked_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"email": _("Only where the owner asked for letters by e-mail. Then none is printed.")}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("email") and not cleaned.get("email_asked_on"):
            self.add_error("email_asked_on", _("Say on which day they asked for it."))
        if not cleaned.get("email"):
            cleaned["email_asked_on"] = None
        return cleaned


class PlaceChoiceForm(forms.Form):
    place = forms.ModelChoiceField(Place.objects.none(), error_messages={"required": _("Choose an address.")})
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Place.objects.current().filter(kind=Place.Kind.ADDRESS)  # type: ignore[attr-defined]


class ZipCodeForm(forms.Form):
    zip_code = ZipCodeField(required=False, help_text=_("Empty: the next list of addresses sets it."))


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
