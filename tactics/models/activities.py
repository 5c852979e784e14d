import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot, Offense, Place
from hotspots.models.places import SRID
from tactics.catalogue import ACTIVITIES, Tactic, choices
from tactics.models.rosters import Assignment, Unit


def activity_kinds() -> list[tuple[str, str | Promise]]:
    """A function, so that a new kind needs no migration."""
    return choices(ACTIVITIES)


def of_kind(*kinds: Tactic) -> pgtrigger.Trigger:
    """Refuse a detail row of an activity of another kind."""
    named = ", ".join(f"'{kind.value}'" for kind in kinds)
    return pgtrigger.Trigger(
        name="of_kind",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            IF NOT EXISTS (SELECT FROM tactics_activity WHERE id = NEW.activity_id AND kind IN ({named})) THEN
                RAISE EXCEPTION 'details of another kind of activity' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


@pghistory.track(pghistory.UpdateEvent())
class Operation(models.Model):
    """Several units over a period under one coordinator: a saturation patrol."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hot_spot = models.ForeignKey(HotSpot, on_delete=models.PROTECT, related_name="operations")
    name = models.CharField(max_length=80, blank=True)
    coordinator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                name="operation_ends_after_it_starts", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.hot_spot)


class VisitImport(models.Model):
    """One import of visits from elsewhere: a CAD export of visits, or GPS pings of which visits were made."""

    class Kind(models.TextChoices):
        VISITS = "visits", _("Visits (CAD)")
        PINGS = "pings", _("Positions (AVL, GPS)")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=6, choices=Kind.choices)
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=dict, help_text="What is in which column, where it was not guessed")
    dwell_seconds = models.PositiveIntegerField(null=True, help_text="The shortest stay that counts as a visit")
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    error = models.TextField(blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="visit_import_is_finished_once",
                condition=Q(status__in=["done", "failed"], finished_at__isnull=False)
                | Q(status__in=["waiting", "running"], finished_at=None),
            ),
            models.CheckConstraint(
                name="pings_have_a_dwell",
                condition=Q(kind="pings", dwell_seconds__isnull=False) | Q(kind="visits", dwell_seconds=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.file_name}"


class VisitReject(models.Model):
    batch = models.ForeignKey(VisitImport, on_delete=models.CASCADE, related_name="rejects")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    row = models.TextField(blank=True)

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class ActivityQuerySet(models.QuerySet["Activity"]):
    def counted(self) -> "ActivityQuerySet":
        """Without what was logged by mistake."""
        return self.filter(voided_at=None)

    def running(self) -> "ActivityQuerySet":
        return self.counted().filter(ended_at=None)

    def to_review(self) -> "ActivityQuerySet":
        return self.counted().filter(approved_at=None, ended_at__isnull=False)


# The trail keeps what a row said before: what it says now stands in the row itself.
@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class Activity(models.Model):
    """What an officer or a unit did, where, from when to when. No driver, resident or arrestee is named anywhere."""

    class Recorded(models.TextChoices):
        TIMED = "timed", _("Timed")  # by the running clock of the phone
        TYPED = "typed", _("Typed")  # afterwards
        IMPORTED = "imported", _("Imported")

    class Flag(models.TextChoices):
        """What a supervisor should look at; the row counts all the same."""

        CLOCK_WRONG = "clock_wrong", _("The phone's clock was wrong, or it begins in the future; check the times")
        ENDED_TWICE = "ended_twice", _("Ended twice; the first end stands")
        NO_START = "no_start", _("The start never arrived")
        HOT_SPOT_CLOSED = "hot_spot_closed", _("The hot spot had ended")
        TOO_LONG = "too_long", _("Longer than a shift")
        OVERLAPS = "overlaps", _("The same officer was elsewhere at that time")
        FAR_AWAY = "far_away", _("The position was not near the hot spot")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20, choices=activity_kinds)
    hot_spot = models.ForeignKey(
        HotSpot, null=True, on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    place = models.ForeignKey(Place, null=True, on_delete=models.SET_NULL, related_name="activities")
    point = models.PointField(srid=SRID, null=True, spatial_index=False, help_text="Where the phone was at the start")
    accuracy_m = models.FloatField(null=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="activities")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.SET_NULL, related_name="activities")
    operation = models.ForeignKey(Operation, null=True, on_delete=models.PROTECT, related_name="activities")
    batch = models.ForeignKey(VisitImport, null=True, on_delete=models.PROTECT, related_name="activities")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    recorded = models.CharField(max_length=8, choices=Recorded.choices)
    note = models.CharField(max_length=500, blank=True)
    flags = ArrayField(models.CharField(max_length=20, choices=Flag.choices), default=list, blank=True)
    clock_offset_s = models.FloatField(null=True, help_text="Server's clock less the phone's when it was sent")
    received_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["-started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="activity_ends_after_it_starts", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="activity_is_somewhere",
                condition=Q(hot_spot__isnull=False) | Q(place__isnull=False) | Q(point__isnull=False),
            ),
            models.CheckConstraint(
                name="activity_is_somebodys",
                condition=Q(officer__isnull=False) | Q(unit__isnull=False, recorded="imported"),
            ),
            models.CheckConstraint(
                name="imported_activity_has_a_batch",
                condition=Q(recorded="imported", batch__isnull=False, ended_at__isnull=False)
                | ~Q(recorded="imported") & Q(batch=None),
            ),
            models.CheckConstraint(
                name="activity_approved_at_and_by_pair",
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="activity_voided_at_and_by_pair",
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason=""),
            ),
        ]
        indexes = [
            # All that dosage needs, so that it is read from the index alone.
            models.Index(
                fields=["hot_spot", "started_at"],
                include=["ended_at", "kind", "recorded", "approved_at", "operation", "officer", "unit"],
                condition=Q(voided_at=None),
                name="activity_dosage",
            ),
            models.Index(fields=["officer", "-started_at"], name="activity_by_officer"),
            models.Index(fields=["-started_at"], name="activity_by_start"),
            models.Index(fields=["hot_spot"], condition=Q(ended_at=None, voided_at=None), name="activity_running"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.hot_spot or self.place or _('elsewhere')}"


class Correction(models.Model):
    """Who changed what about an activity after it was sent, and why."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="corrections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=200)
    changes = models.JSONField(help_text="Field to what it was and what it is")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(name="correction_has_a_reason", condition=~Q(reason=""))]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.reason


