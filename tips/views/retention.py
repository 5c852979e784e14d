"""What is about to go, with a way to hold it; and what is about a person and comes up for review."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from tips.actions import inbox as actions
from tips.forms.inbox import EndForm, ReviewForm, latest_review
from tips.permissions import REVIEW_TIPS
from tips.queries import inbox
from tips.queries import retention as queries
from tips.transitions import CannotMove
from tips.views.inbox import narrowing
from tips.views.tip import get_tip
from tips.views.work import say, seen

PER_PAGE = 50


@requires(REVIEW_TIPS)
@require_safe
def tips_about_to_go(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "page": Paginator(queries.about_to_go(today), PER_PAGE).get_page(request.GET.get("page")),
        "query": narrowing(request),
        "kept": settings.TIP_KEPT_DAYS,
        "unusable_kept": settings.TIP_UNUSABLE_KEPT_DAYS,
        "days": queries.LISTED_AHEAD.days,
        "to_review": queries.to_review(today).filter(review_on__lte=today).count(),
    }
    return render(request, "tips/inbox/about_to_go.html", context)


@requires(REVIEW_TIPS)
@require_POST
def tips_keep(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    """Hold it, from the list of what is about to go."""
    tip = get_tip(tip_id)
    try:
        actions.hold(by=request.user, tip=tip)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        say(request, _("Tip %(short)s is held: it stays until the hold is lifted.") % {"short": tip.short})
    return redirect("tips_about_to_go")


@requires(REVIEW_TIPS)
@require_safe
def tips_reviews(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(queries.to_review(today), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tips/inbox/reviews.html", {"page": page, "query": narrowing(request), "today": today})


@requires(REVIEW_TIPS)
def tip_review(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    """Kept on for a reason that was judged again, or ended; needs no key, for nothing that is sealed is shown."""
    tip = get_tip(tip_id)
    if not tip.about_person:
        return redirect("tip", tip.pk)
    form = ReviewForm(request.POST if request.method == "POST" else None, tip=tip)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_review(by=request.user, tip=tip, seen=seen(request), **form.cleaned_data)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("Reviewed. It comes up again on the day that you chose."))
            return redirect("tips_reviews")
    today = timezone.localdate()
    context = {
        "tip": tip,
        "form": form,
        "end_form": EndForm(tip=tip, prefix="end"),
        "last_event": inbox.last_event(tip),
        "today": today,
        "may_extend": latest_review(tip) > today,
    }
    return render(request, "tips/inbox/review.html", context, status=422 if form.errors else 200)
