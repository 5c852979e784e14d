"""The agency profile, read on every request and therefore kept for half a minute."""

from zoneinfo import ZoneInfo

from django.core.cache import cache

from accounts.models import AgencyProfile

KEY = "agency-profile"
SECONDS = 30


def current_agency() -> AgencyProfile:
    agency = cache.get(KEY)
    if agency is None:
        agency = AgencyProfile.objects.get(pk=1)
        cache.set(KEY, agency, SECONDS)
    return agency


def agency_zone() -> ZoneInfo:
    return current_agency().zone
