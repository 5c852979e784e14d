from datetime import date, datetime, time
from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AgencyProfile, AuditEntry, PartnerAgency, User
from accounts.roles import Role

LOGO_BYTES = 512 * 1024
LOGO_STARTS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
COMMON_ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
]


class Labelled(forms.Form):
    """allauth's forms, with labels that stay instead of words inside the fields."""

    words: dict[str, tuple[Any, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = self.words.get(name, (field.label, field.help_text))


class LoginForm(Labelled, account_forms.LoginForm):
    words = {"login": (_("Username"), ""), "password": (_("Password"), "")}


class ReauthenticateForm(Labelled, account_forms.ReauthenticateForm):
    words = {"password": (_("Password"), "")}


class ChangePasswordForm(Labelled, account_forms.ChangePasswordForm):
    words = {
        "oldpassword": (_("Password now"), ""),
        "password1": (
            _("New password"),
            _("At least 12 characters. Several words that only you would put together are best."),
        ),
        "password2": (_("New password again"), ""),
    }

    def clean_password1(self) -> str:
        new = self.cleaned_data["password1"]
        if self.user.check_password(new):
            raise ValidationError(_("The new password must differ from the one now."))
        return new


class CodeForm(Labelled, mfa_forms.AuthenticateForm):
    words = {"code": (_("Code"), _("Six digits from your authenticator app, or one of your recovery codes."))}


class CodeAgainForm(Labelled, mfa_forms.ReauthenticateForm):
    words = CodeForm.words


class ActivateAppForm(Labelled, totp_forms.ActivateTOTPForm):
    words = {"code": (_("Code that the app shows"), _("Six digits; they change every half minute."))}


class AddKeyForm(Labelled, webauthn_forms.AddWebAuthnForm):
    words = {
        "name": (_("Name"), _("To tell your keys apart, such as “Desk key” or “Phone”.")),
        "passwordless": (
            _("Sign in with this key alone"),
            _("Makes it a passkey: fingerprint, face or PIN take the place of the password."),
        ),
    }


class EditKeyForm(Labelled, webauthn_forms.EditWebAuthnForm):
    words = {"name": (_("Name"), "")}


class PersonForm(forms.ModelForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One person may have several. What each may do is in the role table of the documentation."),
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "roles"]
        help_texts = {"username": _("Letters, digits and @ . + - _ only. It cannot be changed later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_name"].required = True
        if self.instance.pk:
            del self.fields["username"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Somebody has this username already."))
        return username


class AgencyForm(forms.ModelForm):
    time_zone = forms.ChoiceField(label=_("Time zone"))
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    zip_code = forms.RegexField(
        r"^\d{5}(-\d{4})?$",
        label=_("ZIP Code"),
        required=False,
        help_text=_("Of the agency, and of every address for which no list says another."),
        error_messages={"invalid": _("Five digits, or nine as 67357-1234.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages of public pages and letters"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = AgencyProfile
        fields = [
            "name",
            "city",
            "state",
            "street",
            "zip_code",
            "phone",
            "email",
            "website",
            "tip_phone",
            "tip_email",
            "time_zone",
            "languages",
            "logo",
            "basemap_url",
        ]
        help_texts = {
            "state": _("Two letters, such as KS."),
            "street": _("Stands at the head of letters."),
            "phone": _("For what is no emergency."),
            "tip_phone": _("For what people know, not for crimes in progress."),
            "logo": _("PNG or JPEG, up to 512 KB. It stands in the header, 32 pixels high."),
            "basemap_url": _(
                "A map of the agency's own under the map: a .pmtiles file, or tiles with {z}, {x} and {y}. Empty: none."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = sorted(zone for zone in available_timezones() if "/" in zone and zone not in COMMON_ZONES)
        self.fields["time_zone"].choices = [
            (_("United States"), [(zone, zone.replace("_", " ")) for zone in COMMON_ZONES]),
            (_("Elsewhere"), [(zone, zone.replace("_", " ")) for zone in others]),
        ]

    def clean_state(self) -> str:
        state = self.cleaned_data["state"].upper()
        if len(state) != 2 or not state.isalpha():
            raise ValidationError(_("Two letters, such as KS."))
        return state

    def clean_logo(self) -> Any:
        """By its content, not by its name; drawings that could hold a script are not taken."""
        logo = self.cleaned_data["logo"]
        if not isinstance(logo, UploadedFile):
            return logo
        if logo.size > LOGO_BYTES:
            raise ValidationError(_("The logo is larger than 512 KB."))
        start = logo.read(16)
        logo.seek(0)
        for signature, ending in LOGO_STARTS.items():
            if start.startswith(signature):
                logo.name = f"logo.{ending}"
                return logo
        raise ValidationError(_("This is neither a PNG nor a JPEG picture."))


class PartnerForm(forms.ModelForm):
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = PartnerAgency
        fields = ["name", "short_name", "members", "website"]
        widgets = {"members": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"members": _("One to a line.")}


class AuditFilterForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.order_by("last_name", "username"), label=_("Person"), required=False)
    action = forms.ChoiceField(label=_("Action"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["person"].empty_label = _("Everybody")
        self.fields["action"].choices = [("", _("Everything")), *AuditEntry.Action.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("This is before the first day."))
        return cleaned

    def entries(self) -> QuerySet[AuditEntry]:
        """What matches, newest first. Days are the agency's; a person's entries are those by them and about them."""
        found = AuditEntry.objects.select_related("actor")
        asked = self.cleaned_data if self.is_valid() else {}
        if person := asked.get("person"):
            found = found.filter(Q(actor=person) | Q(subject=person.username))
        if action := asked.get("action"):
            found = found.filter(action=action)
        if first := asked.get("first"):
            found = found.filter(at__gte=start_of(first))
        if last := asked.get("last"):
            found = found.filter(at__lt=start_of(date.fromordinal(last.toordinal() + 1)))
        return found


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept, and cannot be changed. If it turns out wrong, add another."),
    )


class ReviewForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = False


class WeekFilterForm(forms.Form):
    show = forms.ChoiceField(
        label=_("Weeks"), choices=[("", _("Not reviewed")), ("reviewed", _("Reviewed"))], required=False
    )

    @property
    def reviewed(self) -> bool:
        return self.is_valid() and self.cleaned_data["show"] == "reviewed"


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
