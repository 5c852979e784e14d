"""The plan of a hot spot: what it says, its form, and its way through its states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import can, requires
from hotspots.models import HotSpot
from tactics import transitions
from tactics.actions import plans as actions
from tactics.analytics.hours import share_held
from tactics.catalogue import ASSIGNABLE, Tactic
from tactics.forms.plans import REVIEW_AFTER, EndForm, FindingForm, NothingForm, PlanForm, ResumeForm
from tactics.models import Plan, Shift
from tactics.permissions import PLAN, SEE_PLANS
from tactics.queries import plans as queries
from tactics.transitions import CannotMove

PER_PAGE = 50
SHADES = 5
STATUSES = [
    ("open", gettext_lazy("Open")),
    ("due", gettext_lazy("Due for review")),
    *((status.value, status.label) for status in Plan.Status),
    ("all", gettext_lazy("All")),
]


@requires(SEE_PLANS)
def plan_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "open")
    page = Paginator(queries.listed(status), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "status": status,
        "statuses": STATUSES,
        "due": queries.due_for_review(timezone.localdate()).count(),
        "today": timezone.localdate(),
        "query": f"status={status}",
        "may_plan": can(request.user, PLAN),
    }
    return render(request, "tactics/plans/list.html", context)


@requires(SEE_PLANS)
def hot_spot_plan(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """The open plan of a hot spot, or its last one."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    plan = queries.plan_of(hot_spot)
    if plan is None:
        context = {"hot_spot": hot_spot, "may_plan": can(request.user, PLAN), "why_not": _why_no_plan(hot_spot)}
        return render(request, "tactics/plans/none.html", context)
    return _page(request, plan)


@requires(SEE_PLANS)
def plan_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    return _page(request, _found(plan_id))


@requires(SEE_PLANS)
def plan_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """A fragment of the hot spot's page."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    plan = queries.plan_of(hot_spot)
    may_plan, today = can(request.user, PLAN), timezone.localdate()
    context: dict[str, Any] = {"hot_spot": hot_spot, "plan": plan, "may_plan": may_plan, "today": today}
    if plan is None:
        context["why_not"] = _why_no_plan(hot_spot)
    else:
        context["amounts"] = _amounts(plan, list(Shift.objects.filter(is_active=True)))
    return render(request, "tactics/plans/panel.html", context)


@requires(PLAN)
def plan_edit(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """Propose a plan for a hot spot, or change the one that is open."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    plan = hot_spot.plans.open().prefetch_related("tactics").first()
    if plan is None and (why_not := _why_no_plan(hot_spot)):
        messages.error(request, why_not)
        return redirect("plan", hot_spot_id)
    hot_hours = queries.hot_hours(hot_spot)
    form = PlanForm(request.POST or None, instance=plan, hot_spot=hot_spot, suggested=hot_hours.suggested)
    if request.method == "POST" and form.is_valid():
        try:
            if plan is None:
                plan = actions.propose(by=request.user, hot_spot=hot_spot, **form.values())
                words = _("The plan is proposed. Activate it to have it done.")
            else:
                stored = Plan.objects.get(pk=plan.pk)  # the form has laid what was typed on its own copy
                actions.change(by=request.user, plan=stored, **form.values())
                words = _("The plan is changed. Rosters that were drawn before stay until they are drawn again.")
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, words)
            return redirect("plan", hot_spot_id)
    context = {
        "form": form,
        "hot_spot": hot_spot,
        "plan": plan,
        "hot_hours": hot_hours,
        "grid": _grid(hot_hours.times.weights, form.chosen_hours()),
        "weekdays": _weekdays(),
        "held": share_held(hot_hours.times.weights, form.chosen_hours()),
        "number_of_hours": len(form.chosen_hours()),
    }
    return render(request, "tactics/plans/form.html", context, status=422 if request.method == "POST" else 200)


@dataclass(frozen=True)
class Step:
    """What a transition asks on the page, and what does it."""

    form: type[Form]
    action: Callable[..., Plan]
    words: Any
    is_warning: bool = False


STEPS = {
    "activate": Step(
        NothingForm,
        actions.activate,
        gettext_lazy("The plan is active. Rosters that are drawn from now on have its visits."),
    ),
    "review": Step(FindingForm, actions.review, gettext_lazy("The plan is under review. Work goes on meanwhile.")),
    "resume": Step(ResumeForm, actions.resume, gettext_lazy("The plan goes on.")),
    "end": Step(EndForm, actions.end, gettext_lazy("The plan has ended."), is_warning=True),
}


