"""Address labels, Avery 5160: sheets of three by ten, 2.625 × 1 in each."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from notices.press.parts import POINTS, Addressee, DoesNotFit, whole_step, width

PER_SHEET, ACROSS = 30, 3
WIDTH, HEIGHT = 2.625, 1.0  # inches
INSIDE = 0.11  # to the edges of a label: printers pull paper in askew
LARGEST, SMALLEST, LEADING = 10.5, 6.0, 1.18


def labels(addressees: Sequence[Addressee]) -> bytes:
    """The same addressees, in their order, row by row; the same bytes each time."""
    from tactics import pdf

    made = [_label(addressee) for addressee in addressees]
    sheets = [made[start : start + PER_SHEET] for start in range(0, len(made), PER_SHEET)]
    context = {"sheets": sheets, "title": _("Address labels"), "origin": pdf.ORIGIN}
    return pdf.make(render_to_string("notices/letters/print_labels.html", context))


def _label(addressee: Addressee) -> dict[str, Any]:
    room, high = (WIDTH - 2 * INSIDE) * POINTS, (HEIGHT - 2 * INSIDE) * POINTS
    widest = max((width(line) for line in addressee.lines), default=0)
    lines = max(len(addressee.lines), 1)
    size = whole_step(min(LARGEST, room / max(widest, 1e-9), high / lines / LEADING))
    if size < SMALLEST:
        words = {"number": addressee.number, "line": max(addressee.lines, key=width)}
        raise DoesNotFit(_("Letter %(number)s: “%(line)s” is too long for a label.") % words)
    return {"lines": addressee.lines, "size": round(size * 100)}
