"""From street centerlines, as published, to blocks: what lies between two intersections.

Pure functions on arrays, set-based throughout; lengths and coordinates are metres. Published lines often run the whole
length of a street (TIGER's roads do), touch only nearly, double each other where a highway shares a street, and cross
what is no street at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hotspots.ingest.block_names import DEAD_END, FORK, NAMELESS, name_blocks

# Census feature classes that are streets with blocks: local streets and secondary roads. Left out are motorways (S1100),
# vehicle trails (S1500), ramps (S1630), service drives (S1640), walkways and stairs (S1710, S1720), alleys (S1730),
# private and internal roads (S1740, S1750), parking lots (S1780), cycle and bridle paths (S1820, S1830).
STREET_CLASSES = ("S1200", "S1400")

# Without a class, these words in the name say that a line is no street with blocks.
NOT_A_STREET = (
    r"(?:^I-? ?\d+\b|\b(?:ramp|alley|aly|expy|expressway|fwy|freeway|interstate"
    r"|walkway|trl|trail|bikeway|greenway|driveway|parking)\b)"
)

SNAP_M = 1.0
SLIVER_M = 10.0
TOUCH_M = (
    0.01  # what rounding of coordinates moves: vertices this near are one, and a line this near to a vertex meets it
)
NONE = -1


@dataclass(frozen=True)
class Network:
    """Streets cut at every vertex: `ends` (m, 2) are rows of `vertices` (n, 2); each edge is of one street."""

    vertices: np.ndarray
    ends: np.ndarray
    street: np.ndarray
    numbers: np.ndarray  # (m, 2) lowest and highest house number along the edge, NaN where the source has none
    nameless: int  # the number that stands for no street name


def is_street(classes: pd.Series | None, names: pd.Series, keep: Sequence[str] = STREET_CLASSES) -> np.ndarray:
    """Which lines are streets that have blocks: by feature class, or by name where there is no class."""
    by_name = ~names.str.contains(NOT_A_STREET, case=False, regex=True)
    if classes is None:
        return by_name.to_numpy(bool)
    known = classes.notna() & (classes != "")
    return np.where(known, classes.isin(keep), by_name)


def make_blocks(
    lines: np.ndarray,
    names: Sequence[str],
    is_route: Sequence[bool] | None = None,
    ranges: np.ndarray | None = None,
    snap_m: float = SNAP_M,
    sliver_m: float = SLIVER_M,
) -> pd.DataFrame:
    """Blocks of the street network of `lines` (n,) LineStrings in metres.

    `names` (n,) may hold ""; `is_route` marks highway numbers, which give way to a street's own name where both run on
    one line. `ranges` (n, 4) are house numbers: left from, left to, right from, right to; NaN where unknown.

    Lines are cut where they meet or cross. A block runs on through a point where nothing but the same street continues;
    it ends at intersections, dead ends and where the street changes its name. Pieces shorter than `sliver_m` (the gap
    between two carriageways, an overshoot) are no blocks: the intersections at their ends count as one.

    Returns columns geometry, street, low, high (house numbers, NaN), cross_a, cross_b (what is at the western and eastern
    end: a street, one of ENDS, or "" for a ring that meets no other street), loop (both ends are one), name. Rows and
    directions depend on what is near alone, not on the lines' order.
    """
    streets, ranked = _rank_streets(lines, names, is_route)
    network = _cut(lines, ranked, ranges, snap_m, nameless=streets.index("") if "" in streets else len(streets))
    if not len(network.ends):
        return pd.DataFrame(columns=["geometry", "street", "low", "high", "cross_a", "cross_b", "loop", "name"])
    node, alive = _without_slivers(network, sliver_m)
    blocks = _chain(network, node, alive)
    cross = _cross_streets(network, node, alive, blocks)
    names_of = np.array([*streets, ""], dtype=object)
    table = pd.DataFrame(
        {
            "geometry": blocks.geometry,
            "street": names_of[blocks.street],
            "low": blocks.low,
            "high": blocks.high,
            "cross_a": _cross_names(cross[:, 0], names_of),
            "cross_b": _cross_names(cross[:, 1], names_of),
            "loop": (blocks.ends[:, 0] == blocks.ends[:, 1]) & (blocks.ends[:, 0] != NONE),
        }
    )
    table["name"] = name_blocks(table)
    return table


def _rank_streets(
    lines: np.ndarray, names: Sequence[str], is_route: Sequence[bool] | None
) -> tuple[list[str], np.ndarray]:
    """Street names in order of precedence (own names, then routes, then none; longer first) and each line's place in it."""
    table = pd.DataFrame({"name": pd.Series(names, dtype=object).fillna("").str.strip(), "m": shapely.length(lines)})
    table["route"] = False if is_route is None else np.asarray(is_route, bool)
    order = table.groupby("name").agg(m=("m", "sum"), route=("route", "all")).reset_index()
    order["rank"] = np.select([order.name == "", order.route], [2, 1], 0)
    order["m"] = -order.m.round(1)
    streets = order.sort_values(["rank", "m", "name"]).name.tolist()
    return streets, pd.Categorical(table.name, categories=streets).codes.astype(np.int64)


