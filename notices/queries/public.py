"""What the public site asks beside its projects (notices.queries.projects)."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from notices.models import HelpRequest, Publication, PublicStatus


def news(language: str, on: date) -> QuerySet[Publication]:
    """Releases that were put on this site in a language, newest first."""
    return (
        Publication.objects.filter(
            channel=Publication.Channel.SITE,
            language=language,
            published_on__lte=on,
            release__status=PublicStatus.PUBLIC,
        )
        .select_related("release")
        .defer("release__map_png")
    )  # a picture is read by whoever shows it


def help_budget_is_spent(now: datetime) -> bool:
    """So many asked for help within an hour that it cannot be people. Counts requests and knows no addresses."""
    within = HelpRequest.objects.filter(received_at__gt=now - timedelta(hours=1)).count()
    return within >= settings.MOST_HELP_REQUESTS
