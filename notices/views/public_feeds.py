"""Projects for programs: Atom and JSON (docs/public-site.md), and the pictures of the public pages."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from accounts.agency import current_agency
from notices.queries import projects
from notices.queries import public as queries
from notices.queries.projects import Shown
from notices.views.public import alt_of, public

JSON_VERSION = 1
KEPT_SECONDS = 7 * 24 * 3600


@public
def atom(request: HttpRequest, language: str) -> HttpResponse:
    agency = current_agency()
    feed = Atom1Feed(
        title=_("Hot spot projects of the %(agency)s") % {"agency": agency.name},
        link=address("public_projects", language),
        description="",
        language=language,
        feed_url=address("public_feed", language),
        author_name=agency.name,
    )
    for project in projects.shown(language=language):
        link = address("public_project", language, project.slug)
        feed.add_item(
            title=project.name,
            link=link,
            description=project.results or project.summary,
            unique_id=f"{link}#{project.number}",
            pubdate=project.changed_at,
            updateddate=project.changed_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@public
def projects_json(request: HttpRequest, language: str) -> JsonResponse:
    told = [as_data(project, language) for project in projects.shown(language=language)]
    head = {"version": JSON_VERSION, "language": language, "agency": current_agency().name}
    return JsonResponse({**head, "projects": told}, json_dumps_params={"ensure_ascii": False, "indent": 1})


def as_data(project: Shown, language: str) -> dict[str, Any]:
    picture = address("public_map", language, project.slug) if project.area else None
    return {
        "id": project.slug,
        "name": project.name,
        "summary": project.summary,
        "results": project.results or None,
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "updated": project.changed_at,
        "tactics": [{"name": tactic.name, "words": tactic.words} for tactic in project.tactics],
        "page": address("public_project", language, project.slug),
        "map": picture and {"url": picture, "alt": alt_of(project)},
    }


@public
def project_map(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """The same picture in both languages: it has names of streets and no words."""
    project = projects.one_shown(slug, language=language)
    if not project or not project.area:
        raise Http404
    return HttpResponse(drawn(project), content_type="image/png")


def drawn(project: Shown) -> bytes:
    """Drawn once for each wording; the cache is shared by all processes."""
    key = f"public-map-{project.number}"
    picture = cache.get(key)
    if picture is None:
        from notices.pictures import area_picture  # draws with matplotlib

        picture = area_picture(project.area)
        cache.set(key, picture, KEPT_SECONDS)
    return picture


@public
def release_map(request: HttpRequest, language: str, release_id: int) -> HttpResponse:
    publication = get_object_or_404(queries.news(language, timezone.localdate()), release=release_id)
    if not publication.release.map_png:
        raise Http404
    return HttpResponse(bytes(publication.release.map_png), content_type="image/png")


def address(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)
