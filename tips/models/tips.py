"""Tips as they lie in the database: what the work needs is readable, what somebody told is sealed.

Nothing here is followed by triggers of the history: a tip leaves when its time is over, and its history with it.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import PartnerAgency
from hotspots.models import HotSpot, Place

_BUCKET = "date_bin('6 hours', %(expressions)s, TIMESTAMPTZ '2000-01-01 00:00+00')"
# 28 CFR 23.20(h): a record about a person is reviewed, or goes, within five years.
_FIVE_YEARS_AFTER = "((%(expressions)s AT TIME ZONE 'UTC') + INTERVAL '5 years')::date"


def in_bucket(field: str) -> Q:
    """A time that says only which quarter of the (UTC) day it was."""
    return Q(**{field: Func(F(field), template=_BUCKET, output_field=models.DateTimeField())})


class Intake(models.Model):
    """What the intake process needs beside keys: one row. `slot` (the minute, even or odd) and `spent` count tips."""

    salt = models.BinaryField(max_length=16)
    slot = models.SmallIntegerField(db_default=0)
    spent = models.IntegerField(db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="one_intake", condition=Q(pk=1))]

    def __str__(self) -> str:
        return "intake"


class TipQuerySet(models.QuerySet["Tip"]):
    def open(self) -> "TipQuerySet":
        return self.filter(status__in=Tip.OPEN)

    def held(self) -> "TipQuerySet":
        return self.filter(held_at__isnull=False)

    def review_overdue(self, today: object) -> "TipQuerySet":
        """About a person, and the date of its review has come (28 CFR Part 23)."""
        return self.filter(about_person=True, review_on__lte=today)


class Tip(models.Model):
    class Channel(models.TextChoices):
        WEB = "web", _("Web form")
        MAIL = "mail", _("E-mail")
        PHONE = "phone", _("Phone")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        TRIAGED = "triaged", _("Triaged")
        WORKING = "working", _("Working")
        CLOSED = "closed", _("Closed")
        REFERRED = "referred", _("Referred")
        NOT_ACTIONABLE = "not_actionable", _("Not actionable")

    class Outcome(models.TextChoices):
        """Why it is closed, referred or not actionable: a choice, for free text would tell what somebody told."""

        ARREST = "arrest", _("Arrest")
        SOLVED = "solved", _("Problem solved")
        MEASURE = "measure", _("Patrol or place measure")
        NOTHING_FOUND = "nothing_found", _("Nothing found")
        SENT_TO_PARTNER = "sent_to_partner", _("A partner works on it")
        DUPLICATE = "duplicate", _("Told in another tip")
        TOO_VAGUE = "too_vague", _("Too little to act on")
        NO_CRIME = "no_crime", _("Not a crime")
        ELSEWHERE = "elsewhere", _("Outside our area")
        FLOOD = "flood", _("Sent by a program, or nonsense")

    class Credibility(models.TextChoices):
        UNKNOWN = "unknown", _("Not judged")
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    class Basis(models.TextChoices):
        """Why a record about a person may be kept (28 CFR 23.20)."""

        REASONABLE_SUSPICION = "reasonable_suspicion", _("Reasonable suspicion of a crime")
        UNDER_EVALUATION = "under_evaluation", _("Being evaluated, not yet intelligence")
        CASE = "case", _("Part of an open case")

    OPEN = (Status.NEW, Status.TRIAGED, Status.WORKING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    language = models.CharField(max_length=2)
    received_at = models.DateTimeField()  # a quarter of the day
    quarantined = models.BooleanField(db_default=False)
    sending = models.UUIDField(null=True)  # of the form: the same twice was sent twice
    case_key = models.BinaryField(max_length=65)
    receipt = models.BinaryField(max_length=32, null=True)
    reply_key = models.BinaryField(max_length=65, null=True)
    reply_secret = models.BinaryField(max_length=100, null=True)

    status = models.CharField(max_length=14, choices=Status.choices, db_default=Status.NEW)
    outcome = models.CharField(max_length=15, choices=Outcome.choices, blank=True, db_default="")
    closed_on = models.DateField(null=True)
    credibility = models.CharField(max_length=7, choices=Credibility.choices, db_default=Credibility.UNKNOWN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tips"
    )
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="tips")
    hot_spot = models.ForeignKey(HotSpot, null=True, blank=True, on_delete=models.PROTECT, related_name="tips")
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates")
    about_person = models.BooleanField(db_default=False)
    basis = models.CharField(max_length=20, choices=Basis.choices, blank=True, db_default="")
    review_on = models.DateField(null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField(null=True)
    alerted = models.BooleanField(db_default=False)

    objects = TipQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "id"]
        indexes = [
            models.Index(name="tip_by_status", fields=["status", "received_at"]),
            models.Index(name="tip_by_sending", fields=["sending"]),
        ]
        constraints = [
            models.UniqueConstraint(name="receipt_opens_one_tip", fields=["receipt"]),
            models.CheckConstraint(name="tip_received_in_a_bucket", condition=in_bucket("received_at")),
            models.CheckConstraint(
                name="tip_has_receipt_and_reply_key_or_none",
                condition=Q(receipt=None, reply_key=None, reply_secret=None)
                | Q(receipt__isnull=False, reply_key__isnull=False, reply_secret__isnull=False),
            ),
            models.CheckConstraint(
                name="ended_tip_says_why_and_when",
                condition=Q(status__in=["new", "triaged", "working"], outcome="", closed_on=None)
                | Q(status__in=["closed", "referred", "not_actionable"], closed_on__isnull=False) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="tip_about_a_person_has_basis_and_review",
                condition=Q(about_person=False, basis="", review_on=None)
                | Q(about_person=True, review_on__isnull=False) & ~Q(basis=""),
            ),
            models.CheckConstraint(
                name="tip_review_within_five_years",
                condition=Q(review_on=None)
                | Q(review_on__lte=Func(F("received_at"), template=_FIVE_YEARS_AFTER, output_field=models.DateField())),
            ),
            models.CheckConstraint(
                name="tip_held_at_and_by_pair",
                condition=Q(held_at=None, held_by=None) | Q(held_at__isnull=False, held_by__isnull=False),
            ),
            models.CheckConstraint(
                name="tip_is_not_its_own_duplicate", condition=Q(same_as=None) | ~Q(same_as=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return f"tip {self.short}"

    @property
    def short(self) -> str:
        """What people call it by, and all of it that stands in the audit trail."""
        return str(self.pk)[:8]

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class Message(models.Model):
    """A sealed part of a tip. Times of what a tipster sent are buckets too; `position` keeps the order."""

    class Kind(models.TextChoices):
        TIP = "tip", _("Tip")
        PHOTO = "photo", _("Photo")
        ADDITION = "addition", _("Added later")
        REPLY = "reply", _("Answer to the tipster")
        NOTE = "note", _("Internal note")
        TRANSLATION = "translation", _("Translation")

    FROM_TIPSTER = (Kind.TIP, Kind.PHOTO, Kind.ADDITION)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    tip = models.ForeignKey(Tip, on_delete=models.CASCADE, related_name="messages")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices)
    sealed = models.BinaryField()
    sealed_for_tipster = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    seen = models.BooleanField(db_default=False)  # by a reviewer; an answer: by the tipster

    class Meta:
        ordering = ["tip", "position"]
        constraints = [
            models.UniqueConstraint(name="message_has_its_position", fields=["tip", "position"]),
            models.CheckConstraint(name="message_received_in_a_bucket", condition=in_bucket("received_at")),
            models.CheckConstraint(
                name="staff_message_says_by_whom",
                condition=Q(kind__in=["tip", "photo", "addition"], by=None)
                | Q(kind__in=["reply", "note", "translation"], by__isnull=False),
            ),
            models.CheckConstraint(
                name="only_answers_go_to_the_tipster",
                condition=Q(kind="reply", sealed_for_tipster__isnull=False)
                | ~Q(kind="reply") & Q(sealed_for_tipster=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position} of {self.tip}"


class TipEvent(models.Model):
    """What was done with a tip, in codes; goes with it. Who opened what stays in the audit trail."""

    tip = models.ForeignKey(Tip, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=200)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.tip}: {self.what}"


class PartnerKey(models.Model):
    """The certificate (X.509, RSA) that referrals to a partner are sealed to; its private key never comes here."""

    partner = models.OneToOneField(PartnerAgency, on_delete=models.CASCADE, related_name="tip_key")
    certificate = models.TextField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"key of {self.partner}"


class Referral(models.Model):
    """A tip left the agency: to whom, by whom, why, what (28 CFR 23: each dissemination). Outlives the tip."""

    class Why(models.TextChoices):
        TASK_FORCE = "task_force", _("Drug dealing beyond our area or means")
        JURISDICTION = "jurisdiction", _("It lies in the partner's area")
        JOINT_CASE = "joint_case", _("A joint case is open")
        CHARGES = "charges", _("Charges are being weighed")

    tip = models.ForeignKey(Tip, null=True, on_delete=models.SET_NULL, related_name="referrals")
    tip_short = models.CharField(max_length=8)
    partner = models.ForeignKey(PartnerAgency, null=True, on_delete=models.SET_NULL, related_name="+")
    partner_name = models.CharField(max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(max_length=12, choices=Why.choices)
    what = models.CharField(max_length=200)  # kinds and numbers of what was sent, never content
    digest = models.CharField(max_length=64)  # SHA-256 of the sealed file

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.tip_short} to {self.partner_name}"


class TipCount(models.Model):
    """How many tips of a month have been purged: all that stays of them."""

    month = models.DateField()
    channel = models.CharField(max_length=5, choices=Tip.Channel.choices)
    outcome = models.CharField(max_length=15, choices=Tip.Outcome.choices)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    hot_spot = models.ForeignKey(HotSpot, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                name="one_count_of_a_kind",
                fields=["month", "channel", "outcome", "place", "hot_spot"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="counted_tips_are_some", condition=Q(number__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.number}"


class FetchedMail(models.Model):
    """A mail whose tip is stored but which may still lie in the mailbox; forgotten once it is gone from there."""

    digest = models.BinaryField(max_length=32, primary_key=True)

    def __str__(self) -> str:
        return "a mail"


class AnonymityProof(models.Model):
    """A run of `prove_anonymity` against this installation. The public reads when it last passed."""

    at = models.DateTimeField(auto_now_add=True)
    passed = models.BooleanField()
    report = models.TextField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {'passed' if self.passed else 'failed'}"
