"""CSV to stored, located, indexed incidents: import_incidents against pandas, sjoin_nearest and to_postgis."""

from bench import report, world


def main() -> list[report.Row]:
    world.new_database(world.CITY)
    files = world.crime_files()
    peer = world.measure_peer("importing.py", world.CITY, files)
    world.sql(world.CITY, "DROP TABLE peer_incidents")
    world.sql(world.CITY, "CHECKPOINT")
    ours = world.measure_manage(world.CITY, "import_incidents", files, "--mapping", "st_louis")
    rows = ours.said["read"]
    return [
        report.Row(
            "CSV to stored, located, indexed incidents",
            "pandas + geopandas sjoin_nearest + to_postgis",
            f"{ours.seconds:.1f} s",
            f"{peer.seconds:.1f} s",
            peer.seconds / ours.seconds,
            at_least=3,
            note=f"{rows:,} rows in {len(list(files.iterdir()))} files; with the indexes, ready to be read. "
            f"Ours: {ours.said}. Peer: {peer.said}, without identity of rows, retractions, rejects or addresses.",
        ),
        report.Row(
            "the same, peak memory of the importing process",
            "the same",
            f"{ours.memory_mb:.0f} MB",
            f"{peer.memory_mb:.0f} MB",
            ours.memory_mb / peer.memory_mb,
            at_most=1 / 3,
            note=f"Beside it the database's processes held {ours.server_mb:.0f} MB for us and {peer.server_mb:.0f} MB for "
            "the peer (their own memory, without the shared buffers).",
        ),
    ]


if __name__ == "__main__":
    report.run_one("importing", main)
