"""Money of rewards: the counter, the ledger, and the report for the board."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import record
from accounts.agency import agency_zone, current_agency
from accounts.cells import csv_response
from accounts.models import AuditEntry
from accounts.permissions import can, requires
from tips.actions import reward_ledger as ledger
from tips.actions import reward_offers as offers
from tips.forms.rewards import BudgetForm, PayForm, PeriodForm
from tips.models import LedgerEntry, Reward
from tips.permissions import APPROVE_REWARDS, PAY_REWARDS, SEE_REWARD_FACTS
from tips.queries import rewards as queries
from tips.transitions import CannotMove
from tips.views.rewards import say

PER_PAGE = 50


@requires(PAY_REWARDS)
@sensitive_post_parameters()
def reward_pay(request: HttpRequest) -> HttpResponse:
    """Both numbers, then the amount, then the cash. Nothing tells the tip, and nobody is asked who they are."""
    form, reward, is_paid = PayForm(request.POST or None), None, "paid" in request.POST
    if request.method == "POST" and form.is_valid():
        step = offers.pay if is_paid else offers.check_codes
        reward, why_not = step(by=request.user, **form.cleaned_data)
        if reward and is_paid:
            say(request, _("Paid. Put the slip into the cash box."))
            return redirect("reward_slip", reward.code)
        if why_not:
            form.add_error(None, why_not)
    context = {"form": form, "reward": reward}
    return render(request, "tips/rewards/pay.html", context, status=422 if form.errors else 200)


@requires(PAY_REWARDS)
@require_safe
def reward_slip(request: HttpRequest, reward_code: str) -> HttpResponse:
    paid = Reward.objects.filter(paid_at__isnull=False).select_related("paid_by")
    return render(request, "tips/rewards/slip.html", {"reward": get_object_or_404(paid, code=reward_code)})


@requires(SEE_REWARD_FACTS)
@require_safe
def reward_ledger(request: HttpRequest) -> HttpResponse:
    return _render_ledger(request, BudgetForm())


def _render_ledger(request: HttpRequest, form: BudgetForm, status: int = 200) -> HttpResponse:
    context = {
        "page": Paginator(queries.ledger(), PER_PAGE).get_page(request.GET.get("page")),
        "balances": queries.balances(),
        "may_change": can(request.user, APPROVE_REWARDS),
        "form": form,
    }
    return render(request, "tips/rewards/ledger.html", context, status=status)


@requires(APPROVE_REWARDS)
@require_POST
def reward_budget(request: HttpRequest) -> HttpResponse:
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return _render_ledger(request, form, status=422)
    ledger.add_budget(by=request.user, **form.cleaned_data)
    say(request, _("Added to the budget."))
    return redirect("reward_ledger")


@requires(APPROVE_REWARDS)
@require_POST
def reward_budget_undo(request: HttpRequest, ledger_entry_id: int) -> HttpResponse:
    entry = get_object_or_404(LedgerEntry, pk=ledger_entry_id)
    try:
        ledger.undo_budget(by=request.user, entry=entry)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        say(request, _("Taken back by a counter entry."))
    return redirect("reward_ledger")


@requires(SEE_REWARD_FACTS)
@require_safe
def reward_report(request: HttpRequest) -> HttpResponse:
    asked = PeriodForm(request.GET or None)
    first, last = asked.days()
    form = asked if asked.errors else PeriodForm(initial={"first": first, "last": last})  # the days that are shown
    context = {"form": form, "report": queries.report(first, last), "query": request.GET.urlencode()}
    return render(request, "tips/rewards/report.html", context)


@requires(SEE_REWARD_FACTS)
@require_safe
def reward_report_csv(request: HttpRequest) -> HttpResponseBase:
    report = _exported(request, "csv")
    return csv_response(f"rewards-{report.first}-{report.last}.csv", report.rows())


@requires(SEE_REWARD_FACTS)
@require_safe
def reward_report_pdf(request: HttpRequest) -> HttpResponse:
    from tactics import pdf  # takes most of a second to load, and only who prints needs it

    report, agency = _exported(request, "pdf"), current_agency()
    with timezone.override(agency_zone()), translation.override("en"):
        context = {"report": report, "agency": agency, "origin": pdf.ORIGIN}
        made = pdf.make(render_to_string("tips/rewards/print.html", context))
    disposition = f'inline; filename="rewards-{report.first}-{report.last}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _exported(request: HttpRequest, kind: str) -> queries.Report:
    report = queries.report(*PeriodForm(request.GET).days())
    record(
        by=request.user,
        action=AuditEntry.Action.EXPORTED,
        subject=f"rewards as {kind}",
        first=report.first.isoformat(),
        last=report.last.isoformat(),
    )
    return report
