"""How many tips a place or a hot spot has: for detectives and commanders, and for no score, letter or public page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from hotspots.models import HotSpot, Place
from tips.models import Tip, TipCount
from tips.queries.inbox import at_hot_spot, at_place

OPEN, APART = Q(status__in=Tip.OPEN), Q(quarantined=True, status=Tip.Status.NEW)


@dataclass(frozen=True)
class Numbers:
    open: int
    ended: int
    purged: int

    @property
    def any(self) -> bool:
        return bool(self.open or self.ended or self.purged)


def of_place(place: Place) -> Numbers:
    return _numbers(at_place(place))


def of_hot_spot(hot_spot: HotSpot, on: date) -> Numbers:
    return _numbers(at_hot_spot(hot_spot, on))


def _numbers(there: Q) -> Numbers:
    found = (
        Tip.objects.filter(there)
        .exclude(APART)
        .aggregate(open=Count("pk", filter=OPEN), ended=Count("pk", filter=~OPEN))
    )
    purged = TipCount.objects.filter(there).aggregate(n=Sum("number"))["n"]
    return Numbers(found["open"], found["ended"], purged or 0)


def on_map() -> dict[str, Any]:
    """A point for each place with open tips, with their number, as GeoJSON."""
    there = Tip.objects.filter(OPEN, place__isnull=False).exclude(APART).order_by()
    numbers = dict(there.values("place").annotate(n=Count("pk")).values_list("place", "n"))
    features = [
        {
            "type": "Feature",
            "id": place.pk,
            "properties": {"name": place.name, "count": numbers[place.pk]},
            "geometry": {"type": "Point", "coordinates": [round(place.midpoint.x, 6), round(place.midpoint.y, 6)]},
        }
        for place in Place.objects.filter(pk__in=numbers).only("name", "midpoint").order_by("pk")
    ]
    return {"type": "FeatureCollection", "features": features}
