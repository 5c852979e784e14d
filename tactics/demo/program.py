"""The hot spots of the demo town, what is planned for each, and how much of it gets done.

They are those that hotspots.demo.crime planted, but for the traffic stops at the city's edge: what police find there
themselves is no crime problem, and a commander who looks at the map sees that.
"""

from dataclasses import dataclass, field

from hotspots.demo import crime
from tactics.catalogue import Tactic

WEEKEND, EVERY_DAY = (4, 5), range(7)
WEEKS = 26


def hours(days: range | tuple[int, ...], first: int, until: int) -> list[int]:
    """Hours of the week from `first` to `until` on days (Monday is 0); beyond 24 they belong to the day after."""
    return sorted({(day * 24 + hour) % 168 for day in days for hour in range(first, until)})


@dataclass(frozen=True)
class Amount:
    """What is planned of one tactic, and what comes of it: the share that is made and the minutes that it takes."""

    tactic: Tactic
    visits: int | None = None
    per: str = ""
    minutes: int | None = None
    made: float = 0.0
    takes: tuple[float, float] = (0, 0)  # mean and spread in minutes


@dataclass(frozen=True)
class Work:
    """A plan: from which week to which, or open; when, and how much of what."""

    problem: str
    hours: list[int]
    amounts: list[Amount]
    from_week: int = 0
    until_week: int | None = None
    finding: str = ""
    interval: int = 120


@dataclass(frozen=True)
class Spot:
    name: str
    reason: str
    places: tuple[str, ...]  # source ids
    works: list[Work]
    arrests_weekly: float
    offenses: tuple[str, ...]  # NIBRS codes of its arrests
    seen: tuple[str, ...]
    concerns: tuple[str, ...] = ()
    violations: tuple[str, ...] = field(default=("equipment", "registration", "moving"))


def patrol(visits: int, made: float, takes: float) -> Amount:
    return Amount(Tactic.DIRECTED_PATROL, visits, "shift", 15, made, (takes, 2.6))


APARTMENTS = Spot(
    crime.APARTMENTS.name,
    "Drug sales, fights and noise since last year; the owner asked for help.",
    (crime.APARTMENTS.complex,),
    [
        Work(
            "Drug sales and noise in the parking lot behind building C, evenings until after midnight.",
            hours(EVERY_DAY, 17, 26),
            [
                patrol(3, 0.74, 10.4),
                Amount(Tactic.FOOT_PATROL, 3, "week", 30, 0.62, (24, 3)),
                Amount(Tactic.KNOCK_AND_TALK, 10, "week", 10, 0.55, (6.5, 2)),
                Amount(Tactic.K9, 1, "week", 30, 0.58, (23, 3)),
                Amount(Tactic.LIGHTING),
                Amount(Tactic.VEHICLE_PERMITS),
                Amount(Tactic.LEASE_ENFORCEMENT),
            ],
        )
    ],
    0.7,
    ("35A", "13B", "90C"),
    ("people", "drug_activity", "vehicles", "disturbance", "lights_out"),
    ("drugs", "noise", "lighting", "safety", "landlord", "traffic"),
)
BARS = Spot(
    crime.BARS.name,
    "Fights when the bars close, on Friday and Saturday nights.",
    crime.BARS.blocks,
    [
        Work(
            "Fights on the sidewalk when the bars close, Friday and Saturday from 22:00 to 03:00.",
            hours(WEEKEND, 22, 27),
            [
                patrol(4, 0.82, 11.3),
                Amount(Tactic.SATURATION_PATROL, 1, "week", 120, 0.34, (112, 6)),
                Amount(Tactic.VEHICLE_STOP, 5, "week", 10, 0.7, (9, 2.5)),
                Amount(Tactic.CAMERAS),
            ],
            interval=90,
        )
    ],
    0.9,
    ("13B", "90C", "13A", "90D"),
    ("people", "disturbance", "damage"),
    violations=("moving", "signal", "equipment", "speed"),
)
SHOP = Spot(
    "Crossroads Shopping Center",
    "Shoplifting at one shop, most of it in the afternoon.",
    (crime.SHOP.complex,),
    [
        Work(
            "Shoplifting; officers go by at noon.",
            hours(EVERY_DAY, 11, 14),
            [patrol(2, 0.66, 9.9)],
            until_week=12,
            finding="Visits at noon missed the thefts, which are in the afternoon. A new plan takes up those hours.",
        ),
        Work(
            "Shoplifting in the afternoon, by people who leave through the back toward 19th Street.",
            hours(EVERY_DAY, 14, 19),
            [
                patrol(2, 0.69, 10.3),
                Amount(Tactic.FOOT_PATROL, 3, "week", 30, 0.7, (25, 3)),
                Amount(Tactic.TRESPASS),
            ],
            from_week=13,
        ),
    ],
    0.5,
    ("23C", "90J"),
    ("people", "vehicles"),
)
SPOTS = (APARTMENTS, BARS, SHOP)

UNITS = ("Car 12", "Car 14", "Car 16", "Bike 2", "K9 1")
DOG = "Duke"
COLLEAGUES = ("Opal", "Oscar", "Otis", "Owen", "Oona")  # beside the officer who can sign in

NOTES = (
    "Spoke with the manager.",
    "Trash by the dumpsters again; told the owner.",
    "Gate to the lot stands open.",
    "Quiet.",
    "Asked to come by later in the evening.",
    "Light over the stairs flickers.",
)
