from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hotspots.ingest.readers import ending
from notices import lists
from notices.models import ListImport

READABLE = (".csv", ".tsv", ".txt")
MOST_BYTES = 100 * 1024 * 1024
LABELS = {
    "address": _("Address, as one text"),
    "number": _("House number"),
    "street": _("Street"),
    "unit": _("Apartment or unit"),
    "zip_code": _("ZIP Code"),
    "zip_4": _("The last four digits of ZIP+4"),
    "carrier_route": _("Carrier route"),
    "sequence": _("Turn on the route"),
    "vacant": _("Whether it is vacant"),
    "parcel": _("Parcel"),
    "place": _("Identifier of the address"),
    "owner_id": _("Identifier of the owner"),
    "name": _("Owner"),
    "care_of": _("Second name, or care of"),
    "mail_street": _("Mailing street or PO box"),
    "city": _("Mailing city"),
    "state": _("Mailing state"),
    "last_line": _("City, state and ZIP Code, as one text"),
}
OWNER_LABELS = {"address": _("Address of the property"), "zip_code": _("Mailing ZIP Code")}


def label_of(kind: str, ours: str) -> Any:
    return (OWNER_LABELS if kind == lists.OWNERS else {}).get(ours, LABELS[ours])


class ListUploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What the list holds"), choices=ListImport.Kind.choices, widget=forms.RadioSelect, initial="owners"
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=60,
        help_text=_(
            "Such as county-appraiser. Give the next list from there the same name, so that it replaces this one."
        ),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with a header row, separated by commas, semicolons or tabs."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty: 0 bytes.")},
        widget=forms.FileInput(attrs={"accept": ",".join(READABLE)}),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if ending(Path(file.name or "")) not in READABLE:
            raise forms.ValidationError(_("%(name)s is no CSV. Export it as CSV."), params={"name": file.name})
        if file.size and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 100 MB. Split it."))
        return file


class ColumnsForm(forms.Form):
    """Which column of the file is which: what was guessed, to be corrected."""

    def __init__(self, *args: Any, kind: str, headers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        choices = [("", _("– not in this file –")), *((header, header) for header in headers)]
        for ours in lists.NAMES[kind]:
            self.fields[ours] = forms.ChoiceField(label=label_of(kind, ours), choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        chosen = [header for header in cleaned.values() if header]
        for header in sorted({header for header in chosen if chosen.count(header) > 1}):
            self.add_error(None, _("The column “%(name)s” is chosen more than once.") % {"name": header})
        for group in lists.missing(self.kind, cleaned):
            self.add_error(None, _("Choose the column for %(what)s.") % {"what": self._ways(group)})
        return cleaned

    def needed(self) -> list[str]:
        """What a list of this kind cannot do without, one line each."""
        return [self._ways(group) for group in lists.NEEDED[self.kind]]

    def _ways(self, group: Sequence[Sequence[str]]) -> str:
        ways = [" + ".join(f"“{label_of(self.kind, ours)}”" for ours in way) for way in group]
        return str(_(" or ")).join(ways)
