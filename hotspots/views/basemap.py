import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from accounts.permissions import requires
from hotspots.permissions import SEE_MAP

RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?")
MOST_BYTES = 8_000_000  # of one answer; a reader of PMTiles asks for kilobytes


@requires(SEE_MAP)
def basemap_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A PMTiles file of the folder `basemap` in MEDIA_ROOT, in the parts that the browser asks for."""
    path = Path(settings.MEDIA_ROOT) / "basemap" / f"{name}.pmtiles"
    try:
        handle = path.open("rb")
    except OSError:
        raise Http404("There is no such basemap.") from None
    size = path.stat().st_size
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked:
        return FileResponse(handle, content_type="application/vnd.pmtiles", headers={"Accept-Ranges": "bytes"})
    with handle:
        first = int(asked[1])
        last = min(int(asked[2] or size - 1), size - 1, first + MOST_BYTES - 1)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        handle.seek(first)
        body = handle.read(last - first + 1)
    headers = {
        "Content-Range": f"bytes {first}-{last}/{size}",
        "Accept-Ranges": "bytes",
        "ETag": f'"{path.stat().st_mtime_ns:x}-{size:x}"',
        "Cache-Control": "private, no-cache",
    }
    return HttpResponse(body, status=206, content_type="application/vnd.pmtiles", headers=headers)
