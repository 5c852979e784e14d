"""When the incidents of a run, or of one place, happened."""

from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
from django.db.models import Count, Min
from django.db.models.functions import TruncMonth

from accounts.agency import agency_zone
from hotspots.analytics.timing import HourOfWeek, aoristic
from hotspots.frames import read_columns
from hotspots.models import Incident, Place
from hotspots.models.incidents import IncidentQuerySet
from hotspots.specs import RunSpec
from hotspots.windows import DAY, Window

MONTHS = 24
LONGEST_SPAN = timedelta(days=1)  # beyond a day a span says nothing of the hour
INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Month:
    first_day: date
    count: int
    partial: bool  # the data, or the window, begins or ends within it


def hour_matrix(spec: RunSpec, *, risk: bool = False, place: Place | None = None) -> HourOfWeek:
    """The hours of the week at which the incidents in the window of `spec` happened, in the agency's zone."""
    return hours_of(incidents_of(spec, Window(spec.first_day, spec.as_of), risk=risk, place=place))


def hours_of(incidents: IncidentQuerySet) -> HourOfWeek:
    query, parameters = incidents.values_list("occurred_from", "occurred_to").query.sql_with_params()
    columns = read_columns(query, parameters, {"occurred_from": INSTANT, "occurred_to": INSTANT})
    return aoristic(columns["occurred_from"], columns["occurred_to"], agency_zone(), LONGEST_SPAN)


def monthly_counts(spec: RunSpec, *, risk: bool = False, place: Place | None = None) -> list[Month]:
    """Incidents in each of the 24 calendar months up to the last day of `spec`, without months before any data."""
    zone = agency_zone()
    latest = spec.as_of.replace(day=1)
    earliest = _months_before(latest, MONTHS - 1)
    incidents = incidents_of(spec, Window(earliest, spec.as_of), risk=risk, place=place)
    counted = incidents.values_list(TruncMonth("occurred_from", tzinfo=zone)).annotate(Count("pk")).order_by()
    counts = {month.date(): count for month, count in counted}
    began = Incident.objects.aggregate(began=Min("occurred_from"))["began"]
    data_from = began.astimezone(zone).date() if began else spec.as_of
    months = [_months_before(latest, back) for back in reversed(range(MONTHS))]
    return [
        Month(month, counts.get(month, 0), month < data_from or _next_month(month) - DAY > spec.as_of)
        for month in months
        if _next_month(month) > data_from
    ]


def incidents_of(spec: RunSpec, window: Window, *, risk: bool, place: Place | None) -> IncidentQuerySet:
    """The standing incidents of a window of days that a run with this spec counts on its places, or on one place."""
    zone = agency_zone()
    incidents = Incident.objects.standing().filter(
        occurred_from__gte=window.starts_at(zone), occurred_from__lt=window.ends_at(zone)
    )
    if spec.categories:
        incidents = incidents.filter(offense__category__in=spec.categories)
    if risk:
        incidents = incidents.filter(offense__enforcement_generated=False)
    if place is not None:
        return incidents.filter(**{f"location__{place.kind}": place})
    if spec.beat_id is not None:
        return incidents.filter(**{f"location__{spec.kind}__beat": spec.beat_id})
    return incidents.filter(**{f"location__{spec.kind}__isnull": False})


def _months_before(month: date, back: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(years, index + 1, 1)


def _next_month(month: date) -> date:
    return _months_before(month, -1)
