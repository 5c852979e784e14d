from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.agency import current_agency
from accounts.navigation import items_for


def house(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: whose installation it is, whether it is a demo, and where one may go.

    The navigation is made where it is shown: a fragment has none, and asks for no counts."""
    navigation = SimpleLazyObject(lambda: items_for(request))
    return {"agency": current_agency(), "demo": settings.DEMO, "navigation": navigation}
