"""What phones ask and send. Every answer is JSON: a program reads it, not a person."""

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.responses import refuse_data
from tactics.actions.entries import as_instant, as_uuid
from tactics.actions.sync import MOST_ENTRIES, receive
from tactics.permissions import LOG
from tactics.queries.activities import phone_state


@requires(LOG, data=True)
@require_safe
def log_state(request: HttpRequest) -> JsonResponse:
    """All that a phone needs to work without signal; `?outlines=` names the version of the outlines that it has."""
    state = phone_state(request.user, timezone.now(), outlines=request.GET.get("outlines", ""))
    return JsonResponse(state | {"csrf": get_token(request)})


class NotUnderstood(Exception):
    pass


@requires(LOG, data=True)
@require_POST
def log_sync(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    try:
        sent = read_body(request.body)
    except RequestDataTooBig:
        return refuse_data(_("Send fewer entries at once."), 413)
    except NotUnderstood as error:
        return refuse_data(str(error), 400)
    if len(sent["entries"]) > MOST_ENTRIES:
        return refuse_data(_("At most %(most)s entries at once.") % {"most": MOST_ENTRIES}, 413)
    return JsonResponse({"server_time": now.isoformat(), "answers": receive(by=request.user, now=now, **sent)})


def read_body(body: bytes) -> dict[str, Any]:
    """`device`, `sent_at` and `entries`; what each entry says is judged one by one later."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood(_("This is no JSON.")) from None
    if not isinstance(sent, dict):
        raise NotUnderstood(_("Send an object with device, sent_at and entries."))
    device: UUID | None = as_uuid(sent.get("device"))
    sent_at, entries = as_instant(sent.get("sent_at")), sent.get("entries")
    if device is None:
        raise NotUnderstood(_("device must be a UUID."))
    if sent_at is None:
        raise NotUnderstood(_("sent_at must be a time with its zone, such as 2025-03-05T18:00:00Z."))
    if not isinstance(entries, list):
        raise NotUnderstood(_("entries must be a list."))
    return {"device": device, "sent_at": sent_at, "entries": entries}
