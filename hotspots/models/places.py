import pghistory
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models.references import delete_leaves_none

SRID = 4326


class AreaQuerySet(models.QuerySet["Area"]):
    def valid_on(self, date: object) -> "AreaQuerySet":
        return self.filter(valid__contains=date)

    def current(self) -> "AreaQuerySet":
        return self.valid_on(timezone.localdate())

    def beats(self) -> "AreaQuerySet":
        return self.filter(kind=Area.Kind.BEAT)

    def boundaries(self) -> "AreaQuerySet":
        return self.filter(kind=Area.Kind.BOUNDARY)


class Area(models.Model):
    """The city's boundary, a beat or a neighborhood. A boundary that took effect is not edited: a change is a new version."""

    class Kind(models.TextChoices):
        BOUNDARY = "boundary", _("City boundary")
        BEAT = "beat", _("Beat")
        NEIGHBORHOOD = "neighborhood", _("Neighborhood")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    geometry = models.MultiPolygonField(srid=SRID)
    valid = DateRangeField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="area_kind_is_known", condition=Q(kind__in=["boundary", "beat", "neighborhood"])
            ),
            models.CheckConstraint(
                name="area_valid_has_a_start", condition=Q(valid__isempty=False, valid__startswith__isnull=False)
            ),
            ExclusionConstraint(
                name="area_versions_do_not_overlap",
                expressions=[
                    (F("kind"), RangeOperators.EQUAL),
                    (F("source"), RangeOperators.EQUAL),
                    (F("source_id"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceQuerySet(models.QuerySet["Place"]):
    def current(self) -> "PlaceQuerySet":
        """Without the places that a newer import of their source no longer holds."""
        return self.filter(retired_on=None)


# As hotspots.projection.utm_srid has it, in the UTM zone of the place itself.
_UTM = (
    "ST_Transform(geometry, 32601 + MOD(FLOOR((ST_X(ST_Centroid(geometry)) + 180) / 6)::integer, 60)"
    " + CASE WHEN ST_Y(ST_Centroid(geometry)) < 0 THEN 100 ELSE 0 END)"
)
_MIDPOINT = (
    "CASE GeometryType(geometry) WHEN 'POINT' THEN geometry"
    f" WHEN 'LINESTRING' THEN ST_Transform(ST_LineInterpolatePoint({_UTM}, 0.5), {SRID})"
    f" ELSE ST_Transform(ST_Centroid({_UTM}), {SRID}) END"
)


# What is derived from geometry alone is measured and attached anew after every import, and leaves no trail.
@pghistory.track(pghistory.UpdateEvent(), exclude=["length_m", "area_m2", "midpoint", "block", "complex", "beat"])
class Place(models.Model):
    """Where police effort goes: an address (point), a street block (line between two intersections) or a complex (polygon)."""

    class Kind(models.TextChoices):
        BLOCK = "block", _("Street block")
        ADDRESS = "address", _("Address")
        COMPLEX = "complex", _("Complex")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    source_name = models.CharField(
        max_length=200,
        blank=True,
        help_text="What the source calls a block that got its numbers and name from its addresses",
    )
    geometry = models.GeometryField(srid=SRID)
    length_m = models.FloatField(null=True, editable=False, help_text="Length of a block in metres")
    area_m2 = models.FloatField(null=True, editable=False, help_text="Area of a complex in square metres")
    # Kept by the database, because every run asks for the midpoints of all places.
    midpoint = models.GeneratedField(
        expression=Func(template=_MIDPOINT, output_field=models.PointField(srid=SRID)),
        output_field=models.PointField(srid=SRID, spatial_index=False),
        db_persist=True,
        help_text="Half-way along a block, the address itself, or the centroid of a complex",
    )

    # What an address is matched by: the normalised street ("N MAPLE AVE") and house numbers; equal numbers for an address.
    street = models.CharField(max_length=120, blank=True)
    number_low = models.PositiveIntegerField(null=True)
    number_high = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=30, blank=True)

    # An address lies on a block and perhaps in a complex; every place lies in one beat at most.
    block = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="block_addresses")
    complex = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="complex_addresses")
    beat = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="places")
    retired_on = models.DateField(null=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="place_of_source_once", fields=["kind", "source", "source_id"]),
            models.CheckConstraint(
                name="place_kind_fits_its_measure",
                condition=Q(kind="block", length_m__gt=0, area_m2=None)
                | Q(kind="address", length_m=None, area_m2=None)
                | Q(kind="complex", length_m=None, area_m2__gt=0),
            ),
            models.CheckConstraint(
                name="place_numbers_are_a_range",
                condition=Q(number_low=None, number_high=None) | Q(number_low__lte=F("number_high")),
            ),
            models.CheckConstraint(
                name="only_addresses_lie_on_places", condition=Q(kind="address") | Q(block=None, complex=None)
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "street", "number_low"], name="place_by_street"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="place_by_name"),
        ]
        triggers = [
            delete_leaves_none("place_without_scores", "hotspots_score", "place_id"),
            *(
                delete_leaves_none(f"{kind}_without_locations", "hotspots_location", f"{kind}_id")
                for kind in ("address", "block", "complex")
            ),
        ]

    def __str__(self) -> str:
        return self.name
