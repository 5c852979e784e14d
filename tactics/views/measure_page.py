"""The page of one measure, and the one way in which its forms act."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.permissions import can
from hotspots.queries.place_page import hot_spots_of
from tactics.actions.measures import can_reopen
from tactics.catalogue import Tactic
from tactics.clocks import trespass_months, trespass_reminder
from tactics.compass import compass_words
from tactics.forms.cameras import ConfirmForm, WithdrawForm
from tactics.forms.leases import EndAuthorizationForm, StepForm
from tactics.forms.measures import DropForm, FinishForm
from tactics.forms.permits import ImpoundForm, IssueForm
from tactics.measure_transitions import LEASE_MOVES, CannotMove
from tactics.models import LightingItem, Measure
from tactics.permissions import CHANGE_MEASURES, MANAGE_CAMERAS, SEE_CAMERA_CONTACT, SURVEY_LIGHTING
from tactics.queries.measure_history import history
from tactics.queries.permits import homes_and_permits

DETAILS = (
    "place__block",
    "place__complex",
    "created_by",
    "closed_by",
    "lighting_survey",
    "camera",
    "permit_program",
    "lease_case__incident__offense",
    "trespass",
)


def get_measure(measure_id: Any, **narrow: Any) -> Measure:
    """With its details, but for who to ask for a camera's recordings: that is read in one place alone."""
    measures = Measure.objects.select_related(*DETAILS).defer("camera__contact")
    return get_object_or_404(measures, pk=measure_id, **narrow)


def render_measure(request: HttpRequest, measure: Measure, status: int = 200, **forms: Form) -> HttpResponse:
    today = timezone.localdate()
    is_open = measure.status == Measure.Status.OPEN
    context: dict[str, Any] = {
        "measure": measure,
        "today": today,
        "is_open": is_open,
        "hot_spots": hot_spots_of(measure.place),
        "history": history(measure),
        "may_change": can(request.user, CHANGE_MEASURES),
        "can_reopen": measure.closed_at is not None and can_reopen(measure),
        "next_template": f"tactics/measures/kinds/{measure.kind}_next.html",
        "kind_template": f"tactics/measures/kinds/{measure.kind}.html",
        "finish_form": FinishForm(prefix="finish"),
        "drop_form": DropForm(prefix="drop"),
    }
    context |= DETAILS_OF[measure.kind](request, measure) | forms
    return render(request, "tactics/measures/page.html", context, status=status)


def act(
    request: HttpRequest, measure: Measure, form: Form | None, name: str, action: Callable[[], Any], words: str
) -> HttpResponse:
    """Do one thing and come back to the page; on an error the page comes back with what was typed."""
    if form is None or form.is_valid():
        try:
            action()
        except CannotMove as error:
            if form is None or measure.status != Measure.Status.OPEN:
                messages.error(request, str(error))
                return redirect("measure", measure.pk)
            form.add_error(None, str(error))
        else:
            say(request, words)
            return redirect("measure", measure.pk)
    return render_measure(request, measure, status=422, **{name: form})


def say(request: HttpRequest, words: str) -> None:
    transaction.on_commit(lambda: messages.success(request, words))


def lighting_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    survey = getattr(measure, "lighting_survey", None)
    items = list(survey.items.all()) if survey else []
    waiting = [item for item in items if item.state != LightingItem.State.WORKS and not item.fixed_on]
    return {
        "survey": survey,
        "items": items,
        "waiting": waiting,
        "may_survey": can(request.user, SURVEY_LIGHTING),
    }


def camera_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    camera = getattr(measure, "camera", None)
    return {
        "camera": camera,
        "faces": compass_words(camera.direction) if camera else "",
        "may_register": can(request.user, MANAGE_CAMERAS),
        "may_see_contact": can(request.user, SEE_CAMERA_CONTACT),
        "confirm_form": ConfirmForm(prefix="confirm"),
        "withdraw_form": WithdrawForm(prefix="withdraw"),
    }


def permit_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    program = getattr(measure, "permit_program", None)
    if not program:
        return {"program": None}
    counts = program.permits.aggregate(
        issued=Count("pk"),
        valid=Count("pk", filter=Q(returned_on=None) & (Q(expires_on=None) | Q(expires_on__gt=timezone.localdate()))),
    )
    return {
        "program": program,
        "counts": counts,
        "homes": homes_and_permits(program, timezone.localdate(), request.GET.get("home", "")[:20]),
        "asked_home": request.GET.get("home", "")[:20],
        "impounds": program.impounds.all()[:100],
        "issue_form": IssueForm(prefix="issue"),
        "impound_form": ImpoundForm(prefix="impound"),
    }


def lease_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    case = getattr(measure, "lease_case", None)
    if not case:
        return {"case": None}
    steps = list(case.steps.select_related("recorded_by"))
    has_next = bool(LEASE_MOVES.get(case.stage))
    return {
        "case": case,
        "steps": steps,
        "clock": steps[-1].next_due_on if steps and has_next else None,
        "has_next": has_next,
        "step_form": StepForm(case=case, prefix="step"),
    }


def trespass_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    authorization = getattr(measure, "trespass", None)
    context: dict[str, Any] = {"authorization": authorization, "months": trespass_months()}
    if authorization:
        today = timezone.localdate()
        in_force = authorization.ended_on is None and today < authorization.expires_on
        in_force = in_force and measure.status == Measure.Status.OPEN
        context |= {
            "in_force": in_force,
            "reminder_on": trespass_reminder(authorization.expires_on),
            "expires_soon": in_force and trespass_reminder(authorization.expires_on) <= today,
            "end_form": EndAuthorizationForm(prefix="end"),
        }
    return context


def no_details(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    """What is agreed is all that there is to it."""
    return {}


DETAILS_OF: dict[str, Callable[[HttpRequest, Measure], dict[str, Any]]] = {
    Tactic.LIGHTING: lighting_details,
    Tactic.CAMERAS: camera_details,
    Tactic.VEHICLE_PERMITS: permit_details,
    Tactic.LEASE_ENFORCEMENT: lease_details,
    Tactic.TRESPASS: trespass_details,
    Tactic.UPKEEP: no_details,
}
