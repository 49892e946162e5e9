"""Paragraphs: what every reader of documents gives, wherever the words came from.

The text of a paragraph is what a reader sees, without marks such as ``**``; its *pieces* say where every part
of it stands in the file, so that a finding can point there even after lines were joined.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from planloom.rules.views import Piece

__all__ = ["Cell", "Paragraph", "Piece", "cut", "joined", "paragraph_of", "slice_of"]


@frozen
class Cell:
    """A place in a table: the table's number in the document, row and column, all from 1."""

    table: int
    row: int
    column: int


@frozen(kw_only=True)
class Paragraph:
    """One paragraph, or one line of one, as it stands in the document.

    Args:
        text: What is read, without blanks around it.
        pieces: Where the text stands; in .docx ``offset`` is -1 and ``line`` the number of the paragraph.
        label: An automatic number, which is not part of the text.
        level: Depth of a heading by its style or its ``#``; 0 for running text.
        is_title: Whether it has the style of the document's title.
        is_listed: Whether it begins with a bullet or an automatic number.
        bold: How many characters at its beginning are bold.
        cell: Where it stands in a table, or None.
    """

    text: str
    pieces: tuple[Piece, ...]
    label: str = ""
    level: int = 0
    is_title: bool = False
    is_listed: bool = False
    bold: int = 0
    cell: Cell | None = None

    @property
    def line(self) -> int:
        """The line, or in .docx the number of the paragraph, where it begins."""
        return self.pieces[0].line if self.pieces else 0


def paragraph_of(text: str, pieces: Iterable[Piece], paragraph: Paragraph) -> Paragraph | None:
    """The paragraph with a text of which the blanks around it are cut off; None if nothing is left."""
    bare = text.strip()
    if not bare:
        return None
    start = len(text) - len(text.lstrip())
    bold = max(0, min(len(bare), paragraph.bold - start))
    return evolve(paragraph, text=bare, pieces=cut(tuple(pieces), start), bold=bold)


def cut(pieces: tuple[Piece, ...], start: int, end: int | None = None) -> tuple[Piece, ...]:
    """The pieces of the text from ``start`` on."""
    first = max(0, bisect_right(pieces, start, key=_begin) - 1)
    last = len(pieces) if end is None else max(first + 1, bisect_left(pieces, end, key=_begin))
    return tuple(_moved(piece, start) for piece in pieces[first:last])


def _begin(piece: Piece) -> int:
    return piece.at


def _moved(piece: Piece, start: int) -> Piece:
    skipped = max(0, start - piece.at)
    offset = piece.offset + skipped if piece.offset >= 0 else -1
    return Piece(max(0, piece.at - start), offset, piece.line, piece.column + skipped)


def slice_of(paragraph: Paragraph, start: int, end: int) -> Paragraph:
    """A part of a paragraph, as a paragraph of its own."""
    part = paragraph.text[start:end]
    start += len(part) - len(part.lstrip())
    text = part.strip()
    pieces = cut(paragraph.pieces, start, start + len(text))
    label = paragraph.label if start == 0 else ""
    return evolve(paragraph, text=text, pieces=pieces, label=label, bold=max(0, paragraph.bold - start))


# ---- paragraphs broken by a line break ----

_CUT = re.compile(r"[\u3400-\u9fff0-9A-Za-z，、“（《]$")
_COMPLETE = re.compile(r"[。！？；：.!?;:…”’）)》」】]$")
_BEGINS_ANEW = re.compile(
    r"[（(]?[0-9一二三四五六七八九十]{1,3}(?:[)）]|[、.．:：]|[~～\-—至到、,，]?[0-9一二三四五六七八九十]{0,3}月)"
    r"|第[一二三四五六七八九十]|附件|[0-9]{4}年[0-9]{1,2}月|每[月季]|[①-⑳]|[一二三四五六七八九十][是要]"
)
_SHORTEST_BROKEN = 24
_SHORTEST_REST = 4


def joined(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Paragraphs with those put together again that a line break cut in the middle of a sentence.

    Cut is what ends without a mark although it holds one and is as long as a printed line, when running text
    follows that ends its sentence. Lists of points without full stops therefore stay as they are.
    """
    held: Paragraph | None = None
    for paragraph in paragraphs:
        if held is not None and _continues(held, paragraph):
            held = _together(held, paragraph)
            continue
        if held is not None:
            yield held
        held = paragraph
    if held is not None:
        yield held


def _continues(first: Paragraph, rest: Paragraph) -> bool:
    if first.level or rest.level or first.cell != rest.cell or rest.label or rest.is_listed or first.is_title:
        return False
    if rest.is_title or (rest.bold and not first.bold) or len(rest.text) < _SHORTEST_REST:
        return False
    is_long = len(first.text) >= _SHORTEST_BROKEN and re.search("[，、；。：]", first.text)
    is_cut = is_long and _CUT.search(first.text)
    return bool(is_cut and _COMPLETE.search(rest.text) and not _BEGINS_ANEW.match(rest.text))


def _together(first: Paragraph, rest: Paragraph) -> Paragraph:
    at = len(first.text)
    moved = (evolve(piece, at=piece.at + at) for piece in rest.pieces)
    return evolve(first, text=first.text + rest.text, pieces=(*first.pieces, *moved))