def _cut(lines: np.ndarray, street: np.ndarray, ranges: np.ndarray | None, snap_m: float, nameless: int) -> Network:
    """Edges between all vertices of all lines, cut where lines cross or touch, each once."""
    lines, source = shapely.get_parts(lines, return_index=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    if not len(xy):
        return Network(xy, np.empty((0, 2), np.int64), np.empty(0, np.int64), np.empty((0, 2)), nameless)
    vertices, vertex = np.unique(np.round(xy / TOUCH_M) * TOUCH_M, axis=0, return_inverse=True)
    vertex = vertex.ravel()
    step = np.flatnonzero(line[1:] == line[:-1])
    ends = np.column_stack([vertex[step], vertex[step + 1]])
    along = _distance_along(xy, line, shapely.length(lines))
    edge = pd.DataFrame(
        {"u": ends[:, 0], "v": ends[:, 1], "line": line[step], "t0": along[step], "t1": along[step + 1]}
    )
    edge = edge[edge.u != edge.v]
    edge[["u", "v"]] = _snap_ends(vertices, edge[["u", "v"]].to_numpy(), snap_m)
    edge = edge[edge.u != edge.v]
    vertices, edge = _cut_where_they_meet(vertices, edge.reset_index(drop=True), snap_m)
    edge["street"] = street[source[edge.line]]
    edge["low"], edge["high"] = _numbers_along(edge, None if ranges is None else ranges[source])
    edge[["u", "v"]] = np.sort(edge[["u", "v"]].to_numpy(), axis=1)
    once = (
        edge.groupby(["u", "v"]).agg(street=("street", "min"), low=("low", "min"), high=("high", "max")).reset_index()
    )
    return Network(
        vertices, once[["u", "v"]].to_numpy(), once.street.to_numpy(), once[["low", "high"]].to_numpy(float), nameless
    )


def _distance_along(xy: np.ndarray, line: np.ndarray, length: np.ndarray) -> np.ndarray:
    """How far along its line each vertex lies, 0 to 1."""
    gap = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    gap[np.flatnonzero(np.diff(line, prepend=-1))] = 0
    total = np.cumsum(gap)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    start = np.zeros(line.max() + 1)
    start[line[first]] = total[first]
    return (total - start[line]) / np.where(length > 0, length, 1)[line]


def _snap_ends(vertices: np.ndarray, ends: np.ndarray, snap_m: float) -> np.ndarray:
    """Let a line's loose end that nearly touches another vertex be that vertex."""
    degree = np.bincount(ends.ravel(), minlength=len(vertices))
    loose = np.flatnonzero(degree == 1)
    if not len(loose) or snap_m <= 0:
        return ends
    neighbor = np.full(len(vertices), NONE)
    neighbor[ends[:, 0]], neighbor[ends[:, 1]] = ends[:, 1], ends[:, 0]
    used = np.flatnonzero(degree)
    near = cKDTree(vertices[used])
    distance, which = near.query(vertices[loose], k=min(3, len(used)), distance_upper_bound=snap_m)
    to = np.arange(len(vertices))
    for column in reversed(range(distance.shape[1])):  # the nearest is written last
        ok = np.isfinite(distance[:, column])
        candidate = used[np.where(ok, which[:, column], 0)]
        ok &= (candidate != loose) & (candidate != neighbor[loose])
        to[loose[ok]] = candidate[ok]
    merged = _components(len(vertices), np.column_stack([loose, to[loose]]))
    # Of those that become one, a vertex in the middle of a line stays where it is.
    firmness = np.where(degree > 1, 0, len(vertices)) + np.arange(len(vertices))
    firmest = np.full(merged.max() + 1, 2 * len(vertices))
    np.minimum.at(firmest, merged, firmness)
    return (firmest % len(vertices))[merged][ends]


def _cut_where_they_meet(vertices: np.ndarray, edge: pd.DataFrame, snap_m: float) -> tuple[np.ndarray, pd.DataFrame]:
    """Cut edges at vertices that lie on them, at loose ends that nearly do, and where two edges cross."""
    ends = edge[["u", "v"]].to_numpy()
    segments = shapely.linestrings(vertices[ends])
    tree = shapely.STRtree(segments)
    touched, toucher = _touching(vertices, ends, tree, snap_m)

    first, second = tree.query(segments, predicate="crosses")
    # Each pair once, and not where one is already cut at the other's end.
    cuts = touched * len(vertices) + toucher
    at_ends = [a * len(vertices) + ends[b, side] for a, b in ((first, second), (second, first)) for side in (0, 1)]
    new = (first < second) & ~np.isin(at_ends, cuts).any(axis=0)
    first, second = first[new], second[new]
    crossing = shapely.get_coordinates(shapely.intersection(segments[first], segments[second]))
    places, vertex = np.unique(np.round(crossing / TOUCH_M) * TOUCH_M, axis=0, return_inverse=True)
    vertex = vertex.ravel() + len(vertices)
    vertices = np.vstack([vertices, places.reshape(-1, 2)])
    at_edge, at_vertex = np.concatenate([touched, first, second]), np.concatenate([toucher, vertex, vertex])
    return vertices, _insert(vertices, edge, segments, at_edge, at_vertex)


def _touching(
    vertices: np.ndarray, ends: np.ndarray, tree: shapely.STRtree, snap_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Edges, and the vertices of others that lie on them or, where a line ends, nearly do."""
    degree = np.bincount(ends.ravel(), minlength=len(vertices))
    used = np.flatnonzero(degree)
    reach = np.where(degree[used] == 1, max(snap_m, TOUCH_M), TOUCH_M)
    point, edge = tree.query(shapely.points(vertices[used]), predicate="dwithin", distance=reach)
    point = used[point]
    strange = (ends[edge] != point[:, None]).all(axis=1)
    return edge[strange], point[strange]


def _insert(
    vertices: np.ndarray, edge: pd.DataFrame, segments: np.ndarray, at_edge: np.ndarray, at_vertex: np.ndarray
) -> pd.DataFrame:
    """The edges with further vertices on them."""
    if not len(at_edge):
        return edge
    share = shapely.line_locate_point(segments[at_edge], shapely.points(vertices[at_vertex]), normalized=True)
    number = np.arange(len(edge))
    stops = pd.DataFrame(
        {
            "edge": np.concatenate([number, number, at_edge]),
            "share": np.concatenate([np.zeros(len(edge)), np.ones(len(edge)), share]),
            "end": np.concatenate([np.zeros(len(edge)), np.full(len(edge), 2), np.ones(len(at_edge))]),
            "vertex": np.concatenate([edge.u, edge.v, at_vertex]),
        }
    ).sort_values(["edge", "end", "share", "vertex"])
    e, vertex, share = stops.edge.to_numpy(), stops.vertex.to_numpy(), stops["share"].to_numpy()
    step = np.flatnonzero((e[1:] == e[:-1]) & (vertex[1:] != vertex[:-1]))
    of = edge.iloc[e[step]].reset_index(drop=True)
    span = of.t1 - of.t0
    return pd.DataFrame(
        {
            "u": vertex[step],
            "v": vertex[step + 1],
            "line": of.line,
            "t0": of.t0 + span * share[step],
            "t1": of.t0 + span * share[step + 1],
        }
    )


def _numbers_along(edge: pd.DataFrame, ranges: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest house number along each edge, read off its line's ranges in proportion."""
    if ranges is None or not len(edge):
        return np.full(len(edge), np.nan), np.full(len(edge), np.nan)
    starts, stops = ranges[edge.line][:, [0, 2]], ranges[edge.line][:, [1, 3]]
    span = stops - starts
    both = np.concatenate([starts + span * edge[["t0"]].to_numpy(), starts + span * edge[["t1"]].to_numpy()], axis=1)
    unknown = np.isnan(both).all(axis=1)
    both[unknown] = 0
    low, high = np.nanmin(both, axis=1), np.nanmax(both, axis=1)
    low[unknown] = high[unknown] = np.nan
    return low, high


def _components(n: int, pairs: np.ndarray) -> np.ndarray:
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


@dataclass(frozen=True)
class _Chains:
    block: np.ndarray  # (m,) block of each edge, NONE where the edge is none's
    geometry: np.ndarray
    street: np.ndarray
    low: np.ndarray
    high: np.ndarray
    ends: np.ndarray  # (b, 2) intersection at either end, NONE for a ring that meets no other street


def _without_slivers(network: Network, sliver_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Which intersection each vertex belongs to, and which edges remain, once pieces too short for a block are gone.

    The lines that remain are not moved.
    """
    node = np.arange(len(network.vertices))
    alive = np.ones(len(network.ends), bool)
    if sliver_m <= 0:
        return node, alive
    chains = _chain(network, node, alive)
    meets = np.bincount(network.ends.ravel(), minlength=len(node))
    dead_end = ((chains.ends != NONE) & (meets[chains.ends] == 1)).any(axis=1)
    alone = ((chains.ends == NONE) | (meets[chains.ends] == 1)).all(axis=1)  # a street of its own, however short
    short = (shapely.length(chains.geometry) < sliver_m) & ~alone
    alive = ~short[chains.block]
    between = short & ~dead_end
    return _components(len(node), chains.ends[between]), alive


def _chain(network: Network, node: np.ndarray, alive: np.ndarray) -> _Chains:
    """Join edges through the points where nothing but the same street continues."""
    ends = network.ends[alive]
    street = network.street[alive]
    passes = _passes(network, node, ends, street)
    block, of_edge = _joined(ends, passes, street == network.nameless)
    pieces = shapely.linestrings(network.vertices[ends])
    order = np.argsort(block, kind="stable")
    geometry = shapely.normalize(shapely.line_merge(shapely.multilinestrings(pieces[order], indices=block[order])))
    low, high = np.full(of_edge, np.inf), np.full(of_edge, -np.inf)
    numbers = network.numbers[alive]
    np.fmin.at(low, block, numbers[:, 0])
    np.fmax.at(high, block, numbers[:, 1])
    low, high = np.ceil(np.round(low, 6)), np.floor(np.round(high, 6))
    usable = np.isfinite(low) & np.isfinite(high) & (low <= high) & (high > 0)
    of_street = np.full(of_edge, NONE)
    of_street[block] = street
    whole = np.full(len(network.ends), NONE)
    whole[alive] = block
    return _Chains(
        whole,
        geometry,
        of_street,
        np.where(usable, low, np.nan),
        np.where(usable, high, np.nan),
        _ends(ends, block, passes, node, of_edge),
    )


def _passes(network: Network, node: np.ndarray, ends: np.ndarray, street: np.ndarray) -> np.ndarray:
    """(m, 2): at which of its ends the street of an edge just goes on.

    A way without a name (an alley, a drive to a parking lot) ends at the street that it meets, but does not cut it.
    """
    n = len(network.vertices)
    goes_on = np.empty(ends.shape, bool)
    for nameless, counted in ((True, np.ones(len(ends), bool)), (False, street != network.nameless)):
        near, names = ends[counted], street[counted]
        meets = np.bincount(node[near].ravel(), minlength=n)[node]
        degree = np.bincount(near.ravel(), minlength=n)
        lowest, highest = np.full(n, np.iinfo(np.int64).max), np.full(n, NONE)
        for side in (0, 1):
            np.minimum.at(lowest, near[:, side], names)
            np.maximum.at(highest, near[:, side], names)
        passes = (meets == 2) & (degree == 2) & (lowest == highest)
        mine = (street == network.nameless) == nameless
        goes_on[mine] = passes[ends[mine]]
    return goes_on


def _joined(ends: np.ndarray, passes: np.ndarray, nameless: np.ndarray) -> tuple[np.ndarray, int]:
    """Number of the block of each edge, and how many there are."""
    edge = np.tile(np.arange(len(ends)), 2)
    through = passes.T.ravel()
    edge, vertex = edge[through], ends.T.ravel()[through]
    order = np.lexsort((edge, nameless[edge], vertex))
    pairs = edge[order].reshape(-1, 2)  # exactly two edges of a street meet at each
    block = _components(len(ends), pairs)
    return block, int(block.max()) + 1 if len(block) else 0


def _ends(ends: np.ndarray, block: np.ndarray, passes: np.ndarray, node: np.ndarray, count: int) -> np.ndarray:
    """The intersections at the ends of each block, west to east; twice the same for a loop."""
    stops = ~passes.T.ravel()
    of, vertex = np.tile(block, 2)[stops], ends.T.ravel()[stops]
    order = np.lexsort((vertex, of))
    of, vertex = of[order], vertex[order]
    found = np.full((count, 2), NONE)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    found[of[first], 0] = node[vertex[first]]
    found[of[first], 1] = node[vertex[first + 1]]
    return found


def _cross_streets(network: Network, node: np.ndarray, alive: np.ndarray, blocks: _Chains) -> np.ndarray:
    """(b, 2): the foremost other street at each end; NONE dead end, -2 only this street goes on, -3 no end at all."""
    pairs = np.column_stack([node[network.ends].T.ravel(), np.tile(network.street, 2)])[np.tile(alive, 2)]
    meets = np.bincount(pairs[:, 0], minlength=len(node))
    pairs = np.unique(pairs, axis=0)  # by intersection, then by precedence of the street
    first = np.searchsorted(pairs[:, 0], blocks.ends)
    safe = np.minimum(first, len(pairs) - 1)
    second = np.minimum(first + 1, len(pairs) - 1)
    own = pairs[safe, 1] == blocks.street[:, None]
    more = (pairs[second, 0] == blocks.ends) & (second > first)
    other = np.where(own, np.where(more, pairs[second, 1], -2), pairs[safe, 1])
    other = np.where((other == -2) & (meets[blocks.ends] == 1), NONE, other)
    return np.where(blocks.ends == NONE, -3, other)


def _cross_names(cross: np.ndarray, names: np.ndarray) -> np.ndarray:
    text = names[np.where(cross >= 0, cross, len(names) - 1)]
    text = np.where((cross >= 0) & (text == ""), NAMELESS, text)
    text = np.where(cross == NONE, DEAD_END, text)
    text = np.where(cross == -2, FORK, text)
    return np.where(cross == -3, "", text).astype(object)
