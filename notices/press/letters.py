"""Letters to pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from itertools import count
from typing import Any

from django.template.loader import render_to_string

from notices.fields import MAP
from notices.letters import Body, in_words
from notices.maps import alt_text, streets_of
from notices.press.parts import Addressee, Head, letter_code, overlay, pictures_of

CHUNK = 100  # addresses set at once: more would take memory, fewer time and fonts


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
    from notices.press.compose import Composer
    from tactics import pdf

    pictures = pictures_of(head, map_svg)
    keys = list(dict.fromkeys(addressee.language for addressee in addressees))
    said = [bodies[language].subject for key in keys[:1] for language in languages_of(key)[:1]]
    composer = Composer(
        title=" – ".join([*said, code]), author=head.name, language=languages_of((keys or ["en"])[0])[0]
    )
    try:
        for key in keys:
            parts = [with_map(bodies[language], map_svg) for language in languages_of(key)]
            composer.add_sheet(key, pdf.make(page(head, parts, code, window=True), pictures), languages_of(key))
        finished = count(1)
        for some in batched(addressees, CHUNK):
            overlays = [overlay(addressee, code, dated) for addressee in some]
            context = {"overlays": overlays, "origin": pdf.ORIGIN}
            composer.add_letters(
                [addressee.language for addressee in some],
                [letter_code(code, addressee.number) for addressee in some],
                pdf.make(render_to_string("notices/letters/print_overlays.html", context)),
                lambda: progress(next(finished)) if progress else None,
            )
        return composer.save()
    finally:
        composer.close()


def print_copy(*, head: Head, bodies: Sequence[Body], dated: date, map_svg: str) -> bytes:
    """A letter that goes to nobody by mail, in one language or in several: to leave at a door, or to be signed."""
    from tactics import pdf

    parts = [with_map(body, map_svg) for body in bodies]
    first = bodies[0]
    return pdf.make(page(head, parts, first.subject, dated=in_words(dated, first.language)), pictures_of(head, map_svg))


def languages_of(language: str) -> tuple[str, ...]:
    return (language,) if language in ("en", "es") else ("en", "es")


def with_map(body: Body, map_svg: str) -> Body:
    """With the map, said in the language of the letter, where the letter wants it."""
    if not map_svg or MAP not in body.html:
        return Body(body.language, body.subject, body.html.replace(MAP, ""))
    words = escape(alt_text(streets_of(map_svg), body.language))
    figure = f'<div class="map"><img src="map.svg" alt="{words}"></div>'
    return Body(body.language, body.subject, body.html.replace(MAP, figure))


def page(
    head: Head,
    parts: Sequence[Body],
    title: str,
    *,
    window: bool = False,
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
        "dated": dated,
        "origin": ORIGIN,
    }
    return render_to_string("notices/letters/print.html", context)


def batched(addressees: Sequence[Addressee], size: int) -> Iterator[Sequence[Addressee]]:
    for start in range(0, len(addressees), size):
        yield addressees[start : start + size]
