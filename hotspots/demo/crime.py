"""Two years of made-up incidents on the made-up town, from a seeded process whose answers are known.

Each offense is a Poisson process: how many a year, at what kind of place, in which season, on which days and at what
hours. Places differ by lognormal effects of their block and address, so that crime concentrates as it does in real
towns. On top lie a few planted hot spots (PLANTED), which tests look for in what the analysis finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.demo.town import Town

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ZONE = "America/Chicago"
DAYS = 731
BLOCK_SPREAD, ADDRESS_SPREAD = 1.15, 0.7  # sigma of the lognormal effects of blocks and of addresses
ONLY_ADDRESS, MISSPELT = 0.015, 0.003  # shares of rows without coordinates
RETRACTED = 14
NIGHT_ENDS = 5  # an incident at 2 in the night of Friday happens on Saturday
METRE = 9e-6  # in degrees of latitude
GPS_M = 3.0

NOWHERE = (
    "BEHIND THE OLD DEPOT",
    "4OO BLK MIAN STRT",
    "HWY BY THE GRAIN BINS",
    "12 OAKK XING",
    "UNK",
    "PARKING LOT REAR",
)

# How likely each kind of place is, for one address of it
HOMES = {"residential": 1.0, "apartments": 1.6, "commercial": 0.25, "industrial": 0.3, "rural": 0.5}
ANYWHERE = {
    "residential": 1.0, "apartments": 1.2, "commercial": 2.0, "industrial": 0.8, "rural": 0.5,
    "school": 6.0, "shopping": 15.0, "hospital": 6.0,
}  # fmt: skip
BUSINESSES = {"residential": 0.05, "commercial": 3.0, "industrial": 1.5, "shopping": 12.0, "hospital": 3.0}
SHOPS = {"commercial": 1.0, "shopping": 15.0}
STREETS = {"residential": 0.5, "commercial": 3.0, "industrial": 1.0, "rural": 1.0}

# How a span comes about: share of incidents known only as one, hour it starts between, hours it lasts between
Span = tuple[float, tuple[float, float], tuple[float, float]]
AT_ONCE: Span = (0.0, (0, 1), (0, 1))
OVERNIGHT: Span = (0.7, (17, 23.5), (7, 13))
WHILE_OUT: Span = (0.6, (7, 21), (3, 11))
SOME_DAYS: Span = (0.35, (6, 20), (10, 90))


@dataclass(frozen=True)
class Kind:
    """An offense and its habits."""

    code: str  # NIBRS
    name: str
    yearly: float
    where: dict[str, float]
    peak: float  # hour of the day
    sharp: float = 1.0  # how closely hours gather around the peak; 0 is evenly
    weekend: float = 1.0  # Fridays and Saturdays against other days
    summer: float = 0.2  # swing of the year; negative for a winter peak
    span: Span = AT_ONCE
    on_street: bool = False  # told by its block, not an address


KINDS = (
    Kind("11A", "Rape", 9, HOMES, 0, 1.2, 1.6),
    Kind("11D", "Fondling", 8, HOMES, 20, 0.6),
    Kind("120", "Robbery", 18, BUSINESSES, 22, 1.4, 1.3),
    Kind("13A", "Aggravated assault", 70, ANYWHERE, 23, 1.5, 1.6, 0.3),
    Kind("13B", "Simple assault", 330, ANYWHERE, 22, 1.1, 1.4, 0.25),
    Kind("13C", "Intimidation", 90, HOMES, 17, 0.8),
    Kind("220", "Burglary", 170, {**HOMES, "commercial": 1.0}, 15, 0.4, 0.9, 0.15, WHILE_OUT),
    Kind("23C", "Shoplifting", 170, SHOPS, 16, 2.0, 1.1, -0.2),
    Kind("23D", "Theft from building", 90, ANYWHERE, 14, 0.9, span=SOME_DAYS),
    Kind("23F", "Theft from motor vehicle", 230, {**HOMES, "shopping": 6.0}, 2, 1.2, 1.2, 0.3, OVERNIGHT),
    Kind("23H", "All other larceny", 330, ANYWHERE, 15, 0.8, span=SOME_DAYS),
    Kind("240", "Motor vehicle theft", 75, HOMES, 3, 1.2, 1.1, 0.2, OVERNIGHT),
    Kind("26A", "False pretenses or swindle", 120, ANYWHERE, 13, 1.5, 0.7, 0.0),
    Kind("290", "Vandalism", 260, ANYWHERE, 1, 1.0, 1.5, 0.35, OVERNIGHT),
    Kind("35A", "Drug violations", 200, ANYWHERE, 21, 1.0, 1.2, 0.1),
    Kind("35B", "Drug equipment violations", 140, STREETS, 22, 1.1, 1.2, 0.1, on_street=True),
    Kind("520", "Weapon law violations", 30, STREETS, 23, 1.2, 1.4, on_street=True),
    Kind("90C", "Disorderly conduct", 170, ANYWHERE, 23, 1.3, 1.7, 0.35),
    Kind("90D", "Driving under the influence", 80, STREETS, 1, 2.0, 2.2, 0.1, on_street=True),
    Kind("90F", "Family offenses, nonviolent", 60, HOMES, 18, 0.8, 1.1, 0.0),
    Kind("90J", "Trespass of real property", 130, ANYWHERE, 19, 0.7),
    Kind("90Z", "All other offenses", 250, ANYWHERE, 16, 0.6),
)
CODES = {kind.code: row for row, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Planted:
    """A hot spot that somebody put there: what happens at it each month, beyond its share of everything else."""

    name: str
    monthly: dict[str, float]  # by NIBRS code
    complex: str = ""  # id of the complex whose addresses it is, or
    blocks: tuple[str, ...] = ()  # ids of its blocks
    from_month: int = 1  # of the 24
    weekend_nights: bool = False
    alone: bool = False  # nothing else happens there


APARTMENTS = Planted("Railside Apartments", {"35A": 5, "90C": 6, "13B": 3}, "railside-apartments", from_month=14)
BARS = Planted(
    "Main Street on weekend nights",
    {"13B": 7, "90C": 7, "13A": 1.5},
    blocks=("main-st-900", "main-st-1000"),
    weekend_nights=True,
)
SHOP = Planted("Thefts at one shop", {"23C": 6, "23H": 1}, "crossroads-shopping-center")
TRAFFIC_STOPS = Planted(
    "Traffic stops at the city's edge", {"35A": 4, "35B": 4, "90D": 2}, blocks=("main-st-2000",), alone=True
)
PLANTED = (APARTMENTS, BARS, SHOP, TRAFFIC_STOPS)

COLUMNS = (
    "report", "case_number", "status", "nibrs", "offense", "occurred_from", "occurred_to", "reported",
    "address", "longitude", "latitude",
)  # fmt: skip


@dataclass(frozen=True)
class Draws:
    """Incidents before they are told: rows of KINDS, of the town's blocks, and of its addresses or -1 on the street."""

    kind: Integers
    block: Integers
    address: Integers
    start: NDArray[np.datetime64] = field(repr=False)  # local wall clock, to the minute

    @classmethod
    def joined(cls, parts: Sequence["Draws"]) -> "Draws":
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


