import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hotspots.actions.places import import_places
from hotspots.ingest.errors import InputError
from hotspots.ingest.places import AREA_KINDS, Options, write_place_rejects
from hotspots.ingest.streets import SLIVER_M, SNAP_M, STREET_CLASSES
from hotspots.models import Place


class Command(BaseCommand):
    help = (
        "Import places (blocks, addresses, complexes) or areas (the city boundary, beats, neighborhoods) from any file that "
        "OGR reads, in any CRS. The file is taken as the whole of its source: what it no longer holds is retired. "
        "The last line of output is JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=[*Place.Kind.values, *AREA_KINDS])
        parser.add_argument("--layer", help="which layer, where the file has several")
        parser.add_argument(
            "--source",
            default="",
            help="who says so; imports of one source replace each other (default: the file's name)",
        )
        parser.add_argument("--id-field", help="field that identifies a row for good (default: guessed, and said)")
        parser.add_argument("--name-field", help="field with the name (default: guessed)")
        parser.add_argument("--crs", help="CRS of the coordinates, such as ESRI:102696, where the file does not say it")
        parser.add_argument("--rejects", type=Path, help="write rejected rows with their reasons to this CSV")
        streets = parser.add_argument_group("street lines")
        streets.add_argument("--node", action="store_true", help="cut lines at intersections into blocks and name them")
        streets.add_argument(
            "--street-class",
            action="append",
            metavar="MTFCC",
            help=f"feature classes to keep (default: {' '.join(STREET_CLASSES)})",
        )
        streets.add_argument(
            "--keep-unnamed", action="store_true", help="ways without a name, mostly alleys, are blocks too"
        )
        streets.add_argument(
            "--snap",
            type=float,
            default=SNAP_M,
            metavar="M",
            help="loose ends this near to a street meet it (default: %(default)s m)",
        )
        streets.add_argument(
            "--sliver",
            type=float,
            default=SLIVER_M,
            metavar="M",
            help="shorter pieces are no blocks (default: %(default)s m)",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        if given["node"] and given["kind"] != "block":
            raise CommandError("--node makes blocks: it goes with --kind block.")
        options = Options(
            kind=given["kind"],
            layer=given["layer"],
            crs=given["crs"],
            id_field=given["id_field"],
            name_field=given["name_field"],
            node=given["node"],
            street_classes=tuple(given["street_class"] or STREET_CLASSES),
            keep_unnamed=given["keep_unnamed"],
            snap_m=given["snap"],
            sliver_m=given["sliver"],
        )
        try:
            result = import_places(by=None, path=given["file"], options=options, source=given["source"], say=self._say)
        except InputError as error:
            raise CommandError(str(error)) from error
        if given["rejects"]:
            write_place_rejects(result.rejects, given["file"].name, given["rejects"])
        self._tell_rejects(result.rejects.reason.value_counts().to_dict(), given["rejects"])
        self.stdout.write(json.dumps(result.counts()))

    def _say(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)  # noqa: T201

    def _tell_rejects(self, reasons: dict[str, int], written: Path | None) -> None:
        for reason, count in list(reasons.items())[:10]:
            self._say(f"{count:,} rejected: {reason}.")
        if reasons and not written:
            self._say("--rejects OUT.csv writes each of them with its row.")
