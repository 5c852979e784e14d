"""Forms of meetings and of requests for help."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from notices.actions.meetings import AGREEABLE
from notices.models import Agreement, Attendee, Checkpoint, HelpRequest, Issue, Meeting, MeetingRole, Owner
from notices.topics import TOPICS
from tactics.catalogue import choices
from tactics.forms.lighting import PhotoInput
from tactics.forms.measures import date_input
from tactics.models import Measure
from tactics.photos import PhotoError, clean_photo

DAYS_TO_DO = timedelta(days=30)


class FilterForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def asked(self) -> dict[str, Any]:
        """What is not understood narrows nothing."""
        self.full_clean()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class MeetingFilterForm(FilterForm):
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All meetings")), *Meeting.Status.choices], required=False
    )


class RequestFilterForm(FilterForm):
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("New and taken up")), *HelpRequest.Status.choices, ("all", _("All"))],
        required=False,
    )


class AgreementFilterForm(FilterForm):
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("To be done")),
            ("overdue", _("Overdue")),
            ("done", _("Done")),
            ("dropped", _("Dropped")),
            ("all", _("All")),
        ],
        required=False,
    )
    party = forms.ChoiceField(label=_("With"), choices=[("", _("Everybody")), *Measure.Party.choices], required=False)
    place = forms.ChoiceField(label=_("Place"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, *args: Any, may_see_owners: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed = Agreement.objects.order_by("measure__place__name").values_list(
            "measure__place_id", "measure__place__name"
        )
        self.fields["place"].choices = [("", _("All places")), *agreed.distinct()]
        if may_see_owners:
            owners = Owner.objects.filter(meetings__agreements__isnull=False).distinct().values_list("pk", "name")
            self.fields["owner"].choices = [("", _("All owners")), *owners]
        else:
            del self.fields["owner"]


class MeetingForm(forms.ModelForm):
    """When and where, and with whom."""

    class Meta:
        model = Meeting
        fields = ["starts_at", "where", "asked_by", "owner", "hot_spot", "agenda_notes"]
        widgets = {
            "starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "asked_by": forms.RadioSelect,
            "agenda_notes": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"owner": _("Owner"), "hot_spot": _("Hot spot")}
        help_texts = {"agenda_notes": _("Printed with the agenda. Nobody's name, please.")}

    def __init__(self, *args: Any, owners: list[Owner], may_see_owners: bool, **kwargs: Any) -> None:
        """`owners`: of the place on this day, as the lists of the county say."""
        super().__init__(*args, **kwargs)
        self.fields["asked_by"].choices = Meeting.AskedBy.choices
        self.fields["hot_spot"].queryset = HotSpot.objects.order_by("name")
        self.fields["hot_spot"].empty_label = _("None")
        known = {owner.pk for owner in owners} | {self.instance.owner_id}
        if may_see_owners and known - {None}:
            self.fields["owner"].queryset = Owner.objects.filter(pk__in=known)
            self.fields["owner"].empty_label = _("Not known")
            if self.instance._state.adding and len(owners) == 1:
                self.initial.setdefault("owner", owners[0].pk)
        else:
            del self.fields["owner"]


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why it is cancelled"), max_length=200)


class AttendeeForm(forms.ModelForm):
    class Meta:
        model = Attendee
        fields = ["role", "name", "organization"]
        help_texts = {"name": _("Only if the person wants to be named in the minutes.")}


class IssueForm(forms.ModelForm):
    class Meta:
        model = Issue
        fields = ["what", "raised_by"]
        help_texts = {"what": _("What it is about. Nobody's name, and nobody who called the police.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["raised_by"].initial = MeetingRole.OWNER


class TalkForm(forms.Form):
    summary = forms.CharField(label=_("What was said"), widget=forms.Textarea(attrs={"rows": 6}), required=False)
    tips = forms.MultipleChoiceField(
        label=_("Prevention tips given"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tips"].choices = [(slug, topic.title) for slug, topic in TOPICS.items()]


class AgreeForm(forms.ModelForm):
    """What somebody does, and by when."""

    class Meta:
        model = Measure
        fields = ["kind", "title", "party", "organization", "due_on", "note"]
        widgets = {"due_on": date_input(), "note": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "title": _("Such as: trim the bushes along the parking lot."),
            "organization": _("Such as the name of the company. No person's name."),
            "note": _("Nobody's name, please."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Choose")), *choices(AGREEABLE)]
        self.fields["due_on"].required = True
        self.initial.setdefault("party", Measure.Party.OWNER)
        self.initial.setdefault("due_on", timezone.localdate() + DAYS_TO_DO)


class CheckpointForm(forms.Form):
    """One point of the walk, on a phone in one hand."""

    finding = forms.ChoiceField(choices=Checkpoint.Finding.choices, error_messages={"required": _("Choose one.")})
    note = forms.CharField(max_length=300, required=False)
    photo = forms.FileField(
        required=False, widget=PhotoInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"})
    )

    def clean_photo(self) -> ContentFile | None:
        photo = self.cleaned_data.get("photo")
        if not photo:
            return None
        try:
            return clean_photo(photo)
        except PhotoError as error:
            raise ValidationError(str(error)) from None


class CloseForm(forms.Form):
    outcome = forms.CharField(
        label=_("What came of it"), max_length=200, help_text=_("Nobody's name, please: this is kept.")
    )
