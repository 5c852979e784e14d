from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.agency import current_agency


def house(request: HttpRequest) -> dict[str, Any]:
    return {"agency": current_agency(), "demo": settings.DEMO}
