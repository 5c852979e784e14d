"""Visits, officer-minutes and the unions of presence by hot spot, tactic and week, as one writes it with pandas.

The union is by a running maximum of ends, all groups at once; no loop goes over records or groups.
"""

import json
import os
import time

import numpy as np
import pandas as pd
from sqlalchemy import create_engine

ZONE = "America/Chicago"
WEEKS = 52


def new_time(records: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Of each record the part in which its group was not present before."""
    ordered = records.sort_values([*by, "started_at"])
    reached = ordered.groupby(by, sort=False)["ended_at"].cummax()
    before = reached.groupby([ordered[name] for name in by], sort=False).shift()
    ordered["started_at"] = ordered["started_at"].where(before.isna() | (before < ordered["started_at"]), before)
    return ordered[ordered["ended_at"] > ordered["started_at"]]


def minutes_by_week(parts: pd.DataFrame, by: list[str], borders: pd.DatetimeIndex) -> pd.Series:
    """Split where a week ends: the rest of a record is a record of the week after."""
    week = np.searchsorted(borders, parts["started_at"], side="right") - 1
    ends = pd.Series(borders[np.minimum(week + 1, len(borders) - 1)], index=parts.index)
    over = parts["ended_at"] > ends
    rest = parts[over].assign(started_at=ends[over], week=week[over] + 1)
    own = parts.assign(ended_at=parts["ended_at"].where(~over, ends), week=week)
    both = pd.concat([own, rest])
    both["minutes"] = (both["ended_at"] - both["started_at"]).dt.total_seconds() / 60
    both = both[(both["week"] >= 0) & (both["week"] < WEEKS)]
    return both.groupby([*by, "week"], sort=False)["minutes"].sum()


def main() -> None:
    started = time.perf_counter()
    engine = create_engine(os.environ["PEER_DATABASE"])
    records = pd.read_sql(
        "SELECT hot_spot_id, officer_id, kind, started_at, ended_at, recorded, approved_at FROM tactics_activity "
        "WHERE voided_at IS NULL AND hot_spot_id IS NOT NULL AND ended_at IS NOT NULL",
        engine,
    )
    read = time.perf_counter() - started
    records["kind"] = records["kind"].astype("category").cat.codes
    records["unapproved"] = records["approved_at"].isna()
    monday = pd.Timestamp.now(ZONE).normalize().tz_localize(None).to_period("W").start_time
    mondays = pd.date_range(monday - pd.Timedelta(weeks=WEEKS - 1), periods=WEEKS + 1, freq="7D")
    borders = mondays.tz_localize(ZONE).tz_convert("UTC").astype(records["started_at"].dtype)
    records["week"] = np.searchsorted(borders, records["started_at"], side="right") - 1
    both = ["hot_spot_id", "kind"]
    began = records[(records["week"] >= 0) & (records["week"] < WEEKS)]
    visits = began.groupby([*both, "week"], sort=False).agg(visits=("kind", "size"), unapproved=("unapproved", "sum"))
    ways = began.groupby([*both, "week", "recorded"], sort=False).size()
    officer = minutes_by_week(records, both, borders)
    patrol = minutes_by_week(new_time(records, both), both, borders)
    presence = minutes_by_week(new_time(records, ["hot_spot_id"]), ["hot_spot_id"], borders)
    each = ["hot_spot_id", "officer_id"]
    attendance = minutes_by_week(new_time(records, each), ["hot_spot_id"], borders)
    seconds = time.perf_counter() - started
    minutes = [float(found.sum()) for found in (officer, patrol, presence, attendance)]
    sums = [float(visits["visits"].sum()), *minutes]
    print(json.dumps({"seconds": seconds, "read": read, "sums": sums, "groups": len(patrol), "ways": len(ways)}))


if __name__ == "__main__":
    main()
