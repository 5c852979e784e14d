"""From the second code, which only the tipster reads, to the cash at the counter, or back to the budget."""

import json
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.agency import agency_zone, current_agency
from accounts.models import User
from tips.actions import reward_ledger as ledger
from tips.actions.rewards import audit, locked, tell_tip
from tips.models import Intake, Message, Reward, Tip
from tips.queries import rewards as queries
from tips.reward_words import offer_words
from tips.sealing import keys, reward_codes
from tips.sealing.padding import pad
from tips.sealing.tips import about_message, bucket, seal_message
from tips.transitions import CannotMove
from tips.transitions_rewards import check_can_move, check_is_another_person

State = Reward.State


@transaction.atomic
def offer(*, by: User, reward: Reward) -> Reward:
    """Send the tipster a second code. It is drawn, sealed and forgotten here: nobody at work ever sees it.

    Sent again, a new one takes its place."""
    reward = locked(reward)
    check_can_move(reward, State.OFFERED)
    if by.pk == reward.approved_by_id:
        raise CannotMove(_("You approved this reward. A detective who did not sends the offer."))
    now, second = timezone.now(), reward_codes.new_second_code()
    reward.state, reward.offered_by, reward.offered_at = State.OFFERED, by, now
    reward.recorders = sorted({*reward.recorders, by.pk})
    reward.second_code = reward_codes.hash_second_code(reward.code, second, _salt())
    reward.save()
    _send(by, reward, second, now)
    tell_tip(by, reward, "offered")
    audit(by, reward, "offered", amount=str(reward.amount))
    return reward


@transaction.atomic
def check_codes(*, by: User, number: str, second: str) -> tuple[Reward | None, str]:
    """The reward that both numbers are right for, or why not. Not raised: a wrong second code is counted, and that stays."""
    with_number = Reward.objects.filter(code=reward_codes.read_number(number))
    reward = with_number.select_for_update(of=("self",)).first()
    is_tried = reward is not None and reward.state == State.OFFERED and not reward.is_locked
    stored = bytes(reward.second_code) if reward and is_tried and reward.second_code else None
    fits = reward_codes.fits(reward.code if reward else "", second, _salt(), stored)
    if reward is None or (is_tried and not fits):
        if reward:
            _count_wrong(by, reward)
        return None, _("The two numbers do not belong together. Read them again, digit by digit.")
    try:
        check_can_move(reward, State.PAID)
        if reward.is_locked:
            raise CannotMove(_("Wrong codes were tried too often. A commander releases this reward first."))
        check_is_another_person(reward, by)
    except CannotMove as error:
        return None, str(error)
    return reward, ""


@transaction.atomic
def pay(*, by: User, number: str, second: str) -> tuple[Reward | None, str]:
    """Both numbers once more, and the cash is handed over. The hour stays unknown: a tipster stood there."""
    reward, why_not = check_codes(by=by, number=number, second=second)
    if reward is None:
        return None, why_not
    reward.state, reward.second_code = State.PAID, None
    reward.paid_by, reward.paid_at = by, bucket(timezone.now())
    reward.save()
    ledger.pay(by=by, reward=reward)
    audit(by, reward, "paid", amount=str(reward.amount))
    return reward, ""


@transaction.atomic
def uncollect(now: datetime) -> int:
    """What nobody came for in REWARD_UNCOLLECTED_DAYS is available again; returns of how many rewards."""
    overdue = queries.overdue(now).select_for_update(of=("self",))
    for reward in overdue:
        reward.state, reward.second_code, reward.ended_at = State.UNCOLLECTED, None, now
        reward.save()
        ledger.release(by=None, reward=reward)
        tell_tip(None, reward, "not collected")
        audit(None, reward, "not collected", released=str(reward.amount))
    return len(overdue)


def until(offered_at: datetime) -> date:
    """The last day on which it is paid."""
    return timezone.localdate(offered_at + timedelta(days=settings.REWARD_UNCOLLECTED_DAYS), agency_zone())


def _salt() -> bytes:
    return bytes(Intake.objects.get().salt)


def _count_wrong(by: User, reward: Reward) -> None:
    reward.wrong_codes += 1
    reward.save(update_fields=["wrong_codes"])
    audit(by, reward, "locked" if reward.is_locked else "wrong second code", attempts=reward.wrong_codes)


def _send(by: User, reward: Reward, second: str, now: datetime) -> None:
    """As an answer to the tip. What is sealed to those who read the tip says all but the second code."""
    tip = Tip.objects.select_for_update(of=("self",)).get(rewards=reward)
    if not tip.reply_key or reward.amount is None:
        raise CannotMove(_("This tip has no receipt: nobody could fetch a second code."))
    for_tipster, for_readers = offer_words(
        tip.language,
        number=reward.code,
        second=second,
        amount=reward.amount,
        until=until(now),
        agency=current_agency(),
    )
    last = tip.messages.aggregate(last=Max("position"))["last"] or 0
    sealed = seal_message(tip.pk, bytes(tip.case_key), last + 1, Message.Kind.REPLY, {"text": for_readers})
    plain = pad(json.dumps({"text": for_tipster}, ensure_ascii=False).encode())
    Message.objects.create(
        id=sealed.id,
        tip=tip,
        position=sealed.position,
        kind=Message.Kind.REPLY,
        sealed=sealed.sealed,
        sealed_for_tipster=keys.seal(bytes(tip.reply_key), plain, about=about_message(tip.pk, sealed.id)),
        received_at=bucket(now),
        by=by,
    )
