"""Forms of what leaves the agency."""

from typing import Any

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tips.certificates import CannotUse, read_certificate
from tips.models import Message, PartnerKey, Referral

MOST_BYTES = 20_000
Kind = Message.Kind


class CertificateForm(forms.Form):
    """Pasted or as a file; what was read is shown first, and used once somebody compared it."""

    text = forms.CharField(
        label=gettext_lazy("Certificate (PEM)"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("It begins with -----BEGIN CERTIFICATE-----. Never the private key."),
    )
    file = forms.FileField(label=gettext_lazy("or the file"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        file, pem = values.get("file"), values.get("text", "")
        if file:
            if file.size > MOST_BYTES:
                raise ValidationError(_("This file is too large for a certificate."))
            pem = file.read().decode("ascii", errors="replace")
        if not pem:
            raise ValidationError(_("Paste the certificate, or choose its file."))
        try:
            self.certificate: x509.Certificate = read_certificate(pem, timezone.now())
        except CannotUse as problem:
            raise ValidationError(str(problem)) from None
        return values | {"pem": pem.strip()}


class ReferForm(forms.Form):
    partner = forms.ModelChoiceField(
        PartnerKey.objects.none(), label=gettext_lazy("Partner"), empty_label=gettext_lazy("Choose")
    )
    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=[("", gettext_lazy("Choose")), *Referral.Why.choices])
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What goes beside what was told at first"),
        choices=[
            (Kind.ADDITION, gettext_lazy("What was added later")),
            (Kind.PHOTO, gettext_lazy("Photos")),
            (Kind.TRANSLATION, gettext_lazy("Translations")),
            (Kind.REPLY, gettext_lazy("Our answers to the tipster")),
            (Kind.NOTE, gettext_lazy("Internal notes")),
        ],
        initial=[Kind.ADDITION, Kind.PHOTO, Kind.TRANSLATION, Kind.REPLY],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = PartnerKey.objects.select_related("partner").order_by("partner__name")
        self.fields["partner"].label_from_instance = lambda key: key.partner.name
