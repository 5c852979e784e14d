"""What one writes without us: read the files, find each point's nearest block, store the lot.

Less than we do: no identity of rows, no second import, no retractions, no rejects, no addresses, no boundary.
"""

import json
import os
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
from sqlalchemy import create_engine, text

CITY_CRS, METRES, FAR = "ESRI:102696", "EPSG:32615", 100
NAMES = {
    "DateOccured": "occurred", "DateOccur": "occurred", "Date Occur": "occurred", "Crime": "crime",
    "Count": "count", "Description": "description", "XCoord": "x", "YCoord": "y", "X-Coord": "x", "Y-Coord": "y",
    "ILEADSAddress": "number", "ILEADS-Address": "number", "ILEADSStreet": "street", "ILEADS-Street": "street",
}  # fmt: skip


def read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, encoding="cp1252", encoding_errors="replace", on_bad_lines="skip")
    return table.rename(columns=lambda name: NAMES.get(name.removeprefix("ï»¿"), name))[
        list(dict.fromkeys(NAMES.values()))
    ]


def main(folder: str) -> None:
    engine = create_engine(os.environ["PEER_DATABASE"])
    blocks = gpd.read_postgis(
        "SELECT id, geometry FROM hotspots_place WHERE kind = 'block'", engine, geom_col="geometry"
    )
    blocks = blocks.to_crs(METRES)
    table = pd.concat([read(path) for path in sorted(Path(folder).iterdir())], ignore_index=True)
    table["occurred"] = pd.to_datetime(table.occurred, format="%m/%d/%Y %H:%M", errors="coerce")
    for name in ("x", "y", "count"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    table = table[(table["count"] == 1) & (table.x > 0) & (table.y > 0)]
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.x, table.y), crs=CITY_CRS).to_crs(METRES)
    near = points.sjoin_nearest(blocks, how="left", max_distance=FAR, distance_col="distance_m")
    near = near[~near.index.duplicated()].rename(columns={"id": "block"}).drop(columns="index_right")
    near.to_crs("EPSG:4326").to_postgis(
        "peer_incidents", engine, if_exists="replace", chunksize=20_000
    )  # makes the GiST index
    with engine.begin() as connection:
        connection.execute(text("CREATE INDEX ON peer_incidents (block)"))
        connection.execute(text("CREATE INDEX ON peer_incidents (occurred)"))
        connection.execute(text("ANALYZE peer_incidents"))
    print(json.dumps({"rows": len(near), "located": int(near.block.notna().sum())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