class SyncEntry(models.Model):
    """One thing that a phone sent, as it sent it, and the answer: the same entry sent again gets the same answer."""

    id = models.UUIDField(primary_key=True)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()
    activity = models.UUIDField(null=True, db_index=True, help_text="Whether it exists or not")
    payload = models.JSONField()
    made_at = models.DateTimeField(help_text="By the phone's clock")
    received_at = models.DateTimeField(auto_now_add=True)
    answer = models.JSONField()
    refused = models.BooleanField(default=False, help_text="Kept for a supervisor: it could not be stored as sent")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["received_at"]
        verbose_name_plural = "sync entries"
        indexes = [
            models.Index(fields=["received_at"], condition=Q(refused=True, settled_at=None), name="entries_to_settle")
        ]
        constraints = [
            models.CheckConstraint(
                name="entry_settled_at_and_by_pair",
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
            )
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="stays_as_sent",
                fields=["officer", "device", "activity", "payload", "made_at", "answer", "refused"],
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


# What one kind of activity has beyond who, where, from when to when.


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class Patrol(models.Model):
    """A directed or saturation patrol."""

    class Mode(models.TextChoices):
        VEHICLE = "vehicle", _("Vehicle")
        BIKE = "bike", _("Bike")
        FOOT = "foot", _("Foot")

    class Seen(models.TextChoices):
        NOTHING = "nothing", _("Nothing unusual")
        PEOPLE = "people", _("People gathering")
        DRUG_ACTIVITY = "drug_activity", _("Drug activity")
        DISTURBANCE = "disturbance", _("Disturbance")
        VEHICLES = "vehicles", _("Suspicious vehicle")
        DAMAGE = "damage", _("Damage or dumping")
        LIGHTS_OUT = "lights_out", _("Lights out")

    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="patrol")
    mode = models.CharField(_("mode"), max_length=7, choices=Mode.choices, default=Mode.VEHICLE)
    seen = ArrayField(models.CharField(max_length=20, choices=Seen.choices), verbose_name=_("seen"), default=list)

    class Meta:
        triggers = [of_kind(Tactic.DIRECTED_PATROL, Tactic.SATURATION_PATROL)]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class FootPatrol(models.Model):
    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="foot_patrol")
    route = models.LineStringField(srid=SRID, null=True, blank=True, spatial_index=False)
    contacts = models.PositiveSmallIntegerField(_("contacts"), default=0)
    businesses = models.PositiveSmallIntegerField(_("businesses visited"), default=0)
    homes = models.PositiveSmallIntegerField(_("homes visited"), default=0)

    class Meta:
        triggers = [of_kind(Tactic.FOOT_PATROL)]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class VehicleStop(models.Model):
    """Counted by hour and place against incidents; nothing about the driver is kept."""

    class Violation(models.TextChoices):
        SPEED = "speed", _("Speed")
        SIGNAL = "signal", _("Light or sign")
        EQUIPMENT = "equipment", _("Equipment")
        REGISTRATION = "registration", _("Tag or registration")
        MOVING = "moving", _("Other moving")
        PARKING = "parking", _("Parking")
        OTHER = "other", _("Other")

    class Outcome(models.TextChoices):
        NONE = "none", _("No action")
        WARNING = "warning", _("Warning")
        CITATION = "citation", _("Citation")
        ARREST = "arrest", _("Arrest")
        SEARCH = "search", _("Search")
        TOW = "tow", _("Tow")

    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="vehicle_stop")
    violation = models.CharField(_("violation"), max_length=12, choices=Violation.choices)
    outcomes = ArrayField(models.CharField(max_length=8, choices=Outcome.choices), verbose_name=_("outcome"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stop_has_an_outcome",
                condition=~Q(outcomes=[]) & (~Q(outcomes__contains=["none"]) | Q(outcomes=["none"])),
            )
        ]
        triggers = [of_kind(Tactic.VEHICLE_STOP)]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class Arrest(models.Model):
    class Basis(models.TextChoices):
        ON_VIEW = "on_view", _("On view")
        WARRANT = "warrant", _("Warrant")
        SUMMONED = "summoned", _("Summoned or cited")

    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="arrest")
    offenses = models.ManyToManyField(Offense, verbose_name=_("offenses"), related_name="arrests")
    basis = models.CharField(_("basis"), max_length=8, choices=Basis.choices)
    case_number = models.CharField(_("case number"), max_length=30, blank=True)

    class Meta:
        triggers = [of_kind(Tactic.ARREST)]


