"""Settings: shifts, units and dogs."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from tactics.actions import shifts as actions
from tactics.forms.rosters import DogForm, ShiftForm, UnitForm
from tactics.models import Dog, Shift, Unit
from tactics.permissions import MANAGE_SHIFTS
from tactics.queries.plans import uncovered_hours


@dataclass(frozen=True)
class Kind:
    model: type[Model]
    form: type[ModelForm]
    title: Any
    add: Any


KINDS = {
    "shift": Kind(Shift, ShiftForm, gettext_lazy("Shift"), gettext_lazy("Add a shift")),
    "unit": Kind(Unit, UnitForm, gettext_lazy("Unit"), gettext_lazy("Add a unit")),
    "dog": Kind(Dog, DogForm, gettext_lazy("Dog"), gettext_lazy("Add a dog")),
}


@requires(MANAGE_SHIFTS)
def shift_page(request: HttpRequest) -> HttpResponse:
    shifts = list(Shift.objects.all())
    in_use = [shift for shift in shifts if shift.is_active]
    context = {
        "shifts": [(shift, f"{shift.minutes // 60}:{shift.minutes % 60:02}") for shift in shifts],
        "units": Unit.objects.order_by("-is_active", "name"),
        "dogs": Dog.objects.order_by("-is_active", "name"),
        "uncovered": uncovered_hours(range(168), in_use) if in_use else [],
    }
    return render(request, "tactics/shifts/page.html", context)


@requires(MANAGE_SHIFTS)
def thing_new(request: HttpRequest, kind: str) -> HttpResponse:
    return _edit(request, kind, None)


@requires(MANAGE_SHIFTS)
def thing_edit(request: HttpRequest, kind: str, thing_id: int) -> HttpResponse:
    return _edit(request, kind, get_object_or_404(_kind(kind).model, pk=thing_id))


@require_POST
@requires(MANAGE_SHIFTS)
def thing_delete(request: HttpRequest, kind: str, thing_id: int) -> HttpResponse:
    thing = get_object_or_404(_kind(kind).model, pk=thing_id)
    try:
        actions.delete(by=request.user, thing=thing)
    except actions.CannotDelete as error:
        messages.error(request, str(error))
        return redirect("shift_thing", kind, thing_id)
    messages.success(request, _("%(name)s is deleted.") % {"name": thing})
    return redirect("shifts")


def _edit(request: HttpRequest, name: str, thing: Any) -> HttpResponse:
    kind = _kind(name)
    form = kind.form(request.POST or None, instance=thing)
    if request.method == "POST" and form.is_valid():
        saved = actions.save(by=request.user, thing=form.save(commit=False))
        words = (
            _("%(name)s is saved. Rosters that are drawn keep their times.")
            if name == "shift"
            else _("%(name)s is saved.")
        )
        messages.success(request, words % {"name": saved})
        return redirect("shifts")
    shown = kind.model.objects.get(pk=thing.pk) if thing else None  # the form has laid what was typed on its own copy
    context = {"form": form, "thing": shown, "name": name, "title": shown or kind.add}
    return render(request, "tactics/shifts/edit.html", context, status=422 if form.errors else 200)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]
