"""What the public is told: releases to the media, and projects on the public site. Nothing is public by default."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hotspots.models import HotSpot
from hotspots.models.places import SRID


class PublicStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLIC = "public", _("Public")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def words_stay(*columns: str) -> pgtrigger.Trigger:
    """What a second person approved is what the public reads: another wording is another row, approved anew."""
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="approved_words_stay",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.approved_at IS NOT NULL AND ({old}) IS DISTINCT FROM ({new}) THEN
                RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def approved_by_no_editor() -> pgtrigger.Trigger:
    """A second person approves: none of those whose words these are, however many changed them since."""
    return pgtrigger.Trigger(
        name="approved_by_no_editor",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
            IF NEW.approved_by_id = ANY (NEW.editors) THEN
                RAISE EXCEPTION 'who changed it does not approve it' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


class Shown(models.Model):
    """Written by one, approved by another, looked at again each quarter, withdrawn with a reason."""

    status = models.CharField(max_length=9, choices=PublicStatus.choices, default=PublicStatus.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)
    editors = ArrayField(
        models.BigIntegerField(), default=list
    )  # numbers of all who changed it; `changed_by` is the last
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    review_on = models.DateField(_("to be reviewed on"), null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_approved_by_somebody_else",
                condition=Q(approved_at=None, approved_by=None) & ~Q(status="public")
                | Q(approved_at__isnull=False, approved_by__isnull=False, review_on__isnull=False)
                & ~Q(approved_by=F("created_by"))
                & (Q(changed_by=None) | ~Q(approved_by=F("changed_by"))),
            ),
            models.CheckConstraint(
                name="%(class)s_changed_at_and_by_pair",
                condition=Q(changed_at=None, changed_by=None) | Q(changed_at__isnull=False, changed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_reviewed_at_and_by_pair",
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_withdrawn_at_and_by_pair",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_why="") & ~Q(status="withdrawn")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, status="withdrawn") & ~Q(withdrawn_why=""),
            ),
        ]

    @property
    def wording(self) -> str:
        """Another after each change: by it an approval tells which words were read."""
        return (self.changed_at or self.created_at).isoformat()

    def edited(self, by: User) -> None:
        self.changed_by, self.changed_at = by, timezone.now()
        if by.pk not in self.editors:
            self.editors = [*self.editors, by.pk]


class ReleaseQuerySet(models.QuerySet["Release"]):
    def public(self) -> "ReleaseQuerySet":
        return self.filter(status=PublicStatus.PUBLIC)


@pghistory.track(exclude=["map_png", "facts"])
class Release(Shown):
    """A press release and the posts that go with it, from the same facts, in both languages."""

    hot_spot = models.ForeignKey(HotSpot, null=True, blank=True, on_delete=models.PROTECT, related_name="releases")
    title_en = models.CharField(_("headline, English"), max_length=120)
    body_en = models.TextField(_("release, English"))
    post_en = models.CharField(_("post, English"), max_length=280)
    title_es = models.CharField(_("headline, Spanish"), max_length=120)
    body_es = models.TextField(_("release, Spanish"))
    post_es = models.CharField(_("post, Spanish"), max_length=280)
    alt_en = models.CharField(_("what the map shows, English"), max_length=300, blank=True)
    alt_es = models.CharField(_("what the map shows, Spanish"), max_length=300, blank=True)
    map_png = models.BinaryField(null=True)
    facts: "models.JSONField[dict[str, object]]" = models.JSONField(default=dict)
    replaces = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")

    objects = ReleaseQuerySet.as_manager()

    class Meta(Shown.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            *Shown.Meta.constraints,
            models.CheckConstraint(
                name="release_map_has_its_words",
                condition=Q(map_png=None) | ~Q(alt_en="") & ~Q(alt_es=""),
            ),
        ]
        triggers = [
            words_stay(
                "hot_spot_id", "title_en", "body_en", "post_en", "title_es", "body_es", "post_es", "alt_en", "alt_es",
                "map_png",
            ),
            approved_by_no_editor(),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title_en


@pghistory.track()
class Publication(models.Model):
    """What was published when, where."""

    class Channel(models.TextChoices):
        SITE = "site", _("The public pages here")
        CITY = "city", _("The city's website")
        PRESS = "press", _("Newspaper")
        BROADCAST = "broadcast", _("Radio or television")
        SOCIAL = "social", _("Social media")
        MEETING = "meeting", _("Handed out at a meeting")
        OTHER = "other", _("Other")

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="publications")
    channel = models.CharField(_("where"), max_length=9, choices=Channel.choices)
    outlet = models.CharField(_("which one"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=4, choices=[("en", _("English")), ("es", _("Spanish"))])
    published_on = models.DateField(_("when"))
    url = models.URLField(_("address"), blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-published_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="release_is_on_the_site_once",
                fields=["release", "language"],
                condition=Q(channel="site"),
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="approved_before_published",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM notices_release WHERE id = NEW.release_id AND approved_at IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'nothing is published before it was approved' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.outlet or self.get_channel_display()


class PublicProjectQuerySet(models.QuerySet["PublicProject"]):
    def shown_on(self, date: object) -> "PublicProjectQuerySet":
        """What the public sees: approved, not withdrawn, and after the delay."""
        return self.filter(status=PublicStatus.PUBLIC, shown_from__lte=date)


@pghistory.track(exclude=["area", "figures"])
class PublicProject(Shown):
    """What the public site tells of a hot spot. Its area is rough on purpose; a change is a new row, approved anew."""

    hot_spot = models.ForeignKey(HotSpot, on_delete=models.PROTECT, related_name="public_projects")
    slug = models.SlugField(max_length=80)
    name_en = models.CharField(_("name, English"), max_length=120)
    name_es = models.CharField(_("name, Spanish"), max_length=120)
    summary_en = models.TextField(_("what is being done, English"))
    summary_es = models.TextField(_("what is being done, Spanish"))
    tactics = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("tactics that may be used"))
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"), null=True, blank=True)
    shown_from = models.DateField(_("shown from"))
    area = models.MultiPolygonField(srid=SRID, null=True)  # made rough by notices.privacy; none: no map is shown
    area_addresses = models.PositiveIntegerField(default=0)
    results_en = models.TextField(_("results, English"), blank=True)
    results_es = models.TextField(_("results, Spanish"), blank=True)
    figures: "models.JSONField[dict[str, object]]" = models.JSONField(default=dict)  # without small counts
    replaces = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")

    objects = PublicProjectQuerySet.as_manager()

    class Meta(Shown.Meta):
        ordering = ["-starts_on", "-pk"]
        constraints = [
            *Shown.Meta.constraints,
            models.UniqueConstraint(
                name="one_public_project_per_hot_spot", fields=["hot_spot"], condition=Q(status="public")
            ),
            models.UniqueConstraint(name="public_slug_once", fields=["slug"], condition=Q(status="public")),
            models.CheckConstraint(
                name="public_area_holds_enough_addresses", condition=Q(area=None) | Q(area_addresses__gte=8)
            ),
            models.CheckConstraint(
                name="public_results_are_in_both_languages",
                condition=Q(results_en="", results_es="") | ~Q(results_en="") & ~Q(results_es=""),
            ),
        ]
        triggers = [
            words_stay(
                "hot_spot_id", "slug", "name_en", "name_es", "summary_en", "summary_es", "tactics", "starts_on",
                "ends_on", "shown_from", "area", "area_addresses", "results_en", "results_es", "figures",
            ),
            approved_by_no_editor(),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name_en
