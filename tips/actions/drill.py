"""The recovery drill: what lies in the safe opens what it should."""

from dataclasses import dataclass

from tips.actions.keys import note_drill
from tips.models import KeyCopy, Message, Tip
from tips.sealing import keys
from tips.sealing.tips import open_case_key, open_message
from tips.unlocking import Unlocked

AT_A_TIME = 200  # a photo may have some hundred KiB, what is opened here is a first message of few


@dataclass(frozen=True)
class Drill:
    """`closed`: tips without a copy for the recovery key; `damaged`: which do not open although there is one."""

    tips: int
    opened: int
    damaged: list[str]

    @property
    def closed(self) -> int:
        return self.tips - self.opened - len(self.damaged)

    @property
    def passed(self) -> bool:
        return self.opened == self.tips


def drill(*, unlocked: Unlocked) -> Drill:
    """Open the case key and the first message of every tip, look at none, and note the day if all opened."""
    first = Message.objects.filter(position=1).select_related("tip")
    copies = dict(KeyCopy.objects.filter(reader=unlocked.reader).values_list("tip_id", "sealed"))
    opened, damaged = 0, []
    for message in first.iterator(AT_A_TIME):
        if message.tip_id not in copies:
            continue
        try:
            case = open_case_key(message.tip_id, unlocked.key, copies[message.tip_id])
            open_message(case, message.tip_id, message.pk, message.sealed)
            opened += 1
        except keys.CannotOpen:
            damaged.append(message.tip.short)
    found = Drill(Tip.objects.count(), opened, damaged)
    if found.passed:
        note_drill(reader=unlocked.reader, tips=found.opened)
    return found
