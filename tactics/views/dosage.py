"""What was planned beside what was delivered: of all hot spots, and of one as a panel on its page."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.cells import csv_response
from accounts.models import AuditEntry
from accounts.permissions import can, requires
from hotspots.models import HotSpot
from tactics.permissions import EXPORT_DOSAGE, SEE_DOSAGE
from tactics.queries import board
from tactics.queries.dosage import Dosage, dosage, last_weeks, monday_of, worked_in
from tactics.tables import spot_dosage, spot_rows

WINDOWS = [2, 4, 8, 13, 26, 52]  # weeks
PANEL_WEEKS, MORE_WEEKS = 8, 52


@requires(SEE_DOSAGE)
@require_safe
def dosage_page(request: HttpRequest) -> HttpResponse:
    """All hot spots that were worked in the last ?weeks=, those that lack most first."""
    now = timezone.now()
    number = window_of(request)
    weeks = last_weeks(number)
    spots = {spot.pk: spot for spot in worked_in(weeks)}
    found = dosage(weeks, list(spots), now=now)
    watched = {each.hot_spot.pk: each for each in board.watched(now, board.running(now))}
    context = {
        "rows": spot_rows(found, spots, watched),
        "repeated": int(found.delivered.repeated.sum()),
        "overdue": sum(each.state == "overdue" for each in watched.values()),
        "number": number,
        "windows": WINDOWS,
        "weeks": weeks,
        "now": now,
        "may_export": can(request.user, EXPORT_DOSAGE),
    }
    return render(request, "tactics/dosage/page.html", context)


@requires(EXPORT_DOSAGE)
@require_safe
def dosage_export(request: HttpRequest) -> HttpResponse:
    """The same as a table: a row for each hot spot, tactic and week."""
    number = window_of(request)
    weeks = last_weeks(number)
    spots = {spot.pk: spot.name for spot in worked_in(weeks)}
    found = dosage(weeks, list(spots))
    record(by=request.user, action=AuditEntry.Action.EXPORTED, subject="dosage", what="dosage", weeks=number)
    return csv_response(f"dosage-{weeks[0].isoformat()}-{number}-weeks.csv", csv_rows(found, spots))


@requires(SEE_DOSAGE)
@require_safe
def dosage_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """Plan beside delivered on the page of a hot spot; ?weeks=52 for a year."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    number = MORE_WEEKS if request.GET.get("weeks") == str(MORE_WEEKS) else PANEL_WEEKS
    today = timezone.localdate()
    last_day = min(today, hot_spot.ended_on or today)
    weeks = [week for week in last_weeks(number, last_day) if week >= monday_of(hot_spot.starts_on)]
    context = {
        "hot_spot": hot_spot,
        "table": spot_dosage(dosage(weeks, [hot_spot.pk]), today) if weeks else None,
        "weeks": weeks,
        "more": number == PANEL_WEEKS and len(weeks) == PANEL_WEEKS,
    }
    return render(request, "tactics/dosage/panel.html", context)


def window_of(request: HttpRequest) -> int:
    asked = request.GET.get("weeks", "")
    return int(asked) if asked in map(str, WINDOWS) else WINDOWS[0]


def csv_rows(found: Dosage, names: dict[int, str]) -> Iterator[list[Any]]:
    columns = found.columns()
    yield ["hot_spot_name", *columns]
    for row in zip(*columns.values(), strict=True):
        cells = (round(value, 2) if isinstance(value, float) else value for value in row)
        yield [names[row[0]], *("" if cell != cell else cell for cell in cells)]
