"""Owners: who they are, what they asked for; and households that want no letters."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import agency_zone
from accounts.permissions import requires
from hotspots.models import Place
from hotspots.queries.search import find_places
from notices.actions import owners as actions
from notices.forms.owners import NoteForm, OwnerAddressForm, OwnerWishesForm, PlaceChoiceForm, ZipCodeForm
from notices.models import Mailbox, OptOut, Owner
from notices.permissions import MANAGE_OWNERS
from notices.queries import owners as queries
from notices.queries.recipients import lines_of

PER_PAGE = 25
LONGEST = 80


@requires(MANAGE_OWNERS)
@require_safe
def owners(request: HttpRequest) -> HttpResponse:
    """By name, place or parcel, and by what they asked for."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    only = request.GET.get("only", "")
    found = queries.owners(words=words, only=only)
    given = {name: value for name, value in (("q", words), ("only", only)) if value}
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "q": words,
        "only": only,
        "query": urlencode(given),
        "choices": (
            ("", _("All owners")),
            ("email", _("Asked for e-mail")),
            ("opted_out", _("Want no letters")),
            ("returned", _("Mail came back")),
            ("by_hand", _("Address set by hand")),
        ),
    }
    return render(request, "notices/owners/list.html", context)


@requires(MANAGE_OWNERS)
@require_safe
def owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(Owner, pk=owner_id))


def _page(request: HttpRequest, found: Owner, status: int = 200, **forms: Any) -> HttpResponse:
    shown = Owner.objects.get(pk=found.pk)  # a form that was refused has changed its own copy
    context = {
        "owner": shown,
        "lines": lines_of(shown),
        "ownerships": queries.ownerships_of(shown),
        "letters": queries.letters_of(shown)[:PER_PAGE],
        "meetings": queries.meetings_of(shown)[:PER_PAGE],
        "opt_out": OptOut.objects.in_force().filter(owner=shown).select_related("recorded_by").first(),
        "address_form": forms.get("address_form") or OwnerAddressForm(instance=shown, prefix="address"),
        "wishes_form": forms.get("wishes_form") or OwnerWishesForm(instance=shown, prefix="wishes"),
        "note_form": NoteForm(),
    }
    return render(request, "notices/owners/page.html", context, status=status)


@require_POST
@requires(MANAGE_OWNERS)
def owner_address(request: HttpRequest, owner_id: int) -> HttpResponse:
    found = get_object_or_404(Owner, pk=owner_id)
    form = OwnerAddressForm(request.POST, instance=found, prefix="address")
    if not form.is_valid():
        return _page(request, found, status=422, address_form=form)
    today = timezone.localdate(timezone=agency_zone())
    fresh = get_object_or_404(Owner, pk=owner_id)
    actions.change_address(by=request.user, owner=fresh, today=today, **form.cleaned_data)
    messages.success(request, _("The address is kept. Lists change it no more."))
    return redirect("owner", owner_id=owner_id)


@require_POST
@requires(MANAGE_OWNERS)
def owner_wishes(request: HttpRequest, owner_id: int) -> HttpResponse:
    found = get_object_or_404(Owner, pk=owner_id)
    form = OwnerWishesForm(request.POST, instance=found, prefix="wishes")
    if not form.is_valid():
        return _page(request, found, status=422, wishes_form=form)
    fresh = get_object_or_404(Owner, pk=owner_id)
    actions.record_wishes(by=request.user, owner=fresh, **form.cleaned_data)
    messages.success(request, _("Kept."))
    return redirect("owner", owner_id=owner_id)


@require_POST
@requires(MANAGE_OWNERS)
def owner_follow_list(request: HttpRequest, owner_id: int) -> HttpResponse:
    actions.follow_list(by=request.user, owner=get_object_or_404(Owner, pk=owner_id))
    messages.success(request, _("The next list may change the address again."))
    return redirect("owner", owner_id=owner_id)


@require_POST
@requires(MANAGE_OWNERS)
def owner_returned_clear(request: HttpRequest, owner_id: int) -> HttpResponse:
    actions.clear_returned(by=request.user, owner=get_object_or_404(Owner, pk=owner_id))
    messages.success(request, _("Letters go there again."))
    return redirect("owner", owner_id=owner_id)


@require_POST
@requires(MANAGE_OWNERS)
def owner_opt_out(request: HttpRequest, owner_id: int) -> HttpResponse:
    found, form = get_object_or_404(Owner, pk=owner_id), NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    actions.opt_out(by=request.user, owner=found, note=note)
    messages.success(request, _("%(name)s gets no letters any more.") % {"name": found})
    return redirect("owner", owner_id=owner_id)


# --- households -------------------------------------------------------------------------------------------------------


@requires(MANAGE_OWNERS)
def households(request: HttpRequest) -> HttpResponse:
    """Who wants no letters; a search for the address of who asks for it now; whose mail came back."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    form = PlaceChoiceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        place = form.cleaned_data["place"]
        actions.opt_out(by=request.user, place=place, note=form.cleaned_data["note"])
        messages.success(request, _("%(name)s gets no letters any more.") % {"name": place})
        return redirect("households")
    context = {
        "form": form,
        "q": words,
        "found": find_places(words, kinds=[Place.Kind.ADDRESS], limit=20) if words else [],
        "page": Paginator(queries.household_opt_outs(), PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({"q": words}) if words else "",
        "returned": queries.returned_households()[:PER_PAGE],
    }
    return render(request, "notices/owners/households.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(MANAGE_OWNERS)
def opt_out_end(request: HttpRequest, opt_out_id: int) -> HttpResponse:
    found = get_object_or_404(OptOut.objects.select_related("place", "owner"), pk=opt_out_id)
    actions.end_opt_out(by=request.user, opt_out=found)
    messages.success(request, _("%(name)s gets letters again.") % {"name": found})
    return redirect("owner", owner_id=found.owner_id) if found.owner_id else redirect("households")


@requires(MANAGE_OWNERS)
def mailbox(request: HttpRequest, address_id: int) -> HttpResponse:
    """How mail reaches one address, and its ZIP Code by hand."""
    place = get_object_or_404(Place, pk=address_id, kind=Place.Kind.ADDRESS)
    box = Mailbox.objects.filter(place=place).first()
    form = ZipCodeForm(request.POST or None, initial={"zip_code": box.zip_code if box else ""})
    if request.method == "POST" and form.is_valid():
        actions.set_zip_code(by=request.user, place=place, zip_code=form.cleaned_data["zip_code"])
        messages.success(request, _("Kept."))
        return redirect("mailbox", address_id=place.pk)
    opt_out = OptOut.objects.in_force().filter(place=place).first()
    context = {"place": place, "box": box, "form": form, "opt_out": opt_out}
    return render(request, "notices/owners/mailbox.html", context, status=422 if form.is_bound and form.errors else 200)


@require_POST
@requires(MANAGE_OWNERS)
def mailbox_clear(request: HttpRequest, address_id: int) -> HttpResponse:
    place = get_object_or_404(Place, pk=address_id, kind=Place.Kind.ADDRESS)
    actions.clear_mailbox(by=request.user, place=place)
    messages.success(request, _("Letters go there again."))
    return redirect("mailbox", address_id=place.pk)