def write_incidents(path: Path, town: Town, rng: np.random.Generator, last_day: date) -> None:
    """The file that `import_incidents --mapping demo` reads: two years up to and including last_day."""
    tell(draw(town, rng, last_day), town, rng, last_day).to_csv(path, index=False)


def draw(town: Town, rng: np.random.Generator, last_day: date) -> Draws:
    """What happens, where and when, in no particular order."""
    first_day = np.datetime64(last_day - timedelta(days=DAYS - 1))
    uses = _uses(town)
    effect = _place_effects(town, rng)
    for planted in PLANTED:
        if planted.alone:
            effect[np.isin(town.addresses.block.to_numpy(), _rows_of(planted, town))] = 0
    parts = [_background(row, town, uses, effect, first_day, rng) for row in range(len(KINDS))]
    parts += [
        _planted(planted, CODES[code], monthly, town, first_day, rng)
        for planted in PLANTED
        for code, monthly in planted.monthly.items()
    ]
    everything = Draws.joined(parts)
    in_time = everything.start < np.datetime64(last_day + timedelta(days=1))
    return Draws(*(getattr(everything, name)[in_time] for name in Draws.__dataclass_fields__))


def _uses(town: Town) -> NDArray[np.object_]:
    """What each address is used for: by its complex where that says more than its block."""
    inside = town.addresses.complex.to_numpy()
    of_complex = np.append(town.complexes.use.to_numpy(), "business")[inside]
    of_block = town.blocks.use.to_numpy()[town.addresses.block.to_numpy()]
    return np.where((inside >= 0) & (of_complex != "business"), of_complex, of_block)


