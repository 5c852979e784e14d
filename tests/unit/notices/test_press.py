"""Letters as they come out of the press: what stands where, for eyes and for screen readers."""

import base64
import io
import sys
from dataclasses import replace
from datetime import date

import pikepdf
import pypdf
import pytest
from django.utils.translation import gettext, override
from PIL import Image

from notices.fields import FIELDS, LANGUAGES, MAP, plain, render
from notices.letters import Body
from notices.maps import alt_text
from notices.press import Addressee, DoesNotFit, Head, print_copy, print_letters
from notices.press.parts import ALWAYS_SHOWN, EVER_SHOWN, address_size
from notices.reference import SHIPPED, read_letter
from tests.pdf_text import Run, runs

HEAD = Head("Parsons Police Department", "100 Main St", "Parsons, KS 67357", "(620) 555-0100")
LONG = "Officers walk through the area, talk with people and look for what can be mended. Call 911 first. "
EN = Body("en", "Working together", f"<p>Dear neighbor,</p>{MAP}" + f"<p>{LONG * 4}</p>" * 6 + "<p>Sincerely,</p>")
ES = Body("es", "Trabajamos juntos: ¿qué sigue?", f"<p>¡Buenos días, señora Ibáñez!</p>{MAP}<p>Atentamente,</p>")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 340"><title>Map</title><desc>Main St; Oak &amp; Elm</desc>'
    '<rect width="500" height="340" fill="#ddd"/></svg>'
)
SHORT = Addressee(1, ("JO",), "", "en")
HOUSE = Addressee(2, ("OCCUPANT", "1712 MAIN ST", "PARSONS KS 67357"), "", "es")
WIDE = Addressee(
    3,
    (
        "SOUTHEASTERN KANSAS PROPERTY HOLDINGS CO",
        "C/O MANAGEMENT OFFICE OF THE COMPLEX, QQ",
        "12345 NORTHWEST WASHINGTON BLVD APT 1204",
        "NORTH KANSAS CITY MO 64116-4321",
    ),
    "Maple Court Apartments, " * 8,
    "both",
)


def printed(*addressees: Addressee, **more: object) -> bytes:
    kept = {"head": HEAD, "bodies": {"en": EN, "es": ES}, "code": "B12", "dated": date(2025, 3, 5), "map_svg": SVG}
    return print_letters(addressees=addressees, **(kept | more))


@pytest.fixture(scope="module")
def three() -> bytes:
    return printed(SHORT, HOUSE, WIDE)


def address_of(page: list[Run], addressee: Addressee) -> list[Run]:
    found = [run for run in page if run.text.strip() in addressee.lines]
    assert [run.text.strip() for run in found] == list(addressee.lines)
    return found


