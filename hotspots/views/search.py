from django.http import HttpRequest, JsonResponse

from accounts.permissions import requires
from hotspots.models import Place
from hotspots.permissions import SEE_MAP
from hotspots.queries.search import find_places


@requires(SEE_MAP)
def place_search(request: HttpRequest) -> JsonResponse:
    """Ten places by name; `kind`, also several times, narrows it down."""
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Place.Kind.values]
    results = [
        {
            "id": found.id,
            "name": found.name,
            "kind": found.kind,
            "bbox": found.bbox,
            "lon": found.point[0],
            "lat": found.point[1],
        }
        for found in find_places(request.GET.get("q", "")[:200], kinds=kinds)
    ]
    return JsonResponse({"results": results})
