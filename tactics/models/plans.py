import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from tactics.catalogue import MEASURES, Tactic

HOURS_OF_WEEK = 168


class PlanQuerySet(models.QuerySet["Plan"]):
    def open(self) -> "PlanQuerySet":
        return self.exclude(status=Plan.Status.ENDED)

    def in_force_on(self, date: object) -> "PlanQuerySet":
        """Those by which police work on that day."""
        working = self.filter(status__in=[Plan.Status.ACTIVE, Plan.Status.UNDER_REVIEW], starts_on__lte=date)
        return working.filter(Q(ends_on=None) | Q(ends_on__gt=date), hot_spot__in=HotSpot.objects.active_on(date))


@pghistory.track()
class Plan(models.Model):
    """What is to be done in a hot spot, when and how much of it. One at a time; an ended one is kept."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("Active")
        UNDER_REVIEW = "under_review", _("Under review")
        ENDED = "ended", _("Ended")

    hot_spot = models.ForeignKey(HotSpot, on_delete=models.PROTECT, related_name="plans")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    problem = models.CharField(_("problem"), max_length=300)
    # Hours of the week, local time, Monday 00:00 is 0; sorted, each once.
    hours = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days and hours"))
    least_minutes = models.PositiveSmallIntegerField(_("shortest visit, minutes"), default=10)
    most_minutes = models.PositiveSmallIntegerField(_("longest visit, minutes"), default=15)
    interval_minutes = models.PositiveSmallIntegerField(_("a visit about every, minutes"), default=120)
    officers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="plans")
    units = models.ManyToManyField("tactics.Unit", blank=True, related_name="plans")
    starts_on = models.DateField(_("start"))
    review_on = models.DateField(_("review date"))
    ends_on = models.DateField(_("end"), null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    finding = models.TextField(_("what the review found"), blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_plan_per_hot_spot", fields=["hot_spot"], condition=~Q(status="ended")
            ),
            models.CheckConstraint(
                name="plan_hours_are_of_a_week",
                condition=Q(hours__contained_by=list(range(HOURS_OF_WEEK))) & ~Q(hours=[]),
            ),
            models.CheckConstraint(
                name="plan_visit_minutes_are_a_range",
                condition=Q(least_minutes__gte=1, least_minutes__lte=F("most_minutes"), most_minutes__lte=480),
            ),
            models.CheckConstraint(
                name="plan_interval_is_of_a_shift", condition=Q(interval_minutes__gte=15, interval_minutes__lte=1440)
            ),
            models.CheckConstraint(name="plan_review_follows_start", condition=Q(review_on__gt=F("starts_on"))),
            models.CheckConstraint(
                name="plan_end_follows_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="plan_activated_at_and_by_pair",
                condition=Q(activated_at=None, activated_by=None)
                | Q(activated_at__isnull=False, activated_by__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_ended_at_and_by_pair",
                condition=Q(ended_at=None, ended_by=None) & ~Q(status="ended")
                | Q(ended_at__isnull=False, ended_by__isnull=False, status="ended"),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Plan for %(hot_spot)s") % {"hot_spot": self.hot_spot})


@pghistory.track()
class PlanTactic(models.Model):
    """How much of one tactic a plan asks for. A place measure is done, not counted: it has no amount."""

    class Per(models.TextChoices):
        SHIFT = "shift", _("per shift")
        WEEK = "week", _("per week")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tactics")
    tactic = models.CharField(max_length=20, choices=Tactic.choices)
    visits = models.PositiveSmallIntegerField(_("visits"), null=True, blank=True)
    per = models.CharField(_("per"), max_length=5, choices=Per.choices, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes a visit"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="plan_names_a_tactic_once", fields=["plan", "tactic"]),
            models.CheckConstraint(
                name="plan_amount_is_whole",
                condition=Q(visits=None, minutes=None, per="")
                | Q(
                    visits__isnull=False,
                    visits__range=(1, 200),
                    minutes__isnull=False,
                    minutes__range=(1, 480),
                    per__in=["shift", "week"],
                ),
            ),
            models.CheckConstraint(
                name="place_measures_have_no_amount",
                condition=~Q(tactic__in=[measure.value for measure in MEASURES]) | Q(visits=None),
            ),
        ]

    def __str__(self) -> str:
        return self.get_tactic_display()
