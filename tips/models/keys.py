"""Whom tips are sealed to: reviewers, each with a key of their own, and a recovery key that lies in a safe."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tips.models.tips import Tip
from tips.sealing.keys import fingerprint


class ReaderKeyQuerySet(models.QuerySet["ReaderKey"]):
    def active(self) -> "ReaderKeyQuerySet":
        return self.filter(status=ReaderKey.Status.ACTIVE)

    def of(self, user: object) -> "ReaderKeyQuerySet":
        """The key that a person works with, or waits with."""
        return self.filter(user=user).exclude(status=ReaderKey.Status.RETIRED)


class ReaderKey(models.Model):
    """A public key that tips are sealed to, with its private part under the reviewer's passphrase."""

    class Kind(models.TextChoices):
        REVIEWER = "reviewer", _("Reviewer")
        RECOVERY = "recovery", _("Recovery")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be let in")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REVIEWER)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="tip_keys")
    public = models.BinaryField(max_length=65)
    locked = models.BinaryField(max_length=200, default=b"")  # the private part; empty for the recovery key
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    made_at = models.DateTimeField(auto_now_add=True)
    let_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    let_in_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    drilled_at = models.DateTimeField(null=True)  # when the recovery key was last shown to open what it should

    objects = ReaderKeyQuerySet.as_manager()

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(
                name="tip_key_is_of_a_person_or_recovery",
                condition=Q(kind="reviewer", user__isnull=False, drilled_at=None) & ~Q(locked=b"")
                | Q(kind="recovery", user=None, locked=b""),
            ),
            models.CheckConstraint(
                name="tip_key_is_let_in",
                condition=Q(status="waiting", let_in_at=None, let_in_by=None, kind="reviewer")
                | Q(status="retired")
                | Q(status="active", kind="recovery")
                | Q(status="active", let_in_at__isnull=False, let_in_by__isnull=False),
            ),
            models.CheckConstraint(
                name="tip_key_retired_at_pair",
                condition=Q(retired_at=None, retired_by=None) & ~Q(status="retired")
                | Q(status="retired", retired_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_tip_key_of_a_person", fields=["user", "status"], condition=~Q(status="retired")
            ),
            models.UniqueConstraint(
                name="one_recovery_key", fields=["kind"], condition=Q(kind="recovery", status="active")
            ),
            models.UniqueConstraint(name="tip_key_once", fields=["public"]),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else str(self.get_kind_display())

    @property
    def fingerprint(self) -> str:
        return fingerprint(bytes(self.public))


class KeyCopy(models.Model):
    """The private part of a tip's case key, sealed to one reader."""

    pk = models.CompositePrimaryKey("tip_id", "reader_id")  # a number would tell which tip came first
    tip = models.ForeignKey(Tip, on_delete=models.CASCADE, related_name="copies")
    reader = models.ForeignKey(ReaderKey, on_delete=models.CASCADE, related_name="copies")
    sealed = models.BinaryField(max_length=200)

    def __str__(self) -> str:
        return f"{self.tip} for {self.reader}"
