"""The public site with something on every page, and the addresses of its pages."""

from datetime import date

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse

from notices.models import Publication
from notices.topics import TOPICS
from tactics.catalogue import Tactic
from tests.factories.accounts import UserFactory
from tests.factories.notices import PublicProjectFactory, ReleaseFactory

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fe"
    "dccc59e70000000049454e44ae426082"
)
AREA = MultiPolygon(Polygon.from_bbox((-95.27, 37.335, -95.262, 37.342)), srid=4326)


def make_site() -> None:
    PublicProjectFactory(
        status="public", slug="main-street", tactics=list(Tactic.values), area=AREA, area_addresses=12, ends_on=None
    )
    PublicProjectFactory(
        status="public",
        slug="north-side",
        ends_on=date(2024, 9, 1),
        results_en="Calls fell from 120 to 90.",
        results_es="Las llamadas bajaron de 120 a 90.",
    )
    publish(
        ReleaseFactory(
            status="public",
            map_png=PIXEL,
            alt_en="Map of the streets around Main Street.",
            alt_es="Mapa de las calles cerca de la calle Main.",
        )
    )


def publish(release: object, languages: tuple[str, ...] = ("en", "es")) -> None:
    for language in languages:
        Publication.objects.create(
            release=release,
            channel="site",
            language=language,
            published_on=date(2025, 3, 6),
            recorded_by=UserFactory(roles=["clerk"]),
        )


def pages(language: str) -> list[str]:
    """Every page of a site that `make_site` made, and one that is not there."""
    plain = "home about projects news report help help_sent topics".split()
    return [
        *(reverse(f"public_{name}", args=[language]) for name in plain),
        *(reverse("public_topic", args=[language, slug]) for slug in TOPICS),
        reverse("public_project", args=[language, "main-street"]),
        reverse("public_project", args=[language, "north-side"]),
        *(reverse("public_release", args=[language, publication.release_id]) for publication in published(language)),
    ]


def published(language: str) -> list[Publication]:
    return list(Publication.objects.filter(language=language))
