"""Sending a tip to a partner, the partners' certificates, and the log of what was sent."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.cells import csv_response
from accounts.models import PartnerAgency
from accounts.permissions import can, requires
from tips.actions import messages as opening
from tips.actions import referrals as actions
from tips.certificates import CannotUse, check_current, fingerprint, read_certificate
from tips.forms.referrals import CertificateForm, ReferForm
from tips.models import Message, PartnerKey, Referral, Tip
from tips.permissions import REVIEW_TIPS, SEE_REFERRALS
from tips.queries import inbox as queries
from tips.reading import open_photo, open_tip
from tips.transitions import CannotMove
from tips.unlocking import Unlocked, needs_key
from tips.views.inbox import narrowing
from tips.views.tip import get_tip
from tips.views.work import say, seen

PER_PAGE = 50
HEAD = ["when", "tip", "partner", "by", "why", "what", "sha256"]


@requires(REVIEW_TIPS)
@cache_control(no_store=True)
@needs_key
def tip_refer(request: HttpRequest, tip_id: UUID, unlocked: Unlocked) -> HttpResponse:
    """Who, why and what; the answer is the sealed file itself, made once and kept nowhere here."""
    tip = get_tip(tip_id)
    try:
        actions.check_can_refer(tip)
    except CannotMove as error:
        messages.error(request, str(error))
        return redirect("tip", tip.pk)
    form = ReferForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return send(request, tip, unlocked, form.cleaned_data)
        except CannotUse as problem:
            form.add_error("partner", str(problem))
        except CannotMove as error:
            form.add_error(None, str(error))
    context = {
        "tip": tip,
        "form": form,
        "keys": PartnerKey.objects.exists(),
        "last_event": queries.last_event(tip),
    }
    return render(request, "tips/inbox/refer.html", context, status=422 if form.errors else 200)


def send(request: HttpRequest, tip: Tip, unlocked: Unlocked, asked: dict[str, Any]) -> HttpResponse:
    opened = open_tip(tip, unlocked)
    if opened is None:
        raise CannotMove(_("Your key does not open this tip."))
    opening.opened(by=request.user, tip=tip)
    pictures = [open_photo(tip, photo, unlocked) for photo in tip.messages.filter(kind=Message.Kind.PHOTO)]
    if None in pictures:
        raise CannotMove(_("A part of it cannot be opened, so that nobody would know what is sent."))
    photos = [picture for picture in pictures if picture] if Message.Kind.PHOTO in asked["parts"] else []
    _referral, sealed = actions.refer(
        by=request.user,
        opened=opened,
        key=asked["partner"],
        why=asked["why"],
        parts=asked["parts"],
        photos=photos,
        seen=seen(request),
    )
    headers = {"Content-Disposition": f'attachment; filename="tip-{tip.short}.zip.p7m"'}
    return HttpResponse(sealed, content_type="application/pkcs7-mime", headers=headers)


@requires(REVIEW_TIPS)
@require_safe
def tip_partners(request: HttpRequest) -> HttpResponse:
    keys = {key.partner_id: key for key in PartnerKey.objects.select_related("changed_by")}
    now = timezone.now()
    partners = [(partner, described(keys.get(partner.pk), now)) for partner in PartnerAgency.objects.order_by("name")]
    return render(request, "tips/inbox/partners.html", {"partners": partners})


def described(key: PartnerKey | None, now: Any) -> dict[str, Any] | None:
    """What is known of a stored certificate, and what is wrong with it by now."""
    if key is None:
        return None
    problem = ""
    try:
        certificate = read_certificate(key.certificate, now)
    except CannotUse as error:
        return {"key": key, "problem": str(error)}
    return {
        "key": key,
        "problem": problem,
        "fingerprint": fingerprint(certificate),
        "until": certificate.not_valid_after_utc,
    }


@requires(REVIEW_TIPS)
def tip_partner_key(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Read first, its fingerprint shown; used when somebody says that both sides compared it."""
    partner = get_object_or_404(PartnerAgency, pk=partner_id)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CertificateForm(*sent)
    context: dict[str, Any] = {"partner": partner, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "tips/inbox/partner.html", context, status=422 if form.errors else 200)
    certificate = form.certificate
    if request.POST.get("compared") == fingerprint(certificate):
        actions.set_partner_key(by=request.user, partner=partner, certificate=form.cleaned_data["pem"])
        say(request, _("Tips can be sent to %(partner)s now.") % {"partner": partner.name})
        return redirect("tip_partners")
    check_current(certificate, timezone.now())
    context |= {
        "pem": form.cleaned_data["pem"],
        "fingerprint": fingerprint(certificate),
        "subject": certificate.subject.rfc4514_string(),
        "until": certificate.not_valid_after_utc,
        "bits": certificate.public_key().key_size,
    }
    return render(request, "tips/inbox/partner_compare.html", context)


@requires(SEE_REFERRALS)
@require_safe
def tip_referrals(request: HttpRequest) -> HttpResponse:
    """Each dissemination: to whom, by whom, why, what kinds of parts. Outlives the tips."""
    referrals = Referral.objects.select_related("by").order_by("-at", "-pk")
    may_review = can(request.user, REVIEW_TIPS)
    context = {
        "page": Paginator(referrals, PER_PAGE).get_page(request.GET.get("page")),
        "query": narrowing(request),
        "may_review": may_review,
    }
    return render(request, "tips/inbox/referrals.html", context)


@requires(SEE_REFERRALS)
@require_safe
def tip_referrals_export(request: HttpRequest) -> HttpResponse:
    referrals = Referral.objects.select_related("by").order_by("at", "pk")
    actions.exported_log(by=request.user, number=referrals.count())

    def rows() -> Iterator[list[Any]]:
        yield HEAD
        for each in referrals.iterator(chunk_size=500):
            when = timezone.localtime(each.at).isoformat(timespec="minutes")
            why = each.get_why_display()
            yield [when, each.tip_short, each.partner_name, each.by.username, why, each.what, each.digest]

    return csv_response("referrals.csv", rows())
