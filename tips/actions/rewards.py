"""Rewards from the claim to the board's vote. In the trail: code number, states, amounts, and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot
from tips.actions import reward_ledger as ledger
from tips.models import Reward, Tip, TipEvent
from tips.sealing.reward_codes import new_number
from tips.transitions import CannotMove
from tips.transitions_rewards import check_can_claim, check_can_move, check_can_tell_facts, check_is_another_person

State = Reward.State


@transaction.atomic
def claim(*, by: User, tip: Tip, hot_spot: HotSpot | None = None) -> Reward:
    """A tip may have led to an arrest; from now on it stays until this is decided."""
    tip = Tip.objects.select_for_update().get(pk=tip.pk)
    check_can_claim(tip)
    code = new_number()
    while Reward.objects.filter(code=code).exists():
        code = new_number()
    reward = Reward.objects.create(
        code=code,
        tip=tip,
        tip_short=tip.short,
        hot_spot=hot_spot,
        trigger=settings.REWARD_TRIGGER,
        submitted_by=by,
        recorders=[by.pk],
    )
    tell_tip(by, reward, "claimed")
    audit(by, reward, "claimed")
    return reward


@transaction.atomic
def record_arrest(
    *, by: User, reward: Reward, arrests: int, arrested_on: date, seized: Decimal, seized_kinds: list[str]
) -> Reward:
    """The first time, or to correct what was recorded."""
    reward = locked(reward)
    check_can_tell_facts(reward)
    if reward.state == State.CLAIMED:
        _move(reward, State.ARREST)
    reward.arrests, reward.arrested_on = arrests, arrested_on
    reward.seized, reward.seized_kinds = seized, sorted(seized_kinds)
    _told(by, reward, "arrest recorded")
    return reward


@transaction.atomic
def record_conviction(*, by: User, reward: Reward, convictions: int, convicted_on: date) -> Reward:
    reward = locked(reward)
    check_can_tell_facts(reward)
    if reward.state != State.CONVICTION:
        _move(reward, State.CONVICTION)
    reward.convictions, reward.convicted_on = convictions, convicted_on
    _told(by, reward, "conviction recorded")
    return reward


@transaction.atomic
def step_back(*, by: User, reward: Reward) -> Reward:
    """Undo what was recorded last: the conviction, then the arrest."""
    reward = locked(reward)
    check_can_tell_facts(reward)
    if reward.state == State.CONVICTION:
        _move(reward, State.ARREST)
        reward.convictions, reward.convicted_on = 0, None
    else:
        _move(reward, State.CLAIMED)
        reward.arrests, reward.arrested_on, reward.seized, reward.seized_kinds = 0, None, Decimal(0), []
    _told(by, reward, "last step undone")
    return reward


@transaction.atomic
def approve(*, by: User, reward: Reward, amount: Decimal, voted_on: date, seen: str = "") -> Reward:
    """The board voted an amount; it is set aside at once. `seen`: the facts that were shown for it."""
    reward = locked(reward)
    if seen and seen != reward.facts:
        raise CannotMove(_("Somebody changed its facts meanwhile. Look at them and enter the vote again."))
    _move(reward, State.APPROVED)
    check_is_another_person(reward, by)
    ledger.commit(by=by, reward=reward, amount=amount)
    reward.amount, reward.voted_on = amount, voted_on
    reward.approved_by, reward.approved_at = by, timezone.now()
    reward.save()
    audit(by, reward, "approved", amount=str(amount), voted_on=voted_on.isoformat())
    return reward


@transaction.atomic
def decline(*, by: User, reward: Reward, why: str) -> Reward:
    """The board said no, or took back its vote before anything was offered."""
    return _fall_through(by, reward, State.DECLINED, why)


@transaction.atomic
def withdraw(*, by: User, reward: Reward, why: str) -> Reward:
    return _fall_through(by, reward, State.WITHDRAWN, why)


@transaction.atomic
def close(*, by: User, reward: Reward) -> Reward:
    """The slip lies in the cash box and was compared."""
    reward = locked(reward)
    _move(reward, State.CLOSED)
    _end(by, reward)
    audit(by, reward, "closed", amount=str(reward.amount))
    return reward


@transaction.atomic
def release_lock(*, by: User, reward: Reward) -> Reward:
    """After too many wrong second codes: five more may be tried."""
    reward = locked(reward)
    reward.wrong_codes = 0
    reward.save(update_fields=["wrong_codes"])
    audit(by, reward, "lock released")
    return reward


def locked(reward: Reward) -> Reward:
    return Reward.objects.select_for_update(of=("self",)).get(pk=reward.pk)


def audit(by: User | None, reward: Reward, change: str, **details: Any) -> None:
    record(
        by=by,
        action=AuditEntry.Action.REWARD_CHANGED,
        subject=reward.code,
        change=change,
        state=reward.state,
        **details,
    )


def tell_tip(by: User | None, reward: Reward, change: str) -> None:
    """Beside the tip, and gone with it. Never that it was paid: that is something the tipster did."""
    if reward.tip_id:
        TipEvent.objects.create(tip_id=reward.tip_id, by=by, what=f"reward {reward.code} {change}")


def _move(reward: Reward, state: str) -> None:
    check_can_move(reward, state)
    reward.state = state


def _told(by: User, reward: Reward, change: str) -> None:
    if by.pk not in reward.recorders:
        reward.recorders = [*reward.recorders, by.pk]
    reward.save()
    audit(
        by,
        reward,
        change,
        arrests=reward.arrests,
        convictions=reward.convictions,
        seized=str(reward.seized),
    )


def _fall_through(by: User, reward: Reward, state: str, why: str) -> Reward:
    reward = locked(reward)
    was_approved = reward.state == State.APPROVED
    _move(reward, state)
    reward.ended_why = why
    _end(by, reward)
    if was_approved:
        ledger.release(by=by, reward=reward)
    tell_tip(by, reward, state)
    audit(by, reward, state, why=why, **({"released": str(reward.amount)} if was_approved else {}))
    return reward


def _end(by: User | None, reward: Reward) -> None:
    reward.ended_by, reward.ended_at = by, timezone.now()
    reward.save()
