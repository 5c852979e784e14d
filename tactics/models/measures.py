import uuid
from datetime import timedelta

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hotspots.models import Incident, Place
from hotspots.models.places import SRID
from tactics.catalogue import MEASURES, choices


def measure_kinds() -> list[tuple[str, str | Promise]]:
    """A function, so that a new kind needs no migration."""
    return choices(MEASURES)


class MeasureQuerySet(models.QuerySet["Measure"]):
    def open(self) -> "MeasureQuerySet":
        return self.filter(status__in=[Measure.Status.REPORTED, Measure.Status.OPEN])

    def overdue_on(self, date: object) -> "MeasureQuerySet":
        return self.open().filter(due_on__lt=date)

    def at_places(self, places: object) -> "MeasureQuerySet":
        """On these places, at their addresses, or on a complex that they, or addresses of theirs, are part of."""
        part = Place.objects.filter(Q(pk__in=places) | Q(block__in=places)).exclude(complex=None)
        return self.filter(
            Q(place__in=places)
            | Q(place__block__in=places)
            | Q(place__complex__in=places)
            | Q(place__in=part.values("complex"))
        )


@pghistory.track()
class Measure(models.Model):
    """Something done to a place rather than in it, with who sees to it and by when."""

    class Status(models.TextChoices):
        REPORTED = "reported", _("Reported")  # from the street: nobody has taken it up yet
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    class Party(models.TextChoices):
        """Who is responsible: a role, not a person."""

        POLICE = "police", _("Police")
        OWNER = "owner", _("Owner")
        MANAGER = "manager", _("Manager")
        CITY = "city", _("City")
        UTILITY = "utility", _("Utility")
        COURT = "court", _("Court")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20, choices=measure_kinds)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="measures")
    point = models.PointField(
        srid=SRID, null=True, spatial_index=False, help_text="Where the phone was that reported it"
    )
    title = models.CharField(_("what is to be done"), max_length=160)
    party = models.CharField(_("who sees to it"), max_length=8, choices=Party.choices, default=Party.POLICE)
    organization = models.CharField(_("organization"), max_length=120, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "created_at"]
        constraints = [
            models.CheckConstraint(
                name="measure_closed_at_and_by_pair",
                condition=Q(closed_at=None, closed_by=None, status__in=["reported", "open"])
                | Q(closed_at__isnull=False, closed_by__isnull=False, status__in=["done", "dropped"]),
            ),
            models.CheckConstraint(
                name="open_measure_has_a_due_date", condition=~Q(status="open") | Q(due_on__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(status__in=["reported", "open"]), name="measures_by_due_date")
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class LightingSurvey(models.Model):
    """A walk around a place after dark, with the owner or renters where they came along."""

    measure = models.OneToOneField(Measure, primary_key=True, on_delete=models.CASCADE, related_name="lighting_survey")
    surveyed_at = models.DateTimeField(_("when"))
    with_owner = models.BooleanField(_("with the owner or manager"), default=False)
    with_renters = models.BooleanField(_("with renters or neighbors"), default=False)

    def __str__(self) -> str:
        return str(self.measure)


@pghistory.track(exclude=["photo"])
class LightingItem(models.Model):
    """One lamp or dark spot."""

    class Kind(models.TextChoices):
        STREET = "street", _("Street light")
        PARKING = "parking", _("Parking lot")
        ENTRANCE = "entrance", _("Entrance or stairs")
        WALKWAY = "walkway", _("Walkway")
        ALLEY = "alley", _("Alley")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        WORKS = "works", _("Works")
        OUT = "out", _("Out")
        DIM = "dim", _("Too dim or hidden")
        MISSING = "missing", _("Missing")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    survey = models.ForeignKey(LightingSurvey, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(_("which light"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=7, choices=State.choices)
    where = models.CharField(_("where"), max_length=120, blank=True)
    point = models.PointField(srid=SRID, null=True, blank=True, spatial_index=False)
    photo = models.ImageField(_("photo"), upload_to="lighting/", blank=True)
    party = models.CharField(_("who fixes it"), max_length=8, choices=Measure.Party.choices, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    fixed_on = models.DateField(_("fixed on"), null=True, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="what_is_out_has_somebody_to_fix_it",
                condition=Q(state="works", party="", due_on=None)
                | ~Q(state="works") & ~Q(party="") & Q(due_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"


@pghistory.track(exclude=["contact"])
class Camera(models.Model):
    """A camera that its owner registered. Who to ask is kept apart from the rest and is for detectives alone."""

    class Kind(models.TextChoices):
        DOORBELL = "doorbell", _("Doorbell camera")
        CCTV = "cctv", _("Security camera")

    measure = models.OneToOneField(Measure, primary_key=True, on_delete=models.CASCADE, related_name="camera")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    point = models.PointField(_("where"), srid=SRID)
    direction = models.PositiveSmallIntegerField(_("faces, degrees from north"))
    angle = models.PositiveSmallIntegerField(_("angle of view, degrees"), default=90)
    reach_m = models.PositiveSmallIntegerField(_("sees how far, meters"), default=20)
    keeps_days = models.PositiveSmallIntegerField(_("keeps recordings, days"), null=True, blank=True)
    consent_on = models.DateField(_("owner's consent given on"))
    withdrawn_on = models.DateField(_("consent withdrawn on"), null=True, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="camera_view_is_possible",
                condition=Q(direction__lt=360, angle__gte=1, angle__lte=360, reach_m__gte=1, reach_m__lte=300),
            ),
            models.CheckConstraint(
                name="camera_without_consent_has_no_contact",
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("consent_on"), contact=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.measure.place}"


@pghistory.track()
class PermitProgram(models.Model):
    """Parking by permit at a complex: for residents, with few spaces for visitors."""

    measure = models.OneToOneField(Measure, primary_key=True, on_delete=models.CASCADE, related_name="permit_program")
    starts_on = models.DateField(_("start"))
    permits_per_home = models.PositiveSmallIntegerField(_("permits per home"), default=2)
    visitor_spaces = models.PositiveSmallIntegerField(_("visitor spaces"), default=0)
    towing_company = models.CharField(_("towing company"), max_length=120, blank=True)

    def __str__(self) -> str:
        return str(self.measure)


@pghistory.track()
class VehiclePermit(models.Model):
    """A numbered permit of a home. Neither the vehicle nor who drives it is kept."""

    program = models.ForeignKey(PermitProgram, on_delete=models.CASCADE, related_name="permits")
    number = models.CharField(_("permit number"), max_length=20)
    home = models.CharField(_("apartment or house number"), max_length=20)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    returned_on = models.DateField(_("returned on"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="permit_number_once", fields=["program", "number"]),
            models.CheckConstraint(
                name="permit_expires_after_issue", condition=Q(expires_on=None) | Q(expires_on__gt=F("issued_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class Impound(models.Model):
    """A vehicle without a permit that was towed."""

    program = models.ForeignKey(PermitProgram, on_delete=models.CASCADE, related_name="impounds")
    towed_on = models.DateField(_("towed on"))
    warned_on = models.DateField(_("warned on"), null=True, blank=True)
    case_number = models.CharField(_("case number"), max_length=30, blank=True)

    class Meta:
        ordering = ["-towed_on"]
        constraints = [
            models.CheckConstraint(
                name="warned_before_towed", condition=Q(warned_on=None) | Q(warned_on__lte=F("towed_on"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.towed_on:%Y-%m-%d}"


@pghistory.track()
class LeaseCase(models.Model):
    """The owner's enforcement of a lease for one home. A call for help is never a violation: database-enforced."""

    class Violation(models.TextChoices):
        DRUGS = "drugs", _("Drug activity")
        VIOLENCE = "violence", _("Violence against others")
        DISTURBANCE = "disturbance", _("Repeated disturbance")
        OCCUPANTS = "occupants", _("People living there without being on the lease")
        DAMAGE = "damage", _("Damage")
        VEHICLES = "vehicles", _("Vehicles or parking")
        OTHER = "other", _("Other")

    class Stage(models.TextChoices):
        VIOLATION = "violation", _("Violation")
        NOTICE = "notice", _("Notice given")
        FILED = "filed", _("Eviction filed")
        CURED = "cured", _("Put right")
        MOVED = "moved", _("Moved out")
        EVICTED = "evicted", _("Evicted")
        DISMISSED = "dismissed", _("Dismissed")

    measure = models.OneToOneField(Measure, primary_key=True, on_delete=models.CASCADE, related_name="lease_case")
    home = models.CharField(_("apartment or house number"), max_length=20, blank=True)
    violation = models.CharField(_("violation"), max_length=12, choices=Violation.choices)
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("incident")
    )
    home_called_for_help = models.BooleanField(_("somebody of this home was the victim or called for help"))
    stage = models.CharField(max_length=9, choices=Stage.choices, default=Stage.VIOLATION)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_call_for_help_is_no_violation", condition=Q(home_called_for_help=False))
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_victim_sensitive_offense",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF EXISTS (
                        SELECT FROM hotspots_incident AS i JOIN hotspots_offense AS o ON o.code = i.offense_id
                        WHERE i.id = NEW.incident_id AND o.victim_sensitive
                    ) THEN
                        RAISE EXCEPTION 'a victim''s call is no violation' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.measure)


@pghistory.track()
class LeaseStep(models.Model):
    """A stage that a case reached, and the day by which the next has to follow."""

    case = models.ForeignKey(LeaseCase, on_delete=models.CASCADE, related_name="steps")
    stage = models.CharField(max_length=9, choices=LeaseCase.Stage.choices)
    on = models.DateField(_("on"))
    next_due_on = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="lease_stage_once", fields=["case", "stage"])]

    def __str__(self) -> str:
        return self.get_stage_display()


@pghistory.track()
class TrespassAuthorization(models.Model):
    """An owner lets officers act for them against trespassers. Expires after a year or with the owner."""

    measure = models.OneToOneField(Measure, primary_key=True, on_delete=models.CASCADE, related_name="trespass")
    signed_on = models.DateField(_("signed on"))
    expires_on = models.DateField(_("expires on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    owner_changed = models.BooleanField(_("ended since the property has a new owner"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="authorization_expires_within_a_year",
                condition=Q(expires_on__gt=F("signed_on"), expires_on__lte=F("signed_on") + timedelta(days=366)),
            ),
            models.CheckConstraint(
                name="new_owner_ends_authorization", condition=Q(owner_changed=False) | Q(ended_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.measure)
