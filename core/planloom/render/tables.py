"""A table on paper: its columns, how texts break in them, and which rows stay on one page."""

import re
from collections.abc import Iterator
from math import ceil
from typing import Literal

from planloom.render.text import width
from planloom_schemas.records import frozen

Align = Literal["left", "center", "right"]

_TABLE_CHARACTER = 12 / 72 * 25.4
"""Width of a character of size 小四 in millimetres."""

_MARGIN = 0.45
"""Characters that the margins of a cell take."""

_TOGETHER = 24
"""Lines of a table that surely find room on one page, whatever the margins of their rows."""


@frozen
class Column:
    """A column of a table: its head, its share of the width in millimetres, how its cells stand."""

    title: str
    width: int
    align: Align = "left"

    def lines(self, text: str) -> tuple[str, ...]:
        """A text of this column on paper.

        Centred cells break before a bracket and after 至 and 、; nowhere is one character left on a line alone.
        """
        wraps = self.align == "center" and width(text) > self._room - _gaps(text)
        lines = _pieces(text, self._room) if wraps else [text]
        return tuple(part for line in lines for part in _without_orphan(line, self._room))

    def height(self, text: str) -> int:
        """About how many lines a text of this column takes."""
        return sum(max(1, ceil(width(line) / (self._room - _gaps(line)))) for line in self.lines(text))

    @property
    def _room(self) -> float:
        """How many characters stand on a line."""
        return self.width / _TABLE_CHARACTER - _MARGIN


def _gaps(text: str) -> float:
    """What word processors, but not all of them, put around digits."""
    return 0.95 if re.search("[0-9]", text) else 0.0


def _pieces(text: str, room: float) -> Iterator[str]:
    """A text broken where it reads well."""
    first, bracket, rest = text.partition("（")
    line = ""
    for piece in re.split("(?<=[至、])", first):
        if line and width(line + piece) > room - _gaps(text):
            yield line
            line = ""
        line += piece
    yield from filter(None, (line, bracket + rest))


def _without_orphan(text: str, room: float) -> tuple[str, ...]:
    """A text that wraps, broken so that two characters stand on its last line, where it would be one."""
    end = 1 + text.endswith("）")
    alone = any(_last_line(text, room - gaps) <= end for gaps in (0.0, _gaps(text)))
    cut = len(text) - end - 1
    return (text[:cut], text[cut:]) if alone and not text[cut:].isascii() else (text,)


def _last_line(text: str, room: float) -> float:
    """How wide the last line of a text is that wraps; what does not wrap is wide enough."""
    if width(text) <= room:
        return room
    used = 0.0
    for char in text:
        used = width(char) if used + width(char) > room else used + width(char)
    return used


@frozen
class Cell:
    """A cell; ``rows`` is how many rows it covers, 0 where the cell above covers this one."""

    text: str
    rows: int = 1


@frozen
class Table:
    """A table whose columns fill the text width of 156 mm."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def kept(self) -> tuple[bool, ...]:
        """For each row, whether it stays on the page of the next.

        Rows that share their first cell stay together, so that its text is seen beside each of them, unless they
        are too many for a page.
        """
        kept: list[bool] = []
        for start, (first, *_) in enumerate(self.rows):
            if first.rows:
                lines = sum(map(self._height, self.rows[start : start + first.rows]))
                kept += [lines <= _TOGETHER] * (first.rows - 1) + [False]
        return tuple(kept)

    def _height(self, row: tuple[Cell, ...]) -> int:
        cells = zip(row[1:], self.columns[1:], strict=True)
        return max((column.height(cell.text) for cell, column in cells), default=1)
