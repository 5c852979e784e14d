"""The public site: no sign-in, no cookie, no script. Each page has its twin in the other language."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import public_facts
from accounts.agency import current_agency
from accounts.models import PartnerAgency
from accounts.permissions import open_to_all
from notices.actions import help_requests
from notices.forms.public import HelpForm, new_token, token_is_good
from notices.middleware import language_of
from notices.queries import projects
from notices.queries import public as queries
from notices.queries.projects import Shown
from notices.topics import TOPICS
from tactics.catalogue import CATALOGUE, Tactic

CACHED_SECONDS = 300
NEWEST = 3  # projects and news on the first page
NAMES = {"en": "English", "es": "Español"}  # each in its own language
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Anybody may read it, and any cache may keep it a little while."""
    return open_to_all(require_safe(cache_control(public=True, max_age=CACHED_SECONDS)(view)))


@open_to_all
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """A short address for signs and letters; the browser says which language."""
    wished = get_language_from_request(request)
    response = redirect("public_home", language=wished if wished in NAMES else settings.LANGUAGE_CODE)
    patch_vary_headers(response, ["Accept-Language"])
    return response


@public
def home(request: HttpRequest, language: str) -> HttpResponse:
    today = timezone.localdate()
    newest = {"projects": projects.shown(language=language)[:NEWEST], "news": queries.news(language, today)[:NEWEST]}
    return page(request, language, "home.html", newest)


@public
def about(request: HttpRequest, language: str) -> HttpResponse:
    return page(request, language, "about.html", {"tactics": [(tactic.label, CATALOGUE[tactic]) for tactic in Tactic]})


@public
def project_list(request: HttpRequest, language: str) -> HttpResponse:
    shown = projects.shown(language=language)
    current = [project for project in shown if not project.is_past]
    past = [project for project in shown if project.is_past]
    return page(request, language, "projects.html", {"current": current, "past": past})


@public
def project(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    found = projects.one_shown(slug, language=language)
    if not found:
        raise Http404
    return page(request, language, "project.html", {"project": found, "alt": alt_of(found)})


@public
def news(request: HttpRequest, language: str) -> HttpResponse:
    return page(request, language, "news.html", {"news": queries.news(language, timezone.localdate())})


@public
def release(request: HttpRequest, language: str, release_id: int) -> HttpResponse:
    today = timezone.localdate()
    publication = get_object_or_404(queries.news(language, today), release=release_id)
    also = queries.news(other_language(language), today).filter(release=release_id).exists()
    twin = {} if also else {"other_url": reverse("public_news", args=[other_language(language)])}
    return page(request, language, "release.html", {"publication": publication, **twin})


@public
def report(request: HttpRequest, language: str) -> HttpResponse:
    partners = PartnerAgency.objects.exclude(website="")
    proven_on = public_facts.fact("anonymity_proven_on")
    return page(request, language, "report.html", {"partners": partners, "proven_on": proven_on})


@open_to_all
@csrf_exempt  # a token in the form stands in for the cookie: see notices.forms.public
@require_http_methods(["GET", "HEAD", "POST"])
def help_page(request: HttpRequest, language: str) -> HttpResponse:
    if request.method != "POST":
        return page(request, language, "help.html", {"form": HelpForm(initial={"token": new_token()})})
    form = HelpForm(request.POST)
    form.is_valid()  # what is wrong in the fields is told in any case
    status, why = refusal(request)
    if why:
        form.add_error(None, why)
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("role", "name", "contact", "where", "message")}
        help_requests.receive(language=language, **told)
        return redirect("public_help_sent", language=language)
    return page(request, language, "help.html", {"form": with_good_token(form)}, status=status)


def refusal(request: HttpRequest) -> tuple[int, str]:
    """What stands against taking a request beside its fields. `Origin` is not asked: private browsers send null."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return 403, _("This was sent from another website. Please check it, and send it from here.")
    if queries.help_budget_is_spent(timezone.now()):
        words = _("We got very many requests just now and could not take yours. Please call %(phone)s, or try later.")
        return 429, words % {"phone": current_agency().phone}
    return 422, ""


@public
def help_sent(request: HttpRequest, language: str) -> HttpResponse:
    return page(request, language, "help_sent.html", {})


@public
def topic_list(request: HttpRequest, language: str) -> HttpResponse:
    return page(request, language, "topics.html", {})


@public
def topic(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    if slug not in TOPICS:
        raise Http404
    return page(request, language, "topic.html", {"topic": TOPICS[slug]})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """On the public site in its own dress and language; elsewhere as staff know it."""
    language = language_of(request.path_info)
    if not language:
        return defaults.page_not_found(request, exception)
    other = {"other_url": reverse("public_home", args=[other_language(language)])}
    return page(request, language, "not_found.html", other, status=404)


def page(
    request: HttpRequest, language: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page with its frame: whose site it is, how to reach them, and the same page in the other language."""
    agency, other, match = current_agency(), other_language(language), request.resolver_match
    frame = {
        "language": language,
        "other": other,
        "other_name": NAMES[other],
        "other_url": match and reverse(match.view_name, kwargs={**match.kwargs, "language": other}),
        "site": settings.SITE_URL,
        "lines": {"general": tel(agency.phone), "tips": tel(agency.tip_phone)},
        "call": format_html('<a href="tel:{}">{}</a>', tel(agency.phone), agency.phone),
        "tip_form_url": settings.TIP_FORM_URL,
        "topics": TOPICS,
    }
    return render(request, f"notices/public/{template}", {**frame, **context}, status=status)


def alt_of(project: Shown) -> str:
    """What the picture of its area says to those who do not see it."""
    words = _("Map of the streets of the project “%(name)s”. The area is drawn roughly, on purpose.")
    return words % {"name": project.name}


def other_language(language: str) -> str:
    return "es" if language == "en" else "en"


def tel(number: str) -> str:
    """As a phone dials it."""
    digits = re.sub(r"\D", "", number)
    return f"+1{digits}" if len(digits) == 10 else digits


def with_good_token(form: HelpForm) -> HelpForm:
    """The same form with all that was typed; a token that ran out is replaced."""
    if not token_is_good(form.data.get("token", "")):
        form.data = form.data.copy()
        form.data["token"] = new_token()
    return form
