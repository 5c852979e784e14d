from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hotspots.models import HotSpot
from notices.forms.projects import DATE, LANGUAGES, refuse_addresses
from notices.models import Publication, Release

WORDS = ("title", "body", "post")
POST = 280


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]
    with_map = forms.BooleanField(
        label=gettext_lazy("With a map"),
        help_text=gettext_lazy("It shows streets and a rough area, never a home or an incident."),
        required=False,
    )

    class Meta:
        model = Release
        fields = tuple(f"{name}_{code}" for name in (*WORDS, "alt") for code in LANGUAGES)
        widgets = {
            **{f"body_{code}": forms.Textarea({"rows": 14}) for code in LANGUAGES},
            **{f"alt_{code}": forms.Textarea({"rows": 3}) for code in LANGUAGES},
            **{
                f"post_{code}": forms.Textarea({"rows": 5, "class": "usa-textarea usa-character-count__field"})
                for code in LANGUAGES
            },
        }

    def __init__(self, *args: Any, hot_spot: HotSpot | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hot_spot = hot_spot
        for name in (*WORDS, "alt"):
            for code in LANGUAGES:
                self.fields[f"{name}_{code}"].widget.attrs["lang"] = code
        if self.instance.pk:
            self.fields["with_map"].initial = bool(self.instance.map_png)
        if hot_spot is None:
            for name in ("with_map", "alt_en", "alt_es"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("with_map"):
            for code in LANGUAGES:
                if not cleaned.get(f"alt_{code}") and f"alt_{code}" not in self.errors:
                    self.add_error(f"alt_{code}", _("Say what the map shows, for people who do not see it."))
        refuse_addresses(self, self.hot_spot, [name for name in self.Meta.fields if name in self.fields])
        return cleaned

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class PublicationForm(forms.ModelForm):  # type: ignore[type-arg]
    url = forms.URLField(label=gettext_lazy("Address on the web"), required=False, assume_scheme="https")

    class Meta:
        model = Publication
        fields = ("channel", "outlet", "language", "published_on", "url")
        widgets = {"published_on": DATE}
        help_texts = {"outlet": gettext_lazy("The name of the paper, station or page.")}

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.release = release
        self.fields["published_on"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, approved_at = cleaned.get("published_on"), self.release.approved_at
        if day and day > timezone.localdate():
            self.add_error("published_on", _("That day is still to come."))
        elif day and approved_at and day < timezone.localdate(approved_at):
            self.add_error("published_on", _("It was not approved yet on that day."))
        elsewhere = {Publication.Channel.PRESS, Publication.Channel.BROADCAST, Publication.Channel.SOCIAL}
        if cleaned.get("channel") in elsewhere and not cleaned.get("outlet"):
            self.add_error("outlet", _("Say which one."))
        return cleaned

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
