"""Lease cases and trespass authorizations: the steps that have legal clocks."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from tactics.actions import leases as lease_actions
from tactics.actions import trespass as trespass_actions
from tactics.catalogue import Tactic
from tactics.forms.leases import EndAuthorizationForm, SignatureForm, StepForm
from tactics.measure_transitions import CannotMove
from tactics.models import LeaseStep
from tactics.permissions import CHANGE_MEASURES
from tactics.views.measure_page import act, get_measure, say


@requires(CHANGE_MEASURES)
@require_POST
def lease_step(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure = get_measure(measure_id, lease_case__isnull=False)
    form = StepForm(request.POST, case=measure.lease_case, prefix="step")

    def step() -> LeaseStep:
        return lease_actions.record_step(by=request.user, case=measure.lease_case, **form.cleaned_data)

    return act(request, measure, form, "step_form", step, _("The step is recorded."))


@requires(CHANGE_MEASURES)
@require_POST
def lease_step_undo(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure = get_measure(measure_id, lease_case__isnull=False)
    return act(
        request,
        measure,
        None,
        "",
        lambda: lease_actions.undo_step(by=request.user, case=measure.lease_case),
        _("The last step is taken back."),
    )


@requires(CHANGE_MEASURES)
def signature(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """The owner signed: for the first time, or to renew."""
    measure = get_measure(measure_id, kind=Tactic.TRESPASS)
    existing = getattr(measure, "trespass", None)
    form = SignatureForm(request.POST or None, prefix="signature")
    if request.method == "POST" and form.is_valid():
        try:
            trespass_actions.record_signature(by=request.user, measure=measure, **form.cleaned_data)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("The authorization is renewed.") if existing else _("The authorization is in force."))
            return redirect("measure", measure.pk)
    context = {"measure": measure, "form": form, "is_new": existing is None}
    return render(request, "tactics/measures/signature.html", context, status=422 if form.errors else 200)


@requires(CHANGE_MEASURES)
@require_POST
def authorization_end(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure = get_measure(measure_id, trespass__isnull=False)
    form = EndAuthorizationForm(request.POST, prefix="end")

    def end() -> None:
        trespass_actions.end_authorization(by=request.user, authorization=measure.trespass, **form.cleaned_data)

    return act(request, measure, form, "end_form", end, _("The authorization is ended."))
