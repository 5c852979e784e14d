from django.http import HttpRequest, HttpResponse

from accounts.permissions import requires
from hotspots.permissions import SEE_MAP


@requires(SEE_MAP)
def map_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("map")
