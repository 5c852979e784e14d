"""The pages of the tip form: no cookie, no script, nothing kept but what is sealed. Each works in both languages."""

import uuid
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tips.intake import places, storing, tokens
from tips.intake.forms import AdditionForm, ReceiptForm, TipForm, clean_photos
from tips.queries import intake as queries
from tips.sealing import receipts
from tips.sealing.keys import CannotOpen
from tips.sealing.tips import Told, open_reply_key, open_texts

NAMES = {"en": "English", "es": "Español"}  # each in its own language
STYLE = Path(__file__).resolve().parent / "style.css"


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    wished = get_language_from_request(request)
    return redirect("tip_form", language=wished if wished in NAMES else settings.LANGUAGE_CODE)


def tip_form(request: HttpRequest, language: str) -> HttpResponse:
    """One form, whose buttons say what is to be done: send it, look at the map, or show it in the other language."""
    if request.method in {"GET", "HEAD"}:
        return show_form(request, language, TipForm(), places.Where())
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    refuse_other_sites(request)
    where = places.read(request.POST)
    if "send" not in request.POST:
        return show_form(request, language, TipForm(initial=request.POST.dict()), where)
    form = TipForm(request.POST)
    photos, wrong = clean_photos(request.FILES.getlist("photos"))
    told = tokens.read("form", request.POST.get("token", ""), tokens.FORM_SECONDS)
    if not form.is_valid() or wrong:
        return show_form(request, language, form, where, wrong=wrong, status=422)
    if told is None:
        why = _("This page was open for a long time. Nothing is lost: please press Send again.")
        return show_form(request, language, form, where, wrong=[why], status=422)
    texts = {name: form.cleaned_data[name] for name in ("what", "where", "when", "who") if form.cleaned_data[name]}
    texts |= where.texts()
    try:
        receipt = storing.receive(
            Told(texts, photos),
            channel="web",
            language=language,
            sending=uuid.UUID(told["sending"]),
            suspect=bool(form.cleaned_data["leave_empty"]),
        )
    except storing.Away:
        return show_form(request, language, form, where, wrong=[not_taken()], status=503)
    return page(request, language, "receipt.html", {"words": receipt.split()})


