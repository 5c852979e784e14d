"""Forms on the desk: what to list, logging afterwards, corrections, reasons, saturation patrols."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import TABLE
from hotspots.models import HotSpot, Place
from hotspots.queries.search import find_places
from tactics.catalogue import ACTIVITIES, Tactic, choices
from tactics.models import Activity, Operation, Unit
from tactics.models.activities import ActivityQuerySet
from tactics.permissions import LOG
from tactics.queries.activities import who_log

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
STATES = [
    ("", _("All that count")),
    ("review", _("To review")),
    ("flagged", _("Flagged")),
    ("running", _("Still running")),
    ("voided", _("Void")),
]
NOTE_HINT = _(
    "What others should know. Nobody is named here: no driver, resident or arrestee, no plate, no birth date."
)
MOST_FOUND = 6
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A time of day as the wall clock shows it. Of an hour that comes twice when clocks go back the first is meant,
    unless `kept`, the instant that there is, reads the same: then it stays."""

    kept: datetime | None = None

    def to_python(self, value: Any) -> datetime | None:
        if self.kept and isinstance(value, str) and value.strip() == self.shown(self.kept):
            return self.kept.replace(microsecond=0)
        wall = first_of_two(value)
        return wall or super().to_python(value)

    def shown(self, instant: datetime) -> str:
        return timezone.localtime(instant).strftime(self.widget.format)


def first_of_two(value: Any) -> datetime | None:
    """The earlier instant of a wall time that comes twice; none for any other text."""
    try:
        wall = parse_datetime(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    if wall is None or wall.tzinfo is not None:
        return None
    first, second = (wall.replace(tzinfo=timezone.get_current_timezone(), fold=fold) for fold in (0, 1))
    # Where clocks go forward, the offset of fold 0 is the smaller one: such a time there was not.
    return first.astimezone(UTC) if first.utcoffset() > second.utcoffset() else None


def moment(**more: Any) -> Moment:
    return Moment(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TO_THE_MINUTE), **more)


def to_the_second(field: Moment) -> None:
    field.widget.format = "%Y-%m-%dT%H:%M:%S"
    field.widget.attrs["step"] = "1"


def reason_field() -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=200, help_text=_("Stays on record with your name."))


def hot_spots() -> Any:
    return HotSpot.objects.order_by("name")


