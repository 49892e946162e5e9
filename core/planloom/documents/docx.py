"""Reads .docx: every word that stands in the finished text, with automatic numbers and places in tables.

Insertions that are tracked count, deletions do not; content controls, links and text boxes are read like
other text. Headers, footers, comments and notes are no part of the plan. Nothing outside the file is opened.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from planloom.documents.numbering import (
    Numbering,
    Style,
    Styles,
    child,
    is_on,
    number,
    read_numbering,
    value,
)
from planloom.documents.package import WordPackage, local, refused
from planloom.documents.paragraphs import Cell, Paragraph, Piece, paragraph_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_GONE = frozenset(
    {
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "delInstrText",
        "rPr",
        "pPr",
        "sectPr",
        "tblPr",
        "sdtPr",
        "rt",
    }
)
_SIGNS = {"tab": "\t", "ptab": "\t", "noBreakHyphen": "-", "br": "\n", "cr": "\n"}
_MAX_DEPTH = 60
MAX_PARAGRAPHS = 20_000


def read_docx(content: bytes, file: str) -> Iterator[Paragraph]:
    """The paragraphs of a .docx, table cells among them; a forced line break ends a paragraph.

    Raises:
        SchemaError: It cannot be read; says why and what to do.
    """
    package = WordPackage(content, file)
    root = package.xml(package.main)
    body = child(root, "body")
    if local(root.tag) != "document" or body is None:
        raise refused("NotDocx", file)
    styles = Styles(package.part("/styles"))
    return _Walk(file, read_numbering(package.part("/numbering"), styles)).blocks(body)


@frozen
class _Text:
    """Words of one run: whether they are bold."""

    text: str
    is_bold: bool


@frozen(eq=False)
class _Walk:
    """One pass over a document; counts paragraphs and tables."""

    file: str
    numbering: Numbering
    _seen: dict[str, int] = field(factory=lambda: {"p": 0, "tbl": 0})

    def blocks(self, element: "Element", cell: Cell | None = None, depth: int = 0) -> Iterator[Paragraph]:
        """The paragraphs inside a body, a cell, a content control or a text box."""
        if depth > _MAX_DEPTH:
            raise refused("Unsafe", self.file, detail=f"> {_MAX_DEPTH} levels")
        for block in element:
            tag = local(block.tag)
            if tag == "p":
                yield from self._paragraph(block, cell, depth)
            elif tag == "tbl":
                yield from self._table(block, cell, depth)
            elif tag == "AlternateContent":
                yield from self.blocks(_chosen(block), cell, depth + 1)
            elif tag not in _GONE:
                yield from self.blocks(block, cell, depth + 1)

    # ---- tables

    def _table(self, table: "Element", outer: Cell | None, depth: int) -> Iterator[Paragraph]:
        """The cells of a table; one inside another belongs to the cell it stands in."""
        if outer is None:
            self._seen["tbl"] += 1
        rows = list(_within(table, "tr"))
        for row, cells in enumerate(rows, 1):
            column = 1 + number(value(cells, "trPr", "gridBefore"))
            for cell in _within(cells, "tc"):
                at = outer or Cell(self._seen["tbl"], row, column)
                yield from self.blocks(cell, at, depth + 1)
                column += max(1, number(value(cell, "tcPr", "gridSpan"), 1))

    # ---- paragraphs

    def _paragraph(self, element: "Element", cell: Cell | None, depth: int) -> Iterator[Paragraph]:
        self._seen["p"] += 1
        count = self._seen["p"]
        if count > MAX_PARAGRAPHS:
            raise refused("Unsafe", self.file, detail=f"> {MAX_PARAGRAPHS} paragraphs")
        name = value(element, "pPr", "pStyle") or ""
        style = self.numbering.styles.get(name)
        words = list(self._words(element, depth))
        text = "".join(word.text for word in words)
        is_deleted = child(element, "pPr", "rPr", "del") is not None and not text
        if not is_deleted:
            # An empty paragraph of a list counts too: its number is seen on the page.
            model = evolve(self._described(element, name, style), cell=cell)
            yield from _lines(text, _bold(words, style.is_bold), count, model)
        for box in _boxes(element):
            yield from self.blocks(box, cell, depth + 1)

    def _described(self, element: "Element", name: str, style: Style) -> Paragraph:
        """Everything about a paragraph but its text."""
        properties = child(element, "pPr")
        num = value(properties, "numPr", "numId")
        level = value(properties, "numPr", "ilvl")
        if num is None:
            num = style.num
        depth = number(level) if level is not None else style.level
        if level is None and num is not None:
            tied = self.numbering.level_of_style(num, name)
            depth = tied if tied is not None else depth
        label, is_listed = self.numbering.label(num, depth or 0) if num is not None else ("", False)
        outline = value(properties, "outlineLvl")
        own = number(outline) if outline is not None else style.outline
        is_title = style.name in ("title", "标题", "文档标题", "公文标题") or name == "Title"
        heading = 1 if is_title else own + 1 if own is not None and own < 9 else _level_of_name(style.name)
        return Paragraph(
            text="", pieces=(), label=label, level=heading, is_title=is_title, is_listed=is_listed
        )

    def _words(self, element: "Element", depth: int, is_bold: bool | None = None) -> Iterator[_Text]:
        if depth > _MAX_DEPTH:
            raise refused("Unsafe", self.file, detail=f"> {_MAX_DEPTH} levels")
        for each in element:
            tag = local(each.tag)
            if tag == "t":
                yield _Text(each.text or "", bool(is_bold))
            elif tag in _SIGNS:
                is_page = tag == "br" and value(each, name="type") in ("page", "column")
                yield _Text("\n" if is_page else _SIGNS[tag], bool(is_bold))
            elif tag == "r":
                yield from self._words(each, depth + 1, is_on(child(each, "rPr", "b"), False))
            elif tag == "AlternateContent":
                yield from self._words(_chosen(each), depth + 1, is_bold)
            elif tag not in _GONE and tag not in ("drawing", "pict", "object", "txbxContent"):
                yield from self._words(each, depth + 1, is_bold)


def _within(element: "Element", wanted: str) -> Iterator["Element"]:
    """Rows of a table or cells of a row, those in content controls too, without those of tables inside."""
    for each in element:
        tag = local(each.tag)
        if tag == wanted:
            if not (wanted == "tr" and child(each, "trPr", "del") is not None):
                yield each
        elif tag in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            yield from _within(each, wanted)


def _chosen(element: "Element") -> "Element":
    """One of the alternatives of a choice, so that no text is read twice."""
    for name in ("Choice", "Fallback"):
        found = child(element, name)
        if found is not None:
            return found
    return element


def _boxes(element: "Element") -> Iterator["Element"]:
    """The text boxes anchored in a paragraph."""
    for each in element:
        tag = local(each.tag)
        if tag == "txbxContent":
            yield each
        elif tag == "AlternateContent":
            yield from _boxes(_chosen(each))
        elif tag not in _GONE:
            yield from _boxes(each)


def _level_of_name(name: str) -> int:
    """The level of a heading style that states none: ``heading 1``, ``标题 2``."""
    for prefix in ("heading ", "标题 ", "标题"):
        rest = name.removeprefix(prefix)
        if rest != name and rest.isdecimal() and 1 <= int(rest) <= 9:
            return int(rest)
    return 0


def _bold(words: list[_Text], is_default: bool) -> int:
    """How many characters at the beginning are bold."""
    length = 0
    for word in words:
        if not (word.is_bold or is_default or not word.text.strip()):
            break
        length += len(word.text)
    return length


_TORN = re.compile(r"(?<=[\u3400-\u9fff])\n(?=[\u3400-\u9fff]{2}）?$)")
"""A break in a cell that only keeps the last character from a line of its own: it parts nothing."""


def _lines(text: str, bold: int, count: int, model: Paragraph) -> Iterator[Paragraph]:
    start = 0
    if model.cell:
        text = _TORN.sub("", text)
    for line in text.split("\n"):
        lead = evolve(model, bold=max(0, bold - start), label=model.label if start == 0 else "")
        paragraph = paragraph_of(line, [Piece(0, -1, count, start + 1)], lead)
        if paragraph:
            yield paragraph
        start += len(line) + 1
