"""Where things stand in a text: lines and columns, and drafts that are mended."""

import re
from bisect import bisect_left, bisect_right

from planloom_schemas.errors import Location
from planloom_schemas.records import frozen

YamlPath = tuple[str | int, ...]
Mark = tuple[int, int, int, int, bool]
"""Start, end, start and end of the key (-1 if there is none), and whether it is a scalar; in code points."""

MAX_DEPTH = 32
"""How deep a file may be nested."""

LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Lines:
    """Turns code point offsets of a text into lines and columns, both from 1."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts: list[int] = []

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        starts = self._starts
        if not starts:
            starts += [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        """The place from one offset to another."""
        line, column = self.position(start)
        end_line, end_column = self.position(max(start, end))
        return Location(file=self.file, line=line, column=column, end_line=end_line, end_column=end_column)


@frozen
class Draft:
    """The text given to the parser, and where mending made it longer than what the user wrote."""

    text: str
    inserted: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        """The offset in what the user wrote."""
        return offset - bisect_left(self.inserted, offset)

    def mended(self, start: int, end: int, replacement: str) -> "Draft":
        """The draft with a part replaced."""
        grown = len(replacement) - (end - start)
        later = (place + grown if place >= end else place for place in self.inserted)
        inserted = sorted([*later, *range(end, end + grown)])
        return Draft(self.text[:start] + replacement + self.text[end:], tuple(inserted))
