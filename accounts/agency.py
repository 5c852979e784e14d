"""The agency profile, read on every request and therefore kept for half a minute."""

import logging
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import caches

from accounts.models import AgencyProfile

KEY = "agency-profile"
SECONDS = 30

logger = logging.getLogger(__name__)


def current_agency() -> AgencyProfile:
    """The one profile. Without its row pages still work, under a name that says what is missing."""
    agency = caches["local"].get(KEY)
    if agency is None:
        agency = AgencyProfile.objects.filter(pk=1).first()
        if agency is None:
            logger.error("There is no agency profile. `manage.py migrate` makes one; an administrator can fill it in.")
            return AgencyProfile(pk=1, name="Agency profile missing", time_zone=settings.TIME_ZONE, languages=["en"])
        caches["local"].set(KEY, agency, SECONDS)
    return agency


def forget_agency() -> None:
    """Show a change at once in this process; others follow within half a minute."""
    caches["local"].delete(KEY)


def agency_zone() -> ZoneInfo:
    return current_agency().zone