@require_POST
@requires(PLAN)
def plan_move(request: HttpRequest, plan_id: int, name: str) -> HttpResponse:
    """One transition of the table; on an error the page comes back with what was typed."""
    plan = _found(plan_id)
    step = STEPS.get(name)
    if step is None:
        raise Http404
    form = step.form(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            step.action(by=request.user, plan=plan, **form.cleaned_data)
        except CannotMove as error:
            messages.error(request, str(error))
        else:
            messages.success(request, step.words)
        return redirect("plan", plan.hot_spot_id)
    return _page(request, plan, status=422, bound={name: form})


@require_POST
@requires(PLAN)
def plan_take_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    plan = _found(plan_id)
    try:
        actions.take_back(by=request.user, plan=plan)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is taken back."))
    return redirect("plan", plan.hot_spot_id)


def _found(plan_id: int) -> Plan:
    people = ("hot_spot", "proposed_by", "activated_by", "ended_by")
    return get_object_or_404(Plan.objects.select_related(*people), pk=plan_id)


def _page(request: HttpRequest, plan: Plan, status: int = 200, bound: dict[str, Form] | None = None) -> HttpResponse:
    shifts = list(Shift.objects.filter(is_active=True))
    hot_hours = queries.hot_hours(plan.hot_spot)
    weights, chosen = hot_hours.times.weights, set(plan.hours)
    context = {
        "plan": plan,
        "hot_spot": plan.hot_spot,
        "today": timezone.localdate(),
        "amounts": _amounts(plan, shifts),
        "shares": queries.shares_of_shifts(plan, shifts),
        "uncovered": queries.uncovered_hours(plan.hours, shifts),
        "has_shifts": bool(shifts),
        "officers": plan.officers.order_by("last_name", "username"),
        "units": plan.units.all(),
        "hot_hours": hot_hours,
        "grid": _grid(weights, chosen),
        "weekdays": _weekdays(),
        "held": share_held(weights, chosen),
        "even": len(chosen) / weights.size,
        "history": queries.history(plan),
        "others": plan.hot_spot.plans.exclude(pk=plan.pk).order_by("-pk"),
        "steps": [_step(move, plan, bound or {}) for move in transitions.moves(request.user, plan)],
        "may_plan": can(request.user, PLAN),
        "can_change": transitions.can_change(request.user, plan),
        "can_take_back": transitions.can_take_back(request.user, plan),
        "why_no_new": _why_no_plan(plan.hot_spot),
    }
    return render(request, "tactics/plans/page.html", context, status=status)


def _step(move: transitions.Move, plan: Plan, bound: dict[str, Form]) -> dict[str, Any]:
    name = move.transition.name
    initial = {"finding": plan.finding, "review_on": timezone.localdate() + REVIEW_AFTER}
    form = bound.get(name) or STEPS[name].form(initial=initial, auto_id=f"{name}_%s")
    return {"move": move, "form": form, "is_warning": STEPS[name].is_warning, "asks": bool(form.fields)}


def _amounts(plan: Plan, shifts: list[Shift]) -> list[dict[str, Any]]:
    planned = queries.planned_per_week(plan, shifts)
    found = []
    for tactic in plan.tactics.all():
        visits, minutes = planned.get(tactic.tactic, (None, None))
        is_assigned = tactic.tactic in ASSIGNABLE
        label = Tactic(tactic.tactic).label
        found.append({"row": tactic, "label": label, "visits": visits, "minutes": minutes, "is_assigned": is_assigned})
    return found


def _grid(weights: Any, chosen: set[int]) -> list[dict[str, Any]]:
    """24 rows of 7 cells: incidents of the hour, its shade, and whether the plan covers it."""
    most = float(weights.max()) or 1.0

    def cell(day: int, hour: int) -> dict[str, Any]:
        number = day * 24 + hour
        weight = float(weights[number])
        shade = 0 if weight < 0.05 else min(SHADES, 1 + int(weight / most * SHADES))
        return {
            "hour": number,
            "weight": weight,
            "text": number_format(f"{round(weight, 1):g}") if shade else "",
            "shade": shade,
            "chosen": number in chosen,
            "name": f"{WEEKDAYS[day]} {hour}:00",
        }

    return [{"hour": hour, "cells": [cell(day, hour) for day in range(7)]} for hour in range(24)]


def _weekdays() -> list[dict[str, Any]]:
    return [{"short": WEEKDAYS_ABBR[day], "name": WEEKDAYS[day]} for day in range(7)]


def _why_no_plan(hot_spot: HotSpot) -> str:
    """Why no plan can be proposed for it now; empty where one can, an open plan aside."""
    try:
        transitions.hot_spot_goes_on(Plan(hot_spot=hot_spot))
    except CannotMove as error:
        return str(error)
    return ""
