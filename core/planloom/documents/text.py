"""Reads .txt and .md: bytes to paragraphs, each character with its place in the file."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from attrs import evolve

from planloom.documents.paragraphs import Cell, Paragraph, Piece, paragraph_of
from planloom_schemas.errors import Location, Problem, SchemaError

MAX_BYTES = 2 * 1024 * 1024

_BLANK = Paragraph(text="", pieces=())
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_HEADING = re.compile(r"[ \t]{0,3}(#{1,6})(?:[ \t\u3000]+|(?=[^#\s]))")
_BULLET = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+•●][ \t]+)?")
# Not `***` and `___`, which are blanks to be filled in rather than rules.
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|={3,}[ \t]*)")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*")
_MARKS = re.compile(r"\\(?P<literal>[\\`*_{}\[\]()#+.!<>|~-])|\*\*(?P<bold>(?! )(?:\\.|[^*\\])+?)(?<! )\*\*")


class Line(NamedTuple):
    """A line of a file: its text, its number from 1, and the code point of the file where it begins."""

    text: str
    number: int
    offset: int


def decode(content: bytes, file: str) -> str:
    """The text of a file: UTF-16 by its mark, otherwise UTF-8, otherwise GB18030.

    Raises:
        SchemaError: It is none of them, or no text.
    """
    place = Location(file=file)
    if len(content) > MAX_BYTES:
        message = "the file is larger than {wanted} MB"
        fix = "split it, or remove what does not belong into it"
        raise SchemaError(_problem("TooLarge", message, fix, place, wanted=MAX_BYTES // 1024 // 1024))
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if has_mark else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    message = "{file} is not a text in UTF-8, GB18030 or UTF-16"
    fix = "save it anew as text with the encoding UTF-8"
    raise SchemaError(_problem("NotText", message, fix, place, file=file))


def _problem(code: str, message: str, fix: str, place: Location, **params: object) -> Problem:
    return Problem(code=code, message=message, params=params, fix=fix, location=place)


def read_text(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a .txt file, one a line; with ``#`` headings it is Markdown, whatever its name."""
    if any(re.match(r"#{1,6}[ \t]", line.text) for line in lines_of(text)):
        yield from read_markdown(text)
        return
    for line in lines_of(text):
        paragraph = paragraph_of(line.text, [Piece(0, line.offset, line.number, 1)], _BLANK)
        if paragraph:
            yield paragraph


def read_markdown(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a Markdown file: headings, list items, table cells and lines of text."""
    lines = list(lines_of(text))
    table, at = 0, 0
    while at < len(lines):
        if at + 1 < len(lines) and _begins_table(lines[at], lines[at + 1]):
            table += 1
            end = next((end for end in range(at, len(lines)) if "|" not in lines[end].text), len(lines))
            for row, line in enumerate((lines[at], *lines[at + 2 : end]), 1):
                yield from _cells(line, table, row)
            at = end
            continue
        paragraph = _line(lines[at])
        if paragraph:
            yield paragraph
        at += 1


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a text; only CR, LF and CRLF end one."""
    for number, match in enumerate(_LINE.finditer(text), 1):
        yield Line(match[1], number, match.start())


def _begins_table(first: Line, second: Line) -> bool:
    return "|" in first.text and "|" in second.text and bool(_TABLE_RULE.fullmatch(second.text))


def _line(line: Line) -> Paragraph | None:
    if _RULE.fullmatch(line.text):
        return None
    heading = _HEADING.match(line.text)
    bullet = None if heading else _BULLET.match(line.text)
    start = heading.end() if heading else bullet.end() if bullet else 0
    is_listed = bool(bullet and bullet[0].strip(" \t>"))
    end = len(line.text)
    if heading:
        # "## 标题 ##": the closing marks count if a blank stands before them.
        shorn = line.text.rstrip().rstrip("#")
        end = len(shorn) if start < len(shorn) and shorn[-1] in " \t" else end
    paragraph = evolve(_BLANK, level=len(heading[1]) if heading else 0, is_listed=is_listed)
    return _marked(line, start, end, paragraph)


def _cells(line: Line, table: int, row: int) -> Iterator[Paragraph]:
    edges = [match.start() for match in re.finditer(r"(?<!\\)\|", line.text)]
    starts = [0, *(edge + 1 for edge in edges)]
    spans = list(zip(starts, [*edges, len(line.text)], strict=True))
    outer = spans[1:] if line.text.lstrip().startswith("|") else spans
    for column, (start, end) in enumerate(outer, 1):
        paragraph = _marked(line, start, end, evolve(_BLANK, cell=Cell(table, row, column)))
        if paragraph:
            yield paragraph


def _marked(line: Line, start: int, end: int, paragraph: Paragraph) -> Paragraph | None:
    """A part of a line without the marks of bold and of escapes."""
    words: list[str] = []
    pieces: list[Piece] = []
    length, bold, is_leading = 0, 0, True
    for begin, stop, is_bold in _runs(line.text, start, end):
        pieces.append(Piece(length, line.offset + begin, line.number, begin + 1))
        words.append(line.text[begin:stop])
        length += stop - begin
        is_leading = is_leading and (is_bold or not words[-1].strip())
        bold = length if is_leading and is_bold else bold
    return paragraph_of("".join(words), pieces, evolve(paragraph, bold=bold))


def _runs(text: str, start: int, end: int, is_bold: bool = False) -> Iterator[tuple[int, int, bool]]:
    """The stretches of a text between marks, each with whether it is bold."""
    at = start
    for match in _MARKS.finditer(text, start, end):
        if at < match.start():
            yield at, match.start(), is_bold
        if match["literal"]:
            yield *match.span("literal"), is_bold
        else:
            yield from _runs(text, *match.span("bold"), is_bold=True)
        at = match.end()
    if at < end:
        yield at, end, is_bold
