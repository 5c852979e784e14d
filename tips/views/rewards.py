"""Rewards by their code number: the list, a reward, and the steps of detective and commander."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can, requires
from tips.actions import reward_offers as offers
from tips.actions import rewards as actions
from tips.forms.rewards import ApproveForm, ArrestForm, ClaimForm, ConvictionForm, FallThroughForm, RewardFilterForm
from tips.models import Reward, Tip
from tips.permissions import APPROVE_REWARDS, PAY_REWARDS, SEE_REWARD_FACTS, SEE_REWARDS, SUBMIT_REWARDS
from tips.queries import rewards as queries
from tips.transitions import CannotMove
from tips.transitions_rewards import BEFORE_THE_VOTE, can_claim, can_move, check_can_claim, is_another_person
from tips.unlocking import Unlocked, needs_key, unlocked_by

PER_PAGE = 25
State = Reward.State


@requires(SEE_REWARDS)
@require_safe
def rewards(request: HttpRequest) -> HttpResponse:
    """A clerk sees code, amount and state, and nothing of what it is for."""
    form = RewardFilterForm(request.GET)
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "form": form,
        "page": Paginator(queries.listed(**form.asked()), PER_PAGE).get_page(request.GET.get("page")),
        "query": asked.urlencode(),
        "is_filtered": any(form.asked().values()),
        "sees_facts": can(request.user, SEE_REWARD_FACTS),
        "sees_tips": can(request.user, SUBMIT_REWARDS),
        "may_approve": can(request.user, APPROVE_REWARDS),
        "may_pay": can(request.user, PAY_REWARDS),
    }
    return render(request, "tips/rewards/list.html", context)


@requires(SUBMIT_REWARDS)
def reward_new(request: HttpRequest) -> HttpResponse:
    """From the page of a tip (?tip=): no tip is chosen from a list here."""
    tip = _tip(request.POST.get("tip") or request.GET.get("tip", ""))
    if tip is None:
        return render(request, "tips/rewards/new.html", {"tip": None})
    form, why_not = ClaimForm(request.POST or None, initial={"hot_spot": tip.hot_spot_id}), ""
    try:
        check_can_claim(tip)
        if request.method == "POST" and form.is_valid():
            reward = actions.claim(by=request.user, tip=tip, **form.cleaned_data)
            say(request, _("Claimed. Its code number is %(code)s.") % {"code": reward.code})
            return redirect("reward", reward.code)
    except CannotMove as error:
        why_not = str(error)
    context = {"tip": tip, "form": form, "why_not": why_not, "trigger": settings.REWARD_TRIGGER}
    return render(request, "tips/rewards/new.html", context, status=422 if request.method == "POST" else 200)


@requires(SUBMIT_REWARDS)
@require_safe
def tip_rewards_of(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    """A part of the tip's page."""
    tip = get_object_or_404(Tip, pk=tip_id)
    context = {"tip": tip, "rewards": tip.rewards.order_by("code"), "may_claim": can_claim(tip)}
    return render(request, "tips/rewards/of_tip.html", context)


@requires(APPROVE_REWARDS)
@require_safe
def reward_approvals(request: HttpRequest) -> HttpResponse:
    """What waits for the board, or for the commander, with what is available for it."""
    found = Reward.objects.order_by("code")
    context = {
        "ready": found.ready(),
        "locked": found.filter(state=State.OFFERED, wrong_codes__gte=Reward.MOST_WRONG_CODES),
        "paid": found.filter(state=State.PAID).select_related("paid_by"),
        "balances": queries.balances(),
    }
    return render(request, "tips/rewards/approvals.html", context)


@requires(SEE_REWARD_FACTS)
@require_safe
def reward(request: HttpRequest, reward_code: str) -> HttpResponse:
    return render_reward(request, get_reward(reward_code))


def get_reward(code: str) -> Reward:
    people = ("submitted_by", "approved_by", "offered_by", "paid_by", "ended_by")
    return get_object_or_404(Reward.objects.select_related("hot_spot", *people), code=code)


