"""Upload of incident files, and the mapping of their columns by drop-downs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hotspots.ingest.readers import ENDINGS, ending
from hotspots.ingest.suggest import DATE_FORMATS, Code, Column, Suggestion
from hotspots.models import Offense

USES = {
    "occurred_from": _("Date and time, or the start of the span"),
    "occurred_to": _("End of the span"),
    "reported_at": _("When it was reported"),
    "code": _("Offense code"),
    "description": _("Offense in words"),
    "number": _("House number, where it stands apart from the street"),
    "address": _("Address or street"),
    "x": _("Longitude or x"),
    "y": _("Latitude or y"),
    "key": _("Number that identifies a row for good"),
    "count": _("Count: −1 takes back an earlier row"),
}
FORMAT_EXAMPLES = {
    "iso": "2024-03-09 17:05",
    "%m/%d/%Y %H:%M": "03/09/2024 17:05",
    "%m/%d/%Y %H:%M:%S": "03/09/2024 17:05:00",
    "%m/%d/%Y %I:%M:%S %p": "03/09/2024 05:05:00 PM",
    "%m/%d/%Y %I:%M %p": "03/09/2024 05:05 PM",
    "%m/%d/%Y": "03/09/2024",
    "%Y/%m/%d %H:%M:%S": "2024/03/09 17:05:00",
    "%Y/%m/%d %H:%M:%S%z": "2024/03/09 17:05:00-06",
    "%Y/%m/%d": "2024/03/09",
    "%d/%m/%Y %H:%M": "09/03/2024 17:05",
    "%d/%m/%Y": "09/03/2024",
    "%m-%d-%Y %H:%M": "03-09-2024 17:05",
    "%m-%d-%Y": "03-09-2024",
    "%d-%b-%Y %H:%M": "09-Mar-2024 17:05",
    "%d-%b-%Y": "09-Mar-2024",
    "%Y%m%d": "20240309",
    "%Y%m%d%H%M": "202403091705",
    "epoch_s": "1710025500",
    "epoch_ms": "1710025500000",
}
NO_COLUMN = ("", _("– not in the file –"))


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name)


class FilesField(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(file, initial) for file in data]


class UploadForm(forms.Form):
    files = FilesField(  # type: ignore[assignment]  # the metaclass takes it out of the class
        label=_("Files"),
        widget=FilesInput(attrs={"accept": ",".join((*ENDINGS, ".gz"))}),
        help_text=_(
            "CSV (also compressed: .csv.gz), Parquet or GeoJSON. Choose several where a source publishes by month."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty: 0 bytes.")},
    )

    def clean_files(self) -> list[UploadedFile]:
        for file in self.cleaned_data["files"]:
            if ending(Path(file.name or "")) not in ENDINGS:
                raise forms.ValidationError(
                    _("%(name)s is not of a kind that can be read. Export it as CSV."), params={"name": file.name}
                )
        return self.cleaned_data["files"]


class MappingForm(forms.Form):
    """Which column is what. A mapping that ships and fits can be taken instead; then nothing else is asked."""

    shipped = forms.ChoiceField(label=_("Mapping"), required=False)
    source = forms.CharField(
        label=_("Name of the source"),
        max_length=60,
        help_text=_("Files of one source belong together: give later files of it the same name."),
    )
    date_format = forms.ChoiceField(label=_("Dates are written like"))
    zone = forms.ChoiceField(label=_("Times are in"), choices=[(name, name) for name in sorted(available_timezones())])
    crs = forms.CharField(
        label=_("Coordinate system"), max_length=40, help_text=_("EPSG:4326 for longitude and latitude.")
    )
    default_offense = forms.ChoiceField(label=_("Any other offense becomes"))

    def __init__(
        self, data: Any, *, suggestion: Suggestion, codes: Sequence[Code], fitting: Sequence[tuple[str, str]]
    ) -> None:
        self.codes = codes
        found = suggestion.found
        document = suggestion.document
        initial: dict[str, Any] = {
            "shipped": fitting[0][0] if fitting else "",
            "source": fitting[0][0] if fitting else document["name"],
            "zone": document["zone"],
            "crs": document["crs"],
            "date_format": suggestion.date_format,
            "default_offense": "90Z",
        }
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.fields["shipped"].choices = [*fitting, ("", str(_("The columns as chosen below")))]
        self.fields["date_format"].choices = [
            (name, FORMAT_EXAMPLES[name]) for name in (*DATE_FORMATS, "epoch_s", "epoch_ms")
        ]
        headers = [NO_COLUMN, *((column.header, _with_samples(column)) for column in suggestion.columns)]
        for use, label in USES.items():
            self.fields[use] = forms.ChoiceField(
                label=label,
                choices=headers,
                initial=found.get(use, ""),
                required=use == "occurred_from",
                error_messages={"required": _("Choose the column that tells when it happened.")},
                help_text=suggestion.notes.get(use, ""),
            )
        offenses = [(offense.code, str(offense)) for offense in Offense.objects.all()]
        self.fields["default_offense"].choices = offenses
        for number, code in enumerate(codes):
            self.fields[f"offense_{number}"] = forms.ChoiceField(
                label=code.text, choices=offenses, initial=code.guess, required=False
            )

    @property
    def use_fields(self) -> list[forms.BoundField]:
        return [self[use] for use in USES]

    @property
    def code_fields(self) -> list[tuple[Code, forms.BoundField]]:
        return [(code, self[f"offense_{number}"]) for number, code in enumerate(self.codes)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("shipped"):
            for name in set(self.errors) - {"shipped", "source"}:
                del self.errors[name]
            return cleaned
        if not (cleaned.get("code") or cleaned.get("description")):
            self.add_error("code", _("Choose the column that tells the offense, as a code or in words."))
        if bool(cleaned.get("x")) != bool(cleaned.get("y")):
            self.add_error("y" if cleaned.get("x") else "x", _("Coordinates need both columns."))
        return cleaned

    def document(self) -> dict[str, Any]:
        """The mapping that was chosen, as its TOML would say it."""
        chosen = self.cleaned_data
        columns: dict[str, Any] = {use: chosen[use] for use in ("code", "description", "x", "y") if chosen[use]}
        for use in ("occurred_from", "occurred_to", "reported_at"):
            if chosen[use]:
                columns[use] = {"column": chosen[use], "format": chosen["date_format"], "zone": self._zone()}
        if chosen["address"]:
            number = f"[{{{chosen['number']}}} ]" if chosen["number"] else ""
            columns["address"] = f"{number}{{{chosen['address']}}}"
        document: dict[str, Any] = {
            "name": chosen["source"],
            "source": chosen["source"],
            "zone": chosen["zone"],
            "crs": chosen["crs"],
            "columns": columns,
            "offenses": {
                "nibrs": True,
                "default": chosen["default_offense"],
                "codes" if chosen["code"] else "descriptions": {
                    code.text: chosen[f"offense_{number}"]
                    for number, code in enumerate(self.codes)
                    if chosen[f"offense_{number}"]
                },
            },
        }
        if chosen["key"]:
            document["key"] = {"columns": [chosen["key"]]}
        if chosen["count"]:
            place = [name for name in ("number",) if chosen[name]]
            document["retract"] = {
                "when": [{"column": chosen["count"], "values": ["-1"]}],
                "match": [
                    "occurred_from",
                    "code" if chosen["code"] else "description",
                    *(chosen[name] for name in place),
                ],
            }
        return document

    def _zone(self) -> str:
        return "UTC" if self.cleaned_data["date_format"].startswith("epoch") else self.cleaned_data["zone"]


def _with_samples(column: Column) -> str:
    samples = ", ".join(column.samples)
    return f"{column.header} ({samples[:60]})" if samples else column.header
