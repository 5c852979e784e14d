import pghistory
from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hotspots.models.places import SRID, Place
from hotspots.models.references import delete_leaves_none, insert_refers, update_refers


class Offense(models.Model):
    """A NIBRS offense and what the program makes of it. The table ships; an agency may change weights and flags."""

    class Category(models.TextChoices):
        VIOLENT = "violent", _("Violent")
        PROPERTY = "property", _("Property")
        DRUGS = "drugs", _("Drugs")
        DISORDER = "disorder", _("Disorder")
        TRAFFIC = "traffic", _("Traffic")
        OTHER = "other", _("Other")

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=10, choices=Category.choices)
    harm_weight = models.FloatField(help_text="Presumptive months of custody of a first offender")
    enforcement_generated = models.BooleanField(default=False, help_text="Found by police activity: kept out of risk")
    victim_sensitive = models.BooleanField(default=False, help_text="Kept off public maps")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="harm_weight_is_not_negative", condition=Q(harm_weight__gte=0))]
        triggers = [delete_leaves_none("offense_without_incidents", "hotspots_incident", "offense_id", key="code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track(fields=["status", "error"])
class ImportBatch(models.Model):
    """One import of incidents: what went in, how, and what became of each row."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    source = models.CharField(max_length=60)
    mapping_name = models.CharField(max_length=60)
    mapping = models.JSONField(default=dict)
    files = models.JSONField(default=list, help_text="Name, bytes and SHA-256 of each file")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    progress = models.FloatField(default=0)
    error = models.TextField(blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    excluded = models.PositiveIntegerField(default=0)
    retracted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unlocated = models.PositiveIntegerField(default=0, help_text="Part of created, updated and unchanged")

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_counts_add_up",
                condition=~Q(status="done")
                | Q(read=F("created") + F("updated") + F("unchanged") + F("excluded") + F("retracted") + F("rejected")),
            ),
            models.CheckConstraint(
                name="import_is_finished_once",
                condition=Q(status__in=["done", "failed"], finished_at__isnull=False)
                | Q(status__in=["waiting", "running"], finished_at=None),
            ),
        ]
        triggers = [delete_leaves_none("batch_without_incidents", "hotspots_incident", "batch_id")]

    def __str__(self) -> str:
        return f"{self.source}, {self.started_at:%Y-%m-%d %H:%M}"


class Reject(models.Model):
    """A row that could not be taken in, with the reason, so that somebody can mend it and import again."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rejects")
    file = models.CharField(max_length=200)
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    row = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class LocationQuerySet(models.QuerySet["Location"]):
    def unlocated(self) -> "LocationQuerySet":
        return self.filter(UNLOCATED)

    def located(self) -> "LocationQuerySet":
        return self.exclude(UNLOCATED)

    def placed_by_hand(self) -> "LocationQuerySet":
        return self.filter(method=Location.Method.HAND)


UNLOCATED = Q(block=None, address=None, complex=None)
LOCATION_REFERENCES = {f"{kind}_id": "hotspots_place" for kind in ("address", "block", "complex")}


def _place_of_location(related_name: str) -> "models.ForeignKey[Place | None, Place | None]":
    return models.ForeignKey(
        Place,
        null=True,
        on_delete=models.SET_NULL,
        related_name=related_name,
        db_index=False,
        db_constraint=False,
    )


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class Location(models.Model):
    """Where incidents were reported, once for each distinct address text and coordinates, and the places it lies on.

    Many incidents share one; what a clerk places by hand therefore holds for the incidents still to come.
    """

    class Method(models.TextChoices):
        NONE = "", _("Not located")
        COORDINATES = "coordinates", _("Reported coordinates")
        ADDRESS = "address", _("Address")
        BLOCK_RANGE = "block_range", _("Block range")
        INTERSECTION = "intersection", _("Intersection")
        HAND = "hand", _("Placed by hand")

    class Problem(models.TextChoices):
        NONE = "", _("None")
        NOTHING_REPORTED = "nothing_reported", _("No address and no coordinates were reported")
        NULL_ISLAND = "null_island", _("Coordinates are 0, 0")
        SWAPPED = "swapped", _("Latitude and longitude look swapped")
        OUT_OF_RANGE = "out_of_range", _("Coordinates are not on the map")
        OUTSIDE = "outside", _("Outside the city boundary")
        FAR_FROM_PLACES = "far_from_places", _("No place near enough")
        NO_MATCH = "no_match", _("No such address")
        AMBIGUOUS = "ambiguous", _("Several addresses fit")

    digest = models.UUIDField(unique=True, editable=False, help_text="Of the address text and coordinates as reported")
    address_text = models.CharField(max_length=200, blank=True)
    # Locations are found by the places they lie on, so the points need no index of their own.
    reported = models.PointField(
        srid=SRID, null=True, spatial_index=False, help_text="Coordinates as reported, where they are usable"
    )
    point = models.PointField(srid=SRID, null=True, spatial_index=False, help_text="Where we hold it to be")
    method = models.CharField(max_length=12, choices=Method.choices, blank=True)
    score = models.FloatField(default=0, help_text="0 (not located) to 1 (certain)")
    distance_m = models.FloatField(null=True, help_text="Metres from the point to its block")
    problem = models.CharField(max_length=16, choices=Problem.choices, blank=True)
    # Without foreign keys, which look up every row by itself: triggers see to the same for all rows of an import at once.
    address = _place_of_location("address_locations")
    block = _place_of_location("block_locations")
    complex = _place_of_location("complex_locations")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, db_index=False)
    placed_at = models.DateTimeField(null=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="location_score_is_a_share", condition=Q(score__gte=0, score__lte=1)),
            models.CheckConstraint(
                name="located_has_a_point_and_method", condition=UNLOCATED | Q(point__isnull=False) & ~Q(method="")
            ),
            models.CheckConstraint(
                name="placed_at_and_by_pair",
                condition=Q(placed_at=None, placed_by=None) | Q(placed_at__isnull=False, placed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=[kind], condition=Q(**{f"{kind}__isnull": False}), name=f"location_by_{kind}")
            for kind in ("address", "block", "complex")
        ]
        triggers = [
            insert_refers("locations_refer", LOCATION_REFERENCES),
            update_refers("changed_locations_refer", LOCATION_REFERENCES),
            delete_leaves_none("location_without_incidents", "hotspots_incident", "location_id"),
        ]

    def __str__(self) -> str:
        return self.address_text or "no address"

    @property
    def is_located(self) -> bool:
        return any((self.block_id, self.address_id, self.complex_id))

    @property
    def is_placed_by_hand(self) -> bool:
        return self.method == self.Method.HAND


