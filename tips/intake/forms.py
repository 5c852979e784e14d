"""What a resident may tell. Only "what" is asked for."""

from collections.abc import Sequence
from io import BytesIO

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tactics.photos import PhotoError, clean_photo
from tips.sealing.receipts import NotAReceipt, read_receipt

LONG, SHORT = 5000, 300


def text(label: str, hint: str, most: int, *, required: str = "") -> forms.CharField:
    rows = 5 if most > SHORT else 0
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
        error_messages={
            "required": required,
            "max_length": gettext_lazy("This is too long: %(limit_value)d letters at most. It has %(show_value)d."),
            "null_characters_not_allowed": gettext_lazy("There is a sign in it that we cannot take. Type it again."),
        },
    )


class TipForm(forms.Form):
    what = text(
        gettext_lazy("What is going on?"),
        gettext_lazy("What you saw, heard or smelled yourself. Weapons, dogs or children there?"),
        LONG,
        required=gettext_lazy("Tell us what is going on. All the rest you may leave empty."),
    )
    where = text(gettext_lazy("Where?"), gettext_lazy("Address, corner, building, apartment, which side."), SHORT)
    when = text(gettext_lazy("When?"), gettext_lazy("Days and times, and how often."), SHORT)
    who = text(
        gettext_lazy("Who, or what car?"),
        gettext_lazy("Names, looks, clothes. Color and make of the car, plate."),
        2000,
    )
    # Programs fill in every field; people never see this one. What fills it waits in quarantine.
    leave_empty = forms.CharField(label=gettext_lazy("Leave this field empty"), required=False)


class AdditionForm(forms.Form):
    more = text(
        gettext_lazy("Your answer, or what you want to add"),
        "",
        LONG,
        required=gettext_lazy("Write your answer, or choose a photo."),
    )

    def __init__(self, *args: object, has_photos: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["more"].required = not has_photos


class ReceiptForm(forms.Form):
    receipt = forms.CharField(
        max_length=400,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=gettext_lazy("Your eight words"),
        help_text=gettext_lazy("Small or capital letters, with or without accents."),
        error_messages={"required": gettext_lazy("Write your eight words.")},
    )

    def clean_receipt(self) -> bytes:
        try:
            return read_receipt(self.cleaned_data["receipt"])
        except NotAReceipt as problem:
            raise forms.ValidationError(self.what_is_wrong(problem)) from None

    @staticmethod
    def what_is_wrong(problem: NotAReceipt) -> str:
        """Of the word alone; whether a receipt is known is another question."""
        if not problem.word:
            return _("Write all eight words, with spaces between them.")
        if problem.like:
            words = _("“%(word)s…” is not one of our words. Did you mean: %(like)s?")
            return words % {"word": problem.word, "like": ", ".join(problem.like)}
        return _("“%(word)s…” is not one of our words. Look at what you wrote down.") % {"word": problem.word}


def clean_photos(files: Sequence[UploadedFile]) -> tuple[list[bytes], list[str]]:
    """Bare pixels of each photo, and what is wrong with the others."""
    chosen = [file for file in files if file.size]
    most = settings.MOST_TIP_PHOTOS
    if len(chosen) > most:
        words = ngettext("Choose %(most)d photo at most.", "Choose %(most)d photos at most.", most)
        return [], [words % {"most": most}]
    clean, wrong = [], []
    for number, file in enumerate(chosen, start=1):
        try:
            clean.append(clean_photo(BytesIO(file.read())).read())
        except PhotoError as error:
            wrong.append(_("Photo %(number)d: %(error)s") % {"number": number, "error": error})
    return clean, wrong
