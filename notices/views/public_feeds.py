"""Projects for programs: Atom and JSON (docs/public-site.md), and the pictures of the public pages."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from accounts.agency import current_agency
from notices.queries import public as queries
from notices.views.public import in_words, public

JSON_VERSION = 1


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
    for row in queries.projects(timezone.localdate()):
        project = in_words(row, language)
        feed.add_item(
            title=project["name"],
            link=address("public_project", language, row.slug),
            description=project["results"] or project["summary"],
            unique_id=f"{address('public_project', language, row.slug)}#{row.pk}",
            pubdate=row.approved_at,
            updateddate=row.approved_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@public
def projects_json(request: HttpRequest, language: str) -> JsonResponse:
    rows = queries.projects(timezone.localdate())
    told = [as_data(in_words(row, language), language) for row in rows]
    head = {"version": JSON_VERSION, "language": language, "agency": current_agency().name}
    return JsonResponse({**head, "projects": told}, json_dumps_params={"ensure_ascii": False, "indent": 1})


def as_data(project: dict[str, Any], language: str) -> dict[str, Any]:
    picture = address("public_map", language, project["slug"]) if project["has_map"] else None
    return {
        "id": project["slug"],
        "name": project["name"],
        "summary": project["summary"],
        "results": project["results"] or None,
        "starts_on": project["starts_on"],
        "ends_on": project["ends_on"],
        "updated": project["updated"],
        "tactics": [{"code": code.value, "name": code.label, "words": words} for code, words in project["tactics"]],
        "page": address("public_project", language, project["slug"]),
        "map": picture and {"url": picture, "alt": project["alt"]},
    }


@public
def project_map(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    project = get_object_or_404(queries.projects(timezone.localdate()), slug=slug)
    raise Http404


@public
def release_map(request: HttpRequest, language: str, release_id: int) -> HttpResponse:
    publication = get_object_or_404(queries.news(language, timezone.localdate()), release=release_id)
    if not publication.release.map_png:
        raise Http404
    return HttpResponse(bytes(publication.release.map_png), content_type="image/png")


def address(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)
