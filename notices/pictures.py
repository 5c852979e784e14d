"""Pictures of rough areas, for the public pages and for releases. Nothing exact ever comes in here."""

from django.contrib.gis.geos import MultiPolygon

from hotspots.models import HotSpot
from notices.models import Batch
from notices.privacy import rough_area
from notices.queries.areas import boundary_of


def area_picture(area: MultiPolygon) -> bytes:
    """A PNG of 1200 × 630: streets, and the area that was made rough, nothing else. The same ground gives the same bytes."""
    import shapely

    from notices.maps import MEDIA, area_map
    from notices.queries.maps import ground_of

    ground = ground_of(Batch(shape=area))
    outline = shapely.from_wkb(bytes(area.wkb))
    return area_map(
        outline=outline,
        streets=ground.streets,
        complexes=(),  # the outline of a complex in a rough area would be the place itself
        srid=ground.srid,
        size=MEDIA,
        kind="png",
    )


def release_map(hot_spot: HotSpot) -> bytes | None:
    """None where no map would hide who lives there."""
    area = rough_area(boundary_of(hot_spot).geometry).area
    return area_picture(area) if area else None
