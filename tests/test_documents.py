"""Reading documents: .docx, .md and .txt become paragraphs with their places, or one clear error."""

import contextlib
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from planloom.documents import Document, is_document, read_bytes, read_document
from planloom_schemas.errors import SchemaError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(document: Document) -> list[str]:
    """Each paragraph with its automatic number."""
    return [paragraph.label + paragraph.text for paragraph in document.paragraphs]


def word(*paragraphs: str, add: Callable[[Any], None] | None = None) -> bytes:
    """A .docx with plain paragraphs, and what ``add`` does to it."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if add:
        add(document)
    return saved(document)


def saved(document: Any) -> bytes:
    """The bytes of a python-docx document."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def package(body: str, **parts: str) -> bytes:
    """A .docx written by hand: the body, and further parts (styles, numbering) that it refers to."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{relation}/{name}" Target="{name}.xml"/>' for name in parts
    )
    files: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="x"><Relationship Id="r1" Type="{relation}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="x">{relations}</Relationships>',
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        **{f"word/{name}.xml": text for name, text in parts.items()},
    }
    return zipped(files)


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def p(text: str, properties: str = "") -> str:
    """A paragraph of WordprocessingML."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


# ---- .txt and .md ----


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("gb18030", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
def test_texts_are_read_in_the_encodings_that_are_in_use(encoding: str, mark: bytes) -> None:
    """UTF-8 with and without its mark, GB18030, and UTF-16 by its mark."""
    document = read_bytes(mark + "育才小学工会计划\r\n一、总体要求\r\n".encode(encoding), "计划.txt")
    assert text_of(document) == ["育才小学工会计划", "一、总体要求"]


def test_a_place_in_a_text_is_line_column_and_offset() -> None:
    """Blanks before a line count as columns; a byte order mark counts for nothing."""
    document = read_bytes("\ufeff计划\r\n\r\n　　开展春游。\r\n".encode(), "计划.txt")
    piece = document.paragraphs[1].pieces[0]
    assert (piece.line, piece.column, piece.offset) == (3, 3, 8)


def test_markdown_marks_are_taken_off_and_places_kept() -> None:
    """Headings, bold, bullets and escapes leave their words, each where it stands in the line."""
    source = "## **一、要求** ##\n- 抓好**“安康杯”竞赛。**各车间\n\\_\\_年，落实\n\n---\n"
    document = read_bytes(source.encode(), "计划.md")
    assert text_of(document) == ["一、要求", "抓好“安康杯”竞赛。各车间", "__年，落实"]
    for text in document.view.texts:
        assert "".join(source[text.offset(at)] for at in range(len(text.text))) == text.text
    place = document.view.texts[1].location(2, 5)
    assert place is not None
    assert (place.line, place.column, place.end_column) == (2, 7, 10)


def test_a_bold_mark_without_its_partner_stays() -> None:
    """Masked words such as ``**区总工会`` are what rules look for."""
    document = read_bytes("\\*\\*区总工会领导\n推进法治**建设".encode(), "a.md")
    assert text_of(document) == ["**区总工会领导", "推进法治**建设"]


def test_markdown_tables_are_read_by_cell() -> None:
    """Cells are numbered by row and column; the ruling line is no row."""
    document = read_bytes("| 月份 | 内容 |\n|---|:--:|\n| 三月 | 妇女节\\|活动 |\n".encode(), "a.md")
    cells = [(each.text, each.cell and (each.cell.row, each.cell.column)) for each in document.paragraphs]
    assert cells == [("月份", (1, 1)), ("内容", (1, 2)), ("三月", (2, 1)), ("妇女节|活动", (2, 2))]


def test_a_text_with_markdown_headings_is_markdown() -> None:
    """People save Markdown under .txt."""
    document = read_bytes("# 计划\n\n## 一、要求\n".encode(), "计划.txt")
    assert text_of(document) == ["计划", "一、要求"]


@given(
    st.lists(st.text(alphabet="工会计划，。、 　\t#*|_-1.一（）>\\", max_size=30), min_size=1, max_size=12)
)
def test_no_letter_of_a_markdown_file_is_lost(lines: list[str]) -> None:
    """Every Han character of the file is in a paragraph, in order, and at the place that is given."""
    source = "\n".join(["工会", *lines])
    document = read_bytes(source.encode(), "a.md")
    read = "".join(paragraph.text for paragraph in document.paragraphs)
    assert [each for each in read if each in "工会计划"] == [each for each in source if each in "工会计划"]
    for text in document.view.texts:
        for at, letter in enumerate(text.text):
            assert source[text.offset(at)] == letter


# ---- broken paragraphs ----


def test_a_sentence_cut_by_a_line_break_is_joined_and_both_places_are_kept() -> None:
    """The joined text is one paragraph; each half points to its own line."""
    source = "工会计划\n按照学校年度安排，工会每学期组织三次校本培训，由骨干带领青年教\n\n师备课说课。\n"
    document = read_bytes(source.encode(), "a.txt")
    joined = document.view.texts[1]
    assert joined.text.endswith("带领青年教师备课说课。")
    place = joined.location(joined.text.index("教师备课"), joined.text.index("说课"))
    assert place is not None
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 31, 4, 4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "深入学习贯彻会议精神，开展主题宣讲，引导职工听党话跟党走",
            "组织职工参加劳动和技能竞赛，提高技能水平",
        ),
        ("围绕中心工作，服务大局，服务职工群众，全面完成各项任务", "（一）加强学习。"),
        ("围绕中心工作，服务大局，服务职工群众，全面完成各项任务", "3月8日，开展妇女节活动。"),
        ("围绕中心工作，服务大局，服务职工群众，全面完成各项任务。", "全年召开会议四次。"),
        ("育才小学工会", "2027年1月5日。"),
    ],
    ids=["list", "number", "date", "complete", "short"],
)
def test_what_is_not_cut_is_not_joined(first: str, second: str) -> None:
    """Lists without full stops, numbered points, dated lines, whole sentences and signatures stay apart."""
    document = read_bytes(f"{first}\n{second}\n".encode(), "a.txt")
    assert text_of(document) == [first, second]


