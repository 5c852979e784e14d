"""Releases: what the public may read of them, and what stands in staff's lists."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from notices.models import Publication, PublicStatus


@dataclass(frozen=True)
class News:
    """A release on the public pages, in one language. `with_map`: its picture is there, described by `alt`."""

    number: int
    title: str
    body: str
    published_on: date
    with_map: bool
    alt: str


def news(*, language: str) -> list[News]:
    """What was published on the public pages in that language and still stands, the newest first."""
    fields = (f"release__title_{language}", f"release__body_{language}", f"release__alt_{language}")
    rows = (
        Publication.objects.filter(
            channel=Publication.Channel.SITE,
            language=language,
            published_on__lte=timezone.localdate(),
            release__status=PublicStatus.PUBLIC,
        )
        .order_by("-published_on", "-pk")
        .values_list("release_id", *fields, "published_on")
    )
    return [News(number, title, body, day, bool(alt), alt) for number, title, body, alt, day in rows]


def news_picture(number: int) -> bytes | None:
    """The map of a release that stands on the public pages."""
    found = Publication.objects.filter(
        channel=Publication.Channel.SITE,
        published_on__lte=timezone.localdate(),
        release=number,
        release__status=PublicStatus.PUBLIC,
    ).values_list("release__map_png", flat=True)
    picture = found.first()
    return bytes(picture) if picture else None
