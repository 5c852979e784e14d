"""The one place where degrees become metres."""

import numpy as np
import pyproj
from django.contrib.gis.db.models import Extent
from django.core.cache import caches
from numpy.typing import NDArray

from hotspots.models import Area, Place
from hotspots.models.places import SRID

KEY = "city-srid"
SECONDS = 30


def utm_srid(longitude: float, latitude: float) -> int:
    """EPSG code of the WGS 84 UTM zone around a point: a projected CRS in metres, true to 0.04 % within its zone."""
    zone = int((longitude + 180) // 6) % 60 + 1
    return (32600 if latitude >= 0 else 32700) + zone


def city_srid() -> int:
    """The CRS in which this city is measured: of its boundary, else of its places, else that of the default agency."""
    srid = caches["local"].get(KEY)
    if srid is None:
        extent = (
            Area.objects.boundaries().current().aggregate(e=Extent("geometry"))["e"]
            or Place.objects.aggregate(e=Extent("geometry"))["e"]
            or (-95.3, 37.3, -95.2, 37.4)
        )
        srid = utm_srid((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
        caches["local"].set(KEY, srid, SECONDS)
    return srid


def in_metres(longitude: NDArray[np.float64], latitude: NDArray[np.float64], srid: int) -> NDArray[np.float64]:
    """(n, 2): points given in degrees, in a CRS of metres."""
    return np.column_stack(pyproj.Transformer.from_crs(SRID, srid, always_xy=True).transform(longitude, latitude))


def forget_city_srid() -> None:
    """After a boundary changed."""
    caches["local"].delete(KEY)
