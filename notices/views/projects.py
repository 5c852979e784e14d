"""Public projects: what staff write about a hot spot for the public, and see of it before the public does."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from hotspots.models import HotSpot
from notices.actions import projects as actions
from notices.forms.projects import ProjectForm, WithdrawForm
from notices.models import PublicProject, PublicStatus
from notices.permissions import WRITE_PUBLIC
from notices.queries import projects as queries
from notices.transitions_public import CannotMove
from notices.views.review import STATUSES, step_taken, steps_for

PER_PAGE = 50
ENGLISH, SPANISH = gettext_lazy("English"), gettext_lazy("Spanish")


@requires(WRITE_PUBLIC)
def project_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "all")
    page = Paginator(queries.listed(status), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "status": status, "statuses": STATUSES, "query": f"status={status}"}
    return render(request, "notices/projects/list.html", context)


@requires(WRITE_PUBLIC)
def project_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """A fragment of the hot spot's page."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    public, draft = queries.of_hot_spot(hot_spot)
    releases = hot_spot.releases.defer("map_png")
    context = {"hot_spot": hot_spot, "public": public, "draft": draft, "releases": releases}
    return render(request, "notices/projects/panel.html", context | {"today": timezone.localdate()})


@requires(WRITE_PUBLIC)
def project_new(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    form = ProjectForm(request.POST or None, hot_spot=hot_spot, initial=actions.prefilled(hot_spot))
    if request.method == "POST" and form.is_valid():
        try:
            project = actions.create(by=request.user, hot_spot=hot_spot, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft waits for a second person. Nothing is public yet."))
            return redirect("shown_project", project.pk)
    return _form(request, form, hot_spot, None)


@requires(WRITE_PUBLIC)
def project_edit(request: HttpRequest, project_id: int) -> HttpResponse:
    project = _found(project_id)
    if project.status != PublicStatus.DRAFT:
        return redirect("shown_project", project_id)
    form = ProjectForm(request.POST or None, instance=project, hot_spot=project.hot_spot)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=request.user, project=_found(project_id), **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is changed."))
            return redirect("shown_project", project_id)
    return _form(request, form, project.hot_spot, _found(project_id))


@requires(WRITE_PUBLIC)
def project_page(request: HttpRequest, project_id: int) -> HttpResponse:
    return _page(request, _found(project_id))


@require_POST
@requires(WRITE_PUBLIC)
def project_step(request: HttpRequest, project_id: int, step: str) -> HttpResponse:
    """One step of the table; whether this person may take it is asked of the table."""
    project = _found(project_id)
    if step == "rewrite":
        try:
            draft = actions.rewrite(by=request.user, project=project)
        except CannotMove as error:
            messages.error(request, str(error))
            return redirect("shown_project", project_id)
        messages.success(request, _("This is a new draft. What is public stays until the draft is approved."))
        return redirect("shown_project_edit", draft.pk)
    form = step_taken(request, project, step)
    if form is not None:
        return _page(request, project, form, status=422)
    return redirect("shown_projects" if step == "discard" else _back(request), *_of(request, step, project_id))


@requires(WRITE_PUBLIC)
def project_map(request: HttpRequest, project_id: int) -> HttpResponse:
    project = _found(project_id)
    if project.area is None:
        raise Http404
    from notices.pictures import area_picture  # draws with matplotlib

    return HttpResponse(area_picture(project.area), content_type="image/png")


def _back(request: HttpRequest) -> str:
    return "public_review" if request.POST.get("back") == "review" else "shown_project"


def _of(request: HttpRequest, step: str, project_id: int) -> list[int]:
    return [] if step == "discard" or _back(request) == "public_review" else [project_id]


def _found(project_id: int) -> PublicProject:
    people = ("hot_spot", "created_by", "changed_by", "approved_by", "reviewed_by", "withdrawn_by", "replaces")
    return get_object_or_404(PublicProject.objects.select_related(*people), pk=project_id)


def _page(
    request: HttpRequest, project: PublicProject, withdraw: WithdrawForm | None = None, status: int = 200
) -> HttpResponse:
    seen = [("en", ENGLISH, queries.as_shown(project, "en")), ("es", SPANISH, queries.as_shown(project, "es"))]
    context: dict[str, Any] = {
        "project": project,
        "seen": seen,
        "steps": steps_for(request.user, project),
        "withdraw": withdraw or WithdrawForm(),
        "today": timezone.localdate(),
        "newer": PublicProject.objects.filter(replaces=project).first(),
    }
    return render(request, "notices/projects/page.html", context, status=status)


def _form(request: HttpRequest, form: ProjectForm, hot_spot: HotSpot, project: PublicProject | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "hot_spot": hot_spot, "project": project}
    return render(request, "notices/projects/form.html", context, status=status)
