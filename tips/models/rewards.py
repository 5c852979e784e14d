"""Rewards by code number alone, and the ledger of their money. No name, phone or signature has a place here."""

import uuid
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotspots.models import HotSpot
from tips.models.tips import Tip, in_bucket

LEDGER_LOCK = 7105  # of one transaction at a time that moves money; any number that nothing else locks


class RewardQuerySet(models.QuerySet["Reward"]):
    def open(self) -> "RewardQuerySet":
        """Not decided or not collected yet: their tips stay."""
        return self.filter(state__in=Reward.OPEN)

    def ready(self) -> "RewardQuerySet":
        """What it is paid for has happened: the board may vote."""
        return self.filter(Q(state="conviction") | Q(state="arrest", trigger="arrest"))


def _pair(name: str) -> dict[str, Q]:
    """Both `*_by` and `*_at`, or neither."""
    return {
        "none": Q(**{f"{name}_by": None, f"{name}_at": None}),
        "both": Q(**{f"{name}_by__isnull": False, f"{name}_at__isnull": False}),
    }


APPROVED, OFFERED, PAID = _pair("approved"), _pair("offered"), _pair("paid")


class Reward(models.Model):
    class State(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        ARREST = "arrest", _("Arrest")
        CONVICTION = "conviction", _("Conviction")
        APPROVED = "approved", _("Approved")
        OFFERED = "offered", _("Offered")
        PAID = "paid", _("Paid")
        CLOSED = "closed", _("Closed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        UNCOLLECTED = "uncollected", _("Not collected")

    class Trigger(models.TextChoices):
        ARREST = "arrest", _("Arrest")
        CONVICTION = "conviction", _("Conviction")

    class Seized(models.TextChoices):
        """A choice: free text could name somebody."""

        DRUGS = "drugs", _("Drugs")
        FIREARMS = "firearms", _("Firearms")
        CASH = "cash", _("Cash")
        VEHICLE = "vehicle", _("Vehicle")
        OTHER = "other", _("Other")

    class Why(models.TextChoices):
        OTHER_SOURCE = "other_source", _("The tip did not lead to it")
        NOT_COVERED = "not_covered", _("Not covered by the program")
        NO_FUNDS = "no_funds", _("No money left")
        CHARGES_DROPPED = "charges_dropped", _("Charges were dropped")
        NOT_WANTED = "not_wanted", _("The tipster does not want it")
        MISTAKE = "mistake", _("Entered by mistake")

    OPEN = (State.CLAIMED, State.ARREST, State.CONVICTION, State.APPROVED, State.OFFERED)
    MOST_WRONG_CODES = 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=11, unique=True)
    tip = models.ForeignKey(Tip, null=True, on_delete=models.SET_NULL, related_name="rewards")
    tip_short = models.CharField(max_length=8)
    hot_spot = models.ForeignKey(HotSpot, null=True, blank=True, on_delete=models.PROTECT, related_name="rewards")
    state = models.CharField(max_length=11, choices=State.choices, default=State.CLAIMED)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)  # the setting on the day it was claimed
    arrests = models.SmallIntegerField(_("arrests"), default=0)
    arrested_on = models.DateField(_("date of arrest"), null=True)
    seized = models.DecimalField(_("value seized, in dollars"), max_digits=11, decimal_places=2, default=Decimal(0))
    seized_kinds = ArrayField(
        models.CharField(max_length=8, choices=Seized.choices), default=list, blank=True, verbose_name=_("seized")
    )
    convictions = models.SmallIntegerField(_("convictions"), default=0)
    convicted_on = models.DateField(_("date of conviction"), null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    recorders = ArrayField(models.BigIntegerField(), default=list)  # all who ever told its facts or sent its offer
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, null=True)
    voted_on = models.DateField(_("date of the board’s vote"), null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True)
    second_code = models.BinaryField(max_length=32, null=True)  # its hash, until it is paid or over
    wrong_codes = models.SmallIntegerField(default=0)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True)  # a quarter of the day: it says when a tipster stood at the counter
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=15, choices=Why.choices, blank=True, default="")

    objects = RewardQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "id"]
        constraints = [
            models.CheckConstraint(name="reward_code_is_a_number", condition=Q(code__regex=r"^R-[0-9]{4}-[0-9]{4}$")),
            models.CheckConstraint(
                name="open_reward_keeps_its_tip",
                condition=Q(tip__isnull=False)
                | ~Q(state__in=["claimed", "arrest", "conviction", "approved", "offered"]),
            ),
            models.UniqueConstraint(
                name="one_open_reward_of_a_tip",
                fields=["tip"],
                condition=Q(state__in=["claimed", "arrest", "conviction", "approved", "offered"]),
            ),
            models.CheckConstraint(
                name="reward_facts_are_whole",
                condition=(Q(arrests=0, arrested_on=None) | Q(arrests__gt=0, arrested_on__isnull=False))
                & (
                    Q(convictions=0, convicted_on=None)
                    | Q(convictions__gt=0, convicted_on__isnull=False, arrests__gt=0)
                )
                & Q(seized__gte=0)
                & Q(seized_kinds__contained_by=["drugs", "firearms", "cash", "vehicle", "other"]),
            ),
            models.CheckConstraint(
                name="reward_state_fits_its_facts",
                condition=Q(state="claimed", arrests=0)
                | Q(state="arrest", arrests__gt=0, convictions=0)
                | Q(state="conviction", convictions__gt=0)
                | Q(state__in=["declined", "withdrawn"])
                | Q(state__in=["approved", "offered", "paid", "closed", "uncollected"])
                & (Q(convictions__gt=0) | Q(arrests__gt=0, trigger="arrest")),
            ),
            models.CheckConstraint(
                name="reward_approved_at_and_by_pair",
                condition=APPROVED["none"]
                & Q(amount=None, voted_on=None)
                & Q(state__in=["claimed", "arrest", "conviction", "declined", "withdrawn"])
                | APPROVED["both"]
                & Q(amount__isnull=False, voted_on__isnull=False)
                & ~Q(state__in=["claimed", "arrest", "conviction"]),
            ),
            models.CheckConstraint(name="reward_amount_is_some", condition=Q(amount=None) | Q(amount__gt=0)),
            models.CheckConstraint(
                name="reward_offered_at_and_by_pair",
                condition=OFFERED["none"] & ~Q(state__in=["offered", "paid", "closed", "uncollected"])
                | OFFERED["both"] & APPROVED["both"] & Q(state__in=["offered", "paid", "closed", "uncollected"]),
            ),
            models.CheckConstraint(
                name="second_code_while_offered",
                condition=Q(state="offered", second_code__isnull=False) | ~Q(state="offered") & Q(second_code=None),
            ),
            models.CheckConstraint(
                name="wrong_codes_are_counted_to_five", condition=Q(wrong_codes__gte=0, wrong_codes__lte=5)
            ),
            models.CheckConstraint(
                name="reward_paid_at_and_by_pair",
                condition=PAID["none"] & ~Q(state__in=["paid", "closed"])
                | PAID["both"] & APPROVED["both"] & OFFERED["both"] & Q(state__in=["paid", "closed"]),
            ),
            models.CheckConstraint(name="reward_paid_in_a_bucket", condition=Q(paid_at=None) | in_bucket("paid_at")),
            models.CheckConstraint(
                name="reward_ended_at_by_and_why",
                condition=Q(
                    ended_by=None,
                    ended_at=None,
                    ended_why="",
                    state__in=["claimed", "arrest", "conviction", "approved", "offered", "paid"],
                )
                | Q(state="uncollected", ended_at__isnull=False, ended_why="")
                | Q(state="closed", ended_at__isnull=False, ended_by__isnull=False, ended_why="")
                | Q(state__in=["declined", "withdrawn"], ended_at__isnull=False, ended_by__isnull=False)
                & ~Q(ended_why=""),
            ),
            models.CheckConstraint(
                name="approver_did_not_submit", condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by"))
            ),
            models.CheckConstraint(
                name="payer_did_not_submit", condition=Q(paid_by=None) | ~Q(paid_by=F("submitted_by"))
            ),
            models.CheckConstraint(
                name="payer_did_not_approve", condition=Q(paid_by=None) | ~Q(paid_by=F("approved_by"))
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="told_by_neither_approver_nor_payer",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NEW.approved_by_id = ANY (NEW.recorders) OR NEW.paid_by_id = ANY (NEW.recorders) THEN
                        RAISE EXCEPTION 'who told the facts of a reward neither approves nor pays it'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="settled_reward_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (OLD.code, OLD.trigger, OLD.tip_short, OLD.submitted_by_id, OLD.submitted_at)
                            IS DISTINCT FROM (NEW.code, NEW.trigger, NEW.tip_short, NEW.submitted_by_id, NEW.submitted_at)
                        OR NOT OLD.recorders <@ NEW.recorders
                        OR OLD.approved_at IS NOT NULL AND (OLD.amount, OLD.voted_on, OLD.approved_by_id, OLD.approved_at,
                            OLD.arrests, OLD.convictions, OLD.seized, OLD.arrested_on, OLD.convicted_on)
                            IS DISTINCT FROM (NEW.amount, NEW.voted_on, NEW.approved_by_id, NEW.approved_at,
                            NEW.arrests, NEW.convictions, NEW.seized, NEW.arrested_on, NEW.convicted_on)
                        OR OLD.paid_at IS NOT NULL
                            AND (OLD.paid_by_id, OLD.paid_at) IS DISTINCT FROM (NEW.paid_by_id, NEW.paid_at)
                    THEN
                        RAISE EXCEPTION 'what was settled about a reward stays as it is'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_locked(self) -> bool:
        """Too many wrong second codes; whoever approves may release it."""
        return self.wrong_codes >= self.MOST_WRONG_CODES

    @property
    def facts(self) -> str:
        """What a board votes on, so that a vote on what somebody changed meanwhile is noticed."""
        facts = (
            self.arrests,
            self.arrested_on,
            self.convictions,
            self.convicted_on,
            f"{self.seized:.2f}",
            self.seized_kinds,
        )
        return "|".join(str(fact) for fact in facts)

    @property
    def seized_words(self) -> list[str]:
        return [str(self.Seized(kind).label) for kind in self.seized_kinds]


class LedgerEntry(models.Model):
    """Money went from one account to another, so the ledger balances by itself. Added, never changed; of a day, not a time."""

    append_only = True  # by the rights of the database too: accounts.append_only

    class Account(models.TextChoices):
        BUDGET = "budget", _("Budget")
        AVAILABLE = "available", _("Available")
        COMMITTED = "committed", _("Committed")
        PAID = "paid", _("Paid")

    class Reason(models.TextChoices):
        YEARLY = "yearly", _("Yearly budget")
        GRANT = "grant", _("Grant")
        DONATION = "donation", _("Donation")
        FORFEITURE = "forfeiture", _("Forfeited money")
        UNDONE = "undone", _("Taken back")

    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    from_account = models.CharField(max_length=9, choices=Account.choices)
    to_account = models.CharField(max_length=9, choices=Account.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reward = models.ForeignKey(Reward, null=True, on_delete=models.PROTECT, related_name="entries")
    reason = models.CharField(_("what it is"), max_length=10, choices=Reason.choices, blank=True, default="")
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="ledger_amount_is_some", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="ledger_entry_is_of_a_kind",
                condition=Q(
                    from_account="budget",
                    to_account="available",
                    reward=None,
                    undoes=None,
                    by__isnull=False,
                    reason__in=["yearly", "grant", "donation", "forfeiture"],
                )
                | Q(
                    from_account="available",
                    to_account="budget",
                    reward=None,
                    undoes__isnull=False,
                    by__isnull=False,
                    reason="undone",
                )
                | Q(from_account="available", to_account="committed", undoes=None, reason="")
                & Q(reward__isnull=False, by__isnull=False)
                | Q(from_account="committed", to_account="paid", undoes=None, reason="")
                & Q(reward__isnull=False, by__isnull=False)
                | Q(from_account="committed", to_account="available", reward__isnull=False, undoes=None, reason=""),
            ),
            models.UniqueConstraint(
                name="reward_is_committed_once", fields=["reward"], condition=Q(from_account="available")
            ),
            models.UniqueConstraint(
                name="reward_is_paid_or_released_once", fields=["reward"], condition=Q(from_account="committed")
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            # Whoever comes second waits, and then sees what the first one left.
            pgtrigger.Trigger(
                name="no_account_below_nothing",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("balance", "numeric")],
                func=f"""
                    PERFORM pg_advisory_xact_lock({LEDGER_LOCK});
                    SELECT coalesce(sum(CASE WHEN to_account = NEW.from_account THEN amount ELSE -amount END), 0)
                    INTO balance FROM tips_ledgerentry
                    WHERE NEW.from_account IN (from_account, to_account)
                        AND (NEW.from_account <> 'committed' OR reward_id = NEW.reward_id);
                    IF NEW.from_account <> 'budget' AND balance < NEW.amount THEN
                        RAISE EXCEPTION 'there is less in the account'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_account_below_nothing';
                    END IF;
                    IF NEW.undoes_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM tips_ledgerentry
                        WHERE id = NEW.undoes_id AND from_account = 'budget' AND amount = NEW.amount
                    ) THEN
                        RAISE EXCEPTION 'what is undone is money that came in, all of it' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} from {self.from_account} to {self.to_account}"
