"""Letter templates: a change is a new version, because letters name the version that they were made with."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.models import LetterTemplate, TemplateVersion

WORDS = ("subject_en", "body_en", "subject_es", "body_es")
Action = AuditEntry.Action


class ChangedMeanwhile(Exception):
    """Somebody else saved a version while this one was written."""


@transaction.atomic
def create(*, by: User, name: str, purpose: str, words: Mapping[str, str]) -> LetterTemplate:
    template = LetterTemplate.objects.create(slug=_free_slug(name), name=name, purpose=purpose)
    template.versions.create(number=1, written_by=by, **words)
    record(by=by, action=Action.TEMPLATE_CHANGED, subject=template.name, what="made", version=1)
    return template


@transaction.atomic
def write(*, by: User, template: LetterTemplate, based_on: int, words: Mapping[str, str]) -> TemplateVersion:
    """A new version, unless nothing is different. `based_on` is the number of the version that was changed."""
    latest = _locked(template).latest()
    if latest.number != based_on:
        raise ChangedMeanwhile(
            _("Somebody else saved version %(number)d meanwhile. Copy your words, then open the letter again.")
            % {"number": latest.number}
        )
    return _next(by, latest, words, "written")


@transaction.atomic
def go_back(*, by: User, template: LetterTemplate, number: int) -> TemplateVersion:
    """A new version with the words of an old one."""
    old = template.versions.get(number=number)
    return _next(by, _locked(template).latest(), {name: getattr(old, name) for name in WORDS}, f"back to {number}")


@transaction.atomic
def set_in_use(*, by: User, template: LetterTemplate, in_use: bool) -> None:
    template = _locked(template)
    if template.is_active != in_use:
        template.is_active = in_use
        template.save(update_fields=["is_active"])
        what = "taken into use" if in_use else "retired"
        record(by=by, action=Action.TEMPLATE_CHANGED, subject=template.name, what=what)


def _next(by: User, latest: TemplateVersion, words: Mapping[str, str], what: str) -> TemplateVersion:
    if all(getattr(latest, name) == words[name] for name in WORDS):
        return latest
    version = latest.template.versions.create(number=latest.number + 1, written_by=by, **words)
    record(by=by, action=Action.TEMPLATE_CHANGED, subject=latest.template.name, what=what, version=version.number)
    return version


def _locked(template: LetterTemplate) -> LetterTemplate:
    return LetterTemplate.objects.select_for_update().get(pk=template.pk)


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "letter"
    taken = set(LetterTemplate.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
