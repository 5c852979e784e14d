"""The form with which somebody asks for help with a place. No cookie goes with it: a signed time stands in for one."""

from datetime import timedelta

from django import forms
from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import gettext_lazy as _

from notices.models import HelpRequest

TOKEN_LASTS = timedelta(hours=24)
_signer = TimestampSigner(salt="notices.help")


def new_token() -> str:
    return _signer.sign("help")


def token_is_good(token: str) -> bool:
    try:
        return _signer.unsign(token, max_age=TOKEN_LASTS) == "help"
    except BadSignature:
        return False


class HelpForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Who are you?"),
        choices=HelpRequest.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who you are.")},
    )
    where = forms.CharField(
        label=_("Where is the place?"),
        help_text=_("An address, a block, or the name of the building or apartments."),
        max_length=200,
        error_messages={"required": _("Tell us where the place is.")},
    )
    message = forms.CharField(
        label=_("What is the problem, and what would help?"),
        help_text=_("You do not have to name anybody."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Tell us what the problem is.")},
    )
    name = forms.CharField(label=_("Your name (you may leave this empty)"), max_length=120, required=False)
    contact = forms.CharField(
        label=_("Your phone or e-mail (you may leave this empty)"),
        help_text=_("Without it we cannot answer you. We delete it some time after your request is closed."),
        max_length=200,
        required=False,
    )
    # Programs fill in every field; people never see this one, unless it is full.
    leave_empty = forms.CharField(label=_("Leave this field empty"), required=False)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_leave_empty(self) -> str:
        if self.cleaned_data["leave_empty"]:
            raise forms.ValidationError(_("Delete what stands in this field, and send again."))
        return ""

    def clean(self) -> None:
        if not token_is_good(self.cleaned_data.get("token", "")):
            self.add_error(None, _("This page was open for a long time. Nothing is lost. Please send it again."))
