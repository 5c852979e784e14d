"""Rosters of a day, and what a supervisor changes about one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import can, requires
from tactics.actions import rosters as actions
from tactics.actions.rosters import CannotChange
from tactics.forms.rosters import AddForm, DrawForm, HandOverForm, ReasonForm
from tactics.models import Activity, Assignment, Plan, Roster
from tactics.permissions import ASSIGN, SEE_PLANS
from tactics.queries import rosters as queries
from tactics.queries.rosters import DAY, ShiftOfDay

MONTH = 31 * DAY  # how far ahead a roster may be drawn


@dataclass(frozen=True)
class Row:
    """`state` is open, overdue, running, done, missed, dropped or closed (its hot spot has ended)."""

    assignment: Assignment
    state: str
    activity: Activity | None

    @property
    def can_change(self) -> bool:
        return self.state in {"open", "overdue", "closed"}


@dataclass(frozen=True)
class Section:
    """A shift of the day; without a roster where none is drawn."""

    on_duty: ShiftOfDay
    roster: Roster | None
    rows: list[Row]
    is_over: bool


@requires(SEE_PLANS)
def roster_day(request: HttpRequest) -> HttpResponse:
    """All shifts of a day: ?day=2025-03-03, else the day of the shift that is on duty."""
    now = timezone.now()
    on_duty = queries.shift_at(now)
    today = on_duty.day if on_duty else timezone.localdate()
    day = _day(request.GET.get("day")) or today
    rosters = {roster.shift_id: roster for roster in queries.with_work(Roster.objects.filter(day=day))}
    shifts = queries.shifts_of_day(day)
    known = {each.shift.pk for each in shifts}
    shifts += [queries.shift_of_day(roster.shift, day) for pk, roster in rosters.items() if pk not in known]
    sections = [_section(each, rosters.get(each.shift.pk), now) for each in shifts]
    context = {
        "day": day,
        "today": today,
        "yesterday": day - DAY,
        "tomorrow": day + DAY,
        "sections": sorted(sections, key=lambda section: section.on_duty.starts_at),
        "has_plans": Plan.objects.in_force_on(day).exists(),
        "can_draw": can(request.user, ASSIGN) and day <= today + MONTH,
        "may_assign": can(request.user, ASSIGN),
    }
    return render(request, "tactics/rosters/day.html", context)


@require_POST
@requires(ASSIGN)
def roster_draw(request: HttpRequest) -> HttpResponse:
    form = DrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such shift or day."))
        return redirect("rosters")
    shift, day = form.cleaned_data["shift"], form.cleaned_data["day"]
    on_duty = queries.shift_of_day(shift, day)
    if on_duty.ends_at <= timezone.now():
        messages.error(request, _("The shift is over."))
    elif day > timezone.localdate() + MONTH:
        messages.error(request, _("A roster is drawn a month ahead at most."))
    else:
        roster = actions.draw(by=request.user, shift=shift, day=day)
        drawn = {"shift": shift, "visits": roster.assignments.count()}
        messages.success(request, _("%(shift)s is drawn, with this many visits: %(visits)s.") % drawn)
    return redirect(f"{reverse('rosters')}?{urlencode({'day': day.isoformat()})}")


@requires(SEE_PLANS)
def roster_page(request: HttpRequest, roster_id: int) -> HttpResponse:
    """One roster, with what a supervisor may change, and the history of that."""
    roster = get_object_or_404(queries.with_work(Roster.objects.all()), pk=roster_id)
    now = timezone.now()
    is_over = roster.ends_at <= now
    may_assign = can(request.user, ASSIGN)
    can_redraw = may_assign and actions.can_redraw(roster)
    history = queries.history(roster)
    context = {
        "roster": roster,
        "rows": [_row(assignment, roster, now) for assignment in roster.assignments.all()],
        "is_over": is_over,
        "may_change": may_assign and not is_over,
        "can_redraw": can_redraw,
        "plans_changed": can_redraw and queries.plans_changed_since(roster, history),
        "why": request.GET.get("why", ""),
        "history": history,
    }
    return render(request, "tactics/rosters/page.html", context)


@requires(ASSIGN)
def roster_redraw(request: HttpRequest, roster_id: int) -> HttpResponse:
    """Say what drawing again would change, and do it when that is confirmed."""
    roster = get_object_or_404(Roster.objects.select_related("shift"), pk=roster_id)
    try:
        actions.check_can_redraw(roster)
        if request.method == "POST":
            actions.redraw(by=request.user, roster=roster)
            messages.success(request, _("The roster is drawn again."))
            return redirect("roster", roster_id)
    except CannotChange as error:
        messages.error(request, str(error))
        return redirect("roster", roster_id)
    context = {"roster": roster, "change": actions.what_redraw_changes(roster)}
    return render(request, "tactics/rosters/redraw.html", context)


@requires(ASSIGN)
def assignment_add(request: HttpRequest, roster_id: int) -> HttpResponse:
    roster = get_object_or_404(Roster.objects.select_related("shift"), pk=roster_id)
    form = AddForm(request.POST or None, roster=roster)
    if request.method == "POST" and form.is_valid():
        try:
            assignment = actions.add(by=request.user, roster=roster, **form.cleaned_data)
        except CannotChange as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The visit is added."))
            return _back(roster_id, assignment)
    context = {"roster": roster, "form": form, "title": _("Add a visit"), "button": _("Add it")}
    return render(request, "tactics/rosters/change.html", context, status=422 if form.errors else 200)


@require_POST
@requires(ASSIGN)
def roster_order(request: HttpRequest, roster_id: int) -> HttpResponse:
    """One step earlier or later: the reason is typed once and comes back with the page for the next step."""
    roster = get_object_or_404(Roster, pk=roster_id)
    number, _separator, way = request.POST.get("move", "").partition(":")
    numbers = Assignment.objects.filter(roster=roster)
    assignment = numbers.filter(pk=number).first() if number.isascii() and number.isdecimal() else None
    form = ReasonForm(request.POST)
    if assignment is None or way not in {"earlier", "later"}:
        messages.error(request, _("The roster was drawn again meanwhile. Look at it anew."))
    elif not form.is_valid():
        messages.error(request, _("Say why the order changes, then move the visit."))
    else:
        reason = form.cleaned_data["reason"]
        try:
            actions.move(by=request.user, assignment=assignment, earlier=way == "earlier", reason=reason)
        except CannotChange as error:
            messages.error(request, str(error))
        return _back(roster_id, assignment, why=reason)
    return _back(roster_id, assignment)


@requires(ASSIGN)
def assignment_drop(request: HttpRequest, assignment_id: int) -> HttpResponse:
    return _change(
        request, assignment_id, ReasonForm, actions.drop, _("Drop a visit"), _("Drop it"), _("The visit is dropped.")
    )


@requires(ASSIGN)
def assignment_hand_over(request: HttpRequest, assignment_id: int) -> HttpResponse:
    title, button, words = _("Hand a visit over"), _("Hand it over"), _("The visit is handed over.")
    return _change(request, assignment_id, HandOverForm, actions.hand_over, title, button, words)


@require_POST
@requires(ASSIGN)
def assignment_restore(request: HttpRequest, assignment_id: int) -> HttpResponse:
    assignment = get_object_or_404(Assignment, pk=assignment_id)
    try:
        actions.restore(by=request.user, assignment=assignment)
    except CannotChange as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The visit is back in the roster."))
    return _back(assignment.roster_id, assignment)


def _change(
    request: HttpRequest, assignment_id: int, form_class: Any, action: Any, title: str, button: str, words: str
) -> HttpResponse:
    """One change of one visit, with its reason, on a page of its own."""
    found = Assignment.objects.select_related("hot_spot", "roster__shift", "officer", "unit")
    assignment = get_object_or_404(found, pk=assignment_id)
    form = form_class(request.POST or None, initial={"officer": assignment.officer_id, "unit": assignment.unit_id})
    if request.method == "POST" and form.is_valid():
        try:
            action(by=request.user, assignment=assignment, **form.cleaned_data)
        except CannotChange as error:
            messages.error(request, str(error))
        else:
            messages.success(request, words)
        return _back(assignment.roster_id, assignment)
    context = {
        "roster": assignment.roster,
        "assignment": assignment,
        "form": form,
        "title": title,
        "button": button,
        "is_warning": action is actions.drop,
    }
    return render(request, "tactics/rosters/change.html", context, status=422 if form.errors else 200)


def _section(on_duty: ShiftOfDay, roster: Roster | None, now: datetime) -> Section:
    rows = [_row(assignment, roster, now) for assignment in roster.assignments.all()] if roster else []
    return Section(on_duty, roster, rows, on_duty.ends_at <= now)


def _row(assignment: Assignment, roster: Roster, now: datetime) -> Row:
    activities = list(assignment.activities.all())
    return Row(assignment, _state(assignment, activities, roster, now), activities[0] if activities else None)


def _state(assignment: Assignment, activities: list[Activity], roster: Roster, now: datetime) -> str:
    if activities:
        return "done" if any(activity.ended_at for activity in activities) else "running"
    if assignment.dropped_at is not None:
        return "dropped"
    if roster.ends_at <= now:
        return "missed"
    ended_on = assignment.hot_spot.ended_on
    if ended_on is not None and ended_on <= roster.day:
        return "closed"
    return "overdue" if assignment.due_at < now else "open"


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Beyond these years the days before and after, or their midnights, do not exist.
    return day if 1970 < day.year < 9990 else None


def _back(roster_id: int, assignment: Assignment | None, why: str = "") -> HttpResponse:
    """To the roster, at the visit that was changed."""
    query = f"?{urlencode({'why': why})}" if why else ""
    anchor = f"#visit-{assignment.pk}" if assignment else ""
    return redirect(f"{reverse('roster', args=[roster_id])}{query}{anchor}")