class Retraction(models.Model):
    """A source row that takes an earlier one back. Kept when nothing matches: the matching row may still come."""

    source = models.CharField(max_length=60, db_collation="C")
    source_id = models.CharField(max_length=120, db_collation="C")
    match_key = models.UUIDField(editable=False)
    occurred_from = models.DateTimeField()
    description = models.CharField(max_length=200, blank=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="retraction_of_source_once", fields=["source_id", "source"])]
        indexes = [models.Index(fields=["match_key"], name="retraction_by_match")]
        triggers = [delete_leaves_none("retraction_without_incidents", "hotspots_incident", "retraction_id")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def standing(self) -> "IncidentQuerySet":
        """Without what a later row of the source took back."""
        return self.filter(retraction=None)


REFERENCES = {
    "offense_id": "hotspots_offense",
    "location_id": "hotspots_location",
    "batch_id": "hotspots_importbatch",
    "retraction_id": "hotspots_retraction",
}
REFERENCE_KEYS = {"offense_id": "code"}


# The trail keeps what a row said before: what it says now stands in the row itself.
@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), exclude=["digest", "match_key"])
class Incident(models.Model):
    """One offense at one place and time, as the source tells it. Nobody is named."""

    # Identifiers are compared by their bytes, not as words of a language: a third of the time.
    source = models.CharField(max_length=60, db_collation="C")
    source_id = models.CharField(max_length=120, db_collation="C")
    digest = models.UUIDField(editable=False, help_text="Of what the row says: tells an update from the same again")
    match_key = models.UUIDField(null=True, editable=False, help_text="What a retraction finds it by")
    revision = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Where the source has versions: the highest wins",
    )
    # Without foreign keys, which look up every row by itself: triggers see to the same for all rows of an import at once.
    offense = models.ForeignKey(Offense, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    local_code = models.CharField(max_length=30, blank=True)
    description = models.CharField(max_length=200, blank=True)
    occurred_from = models.DateTimeField()
    occurred_to = models.DateTimeField(null=True, help_text="Where the time is only known as a span")
    reported_at = models.DateTimeField(null=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, db_constraint=False)
    retraction = models.ForeignKey(
        Retraction, null=True, on_delete=models.SET_NULL, related_name="incidents", db_index=False, db_constraint=False
    )
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, db_index=False, db_constraint=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="incident_of_source_once", fields=["source_id", "source"]),
            models.UniqueConstraint(
                name="retraction_given_once", fields=["retraction"], condition=Q(retraction__isnull=False)
            ),
            models.CheckConstraint(
                name="incident_ends_after_it_starts",
                condition=Q(occurred_to=None) | Q(occurred_to__gte=F("occurred_from")),
            ),
        ]
        indexes = [
            # All that a window's counts need, so that they are read from the index alone.
            models.Index(
                fields=["occurred_from"],
                include=["location", "offense"],
                condition=Q(retraction=None),
                name="incident_window",
            ),
            models.Index(fields=["match_key"], condition=Q(match_key__isnull=False), name="incident_by_match"),
        ]
        triggers = [
            insert_refers("incidents_refer", REFERENCES, REFERENCE_KEYS),
            update_refers("changed_incidents_refer", REFERENCES, REFERENCE_KEYS),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"
