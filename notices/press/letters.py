"""Letters to pages."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from notices.fields import MAP
from notices.letters import Body, in_words
from notices.maps import alt_text, streets_of, titled
from notices.press.parts import Addressee, Head, Overlay, overlay, pictures_of

if TYPE_CHECKING:
    from pikepdf import Pdf


def print_letters(
    *,
    head: Head,
    bodies: Mapping[str, Body],
    addressees: Sequence[Addressee],
    code: str,
    dated: date,
    map_svg: str,
    progress: Callable[[int], None] | None = None,
) -> bytes:
    """One PDF for a printer that prints on both sides: every letter starts on a sheet of its own.

    The same arguments give the same bytes. `progress` is told how many letters are done."""
    from pikepdf import Pdf

    from tactics import pdf

    with Pdf.new() as whole:
        for number, addressee in enumerate(addressees, start=1):
            parts = [with_map(bodies[language], map_svg) for language in languages_of(addressee.language)]
            html = page(head, parts, code, window=True, overlay=overlay(addressee, code, dated))
            add(whole, pdf.make(html, pictures_of(head)))
            if progress:
                progress(number)
        return saved(whole)


def print_one(*, head: Head, body: Body, dated: date, map_svg: str) -> bytes:
    """A letter that goes to nobody by mail: to leave at a door, or to look at before letters are made."""
    from tactics import pdf

    parts = [with_map(body, map_svg)]
    return pdf.make(page(head, parts, body.subject, dated=in_words(dated, body.language)), pictures_of(head))


def languages_of(language: str) -> tuple[str, ...]:
    return (language,) if language in ("en", "es") else ("en", "es")


def with_map(body: Body, map_svg: str) -> Body:
    """With the map, said in the language of the letter, where the letter wants it."""
    if not map_svg or MAP not in body.html:
        return Body(body.language, body.subject, body.html.replace(MAP, ""))
    words = alt_text(streets_of(map_svg), body.language)
    figure = f'<div class="map">{titled(map_svg, words)}</div>'
    return Body(body.language, body.subject, body.html.replace(MAP, figure))


def page(
    head: Head,
    parts: Sequence[Body],
    title: str,
    *,
    window: bool = False,
    overlay: Overlay | None = None,
    dated: str = "",
) -> str:
    from tactics.pdf import ORIGIN

    context: dict[str, Any] = {
        "head": head,
        "logo": f"{ORIGIN}logo.png" if head.logo else "",
        "parts": parts,
        "title": title,
        "language": parts[0].language,
        "window": window,
        "overlay": overlay,
        "dated": dated,
        "origin": ORIGIN,
    }
    return render_to_string("notices/letters/print.html", context)


def add(whole: "Pdf", letter: bytes) -> None:
    from pikepdf import Pdf

    with Pdf.open(io.BytesIO(letter)) as one:
        whole.pages.extend(one.pages)
        if len(one.pages) % 2:
            whole.add_blank_page(page_size=(612, 792))


def saved(whole: "Pdf") -> bytes:
    from pikepdf import ObjectStreamMode

    out = io.BytesIO()
    whole.save(out, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()
