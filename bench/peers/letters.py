"""Letters with a map: made by the product as one PDF (`ours`), or by one WeasyPrint call a letter (`each`).

Run with the product's own Python: both sides set the same page with the same WeasyPrint.
"""

import hashlib
import io
import json
import os
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import shapely  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from pikepdf import Pdf  # noqa: E402
from shapely import LineString  # noqa: E402

from notices.fields import MAP  # noqa: E402
from notices.letters import Body  # noqa: E402
from notices.maps import area_map  # noqa: E402
from notices.press import Addressee, Head, print_letters  # noqa: E402
from notices.press.letters import page, with_map  # noqa: E402
from notices.press.parts import overlay, pictures_of  # noqa: E402
from notices.queries.maps import Street  # noqa: E402
from tactics import pdf  # noqa: E402

METER = 1 / 111_000
HEAD = Head("Parsons Police Department", "100 Main St", "Parsons, KS 67357", "(620) 555-0100")
WORDS = "Officers walk through the area, talk with people and look for what can be mended. Call 911 first. "
DATED, CODE = date(2025, 3, 5), "B12"
WINDOW = '<div class="window"></div>'


def there(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy * [METER / 0.795, METER] + [-95.26, 37.34])


def town() -> str:
    streets = []
    for n in range(-3, 4):
        streets.append(Street(f"{n + 10}th Ave", there(LineString([(-900, n * 110), (900, n * 110)])), own=n == 0))
        streets.append(Street(f"N {n + 17}th St", there(LineString([(n * 120, -900), (n * 120, 900)])), own=n == 0))
    outline = there(shapely.box(-150, -80, 150, 80))
    return area_map(outline=outline, streets=streets, complexes=[], srid=32615).decode()


def each(addressees: list[Addressee], body: Body, svg: str) -> bytes:
    """As it is done without further thought: the whole page for everybody, then the files put together."""
    with Pdf.new() as whole:
        for addressee in addressees:
            html = page(HEAD, [with_map(body, svg)], body.subject, window=True)
            own = render_to_string("notices/letters/print_overlay.html", {"overlay": overlay(addressee, CODE, DATED)})
            made = pdf.make(html.replace(WINDOW, WINDOW.replace("></", f">{own}</")), pictures_of(HEAD, svg))
            with Pdf.open(io.BytesIO(made)) as one:
                whole.pages.extend(one.pages)
                if len(one.pages) % 2:
                    whole.add_blank_page(page_size=(612, 792))
        out = io.BytesIO()
        whole.save(out)
        return out.getvalue()


def main(how: str, number: int) -> None:
    svg = town()
    body = Body("en", "Working together", f"<p>Dear neighbor,</p><p>{WORDS * 3}</p>{MAP}" + f"<p>{WORDS * 5}</p>" * 4)
    addressees = [
        Addressee(n, ("OCCUPANT", f"{1000 + n} N 17TH ST APT {n % 90 + 1}", "PARSONS KS 67357"), "", "en")
        for n in range(1, number + 1)
    ]
    started = time.process_time()
    if how == "ours":
        made = print_letters(head=HEAD, bodies={"en": body}, addressees=addressees, code=CODE, dated=DATED, map_svg=svg)
    else:
        made = each(addressees, body, svg)
    seconds = time.process_time() - started
    digest = hashlib.sha256(made).hexdigest()
    sys.stdout.write(json.dumps({"seconds": seconds, "bytes": len(made), "digest": digest}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
