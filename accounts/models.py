from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import TABLE, Role


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A member of staff. In a small department one person has several roles."""

    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    password_is_temporary = models.BooleanField(_("has a one-time password"), default=False)
    locked_at = models.DateTimeField(_("locked since"), null=True, blank=True)
    enabled_at = models.DateTimeField(_("enabled since"), default=timezone.now)

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_roles_are_known", condition=Q(roles__contained_by=list(Role.values)))
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def allows(self, capability: str) -> bool:
        return self.is_active and not TABLE[capability].isdisjoint(self.roles)

    @property
    def unused_since(self) -> datetime:
        return max(self.last_login or self.enabled_at, self.enabled_at)

    @property
    def is_unused(self) -> bool:
        """Not used for so long that an administrator has to enable it again."""
        return timezone.now() - self.unused_since >= timedelta(days=settings.DISABLE_UNUSED_AFTER_DAYS)

    @property
    def role_names(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone, such as America/Chicago."), params={"name": name})


@pghistory.track()
class AgencyProfile(models.Model):
    """Who runs this installation: one row. Its boundary is the Area of kind boundary in hotspots."""

    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=80)
    state = models.CharField(_("state"), max_length=2)
    street = models.CharField(_("street"), max_length=80, blank=True)
    zip_code = models.CharField(_("ZIP Code"), max_length=10, blank=True)
    phone = models.CharField(_("general services line"), max_length=30)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    tip_phone = models.CharField(_("tip line"), max_length=30, blank=True)
    tip_email = models.EmailField(_("tip e-mail"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_time_zone])
    languages = ArrayField(models.CharField(max_length=10), verbose_name=_("languages"), default=list)
    logo = models.FileField(_("logo"), upload_to="agency/", blank=True)
    basemap_url = models.CharField(_("basemap address"), max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="one_agency_profile", condition=Q(pk=1))]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@pghistory.track()
class PartnerAgency(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    short_name = models.CharField(_("short name"), max_length=30, blank=True)
    members = models.TextField(_("members"), blank=True)
    website = models.URLField(_("website"), blank=True)

    class Meta:
        verbose_name_plural = "partner agencies"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def audit_actions() -> list[tuple[str, Any]]:
    """A function, so that a new action needs no migration."""
    return AuditEntry.Action.choices


class AuditEntry(models.Model):
    """One thing somebody did. Rows are added and never changed: a trigger and the role's rights see to it."""

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGN_IN_LOCKED = "sign_in_locked", _("was locked out")
        SIGNED_OUT = "signed_out", _("signed out")
        PASSWORD_CHANGED = "password_changed", _("changed a password")
        SECOND_FACTOR_CHANGED = "second_factor_changed", _("changed a second factor")
        PERSON_ADDED = "person_added", _("added a person")
        PERSON_CHANGED = "person_changed", _("changed a person")
        AGENCY_CHANGED = "agency_changed", _("changed the agency profile")
        AUDIT_READ = "audit_read", _("read the audit trail")
        AUDIT_REVIEWED = "audit_reviewed", _("reviewed a week of the audit trail")
        PLACES_IMPORTED = "places_imported", _("imported places")
        INCIDENTS_IMPORTED = "incidents_imported", _("imported incidents")
        LOCATION_PLACED = "location_placed", _("placed a location by hand")
        RUN_PUBLISHED = "run_published", _("published a concentration run")
        HOT_SPOT_DESIGNATED = "hot_spot_designated", _("designated a hot spot")
        HOT_SPOT_CHANGED = "hot_spot_changed", _("changed a hot spot")
        PLAN_CHANGED = "plan_changed", _("changed a plan")
        ROSTER_CHANGED = "roster_changed", _("changed a roster")
        SHIFTS_CHANGED = "shifts_changed", _("changed shifts or units")
        ACTIVITY_CORRECTED = "activity_corrected", _("corrected an activity")
        ACTIVITY_APPROVED = "activity_approved", _("approved activities")
        VISITS_IMPORTED = "visits_imported", _("imported visits")
        MEASURE_CHANGED = "measure_changed", _("changed a place measure")
        CAMERA_CONTACT_READ = "camera_contact_read", _("read the contact of a camera")
        BRIEFING_MADE = "briefing_made", _("made a briefing")
        TEMPLATE_CHANGED = "template_changed", _("changed a letter template")
        LISTS_IMPORTED = "lists_imported", _("imported mailing addresses or owners")
        OWNER_CHANGED = "owner_changed", _("changed an owner")
        OPT_OUT_CHANGED = "opt_out_changed", _("changed who gets no letters")
        LETTERS_CHANGED = "letters_changed", _("changed a batch of letters")
        LETTER_RETURNED = "letter_returned", _("recorded returned mail")
        MEETING_CHANGED = "meeting_changed", _("changed a meeting")
        HELP_REQUEST_HANDLED = "help_request_handled", _("handled a request for help")
        RELEASE_CHANGED = "release_changed", _("changed a media release")
        PUBLIC_CHANGED = "public_changed", _("changed what is public")
        TIP_OPENED = "tip_opened", _("opened a tip")
        TIP_CHANGED = "tip_changed", _("worked on a tip")
        TIPS_SEARCHED = "tips_searched", _("searched what tips say")
        TIP_REFERRED = "tip_referred", _("sent a tip to a partner")
        TIP_KEY_CHANGED = "tip_key_changed", _("changed who can open tips")
        TIPS_PURGED = "tips_purged", _("deleted tips whose time was over")
        REWARD_CHANGED = "reward_changed", _("worked on a reward")
        EXPORTED = "exported", _("exported data")

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="audit_entries")
    action = models.CharField(max_length=40, choices=audit_actions)
    subject = models.CharField(max_length=200, blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor or 'system'} {self.get_action_display()} {self.subject}"

    @property
    def details_text(self) -> str:
        """In words, without what is there for counting only."""
        shown = ((name.rstrip("_"), value) for name, value in self.details.items() if name != "name_key")
        return "; ".join(f"{name}: {_in_words(value)}" for name, value in shown if value not in ("", None, [], {}))


