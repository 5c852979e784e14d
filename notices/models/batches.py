"""A batch of letters: who gets one, what it says, who approved it, and proof that nothing was changed since."""

import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot, Place
from hotspots.models.places import SRID
from notices.models.mail import Owner
from notices.models.templates import TemplateVersion

FROZEN = "('submitted', 'approved', 'ready', 'mailed')"
# What a batch is: from its submission on none of it changes.
CONTENT = [
    "name", "hot_spot_id", "version_id", "audience", "language", "with_map", "dated", "fields", "facts", "scope",
    "around_id", "distance_m", "shape", "map_svg",
]  # fmt: skip
# What else stays from the approval on, also of a batch that was cancelled then: who did what, and when.
APPROVAL = [*CONTENT, "created_by_id", "created_at", "submitted_by_id", "submitted_at", "approved_by_id", "approved_at"]
# From the approval on a batch goes on or is cancelled; it never goes back.
ONWARD = "('approved', 'ready'), ('approved', 'cancelled'), ('ready', 'mailed'), ('ready', 'cancelled')"


class Batch(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waits for approval")
        APPROVED = "approved", _("Being made")
        READY = "ready", _("Ready to print")
        MAILED = "mailed", _("Mailed")
        CANCELLED = "cancelled", _("Cancelled")

    class Audience(models.TextChoices):
        HOUSEHOLDS = "households", _("One for each household")
        OWNERS = "owners", _("One for each owner")

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")
        BOTH = "both", _("English and Spanish, one after the other")
        OWNERS = "own", _("The language of each owner")

    class Scope(models.TextChoices):
        WITHIN = "within", _("Within the hot spot")
        DISTANCE = "distance", _("Within a distance of the hot spot")
        DRAWN = "drawn", _("Within a shape drawn on the map")
        COMPLEX = "complex", _("All units of a complex")

    name = models.CharField(_("name"), max_length=120)
    hot_spot = models.ForeignKey(HotSpot, null=True, blank=True, on_delete=models.PROTECT, related_name="batches")
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="batches")
    audience = models.CharField(_("who gets one"), max_length=10, choices=Audience.choices, default=Audience.HOUSEHOLDS)
    language = models.CharField(_("language"), max_length=4, choices=Language.choices, default=Language.BOTH)
    with_map = models.BooleanField(_("with a map of the area"), default=True)
    dated = models.DateField(_("date of the letter"))
    # What the clerk filled in for the template's fields, by language: {"en": {"area": …}, "es": {…}}.
    fields: "models.JSONField[dict[str, dict[str, str]]]" = models.JSONField(default=dict)

    scope = models.CharField(_("where"), max_length=8, choices=Scope.choices, default=Scope.WITHIN)
    around = models.ForeignKey(
        Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("complex")
    )
    distance_m = models.PositiveIntegerField(_("distance, meters"), null=True, blank=True)
    shape = models.MultiPolygonField(srid=SRID, null=True, blank=True)

    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    sent_back_why = models.CharField(_("why it was sent back"), max_length=300, blank=True)
    mailed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    mailed_at = models.DateTimeField(null=True)

    # Frozen at submission, so that the same PDF can be made again: all that the letters say, by language, and the map.
    facts: "models.JSONField[dict[str, dict[str, str]]]" = models.JSONField(default=dict)
    map_svg = models.TextField(blank=True)
    # The work of the worker.
    made = models.PositiveIntegerField(default=0)  # letters so far
    problem = models.TextField(blank=True)
    pdf = models.FileField(upload_to="letters/", blank=True)
    pdf_digest = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="batch_scope_is_whole",
                condition=Q(scope="within", hot_spot__isnull=False, distance_m=None, shape=None, around=None)
                | Q(scope="distance", hot_spot__isnull=False, distance_m__isnull=False, distance_m__range=(1, 5000))
                & Q(shape=None, around=None)
                | Q(scope="drawn", shape__isnull=False, distance_m=None, around=None)
                | Q(scope="complex", around__isnull=False, distance_m=None, shape=None),
            ),
            models.CheckConstraint(
                name="batch_language_of_owners_is_for_owners", condition=~Q(language="own") | Q(audience="owners")
            ),
            models.CheckConstraint(
                name="batch_submitted_at_and_by_pair",
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_approved_by_somebody_else",
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, submitted_by__isnull=False)
                & ~Q(approved_by=F("submitted_by"))
                & ~Q(approved_by=F("created_by")),
            ),
            models.CheckConstraint(
                name="batch_is_made_after_approval",
                condition=~Q(status__in=["approved", "ready", "mailed"]) | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="submitted_batch_names_who",
                condition=~Q(status="submitted") | Q(submitted_by__isnull=False, approved_by=None),
            ),
            models.CheckConstraint(
                name="ready_batch_has_its_pdf",
                condition=~Q(status__in=["ready", "mailed"])
                | ~Q(pdf="") & Q(pdf_digest__regex=r"^[0-9a-f]{64}$", ready_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_mailed_at_and_by_pair",
                condition=Q(mailed_at=None, mailed_by=None) & ~Q(status="mailed")
                | Q(mailed_at__isnull=False, mailed_by__isnull=False, status="mailed"),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_from_submission",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF OLD.status IN {FROZEN} AND NEW.status <> 'draft'
                        AND ({", ".join(f"OLD.{column}" for column in CONTENT)})
                        IS DISTINCT FROM ({", ".join(f"NEW.{column}" for column in CONTENT)})
                    THEN
                        RAISE EXCEPTION 'a batch is not changed once it was submitted' USING ERRCODE = 'check_violation';
                    END IF;
                    IF OLD.approved_at IS NOT NULL AND (
                        ({", ".join(f"OLD.{column}" for column in APPROVAL)})
                        IS DISTINCT FROM ({", ".join(f"NEW.{column}" for column in APPROVAL)})
                        OR OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN ({ONWARD})
                        OR OLD.ready_at IS NOT NULL AND (OLD.ready_at, OLD.pdf, OLD.pdf_digest)
                            IS DISTINCT FROM (NEW.ready_at, NEW.pdf, NEW.pdf_digest)
                        OR OLD.mailed_at IS NOT NULL AND (OLD.mailed_at, OLD.mailed_by_id)
                            IS DISTINCT FROM (NEW.mailed_at, NEW.mailed_by_id)
                    ) THEN
                        RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="approved_batch_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                    IF OLD.approved_at IS NOT NULL THEN
                        RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """Stands on every letter, with its number: B12-0007."""
        return f"B{self.pk}"


class Exclusion(models.Model):
    """Somebody within the area who gets no letter of a batch, and why."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="exclusions")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    excluded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exclusion_is_of_a_place_or_an_owner",
                condition=Q(place=None, owner__isnull=False) | Q(place__isnull=False, owner=None),
            ),
            models.CheckConstraint(name="exclusion_has_a_reason", condition=~Q(reason="")),
            models.UniqueConstraint(name="place_excluded_once", fields=["batch", "place"]),
            models.UniqueConstraint(name="owner_excluded_once", fields=["batch", "owner"]),
        ]

    def __str__(self) -> str:
        return f"{self.owner or self.place}: {self.reason}"


class Letter(models.Model):
    """One letter as it goes out, in print order. Its digest covers everything that it says; only what becomes of it is added."""

    class Delivery(models.TextChoices):
        MAIL = "mail", _("Mail")
        EMAIL = "email", _("E-mail")

    class Returned(models.TextChoices):
        """What the carrier writes on it."""

        VACANT = "vacant", _("Vacant")
        NO_SUCH_NUMBER = "no_such_number", _("No such number")
        UNKNOWN = "unknown", _("Attempted, not known")
        MOVED = "moved", _("Moved, left no address")
        REFUSED = "refused", _("Refused")
        UNCLAIMED = "unclaimed", _("Unclaimed")
        OTHER = "other", _("Other")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="letters")
    number = models.PositiveIntegerField()
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="letters")
    owner = models.ForeignKey(Owner, null=True, on_delete=models.SET_NULL, related_name="letters")
    lines = ArrayField(models.CharField(max_length=80))  # the address block, as printed
    about = models.CharField(max_length=200, blank=True)  # for an owner: the property
    language = models.CharField(max_length=4)
    delivery = models.CharField(max_length=5, choices=Delivery.choices, default=Delivery.MAIL)
    email = models.EmailField(blank=True)
    digest = models.CharField(max_length=64)

    returned_on = models.DateField(_("came back on"), null=True, blank=True)
    returned_why = models.CharField(_("why"), max_length=14, choices=Returned.choices, blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    emailed_at = models.DateTimeField(null=True)
    email_problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(name="letter_number_once", fields=["batch", "number"]),
            models.UniqueConstraint(
                name="one_letter_per_household", fields=["batch", "place"], condition=Q(owner=None)
            ),
            models.UniqueConstraint(name="one_letter_per_owner", fields=["batch", "owner"]),
            models.CheckConstraint(name="letter_digest_is_one", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(name="letter_language_is_known", condition=Q(language__in=["en", "es", "both"])),
            models.CheckConstraint(
                name="emailed_letter_has_an_address",
                condition=Q(delivery="mail", email="", emailed_at=None) | Q(delivery="email") & ~Q(email=""),
            ),
            models.CheckConstraint(
                name="returned_letter_says_when_why_and_who",
                condition=Q(returned_on=None, returned_why="", returned_by=None)
                | Q(returned_on__isnull=False, returned_by__isnull=False) & ~Q(returned_why=""),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="letter_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (OLD.batch_id, OLD.number, OLD.place_id, OLD.lines, OLD.about, OLD.language, OLD.delivery,
                        OLD.email, OLD.digest)
                        IS DISTINCT FROM (NEW.batch_id, NEW.number, NEW.place_id, NEW.lines, NEW.about, NEW.language,
                        NEW.delivery, NEW.email, NEW.digest)
                        OR NEW.owner_id IS NOT NULL AND OLD.owner_id IS DISTINCT FROM NEW.owner_id
                        OR OLD.emailed_at IS NOT NULL AND OLD.emailed_at IS DISTINCT FROM NEW.emailed_at
                    THEN
                        RAISE EXCEPTION 'a letter is never changed' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="approved_letter_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.Insert,
                func="""
                    IF EXISTS (
                        SELECT FROM notices_batch
                        WHERE id = COALESCE(NEW.batch_id, OLD.batch_id) AND approved_at IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"B{self.batch_id}-{self.number:04}"
