"""Letters: the list, a batch's page and its way through its states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError as QueueError

from accounts.permissions import can, requires
from hotspots.models import HotSpot
from notices import tasks, transitions
from notices.actions import batches as actions
from notices.actions import mailing, making
from notices.fields import FieldError
from notices.forms.batches import (
    ApproveForm,
    BatchForm,
    CancelForm,
    ListFilter,
    MailedForm,
    NothingForm,
    SendBackForm,
    StartForm,
    feet_of,
)
from notices.letters import Body
from notices.models import Batch, TemplateVersion
from notices.permissions import APPROVE_LETTERS, SEE_LETTERS, WRITE_LETTERS
from notices.printing import facts_of, setting_of
from notices.queries import batches as queries
from notices.transitions import CannotMove

PER_PAGE = 25
SHOWN_IN_PANEL = 5
NOTHING_MORE_TO_COME = 286  # tells the page to stop asking
PEOPLE = ("created_by", "submitted_by", "approved_by", "mailed_by")


@requires(SEE_LETTERS)
@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    form = ListFilter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    hot_spot = chosen.get("hot_spot")
    found = queries.listed(
        status=chosen.get("status", ""), hot_spot_id=hot_spot.pk if hot_spot else None, words=chosen.get("q", "")
    )
    given = request.GET.copy()
    given.pop("page", None)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "filter": form,
        "query": given.urlencode(),
        "is_filtered": any(chosen.values()),
        "to_approve": queries.to_approve(request.user) if can(request.user, APPROVE_LETTERS) else 0,
        "may_write": can(request.user, WRITE_LETTERS),
    }
    return render(request, "notices/batches/list.html", context)


@requires(SEE_LETTERS)
@require_safe
def batch_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """On the page of a hot spot."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    found = list(queries.listed(hot_spot_id=hot_spot.pk)[: SHOWN_IN_PANEL + 1])
    context = {
        "hot_spot": hot_spot,
        "batches": found[:SHOWN_IN_PANEL],
        "has_more": len(found) > SHOWN_IN_PANEL,
        "may_write": can(request.user, WRITE_LETTERS),
    }
    return render(request, "notices/batches/panel.html", context)


@requires(WRITE_LETTERS)
def batch_new(request: HttpRequest) -> HttpResponse:
    """First which letter and about what, then the form with just the fields of that letter."""
    start = StartForm(request.GET or None)
    hot_spot = start.cleaned_data["hot_spot"] if start.is_bound and start.is_valid() else None
    version = asked_version(request)
    if not hot_spot or not version:
        context = {"form": start if hot_spot is None else None, "hot_spot": hot_spot, "templates": queries.templates()}
        return render(request, "notices/batches/start.html", context)
    form = BatchForm(request.POST or None, hot_spot=hot_spot, version=version)
    if request.method == "POST" and form.is_valid():
        batch = actions.create(by=request.user, hot_spot=hot_spot, version=version, **form.values())
        messages.success(request, _("The draft is kept. Look who gets a letter."))
        return redirect("letters_recipients", batch.pk)
    context = {"form": form, "hot_spot": hot_spot, "version": version, "batch": None}
    return render(request, "notices/batches/form.html", context, status=422 if form.is_bound else 200)


