"""A PDF as WeasyPrint made it, read so that its pages and its tags can be used many times over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

MARK = re.compile(rb"/(\w+)\s*<</MCID (\d+)>>\s*BDC")
MEANINGLESS = ("/Span", "/NonStruct")
PAGE_HEIGHT = 792.0
PIXEL = 0.75  # points: WeasyPrint says where figures stand in pixels from the top of the page


@dataclass
class Node:
    """A structure element: kids are elements, or numbers of marked content on its page."""

    tag: str
    page: int
    kids: list["Node | int"] = field(default_factory=list)
    alt: str = ""
    box: tuple[float, ...] = ()

    def marks(self) -> Iterator[tuple[int, int]]:
        """Page and number of all content."""
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.marks()
            else:
                yield self.page, kid

    def on_page(self, page: int) -> "Node":
        """Brought to another page."""
        kids = [kid.on_page(page) if isinstance(kid, Node) else kid for kid in self.kids]
        return Node(self.tag, page, kids, self.alt, self.box)

    def find_empty(self, tag: str) -> "Node | None":
        for kid in self.kids:
            if isinstance(kid, Node):
                if kid.tag == tag and not kid.kids:
                    return kid
                if found := kid.find_empty(tag):
                    return found
        return None


def read(pdf: "Pdf") -> list[Node]:
    """What stands in the document, in reading order."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    document: Any = pdf.Root.StructTreeRoot.K[0]
    return [_node(element, pages) for element in document.K]


def _node(element: Any, pages: dict[tuple[int, int], int]) -> Node:
    node = Node(str(element.S), pages[element.Pg.objgen], alt=str(element.get("/Alt", "")))
    if "/A" in element and "/BBox" in element.A:
        left, top, right, bottom = (float(each) * PIXEL for each in element.A.BBox)
        node.box = (left, PAGE_HEIGHT - bottom, right, PAGE_HEIGHT - top)
    for kid in element.get("/K", []):
        if isinstance(kid, int):
            node.kids.append(kid)
            continue
        below = _node(kid, pages)
        # What means nothing gives its content to the element around it: most elements of a letter are such.
        if below.tag in MEANINGLESS and below.page == node.page and not below.alt:
            node.kids += below.kids
        else:
            node.kids.append(below)
    return node


def content(page: "Object") -> bytes:
    from pikepdf import Stream

    held: Any = page.Contents
    return held.read_bytes() if isinstance(held, Stream) else b"\n".join(each.read_bytes() for each in held)


def only_marked(stream: bytes, kept: set[int]) -> bytes:
    """What stands in no structure, the foot of the page, is marked as what it is: an artifact."""

    def mark(found: re.Match[bytes]) -> bytes:
        return found[0] if int(found[2]) in kept else b"/Artifact BMC"

    return MARK.sub(mark, stream)


def shifted(stream: bytes, by: int, names: dict[bytes, bytes]) -> bytes:
    """Content to be laid over a page whose marks run up to `by`; `names`: of its fonts, and what they are called there."""
    moved = MARK.sub(lambda found: b"/%s <</MCID %d>> BDC" % (found[1], int(found[2]) + by), stream)
    for name, new in names.items():
        moved = re.sub(rb"%s (?=[\d.]+ Tf)" % re.escape(name), new + b" ", moved)
    return b"q\n" + moved + b"\nQ\n"