class Dog(models.Model):
    name = models.CharField(_("name"), max_length=30, unique=True)
    is_active = models.BooleanField(_("in service"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class K9Deployment(models.Model):
    """The handler is the activity's officer unless another is named."""

    class Sniffed(models.TextChoices):
        VEHICLE = "vehicle", _("Vehicle")
        PARCEL = "parcel", _("Parcel")
        BUILDING = "building", _("Building, outside")
        SCHOOL = "school", _("School")
        AREA = "area", _("Open area")

    class Find(models.TextChoices):
        NOTHING = "nothing", _("Nothing")
        MARIJUANA = "marijuana", _("Marijuana")
        METHAMPHETAMINE = "methamphetamine", _("Methamphetamine")
        COCAINE = "cocaine", _("Cocaine")
        OPIOIDS = "opioids", _("Heroin, fentanyl or other opioids")
        OTHER = "other", _("Other drug")
        PARAPHERNALIA = "paraphernalia", _("Paraphernalia")

    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="k9")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    dog = models.ForeignKey(Dog, on_delete=models.PROTECT, related_name="deployments")
    sniffed = models.CharField(_("what was sniffed"), max_length=8, choices=Sniffed.choices)
    alert = models.BooleanField(_("alert"))
    find = models.CharField(_("find"), max_length=15, choices=Find.choices, default=Find.NOTHING)
    grams = models.DecimalField(_("weight in grams"), max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="weight_is_of_a_find",
                condition=Q(grams=None) | Q(grams__gt=0) & ~Q(find__in=["nothing", "paraphernalia"]),
            )
        ]
        triggers = [of_kind(Tactic.K9)]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class KnockAndTalk(models.Model):
    class Answer(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NOT_ANSWERED = "not_answered", _("No answer")
        REFUSED = "refused", _("Did not want to talk")

    class Material(models.TextChoices):
        CRIME_PREVENTION = "crime_prevention", _("Crime prevention at home")
        DRUG_ACTIVITY = "drug_activity", _("How to report drug activity")
        LIGHTING = "lighting", _("Lighting")
        CAMERAS = "cameras", _("Camera registry")
        RENTERS = "renters", _("For renters")
        RESOURCES = "resources", _("Help and services")

    class Concern(models.TextChoices):
        DRUGS = "drugs", _("Drug activity")
        NOISE = "noise", _("Noise")
        TRAFFIC = "traffic", _("Traffic or parking")
        LIGHTING = "lighting", _("Lighting")
        PROPERTY = "property", _("Theft or damage")
        SAFETY = "safety", _("Does not feel safe")
        LANDLORD = "landlord", _("Upkeep of the building")
        OTHER = "other", _("Other")

    activity = models.OneToOneField(Activity, primary_key=True, on_delete=models.CASCADE, related_name="knock_and_talk")
    answer = models.CharField(_("door"), max_length=12, choices=Answer.choices)
    consent_to_search = models.BooleanField(_("consent to a search was given"), null=True, blank=True)
    materials = ArrayField(
        models.CharField(max_length=20, choices=Material.choices),
        verbose_name=_("left behind"),
        default=list,
        blank=True,
    )
    language = models.CharField(_("in which language"), max_length=10, blank=True)
    concerns = ArrayField(
        models.CharField(max_length=10, choices=Concern.choices), verbose_name=_("concerns"), default=list, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_who_answers_consents", condition=Q(consent_to_search=None) | Q(answer="answered")
            ),
            models.CheckConstraint(
                name="material_has_a_language",
                condition=Q(materials=[]) & Q(language="") | ~Q(materials=[]) & ~Q(language=""),
            ),
        ]
        triggers = [of_kind(Tactic.KNOCK_AND_TALK)]
