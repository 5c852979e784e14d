import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from tactics.catalogue import Tactic


class Shift(models.Model):
    """A shift that comes every day; one that goes over midnight belongs to the day on which it starts."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    starts_at = models.TimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [models.CheckConstraint(name="shift_fits_a_day", condition=Q(minutes__gte=60, minutes__lte=1440))]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A car, a bike team, a dog team: what a radio call sign stands for."""

    name = models.CharField(_("call sign"), max_length=30, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Roster(models.Model):
    """The assignments of one shift of one day, drawn at random with a seed that is kept."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="rosters")
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seed = models.BigIntegerField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(name="one_roster_per_shift_and_day", fields=["shift", "day"]),
            models.CheckConstraint(name="roster_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.shift}, {self.day:%Y-%m-%d}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def standing(self) -> "AssignmentQuerySet":
        return self.filter(dropped_at=None)


@pghistory.track()
class Assignment(models.Model):
    """One visit that is to be made. `officer` or `unit` where it is theirs; else it is for whoever is next."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="assignments")
    hot_spot = models.ForeignKey(HotSpot, on_delete=models.PROTECT, related_name="assignments")
    tactic = models.CharField(max_length=20, choices=Tactic.choices)
    minutes = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    # A supervisor's change of what was drawn, with the reason.
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["roster", "position"]
        constraints = [
            models.UniqueConstraint(
                name="roster_position_once", fields=["roster", "position"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="assignment_dropped_at_and_by_pair",
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(name="assignment_added_with_a_reason", condition=Q(added_by=None) | ~Q(reason="")),
        ]
        indexes = [models.Index(fields=["hot_spot", "due_at"], name="assignment_by_hot_spot")]

    def __str__(self) -> str:
        return f"{self.hot_spot} {self.get_tactic_display()}"


class Briefing(models.Model):
    """One page for a shift, as it was printed."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="briefings")
    day = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    pdf = models.BinaryField()

    class Meta:
        ordering = ["-day", "-made_at"]
        indexes = [models.Index(fields=["day", "shift"], name="briefing_by_day")]

    def __str__(self) -> str:
        return f"{self.shift}, {self.day:%Y-%m-%d}"
