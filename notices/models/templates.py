import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LetterTemplate(models.Model):
    """A letter that is written again and again. Its words are those of its latest version."""

    class Purpose(models.TextChoices):
        ANNOUNCEMENT = "announcement", _("Announcement to a neighborhood")
        RESULTS = "results", _("End of a project, with results")
        INVITATION = "invitation", _("Invitation to a meeting")
        OWNER = "owner", _("Letter to an owner")
        LEAVE_BEHIND = "leave_behind", _("Left at the door after a knock-and-talk")
        TRESPASS = "trespass", _("Trespass authorization")
        OTHER = "other", _("Other")

    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def latest(self) -> "TemplateVersion":
        return self.versions.order_by("-number")[:1].get()


class TemplateVersion(models.Model):
    """English and Spanish side by side, in Markdown with {fields}. What was written is never changed: letters name it."""

    template = models.ForeignKey(LetterTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject_en = models.CharField(_("subject, English"), max_length=120)
    body_en = models.TextField(_("letter, English"))
    subject_es = models.CharField(_("subject, Spanish"), max_length=120)
    body_es = models.TextField(_("letter, Spanish"))
    # Nobody wrote those that the product ships.
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(name="template_version_once", fields=["template", "number"]),
            models.CheckConstraint(
                name="template_is_in_both_languages",
                condition=~Q(body_en="") & ~Q(body_es="") & ~Q(subject_en="") & ~Q(subject_es=""),
            ),
        ]
        triggers = [pgtrigger.Protect(name="words_stay", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"
