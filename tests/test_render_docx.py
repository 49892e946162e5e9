"""What the Word document is made of: page, fonts, tables, and the order of elements that Word insists on."""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from lxml import etree

from planloom.render.docx import render
from planloom_schemas.dates import parse_on, parse_period
from planloom_schemas.layer import Signature
from planloom_schemas.plan import DateSpan, Origin, Plan, PlanActivity, PlanMeasure, PlanSection

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Element = Any
"""An element of lxml, which names its class with an underscore."""
ORIGIN = Origin(layer="school")

# Children in the order of ECMA-376 part 1; LibreOffice forgives another order, Word may call the file broken.
ORDERS = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers "
    "pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE "
    "autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents "
    "suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle "
    "rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint "
    "noProof snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect "
    "bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText "
    "vAlign hideMark",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc "
    "tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders "
    "lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter "
    "docGrid",
    "tbl": "tblPr tblGrid tr",
    "tr": "tblPrEx trPr tc",
    "tc": "tcPr p",
    "p": "pPr r",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed "
    "qFormat locked pPr rPr tblPr trPr tcPr",
    "settings": "zoom mirrorMargins bordersDoNotSurroundHeader bordersDoNotSurroundFooter defaultTabStop "
    "evenAndOddHeaders characterSpacingControl compat themeFontLang decimalSymbol listSeparator",
}


def plan(**more: Any) -> Plan:
    """A plan with a numbered measure, a schedule with two activities in March, and a signature."""

    def walk(id: str, day: int) -> PlanActivity:
        spans = (DateSpan(start=dt.date(2027, 3, day), end=dt.date(2027, 3, day)),)
        on = parse_on({"date": f"03-{day:02}"})
        return PlanActivity(id=id, title="健步走", on=on, dates=spans, owner=("工会",), origin=ORIGIN)

    measure = PlanMeasure(id="m", label="（一）", text="开展“健步走”活动。", origin=ORIGIN)
    fields: dict[str, Any] = {
        "title": "育才小学工会2027年工作计划",
        "organisation": "育才小学工会",
        "period": parse_period("2027"),
        "sections": (
            PlanSection(id="a", label="一、", title="文体活动", measures=(measure,), origin=ORIGIN),
            PlanSection(id="b", label="二、", title="活动安排", shows="activities", origin=ORIGIN),
        ),
        "activities": (walk("first", 8), walk("second", 20)),
        "signature": Signature(name="育才小学工会委员会", date=dt.date(2027, 1, 5)),
    }
    return Plan(**{**fields, **more})


def parts(data: bytes) -> dict[str, Element]:
    """Every XML part of a package by its name."""
    with ZipFile(BytesIO(data)) as package:
        return {name: etree.fromstring(package.read(name)) for name in package.namelist()}


def body(data: bytes) -> Element:
    """The main part of the document."""
    return parts(data)["word/document.xml"]


def text(element: Element) -> str:
    """All text below an element."""
    return "".join(found.text or "" for found in element.iter(f"{W}t"))


def value(element: Element | None, name: str = "val") -> str | None:
    """An attribute of WordprocessingML."""
    assert element is not None
    found = element.get(f"{W}{name}")
    return None if found is None else str(found)


def style(document: dict[str, Element], id: str) -> Element:
    """A style by its id."""
    found = document["word/styles.xml"].find(f"{W}style[@{W}styleId='{id}']")
    assert found is not None
    return found


def misplaced(root: Element) -> Iterator[str]:
    """Children that stand out of the order of the schema, or that it does not know."""
    for name, order in ORDERS.items():
        known = order.split()
        for parent in root.iter(f"{W}{name}"):
            tags = [etree.QName(child).localname for child in parent if isinstance(child.tag, str)]
            places = [known.index(tag) if tag in known else -1 for tag in tags]
            if places != sorted(places) or -1 in places:
                yield f"{name}: {' '.join(tags)}"


def test_children_stand_in_the_order_of_the_schema() -> None:
    """In every part."""
    assert [found for root in parts(render(plan())).values() for found in misplaced(root)] == []


