"""One window, from rows in the database to a published run, against geopandas, libpysal and esda."""

import json
import statistics

from bench import report, world

TIMES = 3
ARGUMENTS = ("recompute", "--kind", "block", "--as-of", world.AS_OF, "--days", world.DAYS, "--json")


def main() -> list[report.Row]:
    world.city()
    ours = [world.measure_manage(world.CITY, *ARGUMENTS) for _ in range(TIMES)]
    summary = ours[0].said
    window = ("2018-01-01 00:00 America/Chicago", "2019-01-01 00:00 America/Chicago")
    peers = [
        world.measure_peer("recompute.py", world.CITY, *window, str(summary["gi"]["band_m"])) for _ in range(TIMES)
    ]
    our_seconds = statistics.median(each.said["seconds"] for each in ours)
    peer_seconds = statistics.median(each.said["seconds"] for each in peers)
    whole = [statistics.median(each.seconds for each in side) for side in (ours, peers)]
    return [
        report.Row(
            "recompute one window (365 days, blocks), rows to published run",
            "geopandas read + sjoin_nearest + libpysal DistanceBand + esda G_Local",
            f"{our_seconds:.2f} s",
            f"{peer_seconds:.2f} s",
            peer_seconds / our_seconds,
            at_least=10,
            note=f"Median of {TIMES}, both after their imports, as in a worker or notebook that is already up; as whole "
            f"processes {whole[0]:.1f} s and {whole[1]:.1f} s. {summary['places']:,} blocks, {summary['located']:,} incidents, "
            f"Gi* within {summary['gi']['band_m']} m. Ours also counts two earlier windows, tests the change, and draws "
            f"chance for count, risk and harm. Peer: {json.dumps(peers[0].said)}.",
        )
    ]


if __name__ == "__main__":
    report.run_one("recompute", main)
