"""What is asked of letter templates."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from notices.models import LetterTemplate, TemplateVersion


def listed() -> QuerySet[LetterTemplate]:
    """With `number`, `written_at` and who wrote the latest version, those in use first."""
    latest = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by("-number")
    return LetterTemplate.objects.annotate(
        number=Subquery(latest.values("number")[:1]),
        written_at=Subquery(latest.values("written_at")[:1]),
        first_name=Subquery(latest.values("written_by__first_name")[:1]),
        last_name=Subquery(latest.values("written_by__last_name")[:1]),
        username=Subquery(latest.values("written_by__username")[:1]),
    ).order_by(F("is_active").desc(), "name")


def versions(template: LetterTemplate) -> QuerySet[TemplateVersion]:
    return template.versions.select_related("written_by").order_by("-number")
