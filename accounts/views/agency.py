from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.agency import current_agency
from accounts.forms import AgencyForm, PartnerForm
from accounts.models import AgencyProfile, PartnerAgency
from accounts.permissions import CHANGE_AGENCY, requires


@requires(CHANGE_AGENCY)
def agency(request: HttpRequest) -> HttpResponse:
    profile = AgencyProfile.objects.filter(pk=1).first() or current_agency()
    form = AgencyForm(request.POST or None, request.FILES or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        actions.change_agency(by=request.user, agency=form.save(commit=False), changed=form.changed_data)
        messages.success(request, _("Saved. Everybody sees it within half a minute."))
        return redirect("agency")
    now = timezone.localtime(timezone=ZoneInfo(form.initial["time_zone"]))
    context = {"form": form, "partners": PartnerAgency.objects.all(), "now": now}
    return render(request, "accounts/agency.html", context)


@requires(CHANGE_AGENCY)
@require_safe
def time_there(request: HttpRequest) -> HttpResponse:
    """What the clock shows in a time zone, before it is saved."""
    name = request.GET.get("time_zone", "")
    if name not in available_timezones():
        return HttpResponseBadRequest(_("There is no such time zone."), content_type="text/plain")
    return render(request, "accounts/time_there.html", {"now": timezone.localtime(timezone=ZoneInfo(name))})


@requires(CHANGE_AGENCY)
def add_partner(request: HttpRequest) -> HttpResponse:
    return _partner(request, PartnerAgency())


@requires(CHANGE_AGENCY)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    return _partner(request, get_object_or_404(PartnerAgency, pk=pk))


@requires(CHANGE_AGENCY)
@require_POST
def remove_partner(request: HttpRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(PartnerAgency, pk=pk)
    actions.remove_partner(by=request.user, partner=partner)
    messages.success(request, _("%(partner)s is no longer listed.") % {"partner": partner})
    return redirect("agency")


def _partner(request: HttpRequest, partner: PartnerAgency) -> HttpResponse:
    form = PartnerForm(request.POST or None, instance=partner)
    if request.method == "POST" and form.is_valid():
        actions.save_partner(by=request.user, partner=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("agency")
    return render(request, "accounts/partner.html", {"form": form, "partner": partner})