def test_the_page_has_the_measures_of_the_standard() -> None:
    """A4; 37, 26, 35 and 28 mm around 156 by 225 mm; 22 lines of 28.95 pt."""
    section = body(render(plan())).find(f"{W}body/{W}sectPr")
    assert section is not None
    size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert (value(size, "w"), value(size, "h")) == ("11906", "16838")
    assert [value(margins, edge) for edge in ("top", "right", "bottom", "left", "footer")] == [
        "2098", "1474", "1984", "1588", "1304",
    ]  # fmt: skip
    assert value(section.find(f"{W}docGrid"), "linePitch") == "579"


@pytest.mark.parametrize(
    ("id", "font", "half_points"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("Heading1", "黑体", "32"),
        ("AttachmentMark", "黑体", "32"),
        ("Footer", "宋体", "28"),
    ],
)
def test_styles_name_the_fonts_of_the_standard(id: str, font: str, half_points: str) -> None:
    """East Asian fonts are named, and no theme overrides them."""
    document = parts(render(plan()))
    fonts = style(document, id).find(f"{W}rPr/{W}rFonts")
    size = style(document, id).find(f"{W}rPr/{W}sz")
    assert value(fonts, "eastAsia") == font
    assert ("32" if size is None else value(size)) == half_points
    assert b"Theme=" not in etree.tostring(document["word/styles.xml"])


def test_the_body_is_set_28_characters_to_a_line() -> None:
    """仿宋 16 pt, a quarter point closer, two characters indented, lines of exactly 28.95 pt, Chinese."""
    document = parts(render(plan()))
    run = document["word/styles.xml"].find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    assert run is not None
    assert value(run.find(f"{W}rFonts"), "eastAsia") == "仿宋_GB2312"
    assert (value(run.find(f"{W}sz")), value(run.find(f"{W}spacing"))) == ("32", "-5")
    assert value(run.find(f"{W}lang"), "eastAsia") == "zh-CN"
    normal = style(document, "Normal")
    assert value(normal.find(f"{W}pPr/{W}ind"), "firstLineChars") == "200"
    assert value(normal.find(f"{W}pPr/{W}spacing"), "line") == "579"


def test_every_run_takes_its_quotes_from_the_chinese_font() -> None:
    """Quotation marks and dashes follow the Latin font unless the run has the hint."""
    runs = [run for run in body(render(plan())).iter(f"{W}r") if run.find(f"{W}t") is not None]
    assert {value(run.find(f"{W}rPr/{W}rFonts"), "hint") for run in runs} == {"eastAsia"}


def test_numbers_are_literal_text() -> None:
    """What is copied elsewhere keeps its number."""
    texts = [text(paragraph) for paragraph in body(render(plan())).iter(f"{W}p")]
    assert "一、文体活动" in texts
    assert "（一）开展“健步走”活动。" in texts
    assert next(body(render(plan())).iter(f"{W}numPr"), None) is None


def test_pages_are_numbered_odd_right_even_left() -> None:
    """The number is a field between dashes; the settings tell odd from even."""
    document = parts(render(plan()))
    assert document["word/settings.xml"].find(f"{W}evenAndOddHeaders") is not None
    for name, side in (("footer-odd", "right"), ("footer-even", "left")):
        footer = document[f"word/{name}.xml"]
        assert text(footer) in ("— 1 —", "— 2 —")
        assert [mark.text for mark in footer.iter(f"{W}instrText")] == [" PAGE "]
        assert value(next(footer.iter(f"{W}jc"))) == side


def test_the_schedule_repeats_its_head_and_keeps_rows_whole() -> None:
    """The head row repeats on every page, no row is cut, and a month covers its rows."""
    table = next(body(render(plan())).iter(f"{W}tbl"))
    rows = list(table.iter(f"{W}tr"))
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True, False, False]
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    merges = [row.find(f"{W}tc/{W}tcPr/{W}vMerge") for row in rows[1:]]
    assert [value(merge) for merge in merges] == ["restart", None]
    widths = [int(value(column, "w") or 0) for column in table.iter(f"{W}gridCol")]
    assert abs(sum(widths) - 8844) <= len(widths)


