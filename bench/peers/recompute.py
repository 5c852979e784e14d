"""A year's counts per block and Gi*, as one writes it with geopandas, libpysal and esda."""

import json
import os
import sys
import time

import geopandas as gpd
import numpy as np
from esda.getisord import G_Local
from libpysal.weights import DistanceBand
from sqlalchemy import create_engine

METRES, FAR = "EPSG:32615", 100


def main(since: str, until: str, band: str) -> None:
    started = time.perf_counter()
    engine = create_engine(os.environ["PEER_DATABASE"])
    blocks = gpd.read_postgis(
        "SELECT id, geometry FROM hotspots_place WHERE kind = 'block' AND retired_on IS NULL ORDER BY id",
        engine,
        geom_col="geometry",
    ).to_crs(METRES)
    incidents = gpd.read_postgis(
        "SELECT i.id, l.point AS geometry FROM hotspots_incident i JOIN hotspots_location l ON l.id = i.location_id "
        "WHERE i.retraction_id IS NULL AND l.point IS NOT NULL "
        "AND i.occurred_from >= timestamptz %(since)s AND i.occurred_from < timestamptz %(until)s",
        engine,
        geom_col="geometry",
        params={"since": since, "until": until},
    ).to_crs(METRES)
    near = incidents.rename(columns={"id": "incident"}).sjoin_nearest(blocks, max_distance=FAR)
    near = near[~near.index.duplicated()]
    counts = blocks["id"].map(near["id"].value_counts()).fillna(0).to_numpy()
    middles = blocks.geometry.interpolate(0.5, normalized=True)
    weights = DistanceBand(
        np.column_stack([middles.x, middles.y]), threshold=float(band), binary=True, silence_warnings=True
    )
    gi = G_Local(counts, weights, transform="B", permutations=0, star=True)
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "seconds": seconds,
                "blocks": len(blocks),
                "incidents": int(counts.sum()),
                "highest": float(np.nanmax(gi.Zs)),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
