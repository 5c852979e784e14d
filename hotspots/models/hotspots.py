import pghistory
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models.places import SRID, Place


class HotSpotQuerySet(models.QuerySet["HotSpot"]):
    def active_on(self, date: object) -> "HotSpotQuerySet":
        return self.filter(starts_on__lte=date).filter(Q(ended_on=None) | Q(ended_on__gt=date))

    def due_for_review_on(self, date: object) -> "HotSpotQuerySet":
        return self.filter(ended_on=None, review_on__lte=date)


@pghistory.track()
class HotSpot(models.Model):
    """A designated set of small places with a start, a review date and an end."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    reason = models.TextField(_("reason"))
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hot_spots", verbose_name=_("commander")
    )
    starts_on = models.DateField(_("start"))
    review_on = models.DateField(_("review date"))
    ended_on = models.DateField(_("end"), null=True, blank=True)
    designated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    designated_at = models.DateTimeField(auto_now_add=True)

    objects = HotSpotQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(name="hot_spot_review_follows_start", condition=Q(review_on__gt=F("starts_on"))),
            models.CheckConstraint(
                name="hot_spot_end_follows_start", condition=Q(ended_on=None) | Q(ended_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_due_for_review(self) -> bool:
        return self.ended_on is None and self.review_on <= timezone.localdate()

    @property
    def status(self) -> str:
        """`ended`, `later` (starts on a day to come), `due` (for review) or `active`."""
        if self.ended_on is not None:
            return "ended"
        if self.starts_on > timezone.localdate():
            return "later"
        return "due" if self.is_due_for_review else "active"

    def boundary_on(self, date: object) -> "HotSpotBoundary | None":
        return self.boundaries.filter(valid__contains=date).first()


class HotSpotBoundaryQuerySet(models.QuerySet["HotSpotBoundary"]):
    def latest_version(self) -> "HotSpotBoundary":
        return self.order_by("-valid")[:1].get()


@pghistory.track()
class HotSpotBoundary(models.Model):
    """The places of a hot spot and their outline, from a day on. A change is a new version."""

    hot_spot = models.ForeignKey(HotSpot, on_delete=models.PROTECT, related_name="boundaries")
    places = models.ManyToManyField(Place, related_name="hot_spot_boundaries")
    geometry = models.MultiPolygonField(srid=SRID)
    valid = DateRangeField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    objects = HotSpotBoundaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "hot spot boundaries"
        constraints = [
            models.CheckConstraint(
                name="boundary_valid_has_a_start", condition=Q(valid__isempty=False, valid__startswith__isnull=False)
            ),
            ExclusionConstraint(
                name="hot_spot_boundaries_do_not_overlap",
                expressions=[(F("hot_spot"), RangeOperators.EQUAL), (F("valid"), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hot_spot} {self.valid}"
