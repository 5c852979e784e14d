"""Directions as people say them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COMPASS: list[tuple[int, str | Promise]] = [
    (0, _("North")),
    (23, _("North-northeast")),
    (45, _("Northeast")),
    (68, _("East-northeast")),
    (90, _("East")),
    (113, _("East-southeast")),
    (135, _("Southeast")),
    (158, _("South-southeast")),
    (180, _("South")),
    (203, _("South-southwest")),
    (225, _("Southwest")),
    (248, _("West-southwest")),
    (270, _("West")),
    (293, _("West-northwest")),
    (315, _("Northwest")),
    (338, _("North-northwest")),
]


def compass_point(direction: int) -> int:
    """The nearest of the sixteen, in degrees from north."""
    return COMPASS[round(direction / 22.5) % len(COMPASS)][0]


def compass_words(direction: int) -> str:
    return str(dict(COMPASS)[compass_point(direction)])
