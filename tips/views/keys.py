"""Who can open tips, and each reviewer's own key."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can, requires
from tips.actions import keys as actions
from tips.forms.keys import ChangePassphraseForm, LetInForm, LostForm, NewPassphraseForm, RetireForm, UnlockForm
from tips.models import ReaderKey
from tips.permissions import RETIRE_TIP_KEYS, REVIEW_TIPS, SEE_TIP_KEYS
from tips.queries import keys as queries
from tips.queries.keys_overview import overview
from tips.unlocking import Unlocked, forget, needs_key, remember, unlocked_by

Status = ReaderKey.Status


@requires(SEE_TIP_KEYS)
@require_safe
def tip_keys(request: HttpRequest) -> HttpResponse:
    unlocked = unlocked_by(request)
    context = {
        "seen": overview(unlocked.reader if unlocked else None),
        "own": queries.key_of(request.user),
        "unlocked": unlocked,
        "may_review": can(request.user, REVIEW_TIPS),
        "may_retire": can(request.user, RETIRE_TIP_KEYS),
    }
    return render(request, "tips/keys/list.html", context)


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
def tip_key_new(request: HttpRequest) -> HttpResponse:
    if queries.key_of(request.user):
        return redirect("tip_keys")
    form = NewPassphraseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_key(by=request.user, passphrase=form.cleaned_data["new"])
        except actions.Refused as error:
            messages.error(request, str(error))
            return redirect("tip_keys")
        response = redirect("tip_keys")
        if made.reader.status == Status.ACTIVE:
            remember(request, response, made.reader, made.key)
            messages.success(request, _("Your key is made, and tips are sealed to it from now on."))
        else:
            messages.success(request, _("Your key is made. Now another reviewer has to let you in."))
        return response
    return render(request, "tips/keys/new.html", {"form": form}, status=422 if form.errors else 200)


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
def tip_unlock(request: HttpRequest) -> HttpResponse:
    wished = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    safe = url_has_allowed_host_and_scheme(wished, {request.get_host()}, require_https=request.is_secure())
    own = queries.key_of(request.user)
    if own is None:
        return redirect("tip_key_new")
    if own.status == Status.WAITING:
        return render(request, "tips/keys/waiting.html", {"own": own})
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unlocked = actions.open_own(by=request.user, **form.cleaned_data)
        except actions.Refused as error:
            form.add_error("passphrase", str(error))
        else:
            actions.gather(unlocked)
            response = redirect(wished if safe else "tips")
            remember(request, response, unlocked.reader, unlocked.key)
            return response
    context = {"form": form, "next": wished if safe else ""}
    return render(request, "tips/keys/unlock.html", context, status=422 if form.errors else 200)


@requires(REVIEW_TIPS)
@require_POST
def tip_lock(request: HttpRequest) -> HttpResponse:
    response = redirect("tip_keys")
    forget(request, response)
    messages.success(request, _("Your key is locked."))
    return response


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
def tip_key_passphrase(request: HttpRequest) -> HttpResponse:
    own = queries.key_of(request.user)
    if own is None or own.status != Status.ACTIVE:
        return redirect("tip_unlock")
    form = ChangePassphraseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            unlocked = actions.change_passphrase(by=request.user, old=given["old"], new=given["new"])
        except actions.Refused as error:
            form.add_error("old", str(error))
        else:
            response = redirect("tip_keys")
            remember(request, response, unlocked.reader, unlocked.key)
            messages.success(request, _("Your passphrase is changed. The key is the same."))
            return response
    return render(request, "tips/keys/passphrase.html", {"form": form}, status=422 if form.errors else 200)


@requires(REVIEW_TIPS)
@needs_key
@sensitive_post_parameters()
def tip_key_rotate(request: HttpRequest, unlocked: Unlocked) -> HttpResponse:
    form = NewPassphraseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            fresh = actions.rotate(by=request.user, unlocked=unlocked, passphrase=form.cleaned_data["new"])
        except actions.Refused as error:
            form.add_error(None, str(error))
        else:
            response = redirect("tip_keys")
            remember(request, response, fresh.reader, fresh.key)
            messages.success(request, _("You have a new key. The old one opens nothing any more."))
            return response
    return render(request, "tips/keys/rotate.html", {"form": form}, status=422 if form.errors else 200)


@requires(REVIEW_TIPS)
def tip_key_lost(request: HttpRequest) -> HttpResponse:
    own = queries.key_of(request.user)
    if own is None:
        return redirect("tip_key_new")
    form, why_not = LostForm(request.POST or None), why_kept(own, actions.Why.LOST)
    if request.method == "POST" and form.is_valid() and not why_not:
        try:
            actions.retire(by=request.user, reader=own, why=actions.Why.LOST)
        except actions.Refused as error:
            why_not = str(error)
        else:
            response = redirect("tip_key_new")
            forget(request, response)
            messages.success(request, _("Your old key is retired. Set up a new one."))
            return response
    refused = request.method == "POST"
    return render(
        request, "tips/keys/lost.html", {"form": form, "own": own, "why_not": why_not}, status=422 if refused else 200
    )


def why_kept(reader: ReaderKey, why: str = "") -> str:
    try:
        actions.check_can_retire(reader, why)
    except actions.Refused as error:
        return str(error)
    return ""


def get_key(key_id: UUID) -> ReaderKey:
    return get_object_or_404(ReaderKey.objects.select_related("user"), pk=key_id)


@requires(REVIEW_TIPS)
@needs_key
def tip_key_let_in(request: HttpRequest, key_id: UUID, unlocked: Unlocked) -> HttpResponse:
    reader, form = get_key(key_id), LetInForm(request.POST or None)
    if reader.user == request.user:
        raise PermissionDenied(_("Another reviewer has to let you in."))
    if request.method == "POST" and form.is_valid():
        try:
            reader = actions.let_in(by=request.user, reader=reader)
            if form.cleaned_data["which"] == LetInForm.ALL:
                say_copied(request, actions.catch_up(by=request.user, unlocked=unlocked, reader=reader))
        except actions.Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(person)s can open tips now.") % {"person": reader})
        return redirect("tip_keys")
    context = {"form": form, "reader": reader, "is_waiting": reader.status == Status.WAITING}
    return render(request, "tips/keys/let_in.html", context, status=422 if form.errors else 200)


@requires(REVIEW_TIPS)
@require_POST
@needs_key
def tip_key_catch_up(request: HttpRequest, key_id: UUID, unlocked: Unlocked) -> HttpResponse:
    try:
        say_copied(request, actions.catch_up(by=request.user, unlocked=unlocked, reader=get_key(key_id)))
    except actions.Refused as error:
        messages.error(request, str(error))
    return redirect("tip_keys")


def say_copied(request: HttpRequest, copied: actions.Copied) -> None:
    words = ngettext("%(n)d earlier tip can be opened too.", "%(n)d earlier tips can be opened too.", copied.number)
    messages.success(request, words % {"n": copied.number})
    if copied.damaged:
        words = ngettext("%(n)d tip is damaged for you too.", "%(n)d tips are damaged for you too.", copied.damaged)
        messages.error(request, words % {"n": copied.damaged})


@requires(RETIRE_TIP_KEYS)
def tip_key_retire(request: HttpRequest, key_id: UUID) -> HttpResponse:
    reader, form = get_key(key_id), RetireForm(request.POST or None)
    if reader.kind == ReaderKey.Kind.RECOVERY:
        raise PermissionDenied(_("The recovery key is replaced with the command make_recovery_key."))
    why_not = why_kept(reader)
    if request.method == "POST" and form.is_valid():
        try:
            actions.retire(by=request.user, reader=reader, why=form.cleaned_data["why"])
        except actions.Refused as error:
            why_not = str(error)
        else:
            messages.success(request, _("The key of %(person)s is retired.") % {"person": reader})
            return redirect("tip_keys")
    context: dict[str, Any] = {"form": form, "reader": reader, "why_not": why_not}
    return render(request, "tips/keys/retire.html", context, status=422 if request.method == "POST" else 200)
