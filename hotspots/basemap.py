"""The agency's own basemap under the map: a PMTiles file or XYZ tiles. Without one, no map leaves the building.

The agency profile names it. `/basemap/NAME.pmtiles` is a file of the folder `basemap` in MEDIA_ROOT. Another origin also
needs the installer's word in BASEMAP_ORIGINS, since every look at the map would tell it where the department looks.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.models import AgencyProfile


@dataclass(frozen=True)
class Basemap:
    source: dict[str, Any] | None = None
    origin: str = ""
    problem: str = ""


def basemap_for(agency: AgencyProfile) -> Basemap:
    address = agency.basemap_url.strip()
    if not address:
        return Basemap()
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    if not origin and not address.startswith("/"):
        return Basemap(problem=_("The basemap's address must begin with https:// or with /."))
    if origin and origin not in settings.BASEMAP_ORIGINS:
        words = _("The basemap is not shown: %(origin)s is not in BASEMAP_ORIGINS, so nothing is asked of it.")
        return Basemap(problem=words % {"origin": origin})
    if parts.path.endswith(".pmtiles"):
        return Basemap({"type": "pmtiles", "url": address}, origin)
    if not all(part in address for part in ("{z}", "{x}", "{y}")):
        words = _("The basemap's address must end in .pmtiles or hold {z}, {x} and {y}.")
        return Basemap(problem=words)
    return Basemap({"type": "xyz", "url": address}, origin)


def allow_basemap(response: HttpResponse, basemap: Basemap) -> None:
    """Widen this page's content security policy by the basemap's origin, and by nothing else."""
    if basemap.origin:
        response._csp_update = {"connect-src": [basemap.origin], "img-src": [basemap.origin]}  # type: ignore[attr-defined]