def _place_effects(town: Town, rng: np.random.Generator) -> Floats:
    """How much more or less than others of its kind each address has, over the whole time."""
    by_block = rng.lognormal(0, BLOCK_SPREAD, len(town.blocks))
    by_address = rng.lognormal(0, ADDRESS_SPREAD, len(town.addresses))
    return by_block[town.addresses.block.to_numpy()] * by_address


def _background(
    row: int,
    town: Town,
    uses: NDArray[np.object_],
    effect: Floats,
    first_day: np.datetime64,
    rng: np.random.Generator,
) -> Draws:
    kind = KINDS[row]
    count = rng.poisson(kind.yearly * DAYS / 365.25)
    weight = pd.Series(uses).map(kind.where).fillna(0).to_numpy() * effect
    address = rng.choice(len(weight), count, p=weight / weight.sum())
    block = town.addresses.block.to_numpy()[address]
    if kind.on_street:
        address = np.full(count, -1)
    return Draws(np.full(count, row), block, address, _starts(kind, count, first_day, rng))


def _planted(
    planted: Planted, row: int, monthly: float, town: Town, first_day: np.datetime64, rng: np.random.Generator
) -> Draws:
    since = round((planted.from_month - 1) * DAYS / 24)
    count = rng.poisson(monthly * (DAYS - since) * 24 / DAYS)
    if planted.complex:
        inside = town.complexes.id.to_numpy()[town.addresses.complex.to_numpy()] == planted.complex
        address = rng.choice(np.flatnonzero(inside & (town.addresses.complex.to_numpy() >= 0)), count)
        block = town.addresses.block.to_numpy()[address]
    else:
        block = rng.choice(_rows_of(planted, town), count)
        address = np.full(count, -1)
    start = _starts(KINDS[row], count, first_day + since, rng, DAYS - since, planted.weekend_nights)
    return Draws(np.full(count, row), block, address, start)


def _rows_of(planted: Planted, town: Town) -> Integers:
    return np.flatnonzero(town.blocks.id.isin(planted.blocks).to_numpy())


def _starts(
    kind: Kind,
    count: int,
    first_day: np.datetime64,
    rng: np.random.Generator,
    days: int = DAYS,
    weekend_nights: bool = False,
) -> NDArray[np.datetime64]:
    """Instants by season, weekday and hour. A night belongs to the day that it began on."""
    calendar = first_day + np.arange(days)
    weekday = (calendar.astype(np.int64) + 3) % 7  # Monday is 0
    weekend = np.isin(weekday, (4, 5))
    of_year = (calendar - calendar.astype("datetime64[Y]")).astype(int)
    likely = (1 + kind.summer * np.cos(2 * np.pi * (of_year - 200) / 365.25)) * np.where(weekend, kind.weekend, 1)
    hour = np.arange(24)
    hourly = np.exp(kind.sharp * np.cos(2 * np.pi * (hour - kind.peak) / 24))
    if weekend_nights:
        likely, hourly = weekend.astype(float), np.where((hour >= 21) | (hour < 3), 1.0, 0.0)
    day = rng.choice(calendar, count, p=likely / likely.sum())
    at = rng.choice(24, count, p=hourly / hourly.sum())
    minute = rng.integers(0, 60, count)
    minute -= np.where(rng.random(count) < 0.6, minute % 5, 0)  # most people tell the time in fives
    after_midnight = np.where(at < NIGHT_ENDS, 24, 0)
    return day.astype("datetime64[m]") + ((at + after_midnight) * 60 + minute)


