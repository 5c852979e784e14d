"""What blocks are called: by their hundred where house numbers are known, else by the streets at their ends."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

UNNAMED = "Unnamed street"
DEAD_END, FORK, NAMELESS = "dead end", "fork", "unnamed street"
ENDS = (DEAD_END, FORK, NAMELESS)
SUFFIXES = frozenset(
    "aly alley ave avenue blvd boulevard cir circle ct court cv cove dr drive expy hwy highway ln lane loop pass path "
    "pike pkwy parkway pl place plz plaza rd road row run sq square st street ter terrace trl trail walk way".split()
)


def name_blocks(table: pd.DataFrame) -> pd.Series:
    """A name for each block: by its hundred where house numbers are known, else by the streets at its ends."""
    short = shorten(pd.concat([table.street, table.cross_a, table.cross_b]))
    between = pd.Series(
        [_between(short.get(a, a), short.get(b, b)) for a, b in zip(table.cross_a, table.cross_b, strict=True)],
        index=table.index,
        dtype=object,
    )
    between = between.where(~table.loop, "loop off " + table.cross_a.map(lambda name: short.get(name, name)))
    plain = table.street + ", " + between
    hundred = by_hundred(table.street, table.low, table.high)
    numbered = hundred.where(~hundred.duplicated(keep=False), hundred + ", " + between)
    names = plain.where(hundred == "", numbered)
    return tell_apart(names.where(table.street != "", _name_nameless(table, between)), table.geometry)


def _between(a: str, b: str) -> str:
    if not a and not b:
        return "ring"
    if b in ENDS and a not in ENDS:
        return f"{b} to {a}"
    return f"between {a}s" if a == b and a in ENDS else f"{a} to {b}"


def _name_nameless(table: pd.DataFrame, between: pd.Series) -> pd.Series:
    """Ways without a name are called after the streets they connect, leave or lie nearest to."""
    nameless = table.street == ""
    names = pd.Series("", index=table.index, dtype=object)
    if not nameless.any() or nameless.all():
        return names + UNNAMED
    ways, streets = table[nameless], table[~nameless]
    nearest = shapely.STRtree(streets.geometry.to_numpy()).nearest(shapely.centroid(ways.geometry.to_numpy()))
    near = UNNAMED + " near " + pd.Series(streets.street.to_numpy()[nearest], index=ways.index)
    a, b = ~ways.cross_a.isin([*ENDS, ""]), ~ways.cross_b.isin([*ENDS, ""])
    off = UNNAMED + " off " + ways.cross_a.where(a, ways.cross_b)
    names[nameless] = (UNNAMED + ", " + between[nameless]).where(a & b & ~ways.loop, off.where(a | b, near))
    return names


def by_hundred(street: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """ "400 block of Maple Ave"; "" where the numbers are not known."""
    first, last = low.fillna(0).astype(int) // 100 * 100, high.fillna(0).astype(int) // 100 * 100
    one = first.astype(str) + " block of " + street
    several = first.astype(str) + " to " + last.astype(str) + " blocks of " + street
    return one.where(first == last, several).where(low.notna(), "")


def name_by_addresses(table: pd.DataFrame, normalize: Callable[[str], str]) -> pd.Series:
    """Names for blocks whose house numbers come from the addresses on them: columns source, source_name, street, low, high.

    "Maple Ave, Park to Grand" becomes "400 block of Maple Ave"; where another block is called so too, both keep what
    lies between. A source's name that does not begin with its street is left as it is.
    """
    parts = table.source_name.str.partition(", ")
    is_street = (parts[0].map(normalize) == table.street) & (table.street != "")
    hundred = by_hundred(parts[0], table.low, table.high)
    again = pd.DataFrame({"source": table.source, "name": hundred}).duplicated(keep=False)
    names = hundred.where(~again | (parts[2] == ""), hundred + ", " + parts[2])
    return names.where(is_street & (hundred != ""), table.source_name)


def shorten(names: pd.Series) -> dict[str, str]:
    """ "Park Ave" may be called "Park" where no other street is, and where the rest still is a name."""
    full = pd.Series(sorted({name for name in names if name}), dtype=object)
    base = full.map(_without_suffix)
    clear = ~base.duplicated(keep=False) & (base != "") & ~base.isin(full)
    return dict(zip(full, base.where(clear, full), strict=True))


def _without_suffix(name: str) -> str:
    words = name.split()
    if len(words) < 2 or words[-1].lower().rstrip(".") not in SUFFIXES:
        return name
    rest = words[:-1]
    return (
        ""
        if len(rest) == 1 and rest[0].lower() in {"n", "s", "e", "w", "north", "south", "east", "west"}
        else " ".join(rest)
    )


def tell_apart(names: pd.Series, geometry: pd.Series) -> pd.Series:
    """Add to equal names which of them is meant: (north) and (south), or (1 of 3) counted from the north or west."""
    twice = names.duplicated(keep=False)
    if not twice.any():
        return names
    middle = shapely.line_interpolate_point(geometry[twice].to_numpy(), 0.5, normalized=True)
    table = pd.DataFrame({"name": names[twice], "x": shapely.get_x(middle), "y": shapely.get_y(middle)})
    group = table.groupby("name")
    upright = group.y.transform(np.ptp) >= group.x.transform(np.ptp)
    table["place"] = np.where(upright, -table.y, table.x)
    rank = table.sort_values(["place", "x", "y"]).groupby("name").cumcount().reindex(table.index)
    count = group.x.transform("size")
    side = np.select([upright & (rank == 0), upright, rank == 0], ["north", "south", "west"], "east")
    numbered = (rank + 1).astype(str) + " of " + count.astype(str)
    marked = names.copy()
    marked[twice] = table.name + " (" + np.where(count == 2, side, numbered) + ")"
    return marked
