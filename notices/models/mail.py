"""To whom a letter can go: where mail is delivered, who owns what, and who asked for none."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hotspots.models import Place


class ListImport(models.Model):
    """A list that a clerk uploaded: mailing addresses of households, or owners of parcels."""

    class Kind(models.TextChoices):
        ADDRESSES = "addresses", _("Mailing addresses")
        OWNERS = "owners", _("Owners of parcels")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        PARTIAL = "partial", _("Waits for your answer")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("what it lists"), max_length=9, choices=Kind.choices)
    source = models.CharField(_("source"), max_length=60, help_text=_("Where it comes from, such as county-appraiser."))
    file = models.FileField(_("file"), upload_to="lists/")
    file_name = models.CharField(max_length=200)
    columns: "models.JSONField[dict[str, str]]" = models.JSONField(default=dict)  # our name of a column: the file's
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    rows_total = models.PositiveIntegerField(default=0)  # by the lines of the file; exact once it is read
    rows_read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)  # ownerships that the list no longer has
    rejected = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    # Trespass authorizations that ended, because the property has another owner: the measures' numbers.
    authorizations: "models.JSONField[list[str]]" = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_being_stored(self) -> bool:
        return self.status == self.Status.RUNNING and 0 < self.rows_total == self.rows_read


class ListReject(models.Model):
    """A row that was not taken in, and why."""

    list_import = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="rejects")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    row: "models.JSONField[dict[str, str]]" = models.JSONField(default=dict)

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class Mailbox(models.Model):
    """How the mail carrier reaches an address: its ZIP Code, and its turn on the route where a list says so."""

    place = models.OneToOneField(Place, primary_key=True, on_delete=models.CASCADE, related_name="mailbox")
    zip_code = models.CharField(_("ZIP Code"), max_length=10, blank=True)
    carrier_route = models.CharField(_("carrier route"), max_length=9, blank=True)
    sequence = models.PositiveIntegerField(_("turn on the route"), null=True, blank=True)
    is_vacant = models.BooleanField(_("vacant"), default=False)
    source = models.CharField(max_length=60, blank=True)
    undeliverable_on = models.DateField(_("mail came back on"), null=True, blank=True)
    undeliverable_why = models.CharField(_("why it came back"), max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"
        constraints = [
            models.CheckConstraint(
                name="mailbox_zip_code_is_one", condition=Q(zip_code="") | Q(zip_code__regex=r"^\d{5}(-\d{4})?$")
            ),
            models.CheckConstraint(
                name="undeliverable_says_when_and_why",
                condition=Q(undeliverable_on=None, undeliverable_why="")
                | Q(undeliverable_on__isnull=False) & ~Q(undeliverable_why=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.place)


class Owner(models.Model):
    """Whom a parcel belongs to, as a list of the county says, and where their mail goes."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")

    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    name = models.CharField(_("name"), max_length=120)
    care_of = models.CharField(_("care of, or a second name"), max_length=120, blank=True)
    street = models.CharField(_("street or PO box"), max_length=120)
    city = models.CharField(_("city"), max_length=60)
    state = models.CharField(_("state"), max_length=2)
    zip_code = models.CharField(_("ZIP Code"), max_length=10)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.ENGLISH)
    email = models.EmailField(_("e-mail"), blank=True)
    email_asked_on = models.DateField(_("asked for e-mail on"), null=True, blank=True)
    undeliverable_on = models.DateField(_("mail came back on"), null=True, blank=True)
    undeliverable_why = models.CharField(_("why it came back"), max_length=120, blank=True)
    changed_by_hand_on = models.DateField(null=True)  # then a list changes the address no more, and says so

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="owner_of_source_once", fields=["source", "source_id"]),
            models.CheckConstraint(
                name="email_only_where_asked", condition=Q(email="") | Q(email_asked_on__isnull=False)
            ),
            models.CheckConstraint(
                name="undeliverable_owner_says_when_and_why",
                condition=Q(undeliverable_on=None, undeliverable_why="")
                | Q(undeliverable_on__isnull=False) & ~Q(undeliverable_why=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def on(self, date: object) -> "OwnershipQuerySet":
        return self.filter(valid__contains=date)


class Ownership(models.Model):
    """Who owns an address or a complex, from a day on. A new owner is a new row."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="ownerships")
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="ownerships")
    parcel = models.CharField(_("parcel"), max_length=60, blank=True)
    source = models.CharField(max_length=60)
    valid = DateRangeField()

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ownership_valid_has_a_start", condition=Q(valid__isempty=False, valid__startswith__isnull=False)
            ),
            ExclusionConstraint(
                name="owner_owns_a_place_once_at_a_time",
                expressions=[
                    (F("place"), RangeOperators.EQUAL),
                    (F("owner"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.place}"


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def in_force(self) -> "OptOutQuerySet":
        return self.filter(ended_at=None)


class OptOut(models.Model):
    """A household or an owner that asked for no letters."""

    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.CASCADE, related_name="opt_outs")
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.CASCADE, related_name="opt_outs")
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(
                name="opt_out_is_of_a_place_or_an_owner",
                condition=Q(place=None, owner__isnull=False) | Q(place__isnull=False, owner=None),
            ),
            models.CheckConstraint(
                name="opt_out_ended_at_and_by_pair",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.UniqueConstraint(name="one_opt_out_per_place", fields=["place"], condition=Q(ended_at=None)),
            models.UniqueConstraint(name="one_opt_out_per_owner", fields=["owner"], condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.owner or self.place)
