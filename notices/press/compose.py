"""Letters laid together: pages that share the body of their language, each with an address of its own over it.

Every letter has its own tags in reading order (letterhead, address, reference, body), so that a screen reader finds each
letter whole, and says it in its language.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from notices.press import tree
from notices.press.tree import Node

if TYPE_CHECKING:
    from pikepdf import Dictionary, Pdf

PAPER = (0, 0, 612, 792)
BRANCH = 50  # pages below one node of the page tree
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass
class Sheet:
    """The body for a language: what its letters share."""

    nodes: list[Node]
    languages: list[str]  # of the nodes
    contents: list[Any]
    resources: list[Any]
    marks: list[int]  # how many there are on each page
    window: Node  # where the address is read


class Composer:
    """Makes one PDF; what is given to it stays open until it is saved."""

    def __init__(self, *, title: str, author: str, language: str) -> None:
        from pikepdf import Array, Dictionary, Name, Pdf

        self.pdf: Pdf = Pdf.new()
        self.sources: list[Pdf] = []
        self.sheets: dict[str, Sheet] = {}
        self.pages: list[Any] = []
        self.parents: list[Any] = []  # of the marks of each page
        self.outline: list[tuple[str, Any]] = []
        root = self.pdf.Root
        root.Lang, root.MarkInfo = language, Dictionary(Marked=True)
        # Made for a printer: at its size, on both sides.
        root.ViewerPreferences = Dictionary(
            DisplayDocTitle=True, PrintScaling=Name("/None"), Duplex=Name.DuplexFlipLongEdge
        )
        metadata = self.pdf.make_stream(XMP.format(title=escape(title), author=escape(author)).encode())
        metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
        root.Metadata = metadata
        self.pdf.docinfo = self.pdf.make_indirect(Dictionary(Title=title, Author=author))
        self.tree = self.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.document = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Document, P=self.tree, K=Array())
        )
        self.tree.K, root.StructTreeRoot = Array([self.document]), self.tree

    def add_sheet(self, key: str, made: bytes, languages: Sequence[str]) -> None:
        """The body for letters of `key`. Each of its parts, one for each language, starts with a heading."""
        source = self._open(made)
        nodes = tree.read(source)
        found = [node.find_empty("/Div") for node in nodes]
        window = next(node for node in found if node)
        part, of_nodes = -1, []
        for node in nodes:
            part += any(isinstance(kid, Node) and kid.tag == "/H1" for kid in node.kids)
            of_nodes.append(languages[max(part, 0)])
        kept: list[set[int]] = [set() for _ in source.pages]
        for node in nodes:
            for number, mark in node.marks():
                kept[number].add(mark)
        contents, resources = [], []
        for page, marks in zip(source.pages, kept, strict=True):
            contents.append(self.pdf.make_stream(tree.only_marked(tree.content(page.obj), marks)))
            resources.append(self.pdf.copy_foreign(source.make_indirect(page.obj.Resources)))
        numbers = [max(marks, default=-1) + 1 for marks in kept]
        self.sheets[key] = Sheet(nodes, of_nodes, contents, resources, numbers, window)

    def add_letters(self, keys: Sequence[str], names: Sequence[str], overlays: bytes, done: Callable[[], None]) -> None:
        """A letter for each page of `overlays`, on the sheets of those keys."""
        source = self._open(overlays)
        nodes = tree.read(source)
        shared: dict[str, tuple[Any, dict[bytes, bytes]]] = {}
        for number, (key, name) in enumerate(zip(keys, names, strict=True)):
            page = source.pages[number].obj
            if key not in shared:
                shared[key] = self._merged(self.sheets[key].resources[0], source, page)
            self._letter(self.sheets[key], name, nodes[number].on_page(0), tree.content(page), *shared[key])
            done()

    def _merged(self, below: Any, source: "Pdf", page: Any) -> tuple[Any, dict[bytes, bytes]]:
        """Resources of a first page: those of the body, and the fonts of the overlays by names of their own."""
        from pikepdf import Dictionary

        resources, fonts = Dictionary(below), Dictionary(below.Font)
        renamed = {}
        for name, font in self.pdf.copy_foreign(source.make_indirect(page.Resources.Font)).items():
            fonts[f"/Over{name[1:]}"] = font
            renamed[name.encode()] = f"/Over{name[1:]}".encode()
        resources.Font = fonts
        # States are named by their values.
        resources.ExtGState = Dictionary({**dict(page.Resources.ExtGState.items()), **dict(below.ExtGState.items())})
        return self.pdf.make_indirect(resources), renamed

    def _letter(
        self, sheet: Sheet, name: str, over: Node, drawn: bytes, resources: Any, fonts: dict[bytes, bytes]
    ) -> None:
        from pikepdf import Array, Dictionary, Name

        shift = sheet.marks[0]
        own = self.pdf.make_stream(tree.shifted(drawn, shift, fonts))
        pages = []
        for number, content in enumerate(sheet.contents):
            contents = Array([own, content]) if number == 0 else content
            pages.append(self._page(contents, resources if number == 0 else sheet.resources[number]))
        marks: list[list[Any]] = [[None] * count for count in sheet.marks]
        marks[0] += [None] * (max((mark for _page, mark in over.marks()), default=-1) + 1)
        letter = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Art, P=self.document, T=name, Lang=sheet.languages[0])
        )
        work = _Work(self.pdf, pages, marks, sheet.window, over, shift)
        kids = []
        for node, language in zip(sheet.nodes, sheet.languages, strict=True):
            element = work.element(node, letter)
            if language != sheet.languages[0]:
                element.Lang = language
            kids.append(element)
        letter.K = Array(kids)
        self.document.K.append(letter)
        self.parents += [self.pdf.make_indirect(Array(each)) for each in marks]
        self.outline.append((name, pages[0]))
        if len(pages) % 2:
            self._page(None, Dictionary())  # the back of the last sheet
            self.parents.append(None)

    def _page(self, contents: Any, resources: Any) -> Any:
        from pikepdf import Array, Dictionary, Name

        page = Dictionary(Type=Name.Page, MediaBox=Array(PAPER), Resources=resources)
        if contents is not None:
            page.Contents, page.StructParents, page.Tabs = contents, len(self.pages), Name.S
        self.pages.append(self.pdf.make_indirect(page))
        return self.pages[-1]

    def save(self) -> bytes:
        from pikepdf import Array, Dictionary, Name, ObjectStreamMode

        branches = []
        for start in range(0, len(self.pages), BRANCH):
            kids = self.pages[start : start + BRANCH]
            branch = self.pdf.make_indirect(
                Dictionary(Type=Name.Pages, Parent=self.pdf.Root.Pages, Kids=Array(kids), Count=len(kids))
            )
            for page in kids:
                page.Parent = branch
            branches.append(branch)
        self.pdf.Root.Pages.Kids, self.pdf.Root.Pages.Count = Array(branches), len(self.pages)
        pairs: Any = Array()
        for number, parents in enumerate(self.parents):
            if parents is not None:
                pairs.extend([number, parents])
        self.tree.ParentTree = self.pdf.make_indirect(Dictionary(Nums=pairs))
        self.tree.ParentTreeNextKey = len(self.parents)
        self._bookmarks()
        out = io.BytesIO()
        self.pdf.save(out, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
        return out.getvalue()

    def _bookmarks(self) -> None:
        """By the letter's number: to print one again."""
        from pikepdf import Array, Dictionary, Name

        root = self.pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=len(self.outline)))
        items = [
            self.pdf.make_indirect(Dictionary(Title=name, Parent=root, Dest=Array([page, Name.Fit])))
            for name, page in self.outline
        ]
        for before, after in pairwise(items):
            before.Next, after.Prev = after, before
        if items:
            root.First, root.Last, self.pdf.Root.Outlines = items[0], items[-1], root

    def _open(self, made: bytes) -> "Pdf":
        from pikepdf import Pdf

        self.sources.append(Pdf.open(io.BytesIO(made)))
        return self.sources[-1]

    def close(self) -> None:
        for source in (self.pdf, *self.sources):
            source.close()


@dataclass
class _Work:
    """The tags of one letter."""

    pdf: "Pdf"
    pages: list[Any]
    marks: list[list[Any]]
    window: Node
    over: Node
    shift: int

    def element(self, node: Node, parent: Any, shift: int = 0) -> "Dictionary":
        from pikepdf import Array, Dictionary, Name

        made = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name(node.tag), P=parent, Pg=self.pages[node.page])
        )
        if node.alt:
            made.Alt = node.alt
        if node.box:
            made.A = Dictionary(O=Name.Layout, BBox=Array(node.box))
        kids: list[Any] = []
        for kid in self.over.kids if node is self.window else node.kids:
            if isinstance(kid, Node):
                kids.append(self.element(kid, made, self.shift if node is self.window else shift))
            else:
                self.marks[node.page][kid + shift] = made
                kids.append(kid + shift)
        made.K = Array(kids)
        return made
