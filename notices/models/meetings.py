"""Meetings with owners and managers: who asked, what was on the table, what was agreed, and whether it happened."""

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot, Place
from notices.models.mail import Owner
from tactics.models import Measure


class HelpRequest(models.Model):
    """Somebody asked, on the public site, for help with a place. How to reach them is forgotten some time after."""

    class Role(models.TextChoices):
        OWNER = "owner", _("I own or manage the place")
        NEIGHBOR = "neighbor", _("I live or work nearby")
        GROUP = "group", _("I speak for a neighborhood group")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        TAKEN = "taken", _("Taken up")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    role = models.CharField(max_length=8, choices=Role.choices)
    name = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    where = models.CharField(max_length=200)
    message = models.TextField(max_length=4000)
    language = models.CharField(max_length=2)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.NEW)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                name="help_request_handled_at_and_by_pair",
                condition=Q(handled_at=None, handled_by=None, status="new")
                | Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(status="new"),
            )
        ]

    def __str__(self) -> str:
        return self.where


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def planned(self) -> "MeetingQuerySet":
        return self.filter(status=Meeting.Status.PLANNED)


@pghistory.track(exclude=["minutes"])
class Meeting(models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    class AskedBy(models.TextChoices):
        POLICE = "police", _("Police")
        OWNER = "owner", _("Owner or manager")
        NEIGHBORHOOD = "neighborhood", _("Neighborhood")

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="meetings")
    hot_spot = models.ForeignKey(HotSpot, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings")
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings")
    help_request = models.ForeignKey(
        HelpRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings"
    )
    asked_by = models.CharField(_("who asked for it"), max_length=12, choices=AskedBy.choices)
    starts_at = models.DateTimeField(_("when"))
    where = models.CharField(_("where"), max_length=160)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLANNED)
    follows = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next_meeting"
    )
    # The place's own data when the agenda was made: calls by type without victims, time pattern, measures open.
    agenda: "models.JSONField[dict[str, object]]" = models.JSONField(default=dict)
    agenda_notes = models.TextField(_("also on the agenda"), blank=True)
    summary = models.TextField(_("what was said"), blank=True)
    tips = ArrayField(models.SlugField(), default=list, blank=True, verbose_name=_("prevention tips given"))
    cancelled_why = models.CharField(_("why it was cancelled"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)  # of anything that its minutes tell
    # Minutes as they were handed out; what is recorded afterwards makes new ones.
    minutes = models.FileField(upload_to="minutes/", blank=True)
    minutes_digest = models.CharField(max_length=64, blank=True)
    minutes_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    minutes_at = models.DateTimeField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="minutes_at_and_by_pair",
                condition=Q(minutes_at=None, minutes_by=None, minutes="", minutes_digest="")
                | Q(minutes_at__isnull=False, minutes_by__isnull=False, status="held") & ~Q(minutes=""),
            ),
            models.CheckConstraint(
                name="cancelled_meeting_says_why", condition=~Q(status="cancelled") | ~Q(cancelled_why="")
            ),
            models.CheckConstraint(name="meeting_follows_another", condition=Q(follows=None) | ~Q(follows=F("id"))),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.starts_at:%Y-%m-%d}"

    @property
    def minutes_are_old(self) -> bool:
        return self.minutes_at is not None and self.changed_at > self.minutes_at


class MeetingRole(models.TextChoices):
    POLICE = "police", _("Police")
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    RESIDENT = "resident", _("Resident")
    NEIGHBOR = "neighbor", _("Neighbor")
    CITY = "city", _("City")
    OTHER = "other", _("Other")


@pghistory.track()
class Attendee(models.Model):
    """Who was there, by role; a name only where the person wants to stand in the minutes."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    role = models.CharField(_("role"), max_length=8, choices=MeetingRole.choices)
    name = models.CharField(_("name"), max_length=120, blank=True)
    organization = models.CharField(_("organization"), max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name or self.get_role_display()


@pghistory.track()
class Issue(models.Model):
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="issues")
    what = models.CharField(_("issue"), max_length=300)
    raised_by = models.CharField(_("raised by"), max_length=8, choices=MeetingRole.choices)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.what


@pghistory.track()
class Agreement(models.Model):
    """Something agreed, with who does it and by when. It is a place measure from then on, and followed up as one."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agreements")
    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="agreement")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.measure)


@pghistory.track(exclude=["photo"])
class Checkpoint(models.Model):
    """One point of the walk-through (crime prevention through environmental design)."""

    class Finding(models.TextChoices):
        GOOD = "good", _("Good")
        NEEDS_WORK = "needs_work", _("Needs work")
        NOT_SEEN = "not_seen", _("Not looked at")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="checkpoints")
    item = models.SlugField()  # of notices.topics.CHECKLIST
    finding = models.CharField(max_length=10, choices=Finding.choices, default=Finding.NOT_SEEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    photo = models.ImageField(_("photo"), upload_to="walks/", blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="checkpoint_once", fields=["meeting", "item"])]

    def __str__(self) -> str:
        return self.item


class Reminder(models.Model):
    """That a person was reminded on a day: once, whatever is delivered twice."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="reminded_once_a_day", fields=["person", "day"])]

    def __str__(self) -> str:
        return f"{self.person}, {self.day}"
