from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hotspots.models.incidents import Offense
from hotspots.models.places import Area, Place
from hotspots.models.references import delete_leaves_none, insert_refers
from hotspots.specs import RunSpec


class ConcentrationRunQuerySet(models.QuerySet["ConcentrationRun"]):
    def published(self) -> "ConcentrationRunQuerySet":
        return self.filter(status=ConcentrationRun.Status.PUBLISHED)

    def matching(self, spec: RunSpec) -> "ConcentrationRunQuerySet":
        """Runs that answer exactly this question, the latest first."""
        return self.filter(
            kind=spec.kind, as_of=spec.as_of, days=spec.days, categories=list(spec.categories), beat_id=spec.beat_id
        )

    def of_everything(self) -> "ConcentrationRunQuerySet":
        """Runs over all offenses in the whole city."""
        return self.filter(categories=[], beat=None)

    def abandon(self) -> int:
        return self.update(
            status=ConcentrationRun.Status.ABANDONED, error="The process that computed it ended before it was done."
        )

    def fail(self, error: str) -> int:
        return self.update(status=ConcentrationRun.Status.FAILED, error=error)


@pghistory.track(fields=["status", "error"])
class ConcentrationRun(models.Model):
    """How crime concentrated on the places of one kind in one window of days.

    Computed aside and published with all its scores in one transaction; a published run never changes.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")
        ABANDONED = "abandoned", _("Abandoned")

    kind = models.CharField(max_length=8, choices=Place.Kind.choices)
    as_of = models.DateField(help_text="Last day of the window")
    days = models.PositiveIntegerField()
    categories = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="Empty: all offenses")
    beat = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: the whole city")
    standing = models.BooleanField(default=False, help_text="Of the nightly set, rather than asked for by somebody")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    seed = models.BigIntegerField(default=0)
    summary: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    objects = ConcentrationRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="run_window_is_a_day_or_more", condition=Q(days__gte=1)),
            models.CheckConstraint(
                name="run_published_at_pairs_with_status",
                condition=Q(status="published", published_at__isnull=False)
                | ~Q(status="published") & Q(published_at=None),
            ),
            models.UniqueConstraint(
                name="one_running_run_of_a_kind",
                fields=["kind", "as_of", "days", "categories", "beat"],
                condition=Q(status="running"),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "days", "-as_of", "-published_at"], condition=Q(status="published"), name="run_latest"
            )
        ]
        triggers = [delete_leaves_none("run_without_scores", "hotspots_score", "run_id")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.days} days to {self.as_of}"

    @property
    def category_names(self) -> list[str]:
        return [str(Offense.Category(category).label) for category in self.categories]

    @property
    def spec(self) -> RunSpec:
        return RunSpec(self.kind, self.as_of, self.days, tuple(self.categories), self.beat_id)


class Score(models.Model):
    """What a run says of one place. Counts are of incidents; risk_ leaves out enforcement-generated offenses."""

    pk = models.CompositePrimaryKey("run_id", "place_id")
    # Without foreign keys, which look up every row by itself: triggers see to the same for all rows of a run at once.
    # And without indexes beside the key: sorting one run by rank takes 3 ms, writing an index of it ten times that.
    run = models.ForeignKey(
        ConcentrationRun, on_delete=models.CASCADE, related_name="scores", db_index=False, db_constraint=False
    )
    place = models.ForeignKey(
        Place, on_delete=models.CASCADE, related_name="scores", db_index=False, db_constraint=False
    )
    count = models.PositiveIntegerField()
    risk_count = models.PositiveIntegerField()
    harm = models.FloatField()
    before_count = models.PositiveIntegerField(help_text="In the window of equal length just before")
    before_risk_count = models.PositiveIntegerField()
    year_ago_count = models.PositiveIntegerField(help_text="In the same window a year before")
    year_ago_risk_count = models.PositiveIntegerField()
    change_p = models.FloatField(help_text="Two-sided p of the e-test of count against before_count")
    risk_change_p = models.FloatField()
    rank = models.PositiveIntegerField(help_text="1 is the place with most incidents; ties by harm, then place")
    risk_rank = models.PositiveIntegerField()
    share = models.FloatField(help_text="Cumulative share of all incidents down to this rank")
    risk_share = models.FloatField()
    z = models.FloatField(null=True, help_text="Getis-Ord Gi* of count")
    q = models.FloatField(null=True, help_text="Benjamini-Hochberg q of z over all places")
    risk_z = models.FloatField(null=True)
    risk_q = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="risk_is_a_part_of_count", condition=Q(risk_count__lte=models.F("count"))),
        ]
        triggers = [
            insert_refers("scores_refer", {"run_id": "hotspots_concentrationrun", "place_id": "hotspots_place"}),
            pgtrigger.Protect(name="scores_never_change", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.place_id}: {self.count}"
