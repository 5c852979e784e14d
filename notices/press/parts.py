"""What a letter is made of, and where its address stands.

The window of a #10 envelope (4.125 × 9.5 in) is 4.5 × 1.125 in, 0.875 in from the left and 0.5 in from the bottom: it shows
what lies 0.875 to 5.375 in from the left edge of the envelope and 2.5 to 3.625 in from its top. A letter folded in three has
panels of 11 / 3 = 3.667 in and is 8.5 in wide, so that it slides 4.125 - 3.667 = 0.458 in up and down and 9.5 - 8.5 = 1 in
from side to side. Measured on the paper, the window shows

- always: 0.875 to 4.375 in from the left (5.375 - 1), 2.5 to 3.167 in from the top (3.625 - 0.458): there the address stands;
- sometimes: 0 to 5.375 in from the left, 2.042 to 3.625 in from the top: nothing else stands there.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageFont

from accounts.models import AgencyProfile

FONT = "uswds/fonts/source-sans-pro/sourcesanspro-regular-webfont.ttf"
POINTS = 72  # an inch

# In inches of the paper: left, top, right, bottom.
ALWAYS_SHOWN = (0.875, 2.5, 4.375, 3.167)
EVER_SHOWN = (0.0, 2.042, 5.375, 3.625)
LEFT = 1.0  # margin of the paper
LARGEST, LARGEST_OF_FOUR, SMALLEST = 11.0, 10.0, 8.0  # points
MOST_LINES = 4
STEPS = 4  # sizes to a point: each is a class of the style sheets
ROUND_THE_ADDRESS = 0.05  # inches to the edge of the window
LOGO_PIXELS = (720, 270)


class DoesNotFit(ValueError):
    """An address that the window would not show whole."""


@dataclass(frozen=True)
class Head:
    """The letterhead as it was when the letters were submitted; `logo` is a PNG in Base64."""

    name: str
    street: str
    city_line: str
    phone: str
    logo: str = ""


@dataclass(frozen=True)
class Addressee:
    """`lines` as they are printed; `about`: the property, for an owner; `language`: en, es or both."""

    number: int
    lines: tuple[str, ...]
    about: str
    language: str


@dataclass(frozen=True)
class Overlay:
    """What one letter has for itself, as its template wants it."""

    lines: tuple[str, ...]
    size: int  # hundredths of a point, for its class
    dated: str
    code: str
    about: str
    language: str


def head_of(agency: AgencyProfile) -> Head:
    city_line = f"{agency.city}, {agency.state} {agency.zip_code}".strip()
    return Head(agency.name, agency.street, city_line, agency.phone, _logo(agency))


def _logo(agency: AgencyProfile) -> str:
    """In the size that it is printed in: it is kept with each batch."""
    if not agency.logo:
        return ""
    try:
        with agency.logo.open("rb") as file, Image.open(file) as picture:
            picture.thumbnail(LOGO_PIXELS)
            small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except OSError:  # the file is gone, or no picture: a letter without a logo is a letter
        return ""
    kept = io.BytesIO()
    small.save(kept, "PNG", optimize=True)
    return base64.b64encode(kept.getvalue()).decode()


def pictures_of(head: Head, map_svg: str) -> dict[str, bytes]:
    from tactics.pdf import ORIGIN

    found = {"logo.png": base64.b64decode(head.logo), "map.svg": map_svg.encode()}
    return {ORIGIN + name: picture for name, picture in found.items() if picture}


def overlay(addressee: Addressee, code: str, dated: date) -> Overlay:
    from notices.letters import in_words

    language = "es" if addressee.language == "es" else "en"
    letter = letter_code(code, addressee.number)
    size = address_size(addressee.lines, letter)
    with translation.override(language):
        about = _("About: %(property)s") % {"property": addressee.about} if addressee.about else ""
        words = _("Letter %(code)s") % {"code": letter}
    return Overlay(
        lines=addressee.lines,
        size=round(size * 100),
        dated=in_words(dated, language),
        code=words,
        about=about,
        language=language,
    )


def letter_code(code: str, number: int) -> str:
    return f"{code}-{number:04}"


def address_size(lines: Sequence[str], letter: str) -> float:
    """The largest size in points in which the window always shows all lines."""
    if not 1 <= len(lines) <= MOST_LINES:
        raise DoesNotFit(_("Letter %(letter)s: an address has 1 to 4 lines.") % {"letter": letter})
    room = (ALWAYS_SHOWN[2] - ROUND_THE_ADDRESS - LEFT) * POINTS
    largest = LARGEST_OF_FOUR if len(lines) == MOST_LINES else LARGEST
    widest = max(width(line) for line in lines)
    size = min(largest, whole_step(room / widest)) if widest else largest
    if size < SMALLEST:
        longest = max(lines, key=width)
        words = {"letter": letter, "line": longest}
        raise DoesNotFit(_("Letter %(letter)s: “%(line)s” is too long for the window of the envelope.") % words)
    return size


def whole_step(size: float) -> float:
    """The next smaller size that there is."""
    return int(size * STEPS) / STEPS


def width(text: str) -> float:
    """In units of the size of the letters."""
    return font().getlength(text) / 1000


@cache
def font() -> Any:
    from tactics.pdf import ORIGIN, static_file

    return ImageFont.truetype(static_file(ORIGIN + FONT), 1000)