# ---- .docx ----


def test_tracked_insertions_count_and_deletions_do_not() -> None:
    """What is read is the text as it will be once the changes are accepted."""
    body = (
        "<w:p><w:r><w:t>召开</w:t></w:r><w:ins><w:r><w:t>教职工代表</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>职工</w:delText></w:r></w:del><w:r><w:t>大会</w:t></w:r>"
        "<w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>。</w:t></w:r></w:moveTo></w:p>"
    )
    assert text_of(read_bytes(package(body), "a.docx")) == ["召开教职工代表大会。"]


def test_content_controls_links_fields_and_text_boxes_are_read() -> None:
    """Nothing that is seen on the page is dropped; field codes and alternatives are not read twice."""
    box = f"<w:txbxContent>{p('框内文字')}</w:txbxContent>"
    body = (
        f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{p('整段控件')}</w:sdtContent></w:sdt>"
        "<w:p><w:sdt><w:sdtContent><w:r><w:t>行内控件</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:noBreakHyphen/><w:t>尾</w:t></w:r></w:p>"
        f'<w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert text_of(read_bytes(package(body), "a.docx")) == ["整段控件", "行内控件链接-尾", "框内文字"]


def test_a_forced_line_break_ends_a_paragraph() -> None:
    """Lines of one Word paragraph are lines; the place is its number and the character in it."""
    document = read_bytes(
        package("<w:p><w:r><w:t>第一行</w:t><w:br/><w:t>第二行</w:t></w:r></w:p>"), "a.docx"
    )
    second = document.paragraphs[1].pieces[0]
    assert text_of(document) == ["第一行", "第二行"]
    assert (second.line, second.column) == (1, 5)


def test_tables_are_read_by_cell_and_found_by_row_and_column() -> None:
    """Merged columns count, rows that were deleted do not, and the trail names table, row and column."""

    def add(document: Any) -> None:
        table = document.add_table(rows=3, cols=3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "合并"
        table.cell(0, 2).text = "右上"
        table.cell(1, 0).text = "旧行"
        table.cell(2, 1).text = "中下"
        properties = table.rows[1]._tr.get_or_add_trPr()
        properties.append(parse_xml(f"<w:del {nsdecls('w')} w:id='1' w:author='a'/>"))

    document = read_bytes(word("工会计划", add=add), "a.docx")
    assert [(text.text, text.trail) for text in document.view.texts[1:]] == [
        ("合并", "表1 第1行第1列"),
        ("右上", "表1 第1行第3列"),
        ("中下", "表1 第2行第2列"),
    ]


def test_a_paragraph_of_word_is_found_by_its_headings() -> None:
    """Word shows no line numbers: the trail counts paragraphs below the nearest heading."""
    body = word("一、总体要求", "甲。", "乙。", "二、主要任务", "丙。")
    assert [text.trail for text in read_bytes(body, "a.docx").view.texts] == [
        "一、总体要求",
        "一、总体要求 › 第1段",
        "一、总体要求 › 第2段",
        "二、主要任务",
        "二、主要任务 › 第1段",
    ]


def test_heading_levels_come_from_styles() -> None:
    """The level is that of the style's outline, whatever the style is called."""

    def add(document: Any) -> None:
        document.add_heading("工会计划", 0)
        document.add_heading("要求", 1)
        document.add_heading("目标", 2)

    levels = [
        (each.text, each.level, each.is_title) for each in read_bytes(word(add=add), "a.docx").paragraphs
    ]
    assert levels == [("工会计划", 1, True), ("要求", 1, False), ("目标", 2, False)]


# ---- automatic numbers ----


def lvl(level: int, format: str, text: str, more: str = "") -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


OFFICIAL = (
    lvl(0, "chineseCountingThousand", "%1、", '<w:pStyle w:val="H1"/>')
    + lvl(1, "chineseCounting", "（%2）")
    + lvl(2, "decimal", "%3.")
    + lvl(3, "decimal", "（%4）")
)


def numbering(levels: str, nums: str = "") -> str:
    """A ``numbering.xml`` with one list, used as number 1."""
    return (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{nums}</w:numbering>'
    )


def at(level: int, num: int = 1) -> str:
    """Properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'


def test_the_official_order_of_numbers_is_resolved() -> None:
    """一、（一）1.（1）: each level begins anew below a new number above it."""
    levels = [0, 1, 1, 2, 3, 3, 0, 1, 2]
    body = "".join(p("事", at(level)) for level in levels)
    document = read_bytes(package(body, numbering=numbering(OFFICIAL)), "a.docx")
    assert [each.label for each in document.paragraphs] == [
        "一、", "（一）", "（二）", "1.", "（1）", "（2）", "二、", "（一）", "1.",
    ]  # fmt: skip
    assert document.paragraphs[0].text == "事"


def test_a_style_can_carry_the_number() -> None:
    """Directly, through the style it is based on, or by being tied to a level; number 0 takes it away."""
    styles = (
        f'<w:styles {W}><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr>'
        '<w:outlineLvl w:val="0"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="H1"/></w:style></w:styles>'
    )
    body = (
        p("甲", '<w:pStyle w:val="H1"/>')
        + p("乙", '<w:pStyle w:val="Own"/>')
        + p("丙", f'<w:pStyle w:val="H1"/>{at(0, 0)}')
    )
    document = read_bytes(package(body, styles=styles, numbering=numbering(OFFICIAL)), "a.docx")
    assert text_of(document) == ["一、甲", "二、乙", "丙"]
    assert {each.level for each in document.paragraphs} == {1}


@pytest.mark.parametrize(
    ("format", "count", "wanted"),
    [
        ("chineseCounting", 12, "十二"), ("ideographDigital", 3, "三"), ("chineseLegalSimplified", 2, "贰"),
        ("decimalEnclosedCircle", 2, "②"), ("upperRoman", 4, "IV"), ("lowerLetter", 3, "c"),
        ("decimalFullWidth", 2, "２"), ("decimalZero", 3, "03"), ("bullet", 2, ""), ("none", 2, ""),
        ("hebrew1", 2, "2"),
    ],
)  # fmt: skip
def test_formats_of_numbers(format: str, count: int, wanted: str) -> None:
    """The formats of Chinese documents; unknown ones are written in digits, bullets have no words."""
    body = "".join(p("事", at(0)) for _ in range(count))
    document = read_bytes(package(body, numbering=numbering(lvl(0, format, "%1"))), "a.docx")
    assert document.paragraphs[-1].label == wanted


def test_a_list_can_begin_again() -> None:
    """Another number of the same list goes on counting unless it says where to start."""
    nums = (
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    body = "".join(p("事", at(0, num)) for num in (1, 2, 3, 3))
    document = read_bytes(package(body, numbering=numbering(OFFICIAL, nums)), "a.docx")
    assert [each.label for each in document.paragraphs] == ["一、", "二、", "一、", "二、"]


# ---- what is refused ----

XXE = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY e "工会"><!ENTITY f "&e;&e;&e;&e;">]>'


def with_main(document: str | bytes) -> bytes:
    """A package with this main part."""
    content = package(p("x"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**files, "word/document.xml": document})


def encrypted_zip() -> bytes:
    """A zip whose entries are marked as encrypted."""
    content = bytearray(package(p("x")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        content[start + offset] |= 1
    return bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
REFUSED = {
    "old Word under a new name": ("a.docx", OLE, "OldWord"),
    "password": ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "Encrypted"),
    "zip with a password": ("a.docx", encrypted_zip(), "Encrypted"),
    "not a zip": ("a.docx", b"<html>", "NotDocx"),
    "another zip": ("a.docx", zipped({"x.txt": "x"}), "NotDocx"),
    "a spreadsheet": ("a.docx", with_main("<worksheet/>"), "NotDocx"),
    "truncated": ("a.docx", package(p("工会"))[:-40], "Damaged"),
    "broken XML": ("a.docx", with_main("<w:document"), "Damaged"),
    "deep XML": ("a.docx", with_main("<a>" * 100_000), "Damaged"),
    "nested controls": ("a.docx", package("<w:sdt>" * 100 + "</w:sdt>" * 100), "Unsafe"),
    "external entity": ("a.docx", with_main(f"{XXE}<a>&e;</a>"), "Unsafe"),
    "entities": ("a.docx", with_main(f"{LAUGHS}<a>&f;</a>"), "Unsafe"),
    "entities in UTF-16": (
        "a.docx",
        with_main(f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}<a/>'.encode("utf-16")),
        "Unsafe",
    ),
    "many paragraphs": ("a.docx", package("<w:p/>" * 20_001), "Unsafe"),
    "many parts": ("a.docx", zipped({str(number): "" for number in range(5_001)}), "Unsafe"),
    "empty": ("a.docx", package(""), "EmptyDocument"),
    "no file": ("a.docx", b"", "NotDocx"),
    "binary text": ("a.txt", b"a\0b\xff", "NotText"),
    "large text": ("a.txt", b"a" * (2 * 1024 * 1024 + 1), "TooLarge"),
    "blank text": ("a.md", b"\n \n---\n", "EmptyDocument"),
    "old Word": ("a.doc", OLE, "OldWord"),
    "unknown ending": ("a.pdf", b"%PDF", "UnknownEnding"),
    "no ending": ("a", b"x", "UnknownEnding"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "content", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_with_one_clear_problem(file: str, content: bytes, code: str) -> None:
    """Each problem names the file, says what is wrong, and how to mend it."""
    with pytest.raises(SchemaError) as caught:
        read_bytes(content, file)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.location is not None
    assert problem.location.file == file
    assert problem.text()
    assert problem.fix_text()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    """A few kilobytes that declare tens of megabytes are not read."""
    with pytest.raises(SchemaError, match="bytes") as caught:
        read_bytes(with_main(b"0" * 30_000_000), "a.docx")
    assert caught.value.problems[0].code == "Unsafe"


def test_templates_from_elsewhere_and_macros_are_not_looked_at() -> None:
    """An external template is no part of the text; a macro is not even read."""
    content = package(p("工会计划"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    files["word/_rels/document.xml.rels"] = (
        '<Relationships xmlns="x"><Relationship Id="a" Type="http://x/styles" TargetMode="External" '
        'Target="http://192.0.2.1/styles.xml"/><Relationship Id="b" Type="http://x/numbering" '
        'Target="../../../../etc/passwd"/></Relationships>'
    )
    files["word/vbaProject.bin"] = b"\xff" * 100
    assert text_of(read_bytes(zipped(files), "a.docm")) == ["工会计划"]


SLOW = {
    "blanks": " " * 200_000 + "x",
    "heading of blanks": "# " + " " * 200_000 + "x",
    "quotes": "> " * 100_000,
    "stars": "a**" * 60_000,
    "bold": "x" + "**b**" * 40_000,
    "escapes": "\\_" * 60_000,
    "sentences": "3月：" + "\\_。" * 40_000,
    "pipes": "|" * 60_000 + "\n|" + "-|" * 60_000,
    "months": "1、" * 60_000 + "月",
    "breaks": "开展活动，落实各项任务，服务大局，服务职工群众，全面完成\n" * 5_000,
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW.keys())
def test_no_text_takes_long(source: str) -> None:
    """Lines made to exhaust the reader take about as long as others of their length."""
    begun = time.process_time()
    with contextlib.suppress(SchemaError):
        read_bytes(source.encode(), "a.md")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(("name", "code"), [("none.docx", "FileNotFound"), (".", "IsDirectory")])
def test_files_that_are_not_there(tmp_path: Path, name: str, code: str) -> None:
    """A missing file and a folder are problems, not tracebacks."""
    with pytest.raises(SchemaError) as caught:
        read_document(tmp_path / name)
    assert caught.value.problems[0].code == code


def test_endings() -> None:
    """Plan files and spreadsheets are no documents."""
    assert [name for name in ("a.docx", "a.MD", "a.txt", "a.yaml", "a.xlsx") if is_document(name)] == [
        "a.docx", "a.MD", "a.txt",
    ]  # fmt: skip


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    """Whatever stands in a file, it is read or refused."""
    for file in ("a.docx", "a.md", "a.txt"):
        with contextlib.suppress(SchemaError):
            read_bytes((b"PK\x03\x04" if file == "a.docx" else b"") + content, file)