def first_pages(pdf: bytes) -> list[list[Run]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        starts = [isinstance(page.obj.get("/Contents"), pikepdf.Array) for page in opened.pages]
    return [page for page, starts_here in zip(runs(pdf), starts, strict=True) if starts_here]


def inside(run: Run, area: tuple[float, ...]) -> bool:
    left, top, right, bottom = area
    return left <= run.left and run.right <= right and top <= run.top and run.bottom <= bottom


def touches(run: Run, area: tuple[float, ...]) -> bool:
    left, top, right, bottom = area
    return run.left < right and run.right > left and run.top < bottom and run.bottom > top


@pytest.mark.parametrize("language", ["en", "es", "both"])
@pytest.mark.parametrize("lines", [SHORT.lines, HOUSE.lines, WIDE.lines, WIDE.lines[:1]])
def test_address_stands_in_the_window_and_nothing_else_does(lines, language):
    addressee = Addressee(7, lines, WIDE.about, language)
    (page,) = first_pages(printed(addressee))
    address = address_of(page, addressee)
    left, top, right, bottom = ALWAYS_SHOWN
    margins = (
        min(run.left for run in address) - left,
        min(run.top for run in address) - top,
        right - max(run.right for run in address),
        bottom - max(run.bottom for run in address),
    )
    sys.stdout.write(f"{len(lines)} lines, {language}: " + ", ".join(f"{margin:.3f} in" for margin in margins))
    assert min(margins) >= 0.04
    assert all(inside(run, ALWAYS_SHOWN) and run.size >= 8 for run in address)
    assert [run.text for run in page if touches(run, EVER_SHOWN) and run not in address] == []
    said = " ".join(run.text for run in page)
    assert "B12-0007" in said
    assert "Apartments" in said


def test_map_stays_out_of_the_window():
    with pikepdf.open(io.BytesIO(printed(Addressee(1, HOUSE.lines, "", "en")))) as pdf:
        figure = next(element for element in elements(pdf) if element.S == "/Figure")
        assert 0 < float(figure.A.BBox[1]) < float(figure.A.BBox[3]) < 792 - EVER_SHOWN[3] * 72


@pytest.mark.parametrize(
    ("lines", "words"),
    [((), "1 to 4 lines"), (("A",) * 5, "1 to 4 lines"), (("W" * 40, "1 MAIN ST"), "B12-0009.*WWWW.*too long")],
)
def test_address_that_does_not_fit_is_refused_by_the_letters_name(lines, words):
    with pytest.raises(DoesNotFit, match=words):
        printed(Addressee(9, lines, "", "en"))


def test_long_lines_are_set_smaller_and_never_below_8_points():
    assert address_size(("JO",), "B12-0001") == 11
    assert address_size(WIDE.lines, "B12-0003") == 10
    assert 8 <= address_size(("WALNUT MEADOW MOBILE HOME COMMUNITY MGMT",), "B12-0003") < 11


def test_letters_start_on_the_front_of_a_sheet(three):
    with pikepdf.open(io.BytesIO(three)) as pdf:
        starts = [n for n, page in enumerate(pdf.pages) if isinstance(page.obj.get("/Contents"), pikepdf.Array)]
        bare = [n for n, page in enumerate(pdf.pages) if "/Contents" not in page]
        assert len(starts) == 3
        assert all(start % 2 == 0 for start in starts)
        assert len(pdf.pages) % 2 == 0
        assert all(n % 2 == 1 for n in bare)
        assert pdf.Root.ViewerPreferences.Duplex == "/DuplexFlipLongEdge"


def test_foot_counts_the_pages_of_the_letter_in_its_language(three):
    feet = [" ".join(run.text for run in page if run.tag == "/Artifact") for page in runs(three)]
    assert feet == [
        "(620) 555-0100 Page 1 of 2",
        "(620) 555-0100 Page 2 of 2",
        "(620) 555-0100 Página 1 de 1",
        "",
        "(620) 555-0100 Page 1 of 3",
        "(620) 555-0100 Page 2 of 3",
        "(620) 555-0100 Página 3 de 3",
        "",
    ]


@pytest.mark.parametrize("sentences", [17, 18, 19, 20, 21, 22])
def test_page_break_leaves_no_single_lines(sentences):
    body = Body("en", "Working together", f"<p>{LONG * 12}</p><p>{LONG * sentences}</p><p>{LONG * 4}</p>")
    first, second = runs(printed(Addressee(1, HOUSE.lines, "", "en"), bodies={"en": body}))[:2]
    assert len(paragraphs(first)[-1]) >= 3
    assert len(paragraphs(second)[0]) >= 3


def paragraphs(page: list[Run]) -> list[list[float]]:
    """The lines of the text of each, by where they stand."""
    found: list[list[float]] = []
    for line in sorted({round(run.top, 2) for run in page if abs(run.size - 11) < 0.1 and run.top < 10}):
        if found and line - found[-1][-1] < 0.25:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def test_same_letters_give_the_same_bytes(three):
    assert printed(SHORT, HOUSE, WIDE) == three


def test_progress_tells_each_letter():
    told: list[int] = []
    printed(SHORT, HOUSE, progress=told.append)
    assert told == [1, 2]


def test_spanish_keeps_its_accents(three):
    text = pypdf.PdfReader(io.BytesIO(three)).pages[2].extract_text()
    assert "¿qué sigue?" in text
    assert "¡Buenos días, señora Ibáñez!" in text
    assert "5 de marzo de 2025" in text


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    found, waiting = [], [pdf.Root.StructTreeRoot.K[0]]
    while waiting:
        element = waiting.pop()
        found.append(element)
        waiting += [kid for kid in reversed(list(element.get("/K", []))) if not isinstance(kid, int)]
    return found


def test_every_mark_belongs_to_one_element_of_its_page(three):
    with pikepdf.open(io.BytesIO(three)) as pdf:
        nums = pdf.Root.StructTreeRoot.ParentTree.Nums
        parents = {int(nums[n]): nums[n + 1] for n in range(0, len(nums), 2)}
        marked = 0
        for page, texts in zip(pdf.pages, runs(three), strict=True):
            mcids = {run.mcid for run in texts if run.mcid is not None}
            if "/StructParents" not in page:
                assert not mcids
                continue
            of_page = parents.pop(int(page.StructParents))
            for mcid in mcids:
                element = of_page[mcid]
                assert element.Pg.objgen == page.obj.objgen
                assert mcid in [kid for kid in element.K if isinstance(kid, int)]
            marked += len([each for each in of_page if each is not None])
        assert not parents
        assert marked == sum(isinstance(kid, int) for element in elements(pdf) for kid in element.get("/K", []))
        for element in elements(pdf):
            assert all(isinstance(kid, int) or kid.P.objgen == element.objgen for kid in element.get("/K", []))


def test_each_letter_is_read_from_letterhead_to_end_in_its_language(three):
    pages = runs(three)
    with pikepdf.open(io.BytesIO(three)) as pdf:
        numbers = {page.obj.objgen: n for n, page in enumerate(pdf.pages)}
        letters = list(pdf.Root.StructTreeRoot.K[0].K)
        assert [(str(each.S), str(each.T), str(each.Lang)) for each in letters] == [
            ("/Art", "B12-0001", "en"),
            ("/Art", "B12-0002", "es"),
            ("/Art", "B12-0003", "en"),
        ]
        assert [str(part.Lang) for part in letters[2].K if "/Lang" in part] == ["es"]

        def read(element: pikepdf.Object) -> str:
            if "/Alt" in element:
                return f"[{element.Alt}]"
            words = [
                read(kid)
                if not isinstance(kid, int)
                else "".join(run.text for run in pages[numbers[element.Pg.objgen]] if run.mcid == kid)
                for kid in element.K
            ]
            return " ".join(words)

        assert " ".join(read(letters[1]).split()) == (
            "Parsons Police Department 100 Main St Parsons, KS 67357 (620) 555-0100 OCCUPANT 1712 MAIN ST PARSONS KS 67357 "
            "5 de marzo de 2025 "
            + reference("es", "B12-0002")
            + " Trabajamos juntos: ¿qué sigue? ¡Buenos días, señora Ibáñez! "
            f"[{alt('es')}] Atentamente,"
        )


def reference(language: str, code: str) -> str:
    with override(language):
        return gettext("Letter %(code)s") % {"code": code}


def alt(language: str) -> str:
    return alt_text(["Main St", "Oak & Elm"], language)


def test_file_says_what_it_is(three):
    with pikepdf.open(io.BytesIO(three)) as pdf:
        assert pdf.Root.Lang == "en"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.docinfo["/Title"] == "Working together – B12"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Working together – B12"
        assert [item.title for item in pdf.open_outline().root] == ["B12-0001", "B12-0002", "B12-0003"]
        assert pdf.check_pdf_syntax() == []
        for page in pdf.pages:
            for font in dict(page.Resources.get("/Font", {})).values():
                described = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile2" in described or "/FontFile3" in described
                assert "/ToUnicode" in font


def test_map_is_left_out_where_there_is_none():
    with pikepdf.open(io.BytesIO(printed(HOUSE, map_svg=""))) as pdf:
        assert not [element for element in elements(pdf) if element.S == "/Figure"]


def test_many_letters_take_several_rounds(monkeypatch):
    monkeypatch.setattr("notices.press.letters.CHUNK", 2)
    pdf = printed(*(Addressee(n, (f"OCCUPANT {n}", "1 MAIN ST"), "", "es") for n in range(1, 6)))
    assert [
        f"OCCUPANT {n}" in " ".join(run.text for run in page) for n, page in enumerate(first_pages(pdf), start=1)
    ] == [True] * 5


def test_letter_to_nobody_has_the_date_and_no_window():
    (page,) = runs(print_copy(head=HEAD, bodies=[ES], dated=date(2025, 3, 5), map_svg=SVG))
    said = [run.text.strip() for run in page]
    assert "5 de marzo de 2025" in said
    assert next(run for run in page if run.text.startswith("Trabajamos")).top < 2.2


def test_letterhead_has_the_logo():
    kept = io.BytesIO()
    Image.new("RGB", (600, 600), "black").save(kept, "PNG")
    head = Head(
        "Police " * 17, "100 Main St", "Parsons, KS 67357", "(620) 555-0100", base64.b64encode(kept.getvalue()).decode()
    )
    pdf = printed(HOUSE, head=head)
    (page,) = first_pages(pdf)
    assert [run.text for run in page if touches(run, EVER_SHOWN) and run.text.strip() not in HOUSE.lines] == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        logo = next(element for element in elements(opened) if element.get("/Alt") == head.name)
        assert float(logo.A.BBox[1]) > 792 - EVER_SHOWN[1] * 72


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SHIPPED)
def test_shipped_letter_takes_one_page_and_the_announcement_with_its_map_two(slug, language):
    values = {name: field.example[language] for name, field in FIELDS.items()}
    subject, text = read_letter(slug, language)
    body = Body(language, plain(subject, values), render(text, values))
    if slug in ("leave-behind", "trespass-authorization"):
        made = print_copy(head=HEAD, bodies=[body], dated=date(2025, 3, 5), map_svg=SVG)
    else:
        addressee = replace(WIDE, language=language, about="Maple Court Apartments")
        made = printed(addressee, bodies={language: body})
    pages = [page for page in runs(made) if page]
    assert len(pages) == (2 if slug == "neighborhood-announcement" else 1)
