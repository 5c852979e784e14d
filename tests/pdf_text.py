"""Where text stands in a PDF, read from its own operators and fonts."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Matrix

POINTS = 72


@dataclass(frozen=True)
class Run:
    """Inches from the left and the top of the paper; `top` is that of capitals, `bottom` that of a Q."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float  # points
    tag: str
    mcid: int | None


def runs(pdf: bytes) -> list[list[Run]]:
    """Of each page."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [list(_runs(page)) for page in opened.pages]


def _runs(page: pikepdf.Page) -> Iterator[Run]:
    if "/Contents" not in page:
        return
    height = float(page.MediaBox[3])
    matrix, kept, text, font, size = Matrix(), [], Matrix(), None, 0.0
    marks: list[tuple[str, int | None]] = []
    fonts: dict[str, Any] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "q":
                kept.append(matrix)
            case "Q":
                matrix = kept.pop()
            case "cm":
                matrix = Matrix(*map(float, operands)) @ matrix
            case "Tm":
                text = Matrix(*map(float, operands))
            case "Tf":
                name, size = str(operands[0]), float(operands[1])
                font = fonts.setdefault(name, _font(page.Resources.Font[name]))
            case "BMC" | "BDC":
                held = operands[1] if len(operands) > 1 else {}
                marks.append((str(operands[0]), int(held["/MCID"]) if "/MCID" in held else None))
            case "EMC":
                marks.pop()
            case "TJ":
                words, width = _shown(operands[0], font)
                at = text @ matrix
                scale = size * abs(at.d)
                left, base = at.e / POINTS, (height - at.f) / POINTS
                end = left + width / 1000 * size * at.a / POINTS
                tag, mcid = marks[-1]
                yield Run(
                    words, left, base - 0.66 * scale / POINTS, end, base + 0.15 * scale / POINTS, scale, tag, mcid
                )
    assert not kept
    assert not marks


def _font(font: Any) -> tuple[dict[int, str], dict[int, float]]:
    cmap = bytes(font.ToUnicode.read_bytes())
    names = {
        int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be")
        for code, to in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", cmap)
    }
    widths: dict[int, float] = {}
    listed = list(font.DescendantFonts[0].W)
    for start, each in zip(listed[::2], listed[1::2], strict=True):
        widths |= {int(start) + n: float(width) for n, width in enumerate(each)}
    return names, widths


def _shown(parts: Any, font: tuple[dict[int, str], dict[int, float]]) -> tuple[str, float]:
    names, widths = font
    words, width = "", 0.0
    for part in parts:
        if isinstance(part, pikepdf.String):
            codes = bytes(part)
            for code in (int.from_bytes(codes[n : n + 2]) for n in range(0, len(codes), 2)):
                words += names.get(code, "?")
                width += widths.get(code, 1000.0)
        else:
            width -= float(part)
    return words, width