def tell(draws: Draws, town: Town, rng: np.random.Generator, last_day: date) -> pd.DataFrame:
    """The incidents as a department's records system exports them, with its usual faults."""
    count = len(draws.kind)
    start, end = _spans(draws, rng)
    known = np.where(np.isnat(end), start, end)
    reported = known + (rng.exponential(np.where(np.isnat(end), 25, 90), count) + 2).astype(int)
    table = pd.DataFrame(
        {
            "status": "RECORDED",
            "nibrs": np.array([kind.code for kind in KINDS])[draws.kind],
            "offense": np.array([kind.name for kind in KINDS])[draws.kind],
            "occurred_from": _on_the_clock(start),
            "occurred_to": _on_the_clock(end),
            "reported": _on_the_clock(reported),
            "address": _addresses(draws, town),
        }
    )
    at = _points(draws, town, rng)
    table["longitude"], table["latitude"] = np.round(shapely.get_x(at), 6), np.round(shapely.get_y(at), 6)
    without = rng.random(count)
    table.loc[without < ONLY_ADDRESS + MISSPELT, ["longitude", "latitude"]] = np.nan
    misspelt = np.flatnonzero(without < MISSPELT)
    table.loc[misspelt, "address"] = rng.choice(NOWHERE, len(misspelt))
    table = table.sort_values(["reported", "occurred_from", "address"], kind="stable", ignore_index=True)
    year = table.reported.dt.year
    table["case_number"] = year.astype(str) + "-" + (table.groupby(year).cumcount() + 1).astype(str).str.zfill(5)
    table["report"] = table.case_number
    return _with_retractions(table, rng, last_day)[list(COLUMNS)]


def _spans(draws: Draws, rng: np.random.Generator) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Start, and end or NaT: what nobody saw is known to lie between two times."""
    share, begins, lasts = (np.array([kind.span[part] for kind in KINDS])[draws.kind] for part in range(3))
    is_span = rng.random(len(share)) < share
    day = draws.start.astype("datetime64[D]").astype("datetime64[m]")
    begin = day + (rng.uniform(*begins.T) * 4).astype(int) * 15
    end = begin + (rng.uniform(*lasts.T) * 4).astype(int) * 15
    return np.where(is_span, begin, draws.start), np.where(is_span, end, np.datetime64("NaT"))


def _on_the_clock(times: NDArray[np.datetime64]) -> pd.Series:
    """Times that the city's clocks show: those in the hour that spring skips move to its end."""
    local = pd.Series(times.astype("datetime64[s]")).dt.tz_localize(
        ZONE, ambiguous=np.ones(len(times), dtype=bool), nonexistent="shift_forward"
    )
    return local.dt.tz_localize(None).dt.floor("min")


def _addresses(draws: Draws, town: Town) -> pd.Series:
    address = town.addresses.iloc[np.maximum(draws.address, 0)].reset_index(drop=True)
    block = town.blocks.iloc[draws.block].reset_index(drop=True)
    house = address.number.astype(str) + " " + address.street + (" APT " + address.unit).where(address.unit != "", "")
    return house.where(draws.address >= 0, block.low.astype(str) + " BLK " + block.street).str.upper()


def _points(draws: Draws, town: Town, rng: np.random.Generator) -> NDArray[np.object_]:
    """At the address, or anywhere along the block, give or take what a receiver is off."""
    along = rng.uniform(0.1, 0.9, len(draws.block))
    on_street = shapely.line_interpolate_point(town.blocks.geometry.to_numpy()[draws.block], along, normalized=True)
    house = town.addresses.geometry.to_numpy()[np.maximum(draws.address, 0)]
    at = shapely.get_coordinates(np.where(draws.address >= 0, house, on_street))
    return shapely.points(at + rng.normal(0, GPS_M * METRE, at.shape))


def _with_retractions(table: pd.DataFrame, rng: np.random.Generator, last_day: date) -> pd.DataFrame:
    """A few cases turn out to be unfounded: a later row takes the earlier one back."""
    settled = np.flatnonzero(table.reported < pd.Timestamp(last_day) - pd.Timedelta(days=10))
    unfounded = table.iloc[rng.choice(settled, RETRACTED, replace=False)].copy()
    unfounded["status"] = "UNFOUNDED"
    unfounded["report"] += "-U"
    unfounded["reported"] += pd.to_timedelta(rng.integers(1, 8, RETRACTED), unit="D")
    return pd.concat([table, unfounded]).sort_values("reported", kind="stable", ignore_index=True)
