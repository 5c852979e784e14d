"""The list of tips, without contents, and the search over what a reviewer can open."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from tips import searching
from tips.actions import searches
from tips.forms.inbox import FilterForm, SearchForm
from tips.models import Tip
from tips.permissions import REVIEW_TIPS
from tips.queries import inbox as queries
from tips.unlocking import Unlocked, needs_key, unlocked_by

PER_PAGE = 25


@requires(REVIEW_TIPS)
@require_safe
def tips(request: HttpRequest) -> HttpResponse:
    """Works without an unlocked key: nothing that is sealed is shown."""
    form, today = FilterForm(request.GET), timezone.localdate()
    listed = queries.rows(queries.narrowed(form.asked(), user=request.user, today=today), today)
    query = narrowing(request)
    context = {"form": form, "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")), "query": query}
    return render(request, "tips/inbox/list.html", context | frame(request))


def narrowing(request: HttpRequest) -> str:
    """What the list is narrowed by, for the links to its other pages."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


def frame(request: HttpRequest) -> dict[str, Any]:
    """What stands above every list."""
    counts = queries.counts(user=request.user, today=timezone.localdate())
    return {
        "counts": counts,
        "by_status": [(status, counts[status]) for status in Tip.Status],
        "is_unlocked": unlocked_by(request) is not None,
        "search_form": SearchForm(),
    }


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
@cache_control(no_store=True)
@require_POST
@needs_key
def tips_search(request: HttpRequest, unlocked: Unlocked) -> HttpResponse:
    """Within what the list is narrowed to. By POST, so that the words are in no address and no log."""
    form, today = FilterForm(request.GET), timezone.localdate()
    words = SearchForm(request.POST)
    context = {"form": form, "query": narrowing(request)} | frame(request) | {"search_form": words}
    if not words.is_valid():
        return render(request, "tips/inbox/found.html", context, status=422)
    narrowed = queries.narrowed(form.asked(), user=request.user, today=today)
    found = searching.search(narrowed, unlocked, words.cleaned_data["words"])
    searches.searched(by=request.user, number=found.searched)
    fitting = queries.rows(Tip.objects.filter(pk__in=found.tips), today)
    return render(request, "tips/inbox/found.html", context | {"found": found, "page": fitting})
