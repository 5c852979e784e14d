"""Pictures of rough areas, for the public pages and for releases. Nothing exact ever comes in here."""

from django.contrib.gis.geos import MultiPolygon

from hotspots.models import HotSpot
from notices.models import Batch
from notices.privacy import rough_area


def area_picture(area: MultiPolygon) -> bytes:
    """A PNG of 1200 × 630: streets, and the area that was made rough. The same area gives the same bytes."""
    import shapely

    from notices.maps import MEDIA, area_map
    from notices.queries.maps import ground_of

    ground = ground_of(Batch(shape=area))
    outline = shapely.from_wkb(bytes(area.wkb))
    return area_map(
        outline=outline,
        streets=ground.streets,
        complexes=ground.complexes,
        srid=ground.srid,
        size=MEDIA,
        kind="png",
    )


def release_map(hot_spot: HotSpot) -> bytes | None:
    """None where no map would hide who lives there."""
    boundary = hot_spot.boundaries.order_by("-valid").first()
    rough = rough_area(boundary.geometry) if boundary else None
    return area_picture(rough.area) if rough and rough.area else None
