"""Which state of a reward may follow which, whose step it is, and why not."""

from django.utils.translation import gettext as _

from accounts.models import User
from tips.models import Reward, Tip
from tips.transitions import CannotMove

State = Reward.State

MOVES: dict[str, tuple[str, ...]] = {
    State.CLAIMED: (State.ARREST, State.DECLINED, State.WITHDRAWN),
    State.ARREST: (State.CONVICTION, State.APPROVED, State.CLAIMED, State.DECLINED, State.WITHDRAWN),
    State.CONVICTION: (State.APPROVED, State.ARREST, State.DECLINED, State.WITHDRAWN),
    State.APPROVED: (State.OFFERED, State.DECLINED, State.WITHDRAWN),
    State.OFFERED: (State.OFFERED, State.PAID, State.UNCOLLECTED),  # again: a new second code takes the old one's place
    State.PAID: (State.CLOSED,),
    State.CLOSED: (),
    State.DECLINED: (),
    State.WITHDRAWN: (),
    State.UNCOLLECTED: (),
}
BEFORE_THE_VOTE = (State.CLAIMED, State.ARREST, State.CONVICTION)


def check_can_claim(tip: Tip) -> None:
    if not tip.reply_key:
        raise CannotMove(
            _(
                "This tip came without a receipt, by mail. A second code could not reach whoever sent it, so no reward can."
            )
        )
    if tip.rewards.open().exists():
        raise CannotMove(_("There is an open reward for this tip already."))


def can_claim(tip: Tip) -> bool:
    try:
        check_can_claim(tip)
    except CannotMove:
        return False
    return True


def check_can_move(reward: Reward, state: str) -> None:
    if state not in MOVES[reward.state]:
        words = _("Reward %(code)s is %(now)s and cannot become %(next)s. Somebody may have changed it just now.")
        if state == reward.state:
            words = _("Reward %(code)s is %(now)s already.")
        now, following = reward.get_state_display().lower(), State(state).label.lower()
        raise CannotMove(words % {"code": reward.code, "now": now, "next": following})
    if state == State.APPROVED and reward.state == State.ARREST and reward.trigger != Reward.Trigger.ARREST:
        raise CannotMove(_("A reward is paid for a conviction. Wait for it."))


def can_move(reward: Reward, state: str) -> bool:
    try:
        check_can_move(reward, state)
    except CannotMove:
        return False
    return True


def check_can_tell_facts(reward: Reward) -> None:
    if reward.state not in BEFORE_THE_VOTE:
        raise CannotMove(_("What the board voted on stays as it was."))


def check_is_another_person(reward: Reward, user: User) -> None:
    """Who approves or pays has had no other part in it. The database refuses it too."""
    if user.pk in {reward.submitted_by_id, *reward.recorders}:
        raise CannotMove(
            _("You submitted this reward or told its facts. Somebody else approves it, and a third person pays it.")
        )
    if user.pk == reward.approved_by_id:
        raise CannotMove(_("You approved this reward. Somebody else pays it."))


def is_another_person(reward: Reward, user: User) -> bool:
    return user.pk not in {reward.submitted_by_id, reward.approved_by_id, *reward.recorders}
