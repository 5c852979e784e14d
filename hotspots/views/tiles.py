import gzip

from django.http import Http404, HttpRequest, HttpResponse

from accounts.permissions import requires
from hotspots.permissions import SEE_MAP
from hotspots.queries.layers import areas_geojson, hot_spots_geojson
from hotspots.tiles import gzipped_tile

FOR_EVER = "private, max-age=31536000, immutable"


@requires(SEE_MAP)
def tile(request: HttpRequest, run: int, z: int, x: int, y: int) -> HttpResponse:
    body = gzipped_tile(run, z, x, y)
    if body is None:
        raise Http404("There is no such tile of a published run.")
    response = HttpResponse(content_type="application/vnd.mapbox-vector-tile", headers={"Cache-Control": FOR_EVER})
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response["Content-Encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    response.content = body
    return response


@requires(SEE_MAP)
def areas(request: HttpRequest, version: str) -> HttpResponse:
    """Boundary, beats and neighborhoods. The address carries their version, which the map page knows."""
    return HttpResponse(areas_geojson(), content_type="application/geo+json", headers={"Cache-Control": FOR_EVER})


@requires(SEE_MAP)
def hot_spots(request: HttpRequest) -> HttpResponse:
    """The hot spots of today; never kept, so that a new one shows at once."""
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(hot_spots_geojson(), content_type="application/geo+json", headers=headers)