def render_reward(request: HttpRequest, reward: Reward, status: int = 200, **forms: Any) -> HttpResponse:
    submits, approves = can(request.user, SUBMIT_REWARDS), can(request.user, APPROVE_REWARDS)
    is_early = reward.state in BEFORE_THE_VOTE
    arrest = {name: getattr(reward, name) for name in ("arrests", "arrested_on", "seized", "seized_kinds")}
    conviction = {"convictions": reward.convictions, "convicted_on": reward.convicted_on}
    context = {
        "reward": reward,
        "sees_tips": submits,
        "may_tell": submits and is_early,
        "may_convict": submits and reward.state in (State.ARREST, State.CONVICTION),
        "may_go_back": submits and reward.state in (State.ARREST, State.CONVICTION),
        "may_withdraw": submits and can_move(reward, State.WITHDRAWN),
        "may_offer": submits and can_move(reward, State.OFFERED) and request.user.pk != reward.approved_by_id,
        "is_unlocked": submits and unlocked_by(request) is not None,
        "may_decline": approves and can_move(reward, State.DECLINED),
        "may_close": approves and can_move(reward, State.CLOSED),
        "is_ready": can_move(reward, State.APPROVED),
        "may_approve": approves and can_move(reward, State.APPROVED) and is_another_person(reward, request.user),
        "may_release": approves and reward.state == State.OFFERED and reward.is_locked,
        "approves": approves,
        "until": offers.until(reward.offered_at) if reward.offered_at else None,
        "available": queries.balances()["available"] if approves and is_early else None,
        "arrest_form": ArrestForm(prefix="arrest", initial=arrest if reward.arrests else None),
        "conviction_form": ConvictionForm(prefix="conviction", initial=conviction if reward.convictions else None),
        "approve_form": ApproveForm(prefix="approve", initial={"seen": reward.facts}),
        "withdraw_form": FallThroughForm(prefix="withdraw"),
        "decline_form": FallThroughForm(prefix="decline"),
    }
    return render(request, "tips/rewards/page.html", context | forms, status=status)


@requires(SUBMIT_REWARDS)
@require_POST
def reward_arrest(request: HttpRequest, reward_code: str) -> HttpResponse:
    form = ArrestForm(request.POST, prefix="arrest")
    return act(request, reward_code, actions.record_arrest, _("Recorded."), arrest_form=form)


@requires(SUBMIT_REWARDS)
@require_POST
def reward_conviction(request: HttpRequest, reward_code: str) -> HttpResponse:
    form = ConvictionForm(request.POST, prefix="conviction")
    return act(request, reward_code, actions.record_conviction, _("Recorded."), conviction_form=form)


@requires(SUBMIT_REWARDS)
@require_POST
def reward_back(request: HttpRequest, reward_code: str) -> HttpResponse:
    return act(request, reward_code, actions.step_back, _("The last step is undone."))


@requires(SUBMIT_REWARDS)
@require_POST
def reward_withdraw(request: HttpRequest, reward_code: str) -> HttpResponse:
    form = FallThroughForm(request.POST, prefix="withdraw")
    return act(request, reward_code, actions.withdraw, _("Withdrawn."), withdraw_form=form)


@requires(SUBMIT_REWARDS)
@needs_key
@require_POST
def reward_offer(request: HttpRequest, reward_code: str, unlocked: Unlocked) -> HttpResponse:
    words = _("The second code was sent. Only the tipster can read it, with the receipt.")
    return act(request, reward_code, offers.offer, words)


@requires(APPROVE_REWARDS)
@require_POST
def reward_approve(request: HttpRequest, reward_code: str) -> HttpResponse:
    form = ApproveForm(request.POST, prefix="approve")
    return act(request, reward_code, actions.approve, _("Approved. The money is set aside."), approve_form=form)


@requires(APPROVE_REWARDS)
@require_POST
def reward_decline(request: HttpRequest, reward_code: str) -> HttpResponse:
    form = FallThroughForm(request.POST, prefix="decline")
    return act(request, reward_code, actions.decline, _("Declined."), decline_form=form)


@requires(APPROVE_REWARDS)
@require_POST
def reward_release(request: HttpRequest, reward_code: str) -> HttpResponse:
    return act(request, reward_code, actions.release_lock, _("Released. Five more codes may be tried."))


@requires(APPROVE_REWARDS)
@require_POST
def reward_close(request: HttpRequest, reward_code: str) -> HttpResponse:
    return act(request, reward_code, actions.close, _("Closed."))


def act(request: HttpRequest, code: str, action: Callable[..., Any], words: str, **forms: Any) -> HttpResponse:
    """Do it with what the form says, and say so; a form that says nonsense is shown again, with the others."""
    reward, values = get_reward(code), {}
    for form in forms.values():
        if not form.is_valid():
            return render_reward(request, reward, status=422, **forms)
        values = form.cleaned_data
    try:
        action(by=request.user, reward=reward, **values)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        say(request, words)
    return redirect("reward", reward.code)


def say(request: HttpRequest, words: str) -> None:
    transaction.on_commit(lambda: messages.success(request, words))


def _tip(name: str) -> Tip | None:
    try:
        return Tip.objects.filter(pk=UUID(name)).first()
    except ValueError:
        return None
