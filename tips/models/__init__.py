from tips.models.keys import KeyCopy, ReaderKey
from tips.models.rewards import LedgerEntry, Reward
from tips.models.tips import (
    AnonymityProof,
    FetchedMail,
    Intake,
    Message,
    PartnerKey,
    Referral,
    Tip,
    TipCount,
    TipEvent,
)

__all__ = [
    "AnonymityProof",
    "FetchedMail",
    "Intake",
    "KeyCopy",
    "LedgerEntry",
    "Message",
    "PartnerKey",
    "ReaderKey",
    "Referral",
    "Reward",
    "Tip",
    "TipCount",
    "TipEvent",
]
