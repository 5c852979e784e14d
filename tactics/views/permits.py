"""Parking by permit at a complex."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import record
from accounts.cells import csv_response
from accounts.models import AuditEntry
from accounts.permissions import requires
from tactics.actions import permits as actions
from tactics.catalogue import Tactic
from tactics.forms.permits import ImpoundForm, IssueForm, ProgramForm
from tactics.measure_transitions import CannotMove
from tactics.models import Impound, Measure, VehiclePermit
from tactics.permissions import CHANGE_MEASURES
from tactics.queries.permits import PRINTED, permits_to_print
from tactics.views.measure_page import act, get_measure, render_measure, say


@requires(CHANGE_MEASURES)
def program(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Set the program up, or change its rules."""
    measure = get_measure(measure_id, kind=Tactic.VEHICLE_PERMITS)
    existing = getattr(measure, "permit_program", None)
    form = ProgramForm(request.POST or None, instance=existing, initial={"starts_on": timezone.localdate()})
    if existing:
        form.initial["starts_on"] = existing.starts_on
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_program(by=request.user, measure=measure, **form.cleaned_data)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("Saved."))
            return redirect("measure", measure.pk)
    context = {"measure": measure, "form": form, "is_new": existing is None}
    return render(request, "tactics/measures/program.html", context, status=422 if form.errors else 200)


@requires(CHANGE_MEASURES)
@require_POST
def permits_issue(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = with_program(measure_id), IssueForm(request.POST, prefix="issue")
    if form.is_valid():
        try:
            issued = actions.issue_permits(by=request.user, program=measure.permit_program, **form.cleaned_data)
        except CannotMove as error:
            form.add_error("homes" if measure.status == Measure.Status.OPEN else None, str(error))
        else:
            words = ngettext(
                "%(count)s permit issued: %(first)s.", "%(count)s permits issued: %(first)s to %(last)s.", len(issued)
            )
            say(request, words % {"count": len(issued), "first": issued[0].number, "last": issued[-1].number})
            return redirect("measure", measure.pk)
    return render_measure(request, measure, status=422, issue_form=form)


@requires(CHANGE_MEASURES)
@require_safe
def permits_print(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """The permits that are out, to be printed."""
    measure = with_program(measure_id)
    rows = list(permits_to_print(measure.permit_program))
    record(by=request.user, action=AuditEntry.Action.EXPORTED, subject=f"permits, {measure.place}", rows=len(rows))
    return csv_response(f"permits-{timezone.localdate().isoformat()}.csv", [PRINTED, *rows])


@requires(CHANGE_MEASURES)
@require_POST
def permit_returned(request: HttpRequest, permit_id: int) -> HttpResponse:
    """The permit came back; without `returned` that is taken back."""
    permit = get_object_or_404(VehiclePermit.objects.select_related("program__measure"), pk=permit_id)
    day = timezone.localdate() if "returned" in request.POST else None
    words = _("Permit %(number)s is returned.") if day else _("Permit %(number)s is valid again.")

    def turn() -> None:
        actions.set_returned(by=request.user, permit=permit, returned_on=day)

    return act(request, get_measure(permit.program_id), None, "", turn, words % {"number": permit.number})


@requires(CHANGE_MEASURES)
@require_POST
def impound_new(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = with_program(measure_id), ImpoundForm(request.POST, prefix="impound")

    def tow() -> Impound:
        return actions.record_impound(by=request.user, program=measure.permit_program, **form.cleaned_data)

    return act(request, measure, form, "impound_form", tow, _("The tow is recorded."))


@requires(CHANGE_MEASURES)
@require_POST
def impound_remove(request: HttpRequest, impound_id: int) -> HttpResponse:
    impound = get_object_or_404(Impound.objects.select_related("program__measure"), pk=impound_id)
    measure = get_measure(impound.program_id)
    return act(
        request, measure, None, "", lambda: actions.remove_impound(by=request.user, impound=impound), _("Removed.")
    )


def with_program(measure_id: UUID) -> Measure:
    return get_measure(measure_id, permit_program__isnull=False)