class AuditReview(models.Model):
    """That somebody looked through a week of the trail, and how much of it was there. Never changed, like the trail."""

    week = models.DateField(_("week"), unique=True, help_text=_("Its Monday, in the agency's time zone."))
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=timezone.now)
    entries = models.PositiveIntegerField()
    first_entry = models.BigIntegerField(null=True)
    last_entry = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-week"]
        triggers = [pgtrigger.Protect(name="review_stays", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(name="reviewed_week_begins_on_monday", condition=Q(week__iso_week_day=1)),
            # A week is over first where clocks are fourteen hours ahead; what is over here, the action checks.
            models.CheckConstraint(
                name="reviewed_week_is_over", condition=Q(reviewed_at__gte=F("week") + timedelta(days=6, hours=10))
            ),
            models.CheckConstraint(
                name="review_tells_its_range",
                condition=Q(entries=0, first_entry=None, last_entry=None)
                | Q(entries__gt=0, first_entry__isnull=False, last_entry__gte=F("first_entry")),
            ),
        ]

    def __str__(self) -> str:
        return f"week of {self.week}"

    @property
    def last_day(self) -> date:
        return self.week + timedelta(days=6)


class AuditReviewNote(models.Model):
    """What a reviewer noted. A wrong note stays, and another one after it says so."""

    review = models.ForeignKey(AuditReview, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=1000)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["written_at", "pk"]
        triggers = [pgtrigger.Protect(name="note_stays", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [models.CheckConstraint(name="review_note_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.written_by}, {self.written_at:%Y-%m-%d}"


class AuditReminder(models.Model):
    """That a person was reminded of reviews on a day: once, whatever is delivered twice."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="reminded_of_reviews_once_a_day", fields=["person", "day"])]

    def __str__(self) -> str:
        return f"{self.person}, {self.day}"


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        if len(value) == 2 and any(isinstance(inner, bool | list) for inner in value):
            return f"from {_in_words(value[0]) or 'none'} to {_in_words(value[1]) or 'none'}"
        return ", ".join(_in_words(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
