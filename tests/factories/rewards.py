"""Rewards in every state, made through their own steps; the people differ, as the database asks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.tips import make_reader, make_tip
from tips.actions import reward_ledger, reward_offers, rewards
from tips.models import Intake, LedgerEntry, ReaderKey, Reward
from tips.queries import intake
from tips.sealing import receipts
from tips.sealing.tips import open_reply_key, open_texts

STEPS = ("claimed", "arrest", "conviction", "approved", "offered", "paid", "closed")
DAY = date(2026, 3, 2)


@dataclass
class MadeReward:
    reward: Reward
    receipt: str
    detective: User
    commander: User
    clerk: User


def make_reward(state: str = "claimed", *, amount: Decimal = Decimal(500), language: str = "en") -> MadeReward:
    """Money for it is added to the budget."""
    if not ReaderKey.objects.exists():
        make_reader()
    sent = make_tip(language=language)
    people = [UserFactory(roles=[role]) for role in ("detective", "commander", "clerk")]
    detective, commander, clerk = people
    made = MadeReward(rewards.claim(by=detective, tip=sent.tip), sent.receipt, *people)
    for step in STEPS[1 : STEPS.index(state) + 1]:
        match step:
            case "arrest":
                made.reward = rewards.record_arrest(
                    by=detective,
                    reward=made.reward,
                    arrests=2,
                    arrested_on=DAY,
                    seized=Decimal(1200),
                    seized_kinds=["drugs", "cash"],
                )
            case "conviction":
                made.reward = rewards.record_conviction(
                    by=detective, reward=made.reward, convictions=1, convicted_on=DAY
                )
            case "approved":
                reward_ledger.add_budget(by=commander, amount=amount, reason="yearly")
                made.reward = rewards.approve(by=commander, reward=made.reward, amount=amount, voted_on=DAY)
            case "offered":
                made.reward = reward_offers.offer(by=detective, reward=made.reward)
            case "paid":
                number, second = read_codes(made)
                paid, _why_not = reward_offers.pay(by=clerk, number=number, second=second)
                assert paid
                made.reward = paid
            case "closed":
                made.reward = rewards.close(by=commander, reward=made.reward)
    return made


def make_budget(amount: Decimal = Decimal(1000)) -> LedgerEntry:
    return reward_ledger.add_budget(by=UserFactory(), amount=amount, reason="yearly")


def read_answers(receipt: str) -> list[str]:
    """What the tipster reads with the receipt."""
    said = receipts.open_receipt(receipts.read_receipt(receipt), bytes(Intake.objects.get().salt))
    opened = intake.opened(said.stored)
    assert opened
    key = open_reply_key(opened.tip, said, opened.reply_secret)
    return [open_texts(key, opened.tip, each, sealed)["text"] for each, sealed in intake.answers(said.stored)]


def read_codes(made: MadeReward) -> tuple[str, str]:
    """The two numbers out of the latest answer."""
    facts = dict(line.split(": ", 1) for line in read_answers(made.receipt)[-1].splitlines() if ": " in line)
    codes = [value for name, value in facts.items() if "code" in name.lower() or "código" in name.lower()]
    return codes[0], codes[1]
