from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.forms import PersonForm
from accounts.models import AuditEntry, User
from accounts.permissions import MANAGE_PEOPLE, requires

PER_PAGE = 50
ENTRIES_SHOWN = 10


@requires(MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    found = _with_second_factor().order_by("-is_active", "last_name", "first_name", "username")
    if wanted:
        found = found.filter(
            Q(username__icontains=wanted) | Q(first_name__icontains=wanted) | Q(last_name__icontains=wanted)
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "q": wanted})


@requires(MANAGE_PEOPLE)
@never_cache
def add_person(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, password = actions.add_person(by=request.user, **form.cleaned_data)
        return render(request, "accounts/one_time_password.html", {"person": person, "password": password, "new": True})
    return render(request, "accounts/person_add.html", {"form": form})


@requires(MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(_with_second_factor(), pk=pk)
    form = PersonForm(request.POST or None, instance=User.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_person(by=request.user, person=shown, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("roles", error)
        else:
            messages.success(request, _("Saved."))
            return redirect("person", pk=pk)
    entries = AuditEntry.objects.select_related("actor").filter(Q(actor=shown) | Q(subject=shown.username))
    context = {"person": shown, "form": form, "entries": entries[:ENTRIES_SHOWN]}
    return render(request, "accounts/person.html", context)


@requires(MANAGE_PEOPLE)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    person, active = get_object_or_404(User, pk=pk), request.POST.get("active") == "yes"
    try:
        actions.set_active(by=request.user, person=person, active=active)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        words = _("%(person)s can sign in again.") if active else _("%(person)s can no longer sign in.")
        messages.success(request, words % {"person": person})
    return redirect("person", pk=pk)


@requires(MANAGE_PEOPLE)
@require_POST
def release_lock(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    actions.release_lock(by=request.user, person=person)
    messages.success(request, _("%(person)s can sign in again.") % {"person": person})
    return redirect("person", pk=pk)


@requires(MANAGE_PEOPLE)
@require_POST
@never_cache
def reset_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The password stands on the answer itself and nowhere else, so there is no redirect."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        raise PermissionDenied(_("Change your own password and second factor on your sign-in page."))
    second_factor = request.POST.get("second_factor") == "yes"
    password = actions.reset_sign_in(by=request.user, person=person, second_factor=second_factor)
    context = {"person": person, "password": password, "second_factor": second_factor}
    return render(request, "accounts/one_time_password.html", context)


def _with_second_factor() -> QuerySet[User]:
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return User.objects.annotate(second_factor=Exists(factors.filter(user=OuterRef("pk"))))
