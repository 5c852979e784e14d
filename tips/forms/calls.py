"""What a dispatcher fills in while somebody tells."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tips.intake.forms import TipForm
from tips.languages import LANGUAGES


class CallForm(TipForm):
    """The same questions as on the web, and the language. Nothing about who calls."""

    language = forms.ChoiceField(label=_("Language of the caller"), choices=list(LANGUAGES.items()), initial="en")
    sending = forms.UUIDField(widget=forms.HiddenInput)
    leave_empty = None  # type: ignore[assignment]
    field_order = ["language", "what", "where", "when", "who", "sending"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sending": uuid.uuid4(), "language": "en"}, **kwargs)
        self.fields["what"].help_text = _("What the caller saw, heard or smelled. Weapons, dogs or children there?")

    def texts(self) -> dict[str, str]:
        told = {name: self.cleaned_data[name] for name in ("what", "where", "when", "who")}
        return {name: text for name, text in told.items() if text}
