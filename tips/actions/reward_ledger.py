"""Money of rewards, from one account to another. The database lets no account go below nothing."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from tips.models import LedgerEntry, Reward
from tips.queries import rewards as queries
from tips.transitions import CannotMove

Account, Reason = LedgerEntry.Account, LedgerEntry.Reason
LEDGER = "reward ledger"


@transaction.atomic
def add_budget(*, by: User, amount: Decimal, reason: str) -> LedgerEntry:
    entry = _move(by, Account.BUDGET, Account.AVAILABLE, amount, reason=reason)
    _audit(by, "budget added", amount=str(amount), reason=reason)
    return entry


@transaction.atomic
def undo_budget(*, by: User, entry: LedgerEntry) -> LedgerEntry:
    """By a counter entry: what stands in the ledger stays."""
    queries.lock_ledger()
    if entry.from_account != Account.BUDGET or LedgerEntry.objects.filter(undoes=entry).exists():
        raise CannotMove(_("This entry cannot be taken back, or was already."))
    _check_is_there(entry.amount)
    counter = _move(by, Account.AVAILABLE, Account.BUDGET, entry.amount, reason=Reason.UNDONE, undoes=entry)
    _audit(by, "budget taken back", amount=str(entry.amount))
    return counter


def commit(*, by: User, reward: Reward, amount: Decimal) -> None:
    """Set aside for a reward, inside the transaction of its approval."""
    queries.lock_ledger()
    _check_is_there(amount)
    _move(by, Account.AVAILABLE, Account.COMMITTED, amount, reward=reward)


def pay(*, by: User, reward: Reward) -> None:
    _move(by, Account.COMMITTED, Account.PAID, _amount(reward), reward=reward)


def release(*, by: User | None, reward: Reward) -> None:
    """Available again: nobody collected it, or it fell through after the vote."""
    _move(by, Account.COMMITTED, Account.AVAILABLE, _amount(reward), reward=reward)


def _amount(reward: Reward) -> Decimal:
    if reward.amount is None:
        raise CannotMove(_("No amount was voted for this reward."))
    return reward.amount


def _check_is_there(amount: Decimal) -> None:
    left = queries.balances()[Account.AVAILABLE]
    if amount > left:
        words = _("Only $%(left)s is available. Add to the budget first, or vote less.")
        raise CannotMove(words % {"left": f"{left:,.2f}"})


def _move(
    by: User | None,
    from_account: str,
    to_account: str,
    amount: Decimal,
    *,
    reward: Reward | None = None,
    reason: str = "",
    undoes: LedgerEntry | None = None,
) -> LedgerEntry:
    return LedgerEntry.objects.create(
        on=timezone.localdate(timezone=agency_zone()),
        by=by,
        from_account=from_account,
        to_account=to_account,
        amount=amount,
        reward=reward,
        reason=reason,
        undoes=undoes,
    )


def _audit(by: User, change: str, **details: str) -> None:
    record(by=by, action=AuditEntry.Action.REWARD_CHANGED, subject=LEDGER, change=change, **details)