def show_form(
    request: HttpRequest,
    language: str,
    form: TipForm,
    where: places.Where,
    wrong: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    token = request.POST.get("token", "")
    if tokens.read("form", token, tokens.FORM_SECONDS) is None:
        token = tokens.make("form", {"sending": str(uuid.uuid4())})
    context = {
        "form": form,
        "wrong": wrong or [],
        "chose_photos": bool(request.FILES),
        "token": token,
        "map": places.shown(where),
        "where": where,
        "most_photos": settings.MOST_TIP_PHOTOS,
    }
    return page(request, language, "form.html", context, status=status)


@require_safe
def map_picture(request: HttpRequest, token: str) -> HttpResponse:
    picture = places.picture(token)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/png")


def come_back(request: HttpRequest, language: str) -> HttpResponse:
    """With the receipt: answers, and a form to answer with. What was told before is not shown to whoever has the words."""
    if request.method in {"GET", "HEAD"}:
        return page(request, language, "come_back.html", {"form": ReceiptForm()})
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    refuse_other_sites(request)
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return page(request, language, "come_back.html", {"form": form}, status=422)
    try:
        opened = receipts.open_receipt(form.cleaned_data["receipt"], storing.salt())
        tip = storing.patiently(queries.opened, opened.stored)
        answers = storing.patiently(queries.answers, opened.stored)
    except storing.Away:
        form.add_error("receipt", _("We could not look just now. Please try again, or call the tip line."))
        return page(request, language, "come_back.html", {"form": form}, status=503)
    if tip is None:
        form.add_error("receipt", unknown_receipt())
        return page(request, language, "come_back.html", {"form": form}, status=404)
    token = tokens.make("opened", {"tip": str(tip.tip), "key": tip.case_key.hex()})
    context = {
        "answers": read_answers(tip, opened, answers),
        "status": tip.status,
        "form": AdditionForm(),
        "token": token,
        "most_photos": settings.MOST_TIP_PHOTOS,
    }
    return page(request, language, "answers.html", context)


def read_answers(
    tip: queries.OpenedTip, opened: receipts.Opened, answers: list[tuple[uuid.UUID, bytes]]
) -> list[dict[str, str]]:
    """An answer that cannot be opened says so in its place; the others are read all the same."""
    key = open_reply_key(tip.tip, opened, tip.reply_secret)
    told = []
    for message, sealed in answers:
        try:
            told.append(open_texts(key, tip.tip, message, sealed))
        except CannotOpen:
            told.append({"text": _("An answer cannot be read. Please tell us so below.")})
    return told


@require_POST
def add(request: HttpRequest, language: str) -> HttpResponse:
    refuse_other_sites(request)
    told = tokens.read("opened", request.POST.get("token", ""), tokens.OPENED_SECONDS)
    if told is None:
        form = ReceiptForm()
        context = {"form": form, "more": request.POST.get("more", "")}
        return page(request, language, "come_back.html", context, status=422)
    photos, wrong = clean_photos(request.FILES.getlist("photos"))
    addition = AdditionForm(request.POST, has_photos=bool(photos))
    context = {
        "form": addition,
        "wrong": wrong,
        "token": request.POST["token"],
        "most_photos": settings.MOST_TIP_PHOTOS,
    }
    if not addition.is_valid() or wrong:
        return page(request, language, "answers.html", context, status=422)
    more = addition.cleaned_data["more"]
    texts = {"text": more} if more else {}
    try:
        stored = storing.add(uuid.UUID(told["tip"]), bytes.fromhex(told["key"]), Told(texts, photos))
    except storing.Away:
        return page(request, language, "answers.html", context | {"wrong": [not_taken()]}, status=503)
    if stored == "full":
        return page(request, language, "answers.html", context | {"wrong": [full()]}, status=409)
    if stored == "gone":
        context = {"form": ReceiptForm(), "gone": unknown_receipt()}
        return page(request, language, "come_back.html", context, status=404)
    return page(request, language, "added.html", {})


@require_safe
def safety(request: HttpRequest, language: str) -> HttpResponse:
    addresses = {"form_url": settings.TIP_FORM_URL, "onion_url": settings.TIP_ONION_URL}
    return page(request, language, "safety.html", {"proven_on": storing.proven_on(), **addresses})


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """To a page that anybody may have open. Browsers that know how drop what they kept of this one."""
    response = HttpResponse(status=303, headers={"Location": settings.LEAVE_URL})
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    return HttpResponse(style_text(), content_type="text/css; charset=utf-8")


@cache
def style_text() -> str:
    return STYLE.read_text(encoding="utf-8")


@require_safe
def nothing(request: HttpRequest) -> HttpResponse:
    """In place of a picture in the tab, which would tell what the page is."""
    return HttpResponse(status=204)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def prove(request: HttpRequest) -> HttpResponse:
    """Fails on purpose, for `prove_anonymity` alone: what a failure leaves behind is what it looks for."""
    if tokens.read("prove", request.GET.get("token", ""), tokens.PROOF_SECONDS) is None:
        raise Http404
    raise RuntimeError(request.POST.get("what", ""))


def refuse_other_sites(request: HttpRequest) -> None:
    """`Origin` is not asked: browsers send null under no-referrer. No cookie could be ridden on anyway."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise PermissionDenied
    if request.content_type not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise BadRequest
    # Browsers send the page's own charset and name none; some decoders take seconds for a page, or fail.
    if (request.encoding or "utf-8").lower() != "utf-8":
        raise BadRequest


def not_taken() -> str:
    return _(
        "We could not take it just now. Please press Send again, or call the tip line. If it should come twice, we notice."
    )


def full() -> str:
    return _("This tip cannot take any more. Please send what you have to say as a new one.")


def unknown_receipt() -> str:
    return _("Nothing is here for these words. They may be mistyped, or the tip was deleted when its time was over.")


def page(
    request: HttpRequest, language: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    agency = storing.agency()
    other = "es" if language == "en" else "en"
    match = request.resolver_match
    frame = {
        "language": language,
        "other": other,
        "other_name": NAMES[other],
        "other_url": reverse(match.view_name if match and "language" in match.kwargs else "tip_form", args=[other]),
        "agency": agency,
        "demo": settings.DEMO,
        "public_site": f"{settings.SITE_URL}/{language}/",
    }
    return render(request, f"tips/intake/{template}", {**frame, **context}, status=status)
