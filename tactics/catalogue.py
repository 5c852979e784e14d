"""What police do in a hot spot: each tactic is a kind of record with its own fields."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Tactic(models.TextChoices):
    DIRECTED_PATROL = "directed_patrol", _("Directed patrol")
    SATURATION_PATROL = "saturation_patrol", _("Saturation patrol")
    FOOT_PATROL = "foot_patrol", _("Foot patrol")
    VEHICLE_STOP = "vehicle_stop", _("Vehicle stop")
    ARREST = "arrest", _("Arrest")
    K9 = "k9", _("Narcotics K9")
    KNOCK_AND_TALK = "knock_and_talk", _("Knock-and-talk")
    LIGHTING = "lighting", _("Lighting")
    CAMERAS = "cameras", _("Camera registry")
    VEHICLE_PERMITS = "vehicle_permits", _("Vehicle permits")
    LEASE_ENFORCEMENT = "lease_enforcement", _("Lease enforcement")
    TRESPASS = "trespass", _("Trespass authorization")
    UPKEEP = "upkeep", _("Upkeep and screening")


@dataclass(frozen=True)
class Entry:
    """`words` say in plain language what residents may see; `visits`, `per` and `minutes` are the usual amount."""

    words: str | Promise
    visits: int = 0
    per: str = "shift"
    minutes: int = 0


@dataclass(frozen=True)
class Amount:
    """How much of a tactic a plan asks for; without visits it is done, not counted."""

    tactic: str
    visits: int | None = None
    per: str = ""
    minutes: int | None = None


# Koper (1995): disorder followed 4 % of stops of 10 to 16 minutes and 15 % of drive-throughs.
CATALOGUE: dict[Tactic, Entry] = {
    Tactic.DIRECTED_PATROL: Entry(_("Officers visit for 10 to 15 minutes, several times a shift."), 4, "shift", 15),
    Tactic.SATURATION_PATROL: Entry(_("Several units patrol together for a while."), 1, "week", 120),
    Tactic.FOOT_PATROL: Entry(_("Officers walk through and talk with people."), 3, "week", 30),
    Tactic.VEHICLE_STOP: Entry(_("Officers stop vehicles for traffic violations."), 5, "week", 10),
    Tactic.ARREST: Entry(_("Officers arrest people where the law asks for it.")),
    Tactic.K9: Entry(_("A trained dog searches for drugs."), 1, "week", 30),
    Tactic.KNOCK_AND_TALK: Entry(_("Officers knock on doors and leave crime-prevention information."), 10, "week", 10),
    Tactic.LIGHTING: Entry(_("Police and owners look for places that are too dark, and have lights mended.")),
    Tactic.CAMERAS: Entry(_("Owners may register their cameras.")),
    Tactic.VEHICLE_PERMITS: Entry(_("A complex gives parking permits to residents.")),
    Tactic.LEASE_ENFORCEMENT: Entry(_("Owners act on violations of the lease.")),
    Tactic.TRESPASS: Entry(_("An owner lets officers send trespassers away.")),
    Tactic.UPKEEP: Entry(_("Owners trim plants, mend doors and check new tenants.")),
}

ACTIVITIES = (
    Tactic.DIRECTED_PATROL,
    Tactic.SATURATION_PATROL,
    Tactic.FOOT_PATROL,
    Tactic.VEHICLE_STOP,
    Tactic.ARREST,
    Tactic.K9,
    Tactic.KNOCK_AND_TALK,
)
MEASURES = tuple(tactic for tactic in Tactic if tactic not in ACTIVITIES)
ASSIGNABLE = (Tactic.DIRECTED_PATROL, Tactic.SATURATION_PATROL, Tactic.FOOT_PATROL, Tactic.K9, Tactic.KNOCK_AND_TALK)


def choices(tactics: tuple[Tactic, ...]) -> list[tuple[str, str | Promise]]:
    return [(tactic.value, tactic.label) for tactic in tactics]
