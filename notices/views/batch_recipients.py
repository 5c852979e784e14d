"""Who gets a letter: the map, the list beside it, and who is left out."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import current_agency
from accounts.permissions import requires
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.map_state import streets_state
from hotspots.views.places import page_state
from notices import transitions
from notices.actions import batches as actions
from notices.forms.batches import AreaForm, ReasonForm, feet_of
from notices.models import Batch
from notices.permissions import WRITE_LETTERS
from notices.queries import batches as queries
from notices.queries.areas import area_of
from notices.queries.recipients import Selection, recipients
from notices.transitions import CannotMove
from notices.views.batches import found_batch

PER_PAGE = 50
MOST_AT_ONCE = 5000


@requires(WRITE_LETTERS)
def batch_recipients(request: HttpRequest, letters_id: int) -> HttpResponse:
    """GET shows them; POST is another area, which the draft keeps, so that the count and the list are always its own."""
    batch = found_batch(letters_id)
    if not transitions.can_change(request.user, batch):
        return redirect("letters", batch.pk)
    form = AreaForm(request.POST or None, hot_spot=batch.hot_spot, batch=batch)
    if request.method == "POST" and form.is_valid():
        try:
            batch = actions.change(by=request.user, batch=batch, **form.area())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            if not request.htmx:
                return redirect("letters_recipients", batch.pk)
    context = {"batch": batch, "form": form, "distance_ft": feet_of(batch.distance_m)} | selection_of(request, batch)
    status = 422 if form.is_bound and not form.is_valid() else 200
    if request.htmx:
        return render(request, "notices/batches/selection.html", context, status=status)
    return render_with_map(request, context, batch, status)


def selection_of(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """The list as ?show= and ?q= ask, by pages, with the counts of all."""
    found = recipients(batch)
    shows = "left_out" if request.GET.get("show") == "left_out" else "letters"
    words = request.GET.get("q", "").strip()[:80]
    rows: list[Any] = list(found.left_out if shows == "left_out" else found.letters)
    if words:
        rows = [row for row in rows if words.casefold() in _text_of(row)]
    given = {name: value for name, value in (("show", request.GET.get("show", "")), ("q", words)) if value}
    return {
        "found": found,
        "number": len(found.letters),
        "number_email": sum(1 for each in found.letters if each.delivery == "email"),
        "number_left_out": len(found.left_out),
        "reasons": _counted(str(each.why) for each in found.left_out),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "shows": shows,
        "words": words,
        "query": urlencode(given),
        "exclusions": batch.exclusions.select_related("place", "owner").order_by("-pk"),
        "reason_form": ReasonForm(),
        "drawn": map_of(batch, found),
    }


def _text_of(row: Any) -> str:
    return " ".join([*row.lines, str(getattr(row, "about", "")), str(getattr(row, "why", ""))]).casefold()


def _counted(reasons: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def map_of(batch: Batch, found: Selection) -> dict[str, Any]:
    """What the map draws: the area, and a point for each address that gets a letter or is left out."""
    area = area_of(batch)
    letters = sorted({each.place_id for each in found.letters if each.place_id})
    left_out = sorted({each.place_id for each in found.left_out if each.place_id} - set(letters))
    return {
        "area": json.loads(area.geojson),
        "extent": list(area.extent),
        "letters": queries.points_of(letters),
        "leftOut": queries.points_of(left_out),
    }


def render_with_map(request: HttpRequest, context: dict[str, Any], batch: Batch, status: int) -> HttpResponse:
    basemap = basemap_for(current_agency())
    context |= {
        "page_state": page_state(tuple(context["drawn"]["extent"]), basemap.source),
        "map_state": streets_state(),
    }
    response = render(request, "notices/batches/recipients.html", context, status=status)
    allow_basemap(response, basemap)
    return response


@requires(WRITE_LETTERS)
@require_safe
def batch_addressees(request: HttpRequest, letters_id: int) -> HttpResponse:
    """For who approves: the fixed letters of a submitted batch, and who of its area gets none, with the reasons."""
    batch = found_batch(letters_id)
    if batch.status == Batch.Status.DRAFT:
        return redirect("letters_recipients", batch.pk)
    shows = "left_out" if request.GET.get("show") == "left_out" else "letters"
    left_out = recipients(batch).left_out
    rows: Any = left_out if shows == "left_out" else batch.letters.order_by("number")
    context = {
        "batch": batch,
        "shows": shows,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "query": f"show={shows}",
        "number_left_out": len(left_out),
        "reasons": _counted(str(each.why) for each in left_out),
    }
    return render(request, "notices/batches/addressees.html", context)


@require_POST
@requires(WRITE_LETTERS)
def batch_exclude(request: HttpRequest, letters_id: int) -> HttpResponse:
    """Those whose boxes are checked, for one reason."""
    batch, form = found_batch(letters_id), ReasonForm(request.POST)
    chosen = request.POST.getlist("who")[:MOST_AT_ONCE]
    places, owners = _numbers(chosen, "p"), _numbers(chosen, "o")
    if not places and not owners:
        messages.error(request, _("Nobody is checked. Check who gets no letter."))
    elif not form.is_valid():
        messages.error(request, _("Say why they get no letter."))
    else:
        known = recipients(batch)
        places &= {each.place_id for each in known.letters if not each.owner_id and each.place_id}
        owners &= {each.owner_id for each in known.letters if each.owner_id}
        reason = form.cleaned_data["reason"]
        try:
            number = actions.exclude(
                by=request.user, batch=batch, reason=reason, place_ids=sorted(places), owner_ids=sorted(owners)
            )
        except CannotMove as error:
            messages.error(request, str(error))
        else:
            words = ngettext("%(n)s letter less.", "%(n)s letters less.", number) % {"n": number}
            messages.success(request, words)
    return _back(request, batch)


@require_POST
@requires(WRITE_LETTERS)
def batch_include(request: HttpRequest, letters_id: int) -> HttpResponse:
    batch = found_batch(letters_id)
    try:
        number = actions.include(
            by=request.user, batch=batch, exclusion_ids=_numbers(request.POST.getlist("exclusion"), "")
        )
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, ngettext("%(n)s is back.", "%(n)s are back.", number) % {"n": number})
    return _back(request, batch)


def _numbers(values: list[str], mark: str) -> set[int]:
    bare = (value.removeprefix(mark) for value in values if value.startswith(mark))
    return {int(value) for value in bare if value.isascii() and value.isdecimal() and len(value) < 16}


def _back(request: HttpRequest, batch: Batch) -> HttpResponse:
    given = {name: request.POST[name] for name in ("show", "q", "page") if request.POST.get(name)}
    address = reverse("letters_recipients", args=[batch.pk])
    return redirect(f"{address}?{urlencode(given)}" if given else address)
