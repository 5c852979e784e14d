"""Owners as the pages list them, and all that is known of one."""

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.ingest.street_names import normalize_street
from notices.models import Letter, Mailbox, Meeting, OptOut, Owner, Ownership

FILTERS = ("email", "opted_out", "returned", "by_hand")


def owners(*, words: str = "", only: str = "") -> "QuerySet[Owner]":
    """By name, what they own, or parcel. Each with `is_opted_out` and what it owns now as `owned_now`."""
    today = timezone.localdate(timezone=agency_zone())
    now = Ownership.objects.filter(valid__contains=today)
    refused = OptOut.objects.in_force().filter(owner=OuterRef("pk"))
    shown = Prefetch("ownerships", now.select_related("place").order_by("place__name", "pk"), to_attr="owned_now")
    found = Owner.objects.annotate(is_opted_out=Exists(refused)).prefetch_related(shown)
    if words:
        standard = normalize_street(words)
        property_ = now.filter(owner=OuterRef("pk")).filter(
            Q(parcel__icontains=words) | Q(place__name__icontains=words) | Q(place__name__icontains=standard or words)
        )
        found = found.filter(Q(name__icontains=words) | Q(care_of__icontains=words) | Exists(property_))
    match only:
        case "email":
            found = found.filter(email_asked_on__isnull=False).exclude(email="")
        case "opted_out":
            found = found.filter(is_opted_out=True)
        case "returned":
            found = found.filter(undeliverable_on__isnull=False)
        case "by_hand":
            found = found.filter(changed_by_hand_on__isnull=False)
    return found


def ownerships_of(owner: Owner) -> "QuerySet[Ownership]":
    """What they own and owned, what holds now first."""
    return owner.ownerships.select_related("place").order_by(F("valid__endswith").desc(nulls_first=True), "place__name")


def letters_of(owner: Owner) -> "QuerySet[Letter]":
    return owner.letters.select_related("batch").order_by("-batch__dated", "-pk")


def meetings_of(owner: Owner) -> "QuerySet[Meeting]":
    return Meeting.objects.filter(owner=owner).order_by("-starts_at")


def household_opt_outs() -> "QuerySet[OptOut]":
    return OptOut.objects.in_force().filter(place__isnull=False).select_related("place", "recorded_by").order_by("-pk")


def returned_households() -> "QuerySet[Mailbox]":
    """Households whose mail came back: they get none until it is cleared."""
    return (
        Mailbox.objects.exclude(undeliverable_on=None).select_related("place").order_by("-undeliverable_on", "place_id")
    )
