from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hotspots.ingest.readers import ENDINGS, ending
from tactics.actions.imports import DWELL
from tactics.ingest import NEEDED, WANTED
from tactics.models import VisitImport

LABELS = {
    "unit": _("Unit or vehicle"),
    "at": _("Time of the position"),
    "longitude": _("Longitude"),
    "latitude": _("Latitude"),
    "arrived": _("Arrived"),
    "cleared": _("Left"),
    "hot_spot": _("Hot spot"),
    "tactic": _("Tactic"),
    "number": _("Number of the event"),
}


class VisitUploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What the file holds"), choices=VisitImport.Kind.choices, widget=forms.RadioSelect, initial="visits"
    )
    source = forms.CharField(
        label=_("Name of the system"),
        max_length=60,
        help_text=_("Files of one system belong together: give later files of it the same name."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (also compressed: .csv.gz), Parquet or GeoJSON. Times without a zone are taken as local."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty: 0 bytes.")},
    )
    dwell = forms.FloatField(
        label=_("Shortest stay that is a visit, minutes"),
        min_value=0.5,
        max_value=120,
        initial=round(DWELL.total_seconds() / 60),
        help_text=_("For positions. A unit that only drives through does not visit."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ",".join((*ENDINGS, ".gz"))
        for use in dict.fromkeys(use for table in (NEEDED, WANTED) for uses in table.values() for use in uses):
            self.fields[f"column_{use}"] = forms.CharField(label=LABELS[use], required=False, max_length=100)

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("column_")]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if ending(Path(file.name or "")) not in ENDINGS:
            raise forms.ValidationError(
                _("%(name)s is not of a kind that can be read. Export it as CSV."), params={"name": file.name}
            )
        return file

    def chosen(self) -> dict[str, Any]:
        """What `receive_upload` takes."""
        kind = self.cleaned_data["kind"]
        uses = (*NEEDED[VisitImport.Kind(kind)], *WANTED[VisitImport.Kind(kind)])
        named = {use: self.cleaned_data[f"column_{use}"] for use in uses}
        return {
            "kind": kind,
            "source": self.cleaned_data["source"],
            "file": self.cleaned_data["file"],
            "dwell": timedelta(minutes=self.cleaned_data["dwell"]),
            "columns": {use: header for use, header in named.items() if header},
        }
