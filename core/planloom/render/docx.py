"""Plans as Word documents laid out by GB/T 9704-2012, ready to hand in.

Fonts, sizes and page furniture stand in ``templates/docx/`` as the parts of the package they become. The body
is written here with python-docx's elements: a thousand paragraphs through its proxies take a second, elements
some milliseconds. Children stand in the order of the schema, which Word insists on. Numbers are literal text,
so that a paragraph copied elsewhere keeps its number.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.opc.constants import CONTENT_TYPE as TYPE
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import OxmlElement
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement as Element
from docx.package import Package

from planloom.render.layout import (
    Attachment,
    AttachmentNote,
    Block,
    Heading,
    Paragraph,
    RequirementRow,
    SignatureBlock,
    Title,
    closing,
    layout,
)
from planloom.render.tables import Align, Cell, Column, Table
from planloom.render.text import one_line
from planloom_schemas.plan import Plan

_PARTS = Path(__file__).parent / "templates" / "docx"

_CHARACTER = 315
"""Width of a character in twips: 16 pt less the 0.25 pt by which characters stand closer."""

_MILLIMETRE = 1440 / 25.4

_FOOTERS = (("default", "footer-odd.xml"), ("even", "footer-even.xml"))


def render(plan: Plan, requirements: Sequence[RequirementRow] = ()) -> bytes:
    """The plan as a .docx file."""
    blocks = layout(plan, requirements)
    body = _w("body", *_flow(blocks))
    if isinstance(blocks[-1], Attachment):
        body.append(_last_paragraph())
    package = Package()
    document = XmlPart(PackURI("/word/document.xml"), TYPE.WML_DOCUMENT_MAIN, _w("document", body), package)
    package.relate_to(document, RELATION.OFFICE_DOCUMENT)
    _relate(document, "styles.xml", TYPE.WML_STYLES, RELATION.STYLES)
    _relate(document, "settings.xml", TYPE.WML_SETTINGS, RELATION.SETTINGS)
    _relate(document, "fontTable.xml", TYPE.WML_FONT_TABLE, RELATION.FONT_TABLE)
    footers = {
        kind: _relate(document, name, TYPE.WML_FOOTER, RELATION.FOOTER) for kind, name in _FOOTERS
    }  # fmt: skip
    body.append(_section(footers))
    _set_properties(package, plan)
    return _packed(package)


def _flow(blocks: Sequence[Block]) -> Iterator[Element]:
    """The blocks as elements; those that close the body keep together."""
    kept = closing(blocks)
    for place, block in enumerate(blocks):
        elements = list(_block(block))
        for paragraph in elements[: -1 if place == kept.stop - 1 else None] if place in kept else ():
            cast(CT_P, paragraph).get_or_add_pPr().keepNext_val = True
        yield from elements


# ---- the package ----


def _relate(document: Part, name: str, content_type: str, relation: str) -> str:
    """Add a part that is kept as a file; its relationship id."""
    part = Part(PackURI(f"/word/{name}"), content_type, (_PARTS / name).read_bytes(), document.package)
    return document.relate_to(part, relation)


def _set_properties(package: Package, plan: Plan) -> None:
    properties = package.core_properties
    # The standard allows 255 characters; the period gives a date that no clock changes.
    properties.title = one_line(plan.title)[:255]
    properties.author = properties.last_modified_by = one_line(plan.organisation)[:255]
    properties.created = properties.modified = dt.datetime.combine(plan.period.start, dt.time())
    properties.language = "zh-CN"


def _packed(package: Package) -> bytes:
    """The package as bytes that do not tell when it was packed."""
    stamped, plain = BytesIO(), BytesIO()
    package.save(stamped)
    with ZipFile(stamped) as source, ZipFile(plain, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 0, 0, ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return plain.getvalue()


# ---- elements ----

_name = cache(qn)


def _w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """An element of WordprocessingML; attribute names are its local names."""
    named = {_name(f"w:{key}"): str(value) for key, value in attributes.items()}
    element = cast(Element, OxmlElement(f"w:{tag}", named))
    element.extend(children)
    return element


def _run(text: str) -> Element:
    # Without the hint, “ ” — … take the Latin font.
    content = _w("t")
    content.text = text
    content.set(f"{{{nsmap['xml']}}}space", "preserve")
    return _w("r", _w("rPr", _w("rFonts", hint="eastAsia")), content)


def _paragraph(text: str, style: str = "", *properties: Element) -> Element:
    """A paragraph; ``properties`` follow the style in the order of the schema."""
    styled = (_w("pStyle", val=style), *properties) if style else properties
    return _w("p", *([_w("pPr", *styled)] if styled else []), *([_run(text)] if text else []))


def _block(block: Block) -> Iterator[Element]:
    match block:
        case Title():
            yield from (_paragraph(line, "Title") for line in block.lines)
            yield _paragraph("")
        case Heading(label, text):
            yield _paragraph(label + text, "Heading1")
        case Paragraph(text):
            yield _paragraph(text)
        case AttachmentNote():
            yield _paragraph("")
            yield from _note(block)
        case SignatureBlock():
            yield _paragraph("")
            yield from _signature(block)
        case Attachment():
            yield _paragraph(block.mark, "AttachmentMark")
            yield _paragraph("")
            yield from (_paragraph(line, "AttachmentTitle") for line in block.lines)
            yield _paragraph("")
            if block.table:
                yield _table(block.table)


def _note(note: AttachmentNote) -> Iterator[Element]:
    """The attachment note: indented two characters, long names aligned to their first character."""
    number = 1 if len(note.names) > 1 else 0
    for place, line in enumerate(note.lines):
        hanging = number + (3 if place == 0 else 0)
        yield _paragraph(line, "", _indent(left=(5 + number) * _CHARACTER, hanging=hanging * _CHARACTER))


def _indent(**twips: int) -> Element:
    """An indent in place of the body's two characters, which must be put to 0: left out they stay."""
    return _w("ind", firstLineChars=0, **({"firstLine": 0} if "hanging" not in twips else {}), **twips)


