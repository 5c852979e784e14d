from tips.models.keys import KeyCopy, ReaderKey
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
    "Message",
    "PartnerKey",
    "ReaderKey",
    "Referral",
    "Tip",
    "TipCount",
    "TipEvent",
]