def asked_version(request: HttpRequest) -> TemplateVersion | None:
    """The latest of ?template=, where that template is in use."""
    asked = request.GET.get("template", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return None
    found = TemplateVersion.objects.filter(template=int(asked), template__is_active=True)
    return found.select_related("template").order_by("-number").first()


@requires(WRITE_LETTERS)
def batch_change(request: HttpRequest, letters_id: int) -> HttpResponse:
    """The words and the area of a draft, with the latest version of its template."""
    batch = found_batch(letters_id)
    if not transitions.can_change(request.user, batch):
        messages.error(request, _("These letters are no longer a draft, so they stay as they are."))
        return redirect("letters", batch.pk)
    version = asked_version(request) or batch.version.template.latest()
    form = BatchForm(request.POST or None, hot_spot=batch.hot_spot, version=version, batch=batch)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=request.user, batch=batch, version=version, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is changed."))
            return redirect("letters_recipients", batch.pk)
    context = {"form": form, "hot_spot": batch.hot_spot, "version": version, "batch": batch}
    return render(request, "notices/batches/form.html", context, status=422 if form.is_bound else 200)


@requires(SEE_LETTERS)
@require_safe
def batch_page(request: HttpRequest, letters_id: int) -> HttpResponse:
    return show(request, found_batch(letters_id))


@requires(SEE_LETTERS)
@require_safe
def batch_progress(request: HttpRequest, letters_id: int) -> HttpResponse:
    """Asked for by the page itself until the PDF is there; then the whole page is loaded again."""
    batch = found_batch(letters_id)
    goes_on = batch.status == Batch.Status.APPROVED and not batch.problem
    context = {"batch": batch, "may_write": can(request.user, WRITE_LETTERS), "goes_on": goes_on}
    response = render(
        request, "notices/batches/progress.html", context, status=200 if goes_on else NOTHING_MORE_TO_COME
    )
    if not goes_on:
        response["HX-Redirect"] = reverse("letters", args=[batch.pk])
    return response


@dataclass(frozen=True)
class Step:
    """What a transition asks on the page, what does it, and what is said then."""

    form: type[Form]
    action: Callable[..., Batch]
    words: Any
    style: str = ""


STEPS = {
    "submit": Step(NothingForm, actions.submit, gettext_lazy("Submitted. A second person must approve the letters.")),
    "take_back": Step(
        NothingForm, actions.take_back, gettext_lazy("The letters are a draft again."), "usa-button--outline"
    ),
    "send_back": Step(
        SendBackForm, actions.send_back, gettext_lazy("Sent back with your reason."), "usa-button--outline"
    ),
    "approve": Step(
        ApproveForm,
        lambda **given: actions.approve(queue=tasks.make_letters.delay, **given),
        gettext_lazy("Approved. The letters are being made."),
    ),
    "mark_mailed": Step(MailedForm, actions.mark_mailed, gettext_lazy("Marked as mailed.")),
    "cancel": Step(CancelForm, actions.cancel, gettext_lazy("The letters are cancelled."), "usa-button--secondary"),
}


@require_POST
@requires(SEE_LETTERS)
def batch_move(request: HttpRequest, letters_id: int, name: str) -> HttpResponse:
    """One transition of the table, which says who may; on an error the page comes back with what was typed."""
    batch = found_batch(letters_id)
    step = STEPS.get(name)
    if step is None:
        raise Http404
    form = step.form(request.POST, auto_id=f"{name}_%s")
    if not form.is_valid():
        return show(request, batch, status=422, bound={name: form})
    try:
        step.action(by=request.user, batch=batch, **form.cleaned_data)
    except (CannotMove, FieldError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, step.words)
    return redirect("letters", batch.pk)


@require_POST
@requires(WRITE_LETTERS)
def batch_copy(request: HttpRequest, letters_id: int) -> HttpResponse:
    made = actions.copy(by=request.user, batch=found_batch(letters_id))
    messages.success(request, _("A new draft is made. Look at its words and dates before you submit it."))
    return redirect("letters_change", made.pk)


@require_POST
@requires(WRITE_LETTERS)
def batch_again(request: HttpRequest, letters_id: int) -> HttpResponse:
    """Make the PDF once more, after that failed or the queue was away."""
    batch = found_batch(letters_id)
    try:
        making.try_again(by=request.user, batch=batch, queue=tasks.make_letters.delay)
    except CannotMove as error:
        messages.error(request, str(error))
    return redirect("letters", batch.pk)


@require_POST
@requires(WRITE_LETTERS)
def batch_email(request: HttpRequest, letters_id: int) -> HttpResponse:
    batch = found_batch(letters_id)
    try:
        mailing.ask_to_send(by=request.user, batch=batch, queue=tasks.send_letters.delay)
    except CannotMove as error:
        messages.error(request, str(error))
    except QueueError:
        messages.error(request, _("The queue cannot be reached. Try again in a minute."))
    else:
        messages.success(request, _("The e-mails are being sent. Load this page again to see how far they are."))
    return redirect("letters", batch.pk)


def found_batch(letters_id: int) -> Batch:
    related = ("version__template", "hot_spot", "around", *PEOPLE)
    return get_object_or_404(queries.with_counts(Batch.objects.select_related(*related)), pk=letters_id)


def show(request: HttpRequest, batch: Batch, status: int = 200, bound: dict[str, Form] | None = None) -> HttpResponse:
    may_write = can(request.user, WRITE_LETTERS)
    bodies, problem = bodies_of(batch)
    failed = batch.letters.exclude(email_problem="").order_by("number") if may_write and batch.number_email else []
    context = {
        "batch": batch,
        "stages": stages_of(batch),
        "steps": [_step(batch, move, bound or {}) for move in transitions.moves(request.user, batch)],
        "bodies": bodies,
        "body_problem": problem,
        "distance_ft": feet_of(batch.distance_m),
        "returned_share": batch.number_returned / batch.number if batch.number else 0,
        "exclusions": batch.exclusions.select_related("place", "owner", "excluded_by").order_by("excluded_at")
        if may_write
        else [],
        "number_excluded": 0 if may_write else batch.exclusions.count(),
        "history": queries.history(batch),
        "email_failed": failed,
        "email_left": batch.number_email - batch.number_emailed,
        "may_write": may_write,
        "may_change": transitions.can_change(request.user, batch),
        "has_files": batch.status in (Batch.Status.READY, Batch.Status.MAILED),
        "making": batch.status == Batch.Status.APPROVED,
        "goes_on": not batch.problem,
    }
    return render(request, "notices/batches/page.html", context, status=status)


def bodies_of(batch: Batch) -> tuple[list[Body], str]:
    """The text of the letters as frozen, or as it is today; and what stands against printing it."""
    if batch.facts:
        return list(setting_of(batch).bodies.values()), ""
    try:
        batch.facts = facts_of(batch)
        return list(setting_of(batch).bodies.values()), ""
    except FieldError as error:
        return [], str(error)
    finally:
        if batch.status == Batch.Status.DRAFT:
            batch.facts = {}


STAGES = (
    ("draft", gettext_lazy("Draft")),
    ("submitted", gettext_lazy("Waits for approval")),
    ("approved", gettext_lazy("Being made")),
    ("ready", gettext_lazy("Ready to print")),
    ("mailed", gettext_lazy("Mailed")),
)


def stages_of(batch: Batch) -> list[dict[str, Any]]:
    """The way of a batch, for the line of steps; a cancelled one has left it."""
    names = [name for name, _label in STAGES]
    here = names.index(batch.status) if batch.status in names else -1
    return [{"label": label, "is_done": i < here, "is_here": i == here} for i, (_name, label) in enumerate(STAGES)]


def _step(batch: Batch, move: transitions.Move, bound: dict[str, Form]) -> dict[str, Any]:
    step = STEPS[move.transition.name]
    shown = {"seen": batch.submitted_at.isoformat()} if batch.submitted_at else {}
    form = bound.get(move.transition.name) or step.form(auto_id=f"{move.transition.name}_%s", initial=shown)
    return {"move": move, "form": form, "style": step.style, "asks": bool(form.visible_fields())}