def _signature(signature: SignatureBlock) -> Iterator[Element]:
    """Name and date without seal."""
    for text, left in signature.lines:
        yield _paragraph(
            text, "", _w("keepLines"), _indent(left=round(left * _CHARACTER)), _w("jc", val="left")
        )


def _section(footers: dict[str, str]) -> Element:
    """A4 with a text area of 156 by 225 mm; the page number 7 mm under it."""
    references = [_w("footerReference", type=kind) for kind in footers]
    for reference, relationship in zip(references, footers.values(), strict=True):
        reference.set(_name("r:id"), relationship)
    return _w(
        "sectPr",
        *references,
        _w("pgSz", w=11906, h=16838),
        _w("pgMar", top=2098, right=1474, bottom=1984, left=1588, header=851, footer=1304, gutter=0),
        _w("cols", space=425),
        _w("docGrid", type="lines", linePitch=579),
    )


# ---- tables ----


def _table(table: Table) -> Element:
    widths = [round(column.width * _MILLIMETRE) for column in table.columns]
    properties = _w(
        "tblPr",
        _w("tblStyle", val="TableGrid"),
        _w("tblW", w=sum(widths), type="dxa"),
        _w("jc", val="center"),
        _w("tblLayout", type="fixed"),
        _w("tblLook", val="0000"),
    )
    head = _row([_head(column, wide) for column, wide in zip(table.columns, widths, strict=True)], head=True)
    rows = [
        _row([_cell(*item, kept) for item in zip(row, table.columns, widths, strict=True)])
        for row, kept in zip(table.rows, table.kept(), strict=True)
    ]
    return _w("tbl", properties, _w("tblGrid", *(_w("gridCol", w=wide) for wide in widths)), head, *rows)


def _row(cells: Sequence[Element], head: bool = False) -> Element:
    return _w("tr", _w("trPr", _w("cantSplit"), *([_w("tblHeader")] if head else [])), *cells)


def _head(column: Column, wide: int) -> Element:
    return _tc(wide, _stacked(column.lines(column.title), "TableHead"))


def _cell(cell: Cell, column: Column, wide: int, kept: bool) -> Element:
    merge = [_w("vMerge", val="restart")] if cell.rows > 1 else [_w("vMerge")] if cell.rows == 0 else []
    lines = column.lines(cell.text) if cell.rows else ()
    keep = [_w("keepNext")] if kept else []
    return _tc(wide, _stacked(lines, "TableText", *keep, *_aligned(column.align)), *merge)


def _stacked(lines: Sequence[str], style: str, *properties: Element) -> Element:
    """A paragraph of several lines."""
    paragraph = _paragraph("", style, *properties)
    for place, line in enumerate(lines):
        if place:
            paragraph.append(_w("r", _w("br")))
        paragraph.append(_run(line))
    return paragraph


def _aligned(align: Align) -> Iterator[Element]:
    if align != "left":
        yield _w("jc", val=align)


def _tc(wide: int, paragraph: Element, *merge: Element) -> Element:
    return _w("tc", _w("tcPr", _w("tcW", w=wide, type="dxa"), *merge, _w("vAlign", val="center")), paragraph)


def _last_paragraph() -> Element:
    """What must follow a table, as small as can be, lest it start a page of its own."""
    mark = _w("rPr", _w("sz", val=2), _w("szCs", val=2))
    spacing = _w("spacing", before=0, after=0, line=20, lineRule="exact")
    return _w("p", _w("pPr", _w("pStyle", val="TableText"), spacing, mark))
