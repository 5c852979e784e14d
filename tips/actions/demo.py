"""What residents of the demo town told, and what its detective made of it. Every word is made up."""

import io
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from accounts.agency import agency_zone
from accounts.models import User
from accounts.roles import Role
from hotspots.demo import crime
from hotspots.demo.registry import CannotRemove, Say
from hotspots.models import HotSpot
from tactics.actions.demo_measures import place as place_of
from tips.actions import inbox, keys, messages, rewards
from tips.models import LedgerEntry, ReaderKey, Reward, Tip, TipCount
from tips.queries import intake
from tips.sealing import receipts
from tips.sealing.tips import Told, seal_message, seal_tip

# Known to everybody who has this program: only a made-up town has such a key.
PASSPHRASE = "made up town real lock"  # noqa: S105


@dataclass(frozen=True, eq=False)
class Story:
    days_ago: int
    texts: dict[str, str]
    language: str = "en"
    channel: str = "web"
    photo: bool = False
    sending: uuid.UUID = field(default_factory=uuid.uuid4)


TWICE = uuid.uuid4()
BACK_DOOR = Story(
    6,
    {
        "what": "Cars stop at the back door of building C for a minute or two, all night long. Somebody comes out each time.",
        "where": "Railside Apartments, building C, back door",
        "when": "Every night after 10, most on Fridays",
        "who": "A man in a gray hood; a red pickup with a dented tailgate is there most nights",
    },
    photo=True,
)
LAUNDRY = Story(
    1,
    {"what": "En la lavandería venden pastillas a los muchachos, por la tarde.", "where": "Apartamentos Railside"},
    language="es",
)
SMELL = Story(2, {"what": "A strong smell of chemicals from the garage, and the windows are covered with foil."})
MAILED = Story(4, {"what": "People sell pills behind the shop, by the dumpster, after school."}, channel="mail")
CALLED = Story(
    9,
    {"what": "Fights and dealing in the lot behind the bars when they close.", "where": "Main Street"},
    channel="phone",
)
SOLVED = Story(
    40, {"what": "The man in the corner unit sells from his kitchen window.", "where": "Railside Apartments"}
)
VAGUE = Story(12, {"what": "Drugs are everywhere in this town, do something."})
AGAIN = tuple(Story(0, {"what": "Somebody deals from a white van by the park."}, sending=TWICE) for _ in range(2))
FLOOD = tuple(Story(3, {"what": f"buy now best price {number}"}) for number in range(7))


@transaction.atomic
def make_demo(*, last_day: date, say: Say) -> None:
    """Nothing changes where it is there."""
    if ReaderKey.objects.exists() or Tip.objects.exists():
        say("tips: there already")
        return
    detective = User.objects.get(username=Role.DETECTIVE.value)
    keys.make_key(by=detective, passphrase=PASSPHRASE)
    told = {story: tell(story, last_day) for story in (BACK_DOOR, LAUNDRY, SMELL, MAILED, CALLED, SOLVED, VAGUE)}
    for story in AGAIN:
        tell(story, last_day)
    for story in FLOOD:
        tell(story, last_day, quarantined=True)
    work(detective, told)
    say(f"tips: {len(told) + len(AGAIN)} told, {len(FLOOD)} in quarantine; a reward waits for the board")


def note() -> str:
    """Printed below the sign-ins."""
    return f"The detective opens tips with the passphrase: {PASSPHRASE}"


def tell(story: Story, last_day: date, quarantined: bool = False) -> Tip:
    receipt = receipts.read_receipt(receipts.new_receipt(story.language))
    sealed = seal_tip(
        Told(story.texts, [picture()] if story.photo else []),
        keys_of_readers=intake.readers(),
        channel=story.channel,
        language=story.language,
        now=datetime.combine(last_day - timedelta(days=story.days_ago), time(21), tzinfo=agency_zone()),
        receipt=None if story.channel == "mail" else receipts.open_receipt(receipt, intake.salt()),
        sending=story.sending if story.channel == "web" else None,
        quarantined=quarantined,
    )
    intake.store(sealed)
    return Tip.objects.get(pk=sealed.id)


def work(detective: User, told: dict[Story, Tip]) -> None:
    """One is being worked on and its tipster was asked, one led to an arrest, one was no use; the others wait."""
    apartments, shop = place_of(crime.APARTMENTS.complex), place_of(crime.SHOP.complex)
    door, solved = told[BACK_DOOR], told[SOLVED]
    triage(detective, door, "high")
    inbox.set_place(by=detective, tip=door, place=apartments)
    inbox.take(by=detective, tip=door)
    messages.add_note(
        by=detective, tip=door, text="Fits the calls of March. Ask the foot patrol to look at the plates."
    )
    messages.reply(
        by=detective, tip=door, text="Thank you. What time do the cars come most often, and do they stay in the lot?"
    )
    later = seal_message(door.pk, bytes(door.case_key), 0, "addition", {"text": "Between 11 and 1. They never park."})
    intake.add(door.pk, [later], door.received_at)
    triage(detective, told[MAILED], "medium")
    inbox.set_place(by=detective, tip=told[MAILED], place=shop)
    triage(detective, solved, "high")
    inbox.set_place(by=detective, tip=solved, place=apartments)
    inbox.take(by=detective, tip=solved)
    reward = rewards.claim(by=detective, tip=solved, hot_spot=HotSpot.objects.get(name=crime.APARTMENTS.name))
    day = solved.received_at.date()
    rewards.record_arrest(
        by=detective,
        reward=reward,
        arrests=1,
        arrested_on=day + timedelta(days=9),
        seized=Decimal(1850),
        seized_kinds=[Reward.Seized.DRUGS, Reward.Seized.CASH],
    )
    rewards.record_conviction(by=detective, reward=reward, convictions=1, convicted_on=day + timedelta(days=36))
    inbox.end(by=detective, tip=solved, status=Tip.Status.CLOSED, outcome=Tip.Outcome.ARREST)
    inbox.end(by=detective, tip=told[VAGUE], status=Tip.Status.NOT_ACTIONABLE, outcome=Tip.Outcome.TOO_VAGUE)


def triage(detective: User, tip: Tip, credibility: str) -> None:
    values: dict[str, Any] = {"language": tip.language, "about_person": False, "basis": "", "review_on": None}
    inbox.judge(by=detective, tip=tip, values=values | {"credibility": credibility})


def picture() -> bytes:
    """A building at night with a light over its back door, as somebody might draw it."""
    image = Image.new("RGB", (640, 420), "#10151f")
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 90, 580, 340), fill="#2a3140")
    for left in range(100, 540, 90):
        pen.rectangle((left, 130, left + 44, 190), fill="#1a202c")
    pen.polygon([(300, 240), (372, 240), (430, 400), (240, 400)], fill="#b98f3a")
    pen.rectangle((306, 240, 366, 340), fill="#6d4a2a")
    pen.rectangle((430, 318, 590, 372), fill="#7b1d22")
    pen.text((70, 350), "Made up", fill="#8a94a6")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


@transaction.atomic
def remove_demo() -> None:
    """All tips and keys: a made-up town has no real ones. A ledger is never emptied, so it cannot be taken out."""
    if LedgerEntry.objects.exists():
        raise CannotRemove(
            _("Rewards were voted on, and their ledger is never emptied. Use another folder for a real city.")
        )
    Reward.objects.all().delete()
    Tip.objects.all().delete()
    TipCount.objects.all().delete()
    ReaderKey.objects.all().delete()