def test_an_attachment_starts_a_page_and_a_paragraph_ends_it() -> None:
    """The mark stands first on its page; after the last table stands the paragraph that Word demands."""
    children = list(body(render(plan()))[0])
    marks = [
        child for child in children if child.find(f"{W}pPr/{W}pStyle[@{W}val='AttachmentMark']") is not None
    ]
    assert [text(mark) for mark in marks] == ["附件"]
    breaks = style(parts(render(plan())), "AttachmentMark").find(f"{W}pPr/{W}pageBreakBefore")
    assert breaks is not None
    assert [etree.QName(child).localname for child in children[-3:]] == ["tbl", "p", "sectPr"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("育才小学工会委员会", ("5355", "5985")), ("育才工会", ("5670", "6300")), ("", (None, "6300"))],
)
def test_the_date_starts_two_characters_after_the_name(name: str, wanted: tuple[str | None, str]) -> None:
    """Measured from the left (630 twips apart): gaps around digits do not shift it; the longer ends two before the edge."""
    data = render(plan(signature=Signature(name=name or None, date=dt.date(2027, 1, 5))))
    lines = {
        text(paragraph): paragraph.find(f"{W}pPr")
        for paragraph in body(data).iter(f"{W}p")
        if text(paragraph) in (name, "2027年1月5日") and text(paragraph)
    }
    indents = {line: value(found.find(f"{W}ind"), "left") for line, found in lines.items()}
    assert (indents.get(name), indents["2027年1月5日"]) == wanted
    assert {value(found.find(f"{W}jc")) for found in lines.values()} == {"left"}


def test_no_signature_stands_on_a_page_without_text() -> None:
    """The last paragraph, the note and the name keep with what follows them; the date ends the page."""
    flow = [
        (text(paragraph), paragraph.find(f"{W}pPr/{W}keepNext") is not None)
        for paragraph in body(render(plan())).find(f"{W}body").findall(f"{W}p")
    ]
    end = flow.index(("2027年1月5日", False))
    assert flow[end - 5 : end] == [
        ("详见附件。", True),
        ("", True),
        ("附件：2027年活动安排表", True),
        ("", True),
        ("育才小学工会委员会", True),
    ]
    assert ("（一）开展“健步走”活动。", False) in flow


def test_the_rows_of_a_month_stay_on_one_page() -> None:
    """Each row but the last keeps with the next, so that no page begins with an empty month cell."""
    table = next(body(render(plan())).iter(f"{W}tbl"))
    kept = [
        [paragraph.find(f"{W}pPr/{W}keepNext") is not None for paragraph in row.iter(f"{W}p")]
        for row in table.findall(f"{W}tr")[1:]
    ]
    assert [set(row) for row in kept] == [{True}, {False}]


def test_python_docx_opens_it_with_its_properties() -> None:
    """The properties come from the plan, the dates from its period, never from a clock."""
    document = Document(BytesIO(render(plan())))
    properties = document.core_properties
    assert (properties.title, properties.author) == ("育才小学工会2027年工作计划", "育才小学工会")
    assert properties.created == properties.modified == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert (properties.language, properties.last_modified_by) == ("zh-CN", "育才小学工会")
    assert len(document.tables) == 1


def test_word_opens_it_without_compatibility_mode() -> None:
    """Compatibility mode 15, and no picture of somebody else's first page."""
    document = parts(render(plan()))
    modes = {
        value(item, "name"): value(item) for item in document["word/settings.xml"].iter(f"{W}compatSetting")
    }
    assert modes["compatibilityMode"] == "15"
    assert sorted(document) == [
        "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "word/_rels/document.xml.rels",
        "word/document.xml", "word/fontTable.xml", "word/footer-even.xml", "word/footer-odd.xml",
        "word/settings.xml", "word/styles.xml",
    ]  # fmt: skip


def test_zip_entries_carry_no_time() -> None:
    """All entries are dated alike."""
    with ZipFile(BytesIO(render(plan()))) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