class ActivityFilterForm(forms.Form):
    """What the list and the exports show. What makes no sense is as if it had not been asked."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *choices(ACTIVITIES)])
    hot_spot = forms.ModelChoiceField(hot_spots(), label=_("Hot spot"), required=False, empty_label=_("Everywhere"))
    officer = forms.ModelChoiceField(
        User.objects.none(), label=_("Officer"), required=False, empty_label=_("Everybody")
    )
    first = forms.DateField(label=_("From"), required=False, widget=DATE)
    last = forms.DateField(label=_("To"), required=False, widget=DATE)
    state = forms.ChoiceField(label=_("Which"), required=False, choices=STATES)

    def __init__(self, *args: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        if own:
            del self.fields["officer"]
        else:
            people = User.objects.filter(roles__overlap=sorted(TABLE[LOG])).order_by("last_name", "username")
            self.fields["officer"].queryset = people

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("This is before the first day."))
        return cleaned

    def narrow(self, found: ActivityQuerySet) -> ActivityQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        for name in ("kind", "hot_spot", "officer"):
            if asked.get(name):
                found = found.filter(**{name: asked[name]})
        if first := asked.get("first"):
            found = found.filter(started_at__gte=start_of(first))
        if (last := asked.get("last")) and last < date.max:
            found = found.filter(started_at__lt=start_of(date.fromordinal(last.toordinal() + 1)))
        return of_state(found, asked.get("state", ""))


def of_state(found: ActivityQuerySet, state: str) -> ActivityQuerySet:
    if state == "voided":
        return found.exclude(voided_at=None)
    if state == "review":
        return found.to_review()
    if state == "running":
        return found.running()
    if state == "flagged":
        return found.counted().exclude(flags=[])
    return found.counted()


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class PlaceByName(forms.CharField):
    """An address, block or complex by its name. Of several alike the whole name decides. `kept`: the one there is."""

    kept: Place | None = None

    def clean(self, value: Any) -> Place | None:
        text = super().clean(value)
        if not text:
            return None
        if self.kept and text == self.kept.name:
            return self.kept
        found = find_places(text, limit=MOST_FOUND)
        exact = [each for each in found if each.name.casefold() == text.casefold()]
        if len(exact) == 1 or len(found) == 1:
            return Place.objects.get(pk=(exact or found)[0].id)
        if not found:
            raise forms.ValidationError(_("No place is called anything like it. Try a part of the street’s name."))
        names = "; ".join(each.name for each in found)
        raise forms.ValidationError(
            _("Several places are called so. Type one of these: %(names)s"), params={"names": names}
        )


class WhereForm(forms.Form):
    """Who, where, from when to when: beside the details of a kind."""

    hot_spot = forms.ModelChoiceField(
        hot_spots(), label=_("Hot spot"), required=False, empty_label=_("Off any hot spot")
    )
    place = PlaceByName(
        label=_("Place"),
        required=False,
        max_length=200,
        help_text=_("Address, block or complex, where it was off any hot spot."),
    )
    started_at = moment(label=_("From"))
    ended_at = moment(label=_("To"))
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True), label=_("Unit"), required=False, empty_label=_("None")
    )
    operation = forms.ModelChoiceField(
        Operation.objects.none(), label=_("Saturation patrol"), required=False, empty_label=_("None")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=Activity._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NOTE_HINT,
    )

    def __init__(self, *args: Any, kind: str, operations: Any = None, may_run: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == Tactic.SATURATION_PATROL:
            self.fields["operation"].queryset = (operations or Operation.objects.none()).select_related("hot_spot")
        else:
            del self.fields["operation"]
        if may_run:
            self.fields["ended_at"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("started_at"), cleaned.get("ended_at")
        for name, instant in (("started_at", start), ("ended_at", end)):
            if instant and instant > timezone.now() and name in self.changed_data:
                self.add_error(name, _("This is in the future."))
        if start and end and end < start:
            self.add_error("ended_at", _("This is before it started."))
        if "place" in cleaned and not (cleaned["place"] or cleaned.get("hot_spot") or self.has_point):
            self.add_error("hot_spot", _("Choose a hot spot, or say at which place it was."))
        return cleaned

    has_point = False


class TypedForm(WhereForm):
    """Logging afterwards; a supervisor may log for somebody else."""

    officer = forms.ModelChoiceField(User.objects.none(), label=_("Officer"), empty_label=None)
    field_order = ["officer"]

    def __init__(self, *args: Any, kind: str, for_others: bool, **kwargs: Any) -> None:
        recent = Operation.objects.filter(started_at__gt=timezone.now() - timedelta(days=7))
        super().__init__(*args, kind=kind, operations=recent, **kwargs)
        if for_others:
            self.fields["officer"].queryset = who_log()
        else:
            del self.fields["officer"]


class CorrectForm(WhereForm):
    """What was logged, to be set right; what is left as it is stays to the second."""

    reason = reason_field()

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        of_spot = Operation.objects.filter(hot_spot=activity.hot_spot_id)
        self.has_point = activity.point is not None
        kwargs["initial"] = {
            "hot_spot": activity.hot_spot_id,
            "place": activity.place.name if activity.place else "",
            "unit": activity.unit_id,
            "operation": activity.operation_id,
            "started_at": activity.started_at,
            "ended_at": activity.ended_at,
            "note": activity.note,
        } | kwargs.pop("initial", {})
        super().__init__(*args, kind=activity.kind, operations=of_spot, may_run=activity.ended_at is None, **kwargs)
        self.fields["place"].kept = activity.place
        for name in ("started_at", "ended_at"):
            to_the_second(self.fields[name])
            self.fields[name].kept = getattr(activity, name)
        in_use = Unit.objects.filter(is_active=True) | Unit.objects.filter(pk=activity.unit_id or 0)
        self.fields["unit"].queryset = in_use

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "reason"}


class ReasonForm(forms.Form):
    reason = reason_field()


class OperationForm(forms.Form):
    hot_spot = forms.ModelChoiceField(HotSpot.objects.none(), label=_("Hot spot"), empty_label=_("Choose"))
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Such as “Friday night”."))
    started_at = moment(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hot_spot"].queryset = hot_spots().active_on(timezone.localdate())
        self.fields["started_at"].initial = lambda: timezone.localtime().replace(second=0, microsecond=0)


class EndOperationForm(forms.Form):
    ended_at = moment(label=_("Ended"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_at"].initial = lambda: timezone.localtime().replace(second=0, microsecond=0)
