"""Releases to the media: written, approved, taken along, and where they were published."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from accounts.agency import current_agency
from accounts.permissions import requires
from hotspots.models import HotSpot
from notices.actions import releases as actions
from notices.forms.projects import WithdrawForm
from notices.forms.releases import PublicationForm, ReleaseForm
from notices.models import Publication, PublicStatus, Release
from notices.permissions import WRITE_PUBLIC
from notices.queries import media as queries
from notices.queries.projects import of_hot_spot
from notices.transitions_public import CannotMove
from notices.views.projects import ENGLISH, SPANISH
from notices.views.review import STATUSES, step_taken, steps_for
from notices.wording import Facts, release_texts

PER_PAGE = 50


@requires(WRITE_PUBLIC)
def release_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "all")
    page = Paginator(queries.listed(status), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": page, "status": status, "statuses": STATUSES, "query": f"status={status}"}
    context["hot_spots"] = HotSpot.objects.active_on(timezone.localdate()).order_by("name")
    return render(request, "notices/releases/list.html", context)


@requires(WRITE_PUBLIC)
def release_new(request: HttpRequest) -> HttpResponse:
    """From the facts of a hot spot, or from an empty page."""
    number = request.GET.get("hot_spot", "")
    hot_spot = get_object_or_404(HotSpot, pk=int(number)) if number.isascii() and number.isdecimal() else None
    facts = _facts(hot_spot) if hot_spot else None
    form = ReleaseForm(request.POST or None, hot_spot=hot_spot, initial=_texts(facts) if facts else {})
    if request.method == "POST" and form.is_valid():
        try:
            release = actions.create(by=request.user, hot_spot=hot_spot, facts=facts, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft waits for a second person. Nothing is public yet."))
            return redirect("release", release.pk)
    return _form(request, form, hot_spot, None)


@requires(WRITE_PUBLIC)
def release_edit(request: HttpRequest, release_id: int) -> HttpResponse:
    release = _found(release_id)
    if release.status != PublicStatus.DRAFT:
        return redirect("release", release_id)
    form = ReleaseForm(request.POST or None, instance=release, hot_spot=release.hot_spot)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=request.user, release=_found(release_id), **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is changed."))
            return redirect("release", release_id)
    return _form(request, form, release.hot_spot, _found(release_id))


@requires(WRITE_PUBLIC)
def release_page(request: HttpRequest, release_id: int) -> HttpResponse:
    return _page(request, _found(release_id))


@require_POST
@requires(WRITE_PUBLIC)
def release_step(request: HttpRequest, release_id: int, step: str) -> HttpResponse:
    release = _found(release_id)
    if step == "rewrite":
        try:
            draft = actions.rewrite(by=request.user, release=release)
        except CannotMove as error:
            messages.error(request, str(error))
            return redirect("release", release_id)
        messages.success(request, _("This is a new draft. What is public stays until the draft is approved."))
        return redirect("release_edit", draft.pk)
    form = step_taken(request, release, step)
    if form is not None:
        return _page(request, release, withdraw=form, status=422)
    if request.POST.get("back") == "review":
        return redirect("public_review")
    return redirect("releases") if step == "discard" else redirect("release", release_id)


@require_POST
@requires(WRITE_PUBLIC)
def release_publish(request: HttpRequest, release_id: int) -> HttpResponse:
    release = _found(release_id)
    form = PublicationForm(request.POST, release=release)
    if form.is_valid():
        try:
            actions.publish(by=request.user, release=release, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is recorded."))
            return redirect("release", release_id)
    return _page(request, release, publish=form, status=422)


@require_POST
@requires(WRITE_PUBLIC)
def publication_remove(request: HttpRequest, publication_id: int) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.select_related("release"), pk=publication_id)
    try:
        actions.remove_publication(by=request.user, publication=publication)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The entry is removed."))
    return redirect("release", publication.release_id)


@requires(WRITE_PUBLIC)
def release_map(request: HttpRequest, release_id: int) -> HttpResponse:
    release = _found(release_id)
    if not release.map_png:
        raise Http404
    return HttpResponse(bytes(release.map_png), content_type="image/png")


@requires(WRITE_PUBLIC)
def release_file(request: HttpRequest, release_id: int, language: str, kind: str) -> HttpResponse:
    """Text or PDF of what was approved, to give away."""
    release = _found(release_id)
    if release.status != PublicStatus.PUBLIC or language not in ("en", "es") or kind not in ("txt", "pdf"):
        raise Http404
    context = {**_words(release, language), "agency": current_agency(), "release": release, "language": language}
    if kind == "txt":
        text = "\n\n".join((context["title"], context["body"], context["post"])) + "\n"
        content, content_type = text.replace("\n", "\r\n").encode(), "text/plain; charset=utf-8"
    else:
        from tactics import pdf  # WeasyPrint

        with override(language):
            html = render_to_string("notices/releases/pdf.html", context | {"origin": pdf.ORIGIN})
        pictures = {f"{pdf.ORIGIN}release-map.png": bytes(release.map_png)} if release.map_png else {}
        content, content_type = pdf.make(html, pictures), "application/pdf"
    headers = {"Content-Disposition": f'attachment; filename="release-{release.pk}-{language}.{kind}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _facts(hot_spot: HotSpot) -> Facts:
    """As the public project tells them, which a second person has read or will read; else as the plan has them."""
    public, draft = of_hot_spot(hot_spot)
    if told := public or draft:
        return Facts({"en": told.name_en, "es": told.name_es}, told.starts_on, tuple(told.tactics))
    plan = hot_spot.plans.open().first()
    tactics = tuple(plan.tactics.values_list("tactic", flat=True)) if plan else ()
    area = dict.fromkeys(("en", "es"), hot_spot.name)
    return Facts(area, plan.starts_on if plan else hot_spot.starts_on, tactics)


def _texts(facts: Facts) -> dict[str, Any]:
    texts = {code: release_texts(facts, code) for code in ("en", "es")}
    return {f"{name}_{code}": text for code, found in texts.items() for name, text in found.items()}


def _words(release: Release, language: str) -> dict[str, str]:
    return {name: getattr(release, f"{name}_{language}") for name in ("title", "body", "post", "alt")}


def _found(release_id: int) -> Release:
    people = ("hot_spot", "created_by", "changed_by", "approved_by", "reviewed_by", "withdrawn_by")
    return get_object_or_404(Release.objects.select_related(*people), pk=release_id)


def _page(
    request: HttpRequest,
    release: Release,
    *,
    withdraw: Form | None = None,
    publish: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    publications = [(each, actions.can_remove(each)) for each in queries.publications_of(release)]
    context = {
        "release": release,
        "seen": [("en", ENGLISH, _words(release, "en")), ("es", SPANISH, _words(release, "es"))],
        "steps": steps_for(request.user, release),
        "withdraw": withdraw or WithdrawForm(),
        "publish": publish or PublicationForm(release=release),
        "publications": publications,
        "today": timezone.localdate(),
        "newer": Release.objects.filter(replaces=release).only("pk").first(),
    }
    return render(request, "notices/releases/page.html", context, status=status)


def _form(request: HttpRequest, form: ReleaseForm, hot_spot: HotSpot | None, release: Release | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "hot_spot": hot_spot, "release": release}
    return render(request, "notices/releases/form.html", context, status=status)
